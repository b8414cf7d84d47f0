//! The stream that callbacks print to.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Standard output, or another stream. Write errors are ignored, because a closed pipe must not end a
/// training.
#[derive(Clone)]
pub(super) struct Output(Arc<Mutex<Box<dyn Write + Send>>>);

impl Output {
    pub(super) fn new(out: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(out))))
    }
}

impl Default for Output {
    fn default() -> Self {
        Self::new(std::io::stdout())
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Output")
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = out.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).flush();
        Ok(())
    }
}

/// Prints a warning to standard error, as Python's `warnings.warn` does.
pub(super) fn warn(text: &str) {
    let _ = writeln!(std::io::stderr(), "warning: {text}");
}
