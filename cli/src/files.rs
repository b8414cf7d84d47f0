//! Writing files so that a crash leaves either the old or the new one, whole.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

/// Writes `bytes` to a new file beside `path` and renames it to that.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        // A link is followed, so that the file it points to is replaced.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let directory = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".keras-rs.").suffix(".tmp");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut temporary = builder.tempfile_in(directory)?;
        temporary.write_all(bytes)?;
        if let Ok(replaced) = std::fs::metadata(&target) {
            temporary.as_file().set_permissions(replaced.permissions())?;
        }
        temporary.as_file().sync_all()?;
        temporary.persist(&target).map_err(|e| e.error)?;
        Ok::<(), std::io::Error>(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
