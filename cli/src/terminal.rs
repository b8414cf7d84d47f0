//! What is said beside the results, and results that are printed before all are there.

use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::builder::styling::{AnsiColor, Style, Styles};

static QUIET: AtomicBool = AtomicBool::new(false);
static VERBOSE: AtomicBool = AtomicBool::new(false);

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

/// Has it said how long things take.
pub(crate) fn set_verbose(verbose: bool) {
    VERBOSE.store(verbose, Ordering::Relaxed);
}

/// Says something on stderr that is worth knowing, unless it is to be quiet.
pub(crate) fn note(text: impl Display) {
    if !is_quiet() {
        say("note", Style::new().bold().fg_color(Some(AnsiColor::Cyan.into())), text);
    }
}

/// Says on stderr how long something took, where that is asked for.
pub(crate) fn time(what: impl Display, time: Duration) {
    if VERBOSE.load(Ordering::Relaxed) {
        let seconds = time.as_secs_f64();
        let time = if seconds < 1.0 { format!("{:.1} ms", seconds * 1e3) } else { format!("{seconds:.2} s") };
        say("time", Style::new().bold().fg_color(Some(AnsiColor::Green.into())), format!("{what}: {time}"));
    }
}

/// Says on stderr what failed while the rest goes on.
pub(crate) fn warn(text: impl Display) {
    say("warning", Style::new().bold().fg_color(Some(AnsiColor::Yellow.into())), text);
}

/// Says on stderr what failed.
pub(crate) fn error(text: impl Display) {
    say("error", *Styles::default().get_error(), text);
}

/// A line on stderr that begins with its kind, in colours on a terminal.
fn say(kind: &str, style: Style, text: impl Display) {
    let stderr = std::io::stderr();
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let style = match is_coloured(stderr.is_terminal(), &variable("NO_COLOR"), &variable("TERM")) {
        true => style,
        false => Style::new(),
    };
    // If stderr is closed, nothing can be said.
    writeln!(stderr.lock(), "{style}{kind}:{style:#} {text}").ok();
}

/// Whether to use colours, by <https://no-color.org>.
fn is_coloured(is_terminal: bool, no_color: &str, term: &str) -> bool {
    is_terminal && no_color.is_empty() && term != "dumb"
}

/// Prints results to stdout; the error is [`Closed`] where nobody reads them any more.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Closed.into()),
        printed => printed.context("cannot write the results"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals() {
        assert!(is_coloured(true, "", "xterm"));
        assert!(!is_coloured(false, "", "xterm"));
        assert!(!is_coloured(true, "1", "xterm"));
        assert!(!is_coloured(true, "", "dumb"));
    }
}
