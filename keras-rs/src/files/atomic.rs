//! Writing a file so that a crash leaves either the old or the new one, whole.

use crate::error::{Error, Result};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// How the names of temporary files begin and end.
const PREFIX: &str = ".keras-rs-";
const SUFFIX: &str = ".tmp";
/// Where files cannot be locked, one that nobody has written to for so long is left over.
const LEFT_OVER: Duration = Duration::from_hours(24);

/// Writes `path` through a temporary file beside it.
///
/// The temporary file is filled by `write`, synced, given the permissions that the replaced or
/// a new file would have, and renamed; then the directory is synced. Whatever fails before the
/// rename leaves the file at `path` untouched and removes the temporary one. A symbolic link
/// is followed, so that the file it points to is replaced and not the link. Temporary files that
/// killed processes left in the same directory are removed.
///
/// # Errors
/// [`Error::Io`] for what the operating system refuses, and the errors of `write`.
pub(crate) fn write_atomically(
    path: impl AsRef<Path>,
    write: impl FnOnce(&mut File) -> Result<()>,
) -> Result<()> {
    let path = path.as_ref();
    let target = follow(path)?;
    if target.file_name().is_none() {
        return Err(Error::argument("save", "path", "the name of a file", path.display()));
    }
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    remove_left_over(directory);
    let mut temporary = locked_temporary(directory).map_err(|e| Error::io(path, "create", e))?;
    write(temporary.as_file_mut())?;
    if let Ok(replaced) = std::fs::metadata(&target) {
        if !replaced.is_file() {
            return Err(Error::argument("save", "path", "the name of a file", path.display()));
        }
        let permissions = replaced.permissions();
        temporary.as_file().set_permissions(permissions).map_err(|e| Error::io(path, "write", e))?;
    }
    temporary.as_file().sync_all().map_err(|e| Error::io(path, "sync", e))?;
    temporary.persist(&target).map_err(|e| Error::io(path, "rename", e.error))?;
    sync_directory(directory).map_err(|e| Error::io(path, "sync", e))
}

/// A temporary file that is locked as long as this process has it open.
///
/// The lock says that somebody is writing it: the system releases it however the process ends.
fn locked_temporary(directory: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    loop {
        let temporary = builder.tempfile_in(directory)?;
        match temporary.as_file().try_lock() {
            // Another process may have taken it for left over before it was locked.
            Ok(()) if !temporary.path().exists() => {}
            Err(TryLockError::WouldBlock) => {}
            // Where files cannot be locked, their age decides.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(temporary),
        }
    }
}

/// Removes temporary files that no process is writing any more.
///
/// What cannot be looked at or removed stays: it keeps nobody from writing.
pub(crate) fn remove_left_over(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        // Only files: opening a pipe would wait, and a link may lead anywhere.
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let Ok(file) = File::open(entry.path()) else { continue };
        let left_over = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(_)) => is_old(&file),
        };
        if left_over {
            // The lock is held until the name is gone.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn is_old(file: &File) -> bool {
    let changed = file.metadata().and_then(|metadata| metadata.modified());
    changed.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT_OVER))
}

fn follow(path: &Path) -> Result<PathBuf> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => path.canonicalize().map_err(|e| Error::io(path, "open", e)),
        _ => Ok(path.to_path_buf()),
    }
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> std::io::Result<()> {
    File::open(directory)?.sync_all()
}

// Other systems do not open directories as files; a rename is durable on its own there.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
