//! The one error type of the crate.
//!
//! Every fallible function returns [`Result`]; each variant of [`Error`] carries the facts a
//! caller needs to act on: which layer or file, which argument, what was expected and what came.

use std::fmt;
use std::path::{Path, PathBuf};

/// Result of every fallible operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong, with the facts.
///
/// ```
/// use keras_rs::{Error, Tensor};
///
/// let error = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0], [2, 2]).unwrap_err();
/// assert!(matches!(error, Error::Shape { .. }));
/// assert_eq!(error.to_string(), "from_vec: `data` has the wrong shape: expected 4 elements for shape (2, 2), got 3");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A tensor has a shape that an operation or layer does not accept.
    #[error("{context}: `{argument}` has the wrong shape: expected {expected}, got {got}")]
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
    #[error("{context}: invalid `{argument}`: expected {expected}, got {got}")]
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
    #[error("unknown {kind} \"{name}\"; {}", nearest_text(.nearest))]
    UnknownName {
        /// What was looked for: `activation`, `layer`, `backend`, ...
        kind: &'static str,
        /// The name that was asked for.
        name: String,
        /// Known names, nearest first.
        nearest: Vec<String>,
    },
    /// An operation does not accept a data type, or a backend lacks it.
    #[error("{context}: data type {got} does not fit: expected {expected}")]
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
    #[error("backend `{backend}` did not start: {reason}")]
    BackendUnavailable {
        /// The backend's name.
        backend: String,
        /// What the backend said.
        reason: String,
    },
    /// A layer or model was used before its weights exist.
    #[error("{layer} is not built: {hint}")]
    NotBuilt {
        /// Layer or model path.
        layer: String,
        /// What builds it.
        hint: &'static str,
    },
    /// A layer does not say which shapes it gives; its handle finds out by a call on zeros.
    #[error("class {class} has no compute_output_shape")]
    NoShapeFunction {
        /// The layer's class.
        class: String,
    },
    /// A model was trained or evaluated before it was compiled.
    #[error("model {model} is not compiled: call `compile` with an optimizer and a loss first")]
    NotCompiled {
        /// The model's name.
        model: String,
    },
    /// The graph of a functional model is invalid.
    #[error("model {model}: {problem}")]
    Graph {
        /// The model's name.
        model: String,
        /// What is wrong with the graph.
        problem: GraphProblem,
    },
    /// Something failed inside a layer; says which.
    #[error("in layer {layer}")]
    InLayer {
        /// Path of the layer, outermost model first.
        layer: String,
        /// The cause.
        #[source]
        source: Box<Error>,
    },
    /// Classes of a file that are not registered, all of them.
    #[error("unknown classes: {}; register them with `CustomObjects` and load again", join(.classes))]
    UnknownClasses {
        /// Every unknown class with its path in the file.
        classes: Vec<UnknownClass>,
    },
    /// A file carries Python code, which is never executed.
    #[error(
        "layer {layer} is a {class_name}, whose Python code is never executed; register a replacement with `CustomObjects` under that class name"
    )]
    CodeRefused {
        /// Path of the layer in the file.
        layer: String,
        /// The class that carries code.
        class_name: String,
    },
    /// A serialised object's configuration does not have the form its class needs.
    #[error("{object}: configuration entry `{key}`: expected {expected}, got {got}")]
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
    #[error("weights do not fit the model: {}", join(.problems))]
    Weights {
        /// Every problem found.
        problems: Vec<WeightProblem>,
    },
    /// A file is not of the format it claims, is damaged, or uses a part that is refused.
    #[error("{}: not a usable {format} file: expected {expected}, got {got}", .path.display())]
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
    #[error("{}: {action} failed", .path.display())]
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
    #[error("{context}: the data source failed")]
    Data {
        /// Which batch, file or function.
        context: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// User code that a data source calls panicked.
    #[error("{context}: the data source panicked: {message}")]
    Panicked {
        /// Which batch, file or function.
        context: String,
        /// What the panic said.
        message: String,
    },
    /// An image cannot be decoded.
    #[error("{origin}: {problem}")]
    Image {
        /// The file, or `image` when decoding from memory.
        origin: String,
        /// What keeps it from being decoded.
        problem: ImageProblem,
    },
    /// Something would need more memory than the limit allows.
    #[error("{context}: {bytes} bytes are over the limit of {limit} bytes")]
    TooLarge {
        /// The file member, variable or layer.
        context: String,
        /// Size that would be needed, in bytes; saturates.
        bytes: u64,
        /// The limit in force, in bytes.
        limit: u64,
    },
}

/// Why the graph of a functional model is invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GraphProblem {
    /// An output needs a tensor that is not computed from the model's inputs.
    Disconnected {
        /// Layer that makes the tensor which no input leads to.
        layer: String,
    },
    /// Layers depend on each other in a cycle, or on layers that are not in the model.
    Unresolvable {
        /// The layers whose inputs could not be resolved.
        layers: Vec<String>,
    },
    /// Two layers share a name.
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A layer, node or tensor is referred to that does not exist.
    MissingReference {
        /// Layer name, node index and tensor index as written.
        reference: String,
    },
    /// An input or output list is empty.
    Empty {
        /// `inputs`, `outputs` or `layers`.
        what: &'static str,
    },
    /// Fewer or more tensors than the model takes.
    Arity {
        /// `inputs`, `outputs` or `layers`.
        what: &'static str,
        /// How many the model has.
        expected: usize,
        /// How many came.
        got: usize,
    },
    /// A forward pass would call too many layers; calls multiply in nested models.
    TooManyCalls {
        /// Number of calls in a forward pass.
        calls: u64,
        /// The limit.
        limit: u64,
    },
}

