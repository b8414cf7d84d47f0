//! What a layer computes at inference, as data.

use super::LayerRef;
use crate::ops::Padding;
use keras_rs_kernels::{Activation, RecurrentStep, Spread};

/// What a layer computes at inference, where `predict` has kernels of its own for it: see [`Layer::form`](super::Layer::form).
///
/// Everything is of `float32`, with the channels last. Weights are found by their keys.
///
/// ```
/// use keras_rs::layer::Form;
/// use keras_rs::prelude::*;
///
/// let layer = Dense::new(4).shared();
/// assert!(matches!(layer.layer().form(), Some(Form::Dense { bias: true, .. })));
/// assert!(LSTM::new(4).stateful(true).shared().layer().form().is_none());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Form {
    /// The input as it is.
    Identity,
    /// The input's numbers in their order, in another shape.
    Reshape,
    /// A function.
    Function(Function),
    /// A convolution with `kernel` and `bias`.
    Convolution {
        /// How the kernel moves.
        sliding: Sliding,
        /// Groups of channels.
        groups: usize,
        /// Whether there is a bias.
        bias: bool,
        /// What follows.
        function: Function,
    },
    /// A convolution of each channel by itself with `kernel` and `bias`.
    Depthwise {
        /// How the kernel moves.
        sliding: Sliding,
        /// Whether there is a bias.
        bias: bool,
        /// What follows.
        function: Function,
    },
    /// One of each channel by itself with `depthwise_kernel`, then one of single pixels with `pointwise_kernel` and
    /// `bias`.
    Separable {
        /// How the first kernel moves.
        sliding: Sliding,
        /// Whether there is a bias.
        bias: bool,
        /// What follows.
        function: Function,
    },
    /// A product over the last axis with `kernel`, and `bias`.
    Dense {
        /// Whether there is a bias.
        bias: bool,
        /// What follows.
        function: Function,
    },
    /// A product with `kernel` over as many of the last axes as it has at its front, and `bias` of its other axes.
    Product {
        /// Axes that are summed over.
        inner: usize,
        /// Whether there is a bias.
        bias: bool,
        /// What follows.
        function: Function,
    },
    /// `gamma * (x - moving_mean) / sqrt(moving_variance + epsilon) + beta`.
    Normalization {
        /// The axis that the weights belong to.
        axis: isize,
        /// What is added to the variance.
        epsilon: f64,
        /// Whether there is a `gamma`.
        scale: bool,
        /// Whether there is a `beta`.
        center: bool,
    },
    /// Numbers divided by how far they spread along an axis, times `scale`, plus `beta`.
    Standardization {
        /// The axis, which is that of the weights, too.
        axis: isize,
        /// What is divided by.
        spread: Spread,
        /// What is added under the root.
        epsilon: f64,
        /// The key of the factors, if there are any.
        scale: Option<&'static str>,
        /// Whether there is a `beta`.
        center: bool,
    },
    /// `x * scale + offset`; one number, or one for each entry of the last axis.
    Rescaling {
        /// The factors.
        scale: Vec<f64>,
        /// What is added.
        offset: Vec<f64>,
    },
    /// The input times a variable that has one number for each entry of the last axis.
    Scaling(&'static str),
    /// The largest number of each window.
    MaxPooling(Sliding),
    /// The mean of each window, of what lies within the input.
    AveragePooling(Sliding),
    /// The largest number of each channel.
    GlobalMaxPooling,
    /// The mean of each channel.
    GlobalAveragePooling,
    /// Zeros around two spatial axes: before and after each.
    ZeroPadding([[usize; 2]; 2]),
    /// Rows and columns left out of two spatial axes: before and after each.
    Cropping([[usize; 2]; 2]),
    /// The sum of the inputs.
    Add,
    /// The first input less the second one.
    Subtract,
    /// The first input divided by the second one.
    Divide,
    /// The product of the inputs.
    Multiply,
    /// The mean of the inputs.
    Average,
    /// The axes in another order: for each of the output that of the input.
    Permute(Vec<usize>),
    /// The inputs joined along an axis.
    Concatenate(isize),
    /// The rows of `embeddings` whose numbers the input has.
    Embedding,
    /// A recurrent layer that starts from states of zeros.
    Recurrent {
        /// The layer with `kernel`, `recurrent_kernel` and `bias`, which may be missing.
        cell: LayerRef,
        /// What it computes.
        step: RecurrentStep,
        /// Whether the last step comes first.
        backwards: bool,
        /// Whether all states are given in the order in which they are computed, or the last one.
        sequences: bool,
        /// Whether steps that a mask hides give zeros, or else the state before them.
        zeros: bool,
    },
    /// A layer that is called on every step of the second axis, each a sample of its own.
    TimeDistributed(LayerRef),
    /// Attention of queries to keys with heads.
    Attention {
        /// The projections with `kernel` and `bias`, which may be missing: of query, key, value and output.
        projections: Box<[LayerRef; 4]>,
        /// Number of heads of queries.
        heads: usize,
        /// Number of heads of keys and values.
        key_heads: usize,
        /// Factor of the products of queries and keys.
        scale: f64,
    },
    /// Two recurrent layers, the second one of which goes backwards, and what becomes of their outputs.
    Bidirectional {
        /// Both layers.
        layers: [LayerRef; 2],
        /// How their outputs, step for step, become one.
        merge: Box<Form>,
    },
}

/// A function that follows a computation.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Function {
    /// One of single numbers.
    Elementwise(Activation),
    /// Exponentials that sum to one along an axis.
    Softmax(isize),
}

impl Function {
    /// The identity.
    pub const LINEAR: Self = Self::Elementwise(Activation::Linear);
}

/// How a window moves over rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sliding {
    /// Its size.
    pub kernel: [usize; 2],
    /// Steps from one position to the next.
    pub strides: [usize; 2],
    /// Steps between the numbers that it looks at.
    pub dilation: [usize; 2],
    /// How borders are padded.
    pub padding: Padding,
}

impl Sliding {
    /// Over one spatial axis, which is that of the columns, or over two; `None` over more.
    pub fn new(kernel: &[usize], strides: &[usize], dilation: &[usize], padding: Padding) -> Option<Self> {
        let two = |numbers: &[usize]| match *numbers {
            [columns] => Some([1, columns]),
            [rows, columns] => Some([rows, columns]),
            _ => None,
        };
        Some(Self { kernel: two(kernel)?, strides: two(strides)?, dilation: two(dilation)?, padding })
    }
}
