//! Bounds on what a model from a file may make this process allocate.

use crate::error::{Error, Result};

/// Most bytes that one tensor may take: 16 GiB.
///
/// Real networks stay far below; a hostile file that asks for more is refused before anything is
/// allocated.
pub const MAX_TENSOR_BYTES: u64 = 16 << 30;

/// Refuses sizes over [`MAX_TENSOR_BYTES`].
pub(crate) fn check(context: &str, bytes: u64) -> Result<()> {
    if bytes <= MAX_TENSOR_BYTES {
        return Ok(());
    }
    Err(Error::TooLarge { context: context.into(), bytes, limit: MAX_TENSOR_BYTES })
}
