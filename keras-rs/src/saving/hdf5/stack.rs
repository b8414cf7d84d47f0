//! Room for the deepest recursion that a file can ask of the HDF5 parser.

use crate::error::{Error, Result};
use std::cell::Cell;

/// A header message has at most 64 KiB and a nested data type takes at least 8 bytes a level:
/// 8,192 levels, at 8 KiB a level even where nothing is optimised. Untouched pages cost nothing.
const STACK_BYTES: usize = 64 << 20;

thread_local! {
    static IS_DEEP: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` where [`STACK_BYTES`] of stack are available.
///
/// A thread is started only where the caller is not on such a stack already, so a loader that
/// wraps its whole work pays once.
///
/// # Errors
/// [`Error::Io`] where the thread cannot be started.
pub(crate) fn on_deep_stack<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    if IS_DEEP.get() || cfg!(target_family = "wasm") {
        return work();
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || {
            IS_DEEP.set(true);
            work()
        });
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(source) => Err(Error::io("thread", "start", source)),
        }
    })
}
