//! The one error type of the crate.
//!
//! As in `keras_rs`, every variant carries the facts a caller can act on.

use std::path::PathBuf;

/// Result of every fallible operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong, with the facts.
///
/// `{:?}`, which Rust prints where `main` returns an error, is the text with its causes.
///
/// ```
/// use keras_rs_applications::{Error, decode_predictions};
///
/// let error = decode_predictions(&[0.5; 10], 5).unwrap_err();
/// assert!(matches!(error, Error::Argument { .. }));
/// assert_eq!(
///     error.to_string(),
///     "decode_predictions: invalid `values`: expected rows of 1000 class scores, got 10 values"
/// );
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument's value is not accepted.
    #[error("{context}: invalid `{argument}`: expected {expected}, got {got}")]
    Argument {
        /// Function or application.
        context: &'static str,
        /// Name of the offending argument.
        argument: &'static str,
        /// What would have been accepted.
        expected: String,
        /// What came.
        got: String,
    },
    /// A model could not be built, or a tensor not be made.
    #[error(transparent)]
    Keras(#[from] keras_rs::Error),
    /// A weights file could not be read or does not fit the model.
    #[error("cannot load weights from {}", .path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: keras_rs::Error,
    },
    /// No application has this name.
    #[error("{}", keras_rs::Error::unknown_name("application", .name.as_str(), .known))]
    UnknownApplication {
        /// The name that was asked for.
        name: String,
        /// Every name there is.
        known: Vec<&'static str>,
    },
    /// No directory can be named for the cache.
    #[error("no place to keep downloads: set KERAS_HOME, or HOME for the default `~/.keras`")]
    NoCacheDir,
    /// A file is not in the cache and downloading is switched off.
    #[error(
        "offline, and {} is {}: download {url} on another machine and put it there",
        .path.display(), if *.rejected { "not the published file (its hash differs)" } else { "not there" }
    )]
    Offline {
        /// Where the file is published.
        url: String,
        /// Where to put the file.
        path: PathBuf,
        /// Whether a file is there already, with another hash than the published one.
        rejected: bool,
    },
    /// A URL is not `http://` or `https://`.
    #[error("cannot download {url}: only http and https are allowed")]
    UrlScheme {
        /// The URL.
        url: String,
    },
    /// The server answered with an error status.
    #[error("downloading {url}: the server answered with HTTP status {status}")]
    HttpStatus {
        /// What was asked for.
        url: String,
        /// The status code.
        status: u16,
    },
    /// The server could not be reached, or the connection broke or stood still.
    #[error("downloading {url} failed after {received} bytes; what came is kept, so calling again resumes")]
    Transfer {
        /// What was asked for.
        url: String,
        /// Size of the partial file.
        received: u64,
        /// What the HTTP client says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A download is larger than allowed.
    #[error("downloading {url}: larger than the limit of {limit} bytes")]
    DownloadTooLarge {
        /// What was asked for.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// A whole download does not have the expected hash.
    #[error("{url} is not what was expected: its {algorithm} is {got}, expected {expected}")]
    HashMismatch {
        /// What was downloaded.
        url: String,
        /// `md5` or `sha256`.
        algorithm: &'static str,
        /// The published hash, hexadecimal.
        expected: String,
        /// The hash of what came, hexadecimal.
        got: String,
    },
    /// A file could not be read or written.
    #[error("cannot {action} {}", .path.display())]
    Io {
        /// What was tried: `read`, `create`, ...
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl Error {
    /// An [`Error::Io`] for `map_err`.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        keras_rs::error::fmt_with_causes(self, f)
    }
}

#[cfg(test)]
mod tests;
