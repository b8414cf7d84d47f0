//! Writing a file so that a crash leaves either the old or the new one, whole.

use crate::error::{Error, Result};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Writes `path` through a temporary file beside it.
///
/// The temporary file is filled by `write`, synced, given the permissions that the replaced or
/// a new file would have, and renamed; then the directory is synced. Whatever fails before the
/// rename leaves the file at `path` untouched and removes the temporary one. A symbolic link
/// is followed, so that the file it points to is replaced and not the link.
///
/// # Errors
/// [`Error::Io`] for what the operating system refuses, and the errors of `write`.
pub(crate) fn write_atomically(
    path: impl AsRef<Path>,
    write: impl FnOnce(&mut File) -> Result<()>,
) -> Result<()> {
    let path = path.as_ref();
    let target = follow(path)?;
    let name = target
        .file_name()
        .ok_or_else(|| Error::argument("save", "path", "the name of a file", path.display()))?;
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut temporary = builder.tempfile_in(directory).map_err(|e| Error::io(path, "create", e))?;
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
#[path = "atomic_tests.rs"]
mod tests;
