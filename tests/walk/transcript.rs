use std::{fs::File, io::Write, path::Path, time::Instant};

use tidings_lab::Outcome;

/// What was done and seen, on the terminal and in a file.
pub(crate) struct Transcript {
    file: File,
    started: Instant,
}

impl Transcript {
    pub(crate) fn write_to(path: &Path) -> Outcome<Self> {
        Ok(Self { file: File::create(path)?, started: Instant::now() })
    }

    pub(crate) fn heading(&mut self, text: &str) -> Outcome {
        self.write(&format!("\n{text}"))
    }

    /// A line with the time since the start.
    pub(crate) fn line(&mut self, text: &str) -> Outcome {
        let seconds = self.started.elapsed().as_secs_f64();
        self.write(&format!("{seconds:7.2} s  {text}"))
    }

    /// What a program said, set in.
    pub(crate) fn quote(&mut self, text: &str) -> Outcome {
        text.lines()
            .filter(|line| !line.trim().is_empty())
            .try_for_each(|line| self.write(&format!("           | {line}")))
    }

    #[allow(clippy::print_stdout, reason = "a transcript is for reading along")]
    fn write(&mut self, text: &str) -> Outcome {
        println!("{text}");
        Ok(writeln!(self.file, "{text}")?)
    }
}
