//! `walk FOLDER`: the demo without a screen. It walks a newcomer's path in a desktop session of its own, through the
//! real window, and leaves a transcript and screenshots in the folder.
//!
//! Owns the path and what is photographed. It ends with an error wherever a step does not do what it should.

mod path;
mod transcript;

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Parser;
use tidings_lab::{Outcome, desktop::Picture};

use crate::transcript::Transcript;

#[derive(Parser)]
#[command(about = "Walks through Tidings in a desktop session of its own")]
struct Arguments {
    /// Where the transcript and the screenshots go.
    folder: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse().folder).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn run(folder: &std::path::Path) -> Outcome {
    fs::create_dir_all(folder)?;
    let mut transcript = Transcript::write_to(&folder.join("transcript.txt"))?;
    transcript.heading("In light colours")?;
    let light = path::walk(&mut transcript, false).await?;
    transcript.heading("In dark colours")?;
    let dark = path::walk(&mut transcript, true).await?;
    let pictures: [(&str, &Picture); 6] = [
        ("window-sign-in.png", &light.sign_in),
        ("window-sign-in-dark.png", &dark.sign_in),
        ("window-inbox.png", &light.inbox),
        ("window-inbox-dark.png", &dark.inbox),
        ("desktop.png", &light.desktop),
        ("desktop-dark.png", &dark.desktop),
    ];
    for (name, picture) in pictures {
        picture.save(&folder.join(name))?;
        transcript.line(&format!("left {name}"))?;
    }
    Ok(())
}