impl fmt::Display for GraphProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected { layer } => {
                write!(f, "the output of {layer} does not lead back to the model's inputs")
            }
            Self::Unresolvable { layers } => write!(
                f,
                "layers cannot be wired because their inputs are missing or form a cycle: {}",
                layers.join(", ")
            ),
            Self::DuplicateName { name } => write!(f, "two layers are named \"{name}\""),
            Self::MissingReference { reference } => {
                write!(f, "there is no tensor {reference}")
            }
            Self::Empty { what } => write!(f, "it has no {what}"),
            Self::Arity { what, expected, got } => {
                write!(f, "expected {expected} {what}, got {got}")
            }
            Self::TooManyCalls { calls, limit } => {
                write!(f, "one run would call {calls} layers, over the limit of {limit}")
            }
        }
    }
}

/// What keeps an image from being decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageProblem {
    /// Its format is not one of those decoded.
    UnknownFormat,
    /// It has more pixels than are accepted.
    TooLarge {
        /// Pixels across.
        width: u64,
        /// Pixels down.
        height: u64,
        /// The most pixels that are decoded.
        limit: u64,
    },
    /// It is damaged, cut short, or of a kind that is not decoded.
    Broken {
        /// `JPEG`, `PNG`, `BMP`, `GIF` or `WebP`.
        format: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for ImageProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFormat => {
                f.write_str("not an image of a known format (JPEG, PNG, BMP, GIF or WebP)")
            }
            Self::TooLarge { width, height, limit } => {
                write!(f, "{width}x{height} pixels are more than the limit of {limit}")
            }
            Self::Broken { format, reason } => write!(f, "cannot decode the {format} image: {reason}"),
        }
    }
}

/// A class named by a file that is not registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownClass {
    /// Path in the file, such as `model/layers/3`.
    pub path: String,
    /// The class' name.
    pub class_name: String,
    /// The module or package that the file names for it.
    pub module: String,
}

impl fmt::Display for UnknownClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (module {}, at {})", self.class_name, self.module, self.path)
    }
}

/// One way in which a weight file and a model disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeightProblem {
    /// The file has no value for a variable.
    Missing {
        /// Path of the variable.
        path: String,
        /// Shape the model needs.
        expected: Vec<usize>,
    },
    /// The file's value has another shape.
    Shape {
        /// Path of the variable.
        path: String,
        /// Shape the model needs.
        expected: Vec<usize>,
        /// Shape in the file.
        got: Vec<usize>,
    },
    /// The file's value has a type that cannot become the variable's.
    DType {
        /// Path of the variable.
        path: String,
        /// Data type in the file.
        got: String,
    },
    /// A layer has another number of variables than the file.
    Count {
        /// The layer.
        layer: String,
        /// How many the model has.
        expected: usize,
        /// How many the file has.
        got: usize,
    },
    /// A model has another number of layers with variables than the file.
    Layers {
        /// The model.
        model: String,
        /// How many the model has.
        expected: usize,
        /// How many the file has.
        got: usize,
    },
    /// The file holds a layer or variable that the model lacks.
    Unexpected {
        /// Path in the file.
        path: String,
    },
}

impl fmt::Display for WeightProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path, expected } => {
                write!(f, "{path} {} is missing from the file", tuple(expected))
            }
            Self::Shape { path, expected, got } => {
                write!(f, "{path} is {} in the model, {} in the file", tuple(expected), tuple(got))
            }
            Self::DType { path, got } => write!(f, "{path} has data type {got} in the file"),
            Self::Count { layer, expected, got } => {
                write!(f, "layer {layer} has {expected} variables, the file has {got} for it")
            }
            Self::Layers { model, expected, got } => {
                write!(f, "model {model} has {expected} layers with variables, the file has {got}")
            }
            Self::Unexpected { path } => write!(f, "{path} in the file is not in the model"),
        }
    }
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
                (edit_distance(&name.to_lowercase(), &k.as_ref().to_lowercase()), k.as_ref().to_string())
            })
            .collect();
        nearest.sort();
        let nearest = nearest.into_iter().take(5).map(|(_, k)| k).collect();
        Self::UnknownName { kind, name, nearest }
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

/// A shape as Python prints a tuple: `(2, 3)`, `(4,)`, `()`.
pub(crate) fn tuple(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        many => {
            let dims: Vec<String> = many.iter().map(ToString::to_string).collect();
            format!("({})", dims.join(", "))
        }
    }
}

fn join<T: fmt::Display>(items: &[T]) -> String {
    let shown: Vec<String> = items.iter().take(50).map(ToString::to_string).collect();
    let more = items.len().saturating_sub(50);
    if more > 0 { format!("{}; and {more} more", shown.join("; ")) } else { shown.join("; ") }
}

fn nearest_text(nearest: &[String]) -> String {
    if nearest.is_empty() {
        "none are known".into()
    } else {
        format!("the nearest are: {}", nearest.join(", "))
    }
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
