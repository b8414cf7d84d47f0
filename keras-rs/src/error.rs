//! The one error type of the crate.
//!
//! Every fallible function returns [`Result`]; each variant of [`Error`] carries the facts a
//! caller needs to act on: which layer or file, which argument, what was expected and what came.

mod problems;
mod text;

pub use problems::{GraphProblem, ImageProblem, UnknownClass, WeightProblem};
pub use text::fmt_with_causes;
pub(crate) use text::tuple;

use std::fmt;
use std::path::{Path, PathBuf};
use text::{cut, join};

/// Result of every fallible operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong, with the facts.
///
/// `{}` is one line without the causes, which [`source`](std::error::Error::source) gives; `{:?}`,
/// which `fn main() -> keras_rs::Result<()>` prints, is the same line with its causes, and `{:#?}`
/// has a line for each. Values and lists that would make a line longer than about 2 kB are cut.
///
/// ```
/// use keras_rs::{Error, Tensor};
///
/// let error = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0], [2, 2]).unwrap_err();
/// assert!(matches!(error, Error::Shape { .. }));
/// assert_eq!(error.to_string(), "from_vec: `data` has the wrong shape: expected 4 elements for shape (2, 2), got 3");
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A tensor has a shape that an operation or layer does not accept.
    #[error(
        "{}: `{}` has the wrong shape: expected {}, got {}",
        cut(.context), cut(.argument), cut(.expected), cut(.got)
    )]
    Shape {
        /// Operation, layer or variable path.
        context: String,
        /// Name of the offending argument.
        argument: String,
        /// What would have been accepted.
        expected: String,
        /// What came.
        got: String,
    },
    /// An argument's value is not accepted.
    #[error(
        "{}: invalid `{}`: expected {}, got {}",
        cut(.context), cut(.argument), cut(.expected), cut(.got)
    )]
    Argument {
        /// Operation, class or layer path.
        context: String,
        /// Name of the offending argument.
        argument: String,
        /// What would have been accepted.
        expected: String,
        /// What came.
        got: String,
    },
    /// A name is not one of those known; the nearest known ones are listed.
    #[error("unknown {kind} \"{}\"; {}", cut(.name), text::nearest(.nearest))]
    UnknownName {
        /// What was looked for: `activation`, `layer`, `backend`, ...
        kind: &'static str,
        /// The name that was asked for.
        name: String,
        /// Known names, nearest first.
        nearest: Vec<String>,
    },
    /// An operation does not accept a data type, or a backend lacks it.
    #[error("{}: data type {} does not fit: expected {}", cut(.context), cut(.got), cut(.expected))]
    DType {
        /// Operation, layer or file.
        context: String,
        /// What would have been accepted.
        expected: String,
        /// What came.
        got: String,
    },
    /// A backend was asked for that this build does not contain.
    #[error("backend `{backend}` is not compiled in: build with the cargo feature `{feature}`")]
    BackendNotEnabled {
        /// The backend's name.
        backend: String,
        /// The cargo feature that adds it.
        feature: &'static str,
    },
    /// A backend is compiled in but did not start (no driver, no device).
    #[error("backend `{backend}` did not start: {}", cut(.reason))]
    BackendUnavailable {
        /// The backend's name.
        backend: String,
        /// What the backend said.
        reason: String,
    },
    /// A layer or model was used before its weights exist.
    #[error("{} is not built: {hint}", cut(.layer))]
    NotBuilt {
        /// Layer or model path.
        layer: String,
        /// What builds it.
        hint: &'static str,
    },
    /// A layer does not say which shapes it gives; its handle finds out by a call on zeros.
    #[error("class {} has no compute_output_shape", cut(.class))]
    NoShapeFunction {
        /// The layer's class.
        class: String,
    },
    /// A model was trained or evaluated before it was compiled.
    #[error("model {} is not compiled: call `compile` with an optimizer and a loss first", cut(.model))]
    NotCompiled {
        /// The model's name.
        model: String,
    },
    /// The graph of a functional model is invalid.
    #[error("model {}: {problem}", cut(.model))]
    Graph {
        /// The model's name.
        model: String,
        /// What is wrong with the graph.
        problem: GraphProblem,
    },
    /// Something failed inside a layer; says which.
    #[error("in layer {}", cut(.layer))]
    InLayer {
        /// Path of the layer, outermost model first.
        layer: String,
        /// The cause.
        #[source]
        source: Box<Error>,
    },
    /// Classes of a file that are not registered, all of them.
    #[error("unknown classes: {}; register them with `CustomObjects` and load again", join(.classes, "; "))]
    UnknownClasses {
        /// Every unknown class with its path in the file.
        classes: Vec<UnknownClass>,
    },
    /// A file carries Python code, which is never executed.
    #[error(
        "layer {} is a {}, whose Python code is never executed; give a function in Rust with `CustomObjects::lambda` \
         under a `Lambda` layer's name, or a layer with `CustomObjects::layer` under the class name",
        cut(.layer), cut(.class_name)
    )]
    CodeRefused {
        /// Path of the layer in the file.
        layer: String,
        /// The class that carries code.
        class_name: String,
    },
    /// A serialised object's configuration does not have the form its class needs.
    #[error(
        "{}: configuration entry `{}`: expected {}, got {}",
        cut(.object), cut(.key), cut(.expected), cut(.got)
    )]
    Config {
        /// Path of the object in the file, with its class.
        object: String,
        /// Key in the configuration.
        key: String,
        /// What would have been accepted.
        expected: String,
        /// What came, shortened.
        got: String,
    },
    /// A file's weights do not match the model: all that are missing, of another shape, or not in the model.
    #[error("weights do not fit the model: {}", join(.problems, "; "))]
    Weights {
        /// Every problem found.
        problems: Vec<WeightProblem>,
    },
    /// A file is not of the format it claims, is damaged, or uses a part that is refused.
    #[error(
        "{}: not a usable {format} file: expected {}, got {}",
        cut(.path.display()), cut(.expected), cut(.got)
    )]
    Format {
        /// The file; a member of an archive is appended after `!`.
        path: PathBuf,
        /// `Keras`, `HDF5`, `JSON`, `safetensors`, `npz`, ...
        format: &'static str,
        /// What would have been accepted.
        expected: String,
        /// What came.
        got: String,
    },
    /// The operating system refused a file operation.
    #[error("{}: {action} failed", cut(.path.display()))]
    Io {
        /// The file.
        path: PathBuf,
        /// `open`, `read`, `write`, `rename`, ...
        action: &'static str,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// User code that a data source calls (a dataset, an iterator, a decoder) failed.
    #[error("{}: the data source failed", cut(.context))]
    Data {
        /// Which batch, file or function.
        context: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Code of a user panicked: a data source, or a Burn module.
    #[error("{}: code of the user panicked: {}", cut(.context), cut(.message))]
    Panicked {
        /// Which batch, file, function or module.
        context: String,
        /// What the panic said.
        message: String,
    },
    /// An image cannot be decoded.
    #[error("{}: {problem}", cut(.origin))]
    Image {
        /// The file, or `image` when decoding from memory.
        origin: String,
        /// What keeps it from being decoded.
        problem: ImageProblem,
    },
    /// Something would need more memory than the limit allows.
    #[error("{}: {bytes} bytes are over the limit of {limit} bytes", cut(.context))]
    TooLarge {
        /// The file member, variable or layer.
        context: String,
        /// Size that would be needed, in bytes; saturates.
        bytes: u64,
        /// The limit in force, in bytes.
        limit: u64,
    },
}

impl Error {
    /// An [`Error::Shape`] from anything that displays.
    pub fn shape(
        context: impl fmt::Display,
        argument: impl fmt::Display,
        expected: impl fmt::Display,
        got: impl fmt::Display,
    ) -> Self {
        Self::Shape {
            context: context.to_string(),
            argument: argument.to_string(),
            expected: expected.to_string(),
            got: got.to_string(),
        }
    }

    /// An [`Error::Argument`] from anything that displays.
    pub fn argument(
        context: impl fmt::Display,
        argument: impl fmt::Display,
        expected: impl fmt::Display,
        got: impl fmt::Display,
    ) -> Self {
        Self::Argument {
            context: context.to_string(),
            argument: argument.to_string(),
            expected: expected.to_string(),
            got: got.to_string(),
        }
    }

    /// An [`Error::Format`] from anything that displays.
    pub fn format(
        path: impl AsRef<Path>,
        format: &'static str,
        expected: impl fmt::Display,
        got: impl fmt::Display,
    ) -> Self {
        Self::Format {
            path: path.as_ref().to_path_buf(),
            format,
            expected: expected.to_string(),
            got: got.to_string(),
        }
    }

    /// An [`Error::Io`] for a file and what was being done to it.
    pub fn io(path: impl AsRef<Path>, action: &'static str, source: std::io::Error) -> Self {
        Self::Io { path: path.as_ref().to_path_buf(), action, source }
    }

    /// An [`Error::Data`] from any error, for user-written datasets.
    ///
    /// ```
    /// use keras_rs::Error;
    ///
    /// let cause = "x".parse::<f32>().unwrap_err();
    /// let error = Error::data("row 3", cause);
    /// assert_eq!(error.to_string(), "row 3: the data source failed");
    /// ```
    pub fn data(
        context: impl fmt::Display,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Data { context: context.to_string(), source: source.into() }
    }

    /// An [`Error::UnknownName`] that lists the known names, nearest first.
    pub fn unknown_name<S: AsRef<str>>(
        kind: &'static str,
        name: impl Into<String>,
        known: impl IntoIterator<Item = S>,
    ) -> Self {
        let name = name.into();
        let mut nearest: Vec<(usize, String)> = known
            .into_iter()
            .map(|k| {
                (
                    strsim::levenshtein(&name.to_lowercase(), &k.as_ref().to_lowercase()),
                    k.as_ref().to_string(),
                )
            })
            .collect();
        nearest.sort();
        let nearest = nearest.into_iter().take(5).map(|(_, k)| k).collect();
        Self::UnknownName { kind, name, nearest }
    }

    /// An error for what `catch_unwind` caught.
    pub(crate) fn panicked(context: impl Into<String>, payload: &(dyn std::any::Any + Send)) -> Self {
        let message = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Self::Panicked { context: context.into(), message: message.into() }
    }

    /// Adds the layer in which an error happened; paths of nested layers are joined with `/`.
    #[must_use]
    pub fn in_layer(self, layer: &str) -> Self {
        match self {
            Self::InLayer { layer: inner, source } => {
                Self::InLayer { layer: format!("{layer}/{inner}"), source }
            }
            other => Self::InLayer { layer: layer.to_string(), source: Box::new(other) },
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_with_causes(self, f)
    }
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl From<std::num::TryFromIntError> for Error {
    fn from(error: std::num::TryFromIntError) -> Self {
        Self::argument("layer arguments", "number", "a whole number in the argument's range", error)
    }
}

#[cfg(test)]
mod tests;
