//! What the server says while it runs; nobody need be reading.

use std::io::Write;

/// A line on stdout.
pub(crate) fn announce(line: &str) {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).ok();
}

/// A line on stderr.
pub(crate) fn log(line: &str) {
    writeln!(std::io::stderr().lock(), "{line}").ok();
}
