//! What errors say of graphs, images, classes and weights.

use super::text::{cut, join, tuple};
use std::fmt;

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
                write!(f, "the output of {} does not lead back to the model's inputs", cut(layer))
            }
            Self::Unresolvable { layers } => write!(
                f,
                "layers cannot be wired because their inputs are missing or form a cycle: {}",
                join(layers, ", ")
            ),
            Self::DuplicateName { name } => write!(f, "two layers are named \"{}\"", cut(name)),
            Self::MissingReference { reference } => {
                write!(f, "there is no tensor {}", cut(reference))
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
            Self::Broken { format, reason } => write!(f, "cannot decode the {format} image: {}", cut(reason)),
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
        write!(f, "{} (module {}, at {})", cut(&self.class_name), cut(&self.module), cut(&self.path))
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
                write!(f, "{} {} is missing from the file", cut(path), tuple(expected))
            }
            Self::Shape { path, expected, got } => {
                write!(
                    f,
                    "{} is {} in the model, {} in the file",
                    cut(path),
                    cut(tuple(expected)),
                    cut(tuple(got))
                )
            }
            Self::DType { path, got } => write!(f, "{} has data type {got} in the file", cut(path)),
            Self::Count { layer, expected, got } => {
                write!(f, "layer {} has {expected} variables, the file has {got} for it", cut(layer))
            }
            Self::Layers { model, expected, got } => {
                write!(f, "model {} has {expected} layers with variables, the file has {got}", cut(model))
            }
            Self::Unexpected { path } => write!(f, "{} in the file is not in the model", cut(path)),
        }
    }
}
