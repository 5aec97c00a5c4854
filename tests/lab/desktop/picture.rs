use std::{fs, path::Path, process::Stdio};

use super::Desktop;
use crate::{Outcome, Trouble, patience::PATIENCE, until, within};

/// A picture in PNG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    png: Vec<u8>,
}

impl Picture {
    /// From the bytes of a PNG file.
    pub fn from_png(png: Vec<u8>) -> Self {
        Self { png }
    }

    pub(super) async fn of_display(desktop: &Desktop) -> Outcome<Self> {
        Self::import(desktop, "root").await
    }

    async fn import(desktop: &Desktop, window: &str) -> Outcome<Self> {
        let mut command = desktop.command("import");
        command.args(["-silent", "-window", window, "-define", "png:exclude-chunks=date,tIME", "png:-"]);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let source = |source| Trouble::Start { program: "import (of ImageMagick)".to_owned(), source };
        let output = within(PATIENCE, "a screenshot is taken", command.output()).await?.map_err(source)?;
        if output.status.success() && !output.stdout.is_empty() {
            return Ok(Self { png: output.stdout });
        }
        Err(Trouble::Display(format!("no screenshot: {}", String::from_utf8_lossy(&output.stderr).trim())))
    }

    /// A picture of the whole display once it has come to rest: two in a row are the same.
    ///
    /// # Errors
    /// When it never does, or ImageMagick is missing.
    pub async fn at_rest(desktop: &Desktop) -> Outcome<Self> {
        Self::import_at_rest(desktop, "root").await
    }

    /// A picture of a window, without its frame, once it has come to rest.
    ///
    /// # Errors
    /// When it never does, or there is no such window.
    pub async fn window_at_rest(desktop: &Desktop, id: u32) -> Outcome<Self> {
        Self::import_at_rest(desktop, &id.to_string()).await
    }

    async fn import_at_rest(desktop: &Desktop, window: &str) -> Outcome<Self> {
        let mut last: Option<Self> = None;
        until(PATIENCE, "the display comes to rest", async || {
            let picture = Self::import(desktop, window).await?;
            let same = last.as_ref() == Some(&picture);
            last = Some(picture.clone());
            Ok(same.then_some(picture))
        })
        .await
    }

    /// Writes it to a file.
    ///
    /// # Errors
    /// What the system reports.
    pub fn save(&self, path: &Path) -> Outcome {
        Ok(fs::write(path, &self.png)?)
    }

    /// Its bytes.
    pub fn png(&self) -> &[u8] {
        &self.png
    }
}
