//! How much is printed.

/// How much `fit` and `evaluate` print. Made from 0, 1 or 2, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbose {
    /// A bar on a terminal, a line an epoch elsewhere; Keras' `"auto"`.
    #[default]
    Auto,
    /// Nothing; Keras' 0.
    Silent,
    /// A bar that moves with the batches; Keras' 1.
    Bar,
    /// A line an epoch; Keras' 2.
    Line,
}

impl Verbose {
    /// Keras' number, with `Auto` resolved by whether standard output is a terminal.
    pub(crate) fn level(self) -> u8 {
        use std::io::IsTerminal;
        match self {
            Self::Silent => 0,
            Self::Bar => 1,
            Self::Line => 2,
            Self::Auto if std::io::stdout().is_terminal() => 1,
            Self::Auto => 2,
        }
    }
}

impl From<u8> for Verbose {
    fn from(level: u8) -> Self {
        match level {
            0 => Self::Silent,
            1 => Self::Bar,
            _ => Self::Line,
        }
    }
}
