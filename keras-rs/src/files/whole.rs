//! Reading whole files into memory.

use crate::error::{Error, Result};
use std::path::Path;

/// Reads a file whole.
///
/// # Errors
/// [`Error::Io`] where it cannot be read, [`Error::TooLarge`] where it does not fit into memory.
pub(crate) fn read_whole(path: &Path) -> Result<Vec<u8>> {
    let size = std::fs::metadata(path).map_err(|e| Error::io(path, "read", e))?.len();
    crate::limits::check_buffers(&path.display().to_string(), size)?;
    std::fs::read(path).map_err(|e| Error::io(path, "read", e))
}
