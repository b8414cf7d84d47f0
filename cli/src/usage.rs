//! Mistakes in how the program was called.

use std::fmt;

/// Arguments that do not go together, found only after they were parsed; the exit code is 2.
#[derive(Debug)]
pub(crate) struct Usage(String);

impl Usage {
    /// An error that says what is wrong.
    pub(crate) fn error(problem: impl Into<String>) -> anyhow::Error {
        Self(problem.into()).into()
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}
