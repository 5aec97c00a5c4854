//! Rows of the inbox as a JSON file that any program can read.
//!
//! Owns the form of it and how it comes onto the disk: whole or not at all, for this user alone, and never over a file
//! that is there. Refuses to know who asked.

use std::{
    collections::HashMap,
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;
use tidings_control::{
    Action, Attachment, Disposition, Exported, Failure, FailureCode, Home, Item, Priority,
};
use tidings_inbox::{Inbox, Query};
use time::{OffsetDateTime, macros::format_description};

use crate::convert;

/// Exports of one day that get a name by themselves.
const NAMES: u32 = 1000;

/// Whose a notification is, in words that mean something elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Base address of the server.
    pub server: String,
    /// User on it; empty for a guest.
    pub user: String,
}

/// One notification in the file.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    server: &'a str,
    user: &'a str,
    id: i64,
    server_id: &'a Option<String>,
    seq: Option<u64>,
    title: &'a str,
    body: &'a str,
    priority: Priority,
    topic: &'a Option<String>,
    tags: &'a [String],
    click_url: &'a Option<String>,
    actions: &'a [Action],
    icon_url: &'a Option<String>,
    image_url: &'a Option<String>,
    attachment: &'a Option<Attachment>,
    plain: bool,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    received_at: OffsetDateTime,
    read: bool,
    kept: bool,
    disposition: Disposition,
}

/// Writes one entry of an array, as it stands in the file.
///
/// # Errors
/// What the writer reports.
pub fn write_entry(
    out: &mut impl Write,
    first: bool,
    origins: &HashMap<String, Origin>,
    item: &Item,
) -> io::Result<()> {
    let origin = origins.get(&item.account);
    let entry = Entry {
        server: origin.map(|origin| origin.server.as_str()).unwrap_or_default(),
        user: origin.map(|origin| origin.user.as_str()).unwrap_or_default(),
        id: item.id,
        server_id: &item.server_id,
        seq: item.seq,
        title: &item.title,
        body: &item.body,
        priority: item.priority,
        topic: &item.topic,
        tags: &item.tags,
        click_url: &item.click_url,
        actions: &item.actions,
        icon_url: &item.icon_url,
        image_url: &item.image_url,
        attachment: &item.attachment,
        plain: item.plain,
        created_at: item.created_at,
        received_at: item.received_at,
        read: item.read,
        kept: item.kept,
        disposition: item.disposition,
    };
    out.write_all(if first { b"[\n" } else { b",\n" })?;
    serde_json::to_writer(&mut *out, &entry)?;
    Ok(())
}

/// Ends an array that has so many entries.
///
/// # Errors
/// What the writer reports.
pub fn write_end(out: &mut impl Write, count: u32) -> io::Result<()> {
    out.write_all(if count == 0 { b"[]\n" } else { b"\n]\n" })
}

/// Writes what the query finds, newest first, to the file, or to one of its own name among the person's downloads.
///
/// # Errors
/// `EXPORT_FAILED`, and what the inbox reports. There is no file then that was not there before.
pub fn write(
    inbox: &Inbox,
    origins: &HashMap<String, Origin>,
    query: Query,
    path: Option<String>,
    home: &Home,
    now: OffsetDateTime,
) -> Result<Exported, Failure> {
    let folder = match &path {
        Some(path) => folder_of(Path::new(path))?,
        None => {
            let folder = home.downloads().map_err(|error| failed(&error))?;
            Home::create(&folder).map_err(|error| failed(&error))?;
            folder
        }
    };
    let partial = Partial::new(&folder).map_err(|error| failed(&error))?;
    let count = fill(&partial, inbox, origins, query)?;
    let path = match path {
        Some(path) => {
            let path = PathBuf::from(path);
            partial.become_file(&path).map_err(|error| not_written(&path, &error))?;
            path
        }
        None => partial.become_one_of(names(&folder, now)).map_err(|error| not_written(&folder, &error))?,
    };
    Ok(Exported { path: path.to_string_lossy().into_owned(), count })
}

fn fill(
    partial: &Partial,
    inbox: &Inbox,
    origins: &HashMap<String, Origin>,
    query: Query,
) -> Result<u32, Failure> {
    let mut out = BufWriter::new(&partial.file);
    let mut query = Query { before: None, limit: Some(Query::MOST), ..query };
    let mut count = 0;
    loop {
        let page = inbox.list(&query).map_err(|error| convert::inbox_failure(&error))?;
        for row in page.rows {
            write_entry(&mut out, count == 0, origins, &convert::item(row))
                .map_err(|error| failed(&error))?;
            count += 1;
        }
        query.before = page.next;
        if page.next.is_none() {
            break;
        }
    }
    write_end(&mut out, count).and_then(|()| out.flush()).map_err(|error| failed(&error))?;
    drop(out);
    partial.file.sync_all().map_err(|error| failed(&error))?;
    Ok(count)
}

fn folder_of(path: &Path) -> Result<PathBuf, Failure> {
    match path.parent().filter(|_| path.is_absolute() && path.file_name().is_some()) {
        Some(folder) => Ok(folder.to_owned()),
        None => Err(failed(&format!("{} is not the full path of a file", path.display()))),
    }
}

fn names(folder: &Path, now: OffsetDateTime) -> impl Iterator<Item = PathBuf> {
    let day = now.format(format_description!("[year]-[month]-[day]")).unwrap_or_default();
    let folder = folder.to_owned();
    (1..=NAMES).map(move |number| match number {
        1 => folder.join(format!("tidings-{day}.json")),
        number => folder.join(format!("tidings-{day}-{number}.json")),
    })
}

/// A file on its way. It is gone with this, unless it has become the file that was wanted.
struct Partial {
    path: PathBuf,
    file: fs::File,
}

impl Partial {
    fn new(folder: &Path) -> io::Result<Self> {
        let path = folder.join(format!(".tidings-{}.partial", uuid::Uuid::new_v4()));
        let file = new_file(&path)?;
        Ok(Self { path, file })
    }

    /// Takes this name, unless something has it.
    fn become_file(&self, path: &Path) -> io::Result<()> {
        match fs::hard_link(&self.path, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            Ok(()) => Ok(()),
            // a disk without links: the name is taken by an empty file, which this one then replaces
            Err(_) => {
                drop(new_file(path)?);
                fs::rename(&self.path, path)
            }
        }
    }

    fn become_one_of(&self, names: impl Iterator<Item = PathBuf>) -> io::Result<PathBuf> {
        for name in names {
            match self.become_file(&name) {
                Ok(()) => return Ok(name),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// A file that was not there before, for this user alone.
fn new_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return failed(&format!("{} is there already", path.display()));
    }
    failed(&format!("{}: {error}", path.display()))
}

fn failed(why: &impl std::fmt::Display) -> Failure {
    Failure::new(FailureCode::ExportFailed, format!("nothing was exported: {why}"))
}
