//! Vectors by number, and back.

use super::embedding::{check_sizes, look_up};
use crate::config::{KerasConfig, Number, Value};
use crate::constraints::Constraint;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::initializers::{Initializer, RandomUniform};
use crate::layer::{
    BuildScope, CallContext, InputShapes, InputSpecs, Inputs, KerasTensor, Layer, LayerBase, MaskedTensor,
    Outputs, Signature, Spec, SymbolicInputs,
};
use crate::layers::arguments::size;
use crate::ops;
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// An embedding that also turns vectors into scores of all numbers, as language models do at their end. Keras'
/// `ReversibleEmbedding`; Press and Wolf, 2016.
///
/// Shapes: as [`Embedding`](super::Embedding), `(batch, ...)` to `(batch, ..., output_dim)`; called with
/// `reverse` `(batch, ..., output_dim)` to `(batch, ..., input_dim)`. The weight `embeddings` is
/// `(input_dim, output_dim)`, and `reverse_embeddings`, which is there where the two are not tied, the transposed.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = ReversibleEmbedding::new(3, 2).embeddings_initializer("ones").shared();
/// let x = layer.call(&[Tensor::from_vec(vec![2, 0], [1, 2])?])?.remove(0);
/// let scores = layer.call_masked(&x, Call::new().argument("reverse", true))?;
/// assert_eq!(scores.to_vec::<f32>()?, [2.0; 6]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", ignore("input_length"))]
pub struct ReversibleEmbedding {
    base: LayerBase,
    /// Number of vectors; at least one.
    #[keras(new, read_with = size)]
    input_dim: usize,
    /// Number of values of a vector; at least one.
    #[keras(new, read_with = size)]
    output_dim: usize,
    /// Initializer of the weights (default `uniform`).
    #[keras(default = RandomUniform::new().into())]
    embeddings_initializer: Initializer,
    /// Penalty on the weight `embeddings` (default: none).
    embeddings_regularizer: Option<Regularizer>,
    /// Penalty on the outputs (default: none).
    activity_regularizer: Option<Regularizer>,
    /// Projection of the weight `embeddings` (default: none).
    embeddings_constraint: Option<Constraint>,
    /// Whether 0 stands for padding, which later layers skip (default `false`).
    #[keras(default = false)]
    mask_zero: bool,
    /// How the weights are quantized, which nothing reads yet.
    #[keras(no_setter)]
    quantization_config: Option<Value>,
    /// Whether both directions have one weight (default `true`).
    #[keras(default = true)]
    tie_weights: bool,
    /// Data type that scores are computed in (default: the layer's).
    reverse_dtype: Option<DType>,
    /// Bound `c` of scores, which become `c * tanh(scores / c)` (default: none).
    logit_soft_cap: Option<Number>,
}

impl ReversibleEmbedding {
    /// Scores of all numbers for vectors.
    fn scores(&self, mut x: Tensor, context: &CallContext<'_>) -> Result<Tensor> {
        if x.shape().last() != Some(&self.output_dim) {
            let expected = format!("a last axis of size {}", self.output_dim);
            return Err(Error::shape(context.layer(), "inputs", expected, tuple(x.shape())));
        }
        let mut kernel = if self.tie_weights {
            context.weight("embeddings")?.transpose()?
        } else {
            context.weight("reverse_embeddings")?
        };
        if let Some(dtype) = self.reverse_dtype {
            (x, kernel) = (x.cast(dtype)?, kernel.cast(dtype)?);
        }
        let scores = ops::matmul(&x, &kernel)?;
        match self.logit_soft_cap {
            None => Ok(scores),
            Some(cap) => scores.div_scalar(cap.get())?.tanh()?.mul_scalar(cap.get()),
        }
    }

    /// The output's shape in either direction.
    fn output_shape(&self, input: &Shape, reverse: bool) -> Result<Shape> {
        let mut dims = input.dims().to_vec();
        if !reverse {
            dims.push(Some(self.output_dim));
        } else if let Some(last) = dims.last_mut() {
            *last = Some(self.input_dim);
        } else {
            return Err(Error::shape(self.class_name(), "inputs", "at least 1 axis", input));
        }
        Ok(dims.into())
    }
}

impl Layer for ReversibleEmbedding {
    fn signature(&self) -> Signature {
        Signature::new(&["inputs", "reverse"])
    }

    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        check_sizes(scope.name(), [("input_dim", self.input_dim), ("output_dim", self.output_dim)])?;
        scope
            .weight("embeddings", &[self.input_dim, self.output_dim], &self.embeddings_initializer)
            .regularizer(&self.embeddings_regularizer)
            .constraint(&self.embeddings_constraint)
            .add()?;
        if self.tie_weights {
            return Ok(());
        }
        let shape = [self.output_dim, self.input_dim];
        scope.weight("reverse_embeddings", &shape, &self.embeddings_initializer).add()
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let reverse = inputs.flag("reverse", false)?;
        let x = inputs.into_single()?;
        if reverse {
            return Ok(self.scores(x, context)?.into());
        }
        let tensor = look_up(context.layer(), &context.weight("embeddings")?, &x)?;
        let mask = self.mask_zero.then(|| x.not_equal_scalar(0.0)).transpose()?;
        Ok(MaskedTensor::new(tensor, mask).into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![self.output_shape(inputs.single()?, inputs.flag("reverse", false)?)?])
    }

    fn compute_output_spec(&self, inputs: &InputSpecs) -> Result<Vec<Spec>> {
        let (shape, dtype) = inputs.single()?;
        let compute = self.base.dtype.compute_dtype();
        let reverse = inputs.flag("reverse", false)?;
        let dtype = if reverse { self.reverse_dtype.unwrap_or(dtype.promote(compute)) } else { compute };
        Ok(vec![(self.output_shape(shape, reverse)?, dtype)])
    }

    fn autocast(&self) -> bool {
        false
    }

    fn supports_masking(&self) -> bool {
        self.mask_zero
    }

    /// None: the mask that the call makes is the only one.
    fn compute_mask(&self, _inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        Ok(Vec::new())
    }

    fn compute_symbolic_mask(&self, _inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
        Ok(Vec::new())
    }

    fn activity_regularizer(&self) -> Option<&Regularizer> {
        self.activity_regularizer.as_ref()
    }
}
