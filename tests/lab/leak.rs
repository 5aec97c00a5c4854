use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The regular files under `folder` that hold any of `needles`, byte for byte. Sockets and links are passed over.
///
/// # Errors
/// What the system reports, but for files that vanish in between.
pub fn files_with(folder: &Path, needles: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Some(entries) = still_there(fs::read_dir(folder))? else { continue };
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let Some(bytes) = still_there(fs::read(entry.path()))? else { continue };
                if needles.iter().any(|needle| holds(&bytes, needle.as_bytes())) {
                    found.push(entry.path());
                }
            }
        }
    }
    Ok(found)
}

/// `None` for what has vanished since it was listed.
fn still_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && bytes.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_needle_is_found_in_any_depth_and_an_empty_one_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("a/b/c"), b"\0before secret-token after\xff").unwrap();
        fs::write(folder.path().join("d"), b"nothing here").unwrap();
        let found = files_with(folder.path(), &["secret-token"]).unwrap();
        assert_eq!(found, [folder.path().join("a/b/c")]);
        assert!(files_with(folder.path(), &["", "elsewhere"]).unwrap().is_empty());
    }
}
