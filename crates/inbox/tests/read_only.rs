//! A data folder that this user may not write.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    os::unix::{fs::MetadataExt as _, fs::PermissionsExt as _, process::CommandExt as _},
    path::Path,
    process::Command,
};

use tidings_inbox::{Inbox, InboxError};

const FOLDER: &str = "TIDINGS_TEST_FOLDER";
const NOBODY: u32 = 65534;

#[test]
#[ignore = "runs as the child that is no superuser"]
fn opener() {
    let error = Inbox::open(Path::new(&std::env::var_os(FOLDER).unwrap())).unwrap_err();
    assert!(matches!(error, InboxError::ReadOnly(_)), "{error:?}");
    assert!(error.to_string().contains("check its permissions"), "{error}");
}

fn opened_without_privileges(outer: &Path, folder: &Path) {
    // the superuser may write everywhere, so the child is somebody else, who may need a copy to run
    let program = outer.join("opener");
    if !program.exists() {
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    }
    let mut child = Command::new(&program);
    child.args(["--exact", "opener", "--ignored"]).env(FOLDER, folder).current_dir("/");
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        child.uid(NOBODY).gid(NOBODY);
    }
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

fn may(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_folder_that_cannot_be_written_is_named_as_the_reason() {
    let outer = tempfile::tempdir().unwrap();
    may(outer.path(), 0o755);
    let empty = outer.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let filled = outer.path().join("filled");
    drop(Inbox::open(&filled).unwrap());
    may(&filled.join("inbox.db"), 0o444);
    may(&filled, 0o555);
    may(&empty, 0o555);

    opened_without_privileges(outer.path(), &empty);
    opened_without_privileges(outer.path(), &filled);
    may(outer.path(), 0o555);
    opened_without_privileges(outer.path(), &outer.path().join("missing"));
    may(outer.path(), 0o755);
}
