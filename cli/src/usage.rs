//! Errors of usage.

use std::fmt;

/// Invalid combinations of arguments, found after parsing; the exit code is 2.
#[derive(Debug)]
pub(crate) struct Usage(String);

impl Usage {
    /// An error with a message.
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
