//! How much is written.

use crate::error::{Error, Result};

/// How much is written during training, evaluation and prediction: Keras' `verbose`.
///
/// ```
/// use keras_rs::callbacks::Verbose;
///
/// assert_eq!(Verbose::try_from(1)?, Verbose::Bar);
/// assert_eq!(Verbose::try_from("auto")?.resolve(false), Verbose::Line);
/// assert!(Verbose::try_from(3).is_err());
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verbose {
    /// `"auto"`: a progress bar on a terminal, otherwise one line for each epoch.
    #[default]
    Auto,
    /// `0`: nothing.
    Silent,
    /// `1`: a progress bar.
    Bar,
    /// `2`: one line for each epoch.
    Line,
}

impl Verbose {
    /// The level with `Auto` resolved, depending on whether the output is a terminal.
    #[must_use]
    pub fn resolve(self, is_terminal: bool) -> Self {
        match self {
            Self::Auto if is_terminal => Self::Bar,
            Self::Auto => Self::Line,
            other => other,
        }
    }
}

impl TryFrom<i32> for Verbose {
    type Error = Error;

    fn try_from(level: i32) -> Result<Self> {
        match level {
            0 => Ok(Self::Silent),
            1 => Ok(Self::Bar),
            2 => Ok(Self::Line),
            other => Err(Error::argument("fit", "verbose", "0, 1, 2 or \"auto\"", other)),
        }
    }
}

impl TryFrom<&str> for Verbose {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        match name {
            "auto" => Ok(Self::Auto),
            other => Err(Error::argument("fit", "verbose", "0, 1, 2 or \"auto\"", format!("\"{other}\""))),
        }
    }
}
