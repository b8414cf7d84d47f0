//! What is said beside the results, and results that are printed before all are there.

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

static QUIET: AtomicBool = AtomicBool::new(false);

/// The reader of the results has gone, so that nothing is left to do.
#[derive(Debug, thiserror::Error)]
#[error("stdout is closed")]
pub(crate) struct Closed;

/// Has nothing but results and errors printed.
pub(crate) fn set_quiet(quiet: bool) {
    QUIET.store(quiet, Ordering::Relaxed);
}

/// Whether nothing but results and errors is printed.
pub(crate) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Says something on stderr that is worth knowing, unless it is to be quiet.
pub(crate) fn note(text: impl Display) {
    if !is_quiet() {
        // If stderr is closed, nothing can be said.
        writeln!(std::io::stderr().lock(), "note: {text}").ok();
    }
}

/// Says on stderr what failed while the rest goes on.
pub(crate) fn warn(text: impl Display) {
    writeln!(std::io::stderr().lock(), "warning: {text}").ok();
}

/// Prints results to stdout; the error is [`Closed`] where nobody reads them any more.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Closed.into()),
        printed => printed.context("cannot write the results"),
    }
}
