//! Vectors by number.

use crate::config::{KerasConfig, Value};
use crate::constraints::Constraint;
use crate::error::{Error, Result, tuple};
use crate::initializers::{Initializer, RandomUniform};
use crate::layer::{
    BuildScope, CallContext, Form, InputShapes, Inputs, KerasTensor, Layer, LayerBase, Outputs,
    SymbolicInputs,
};
use crate::layers::arguments::size;
use crate::ops;
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Turns whole numbers, such as those of words, into vectors. Keras' `Embedding`.
///
/// Shapes: `(batch, ...)` to `(batch, ..., output_dim)`; the weight is `(input_dim, output_dim)`.
/// Numbers outside `0..input_dim` are an error.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Embedding::new(3, 2).shared();
/// layer.build(&[[None, Some(2)].into()])?;
/// layer.variables()[0].assign(&Tensor::from_vec(vec![0.0_f32, 1.0, 2.0, 3.0, 4.0, 5.0], [3, 2])?)?;
/// let y = layer.call(&[Tensor::from_vec(vec![2, 0], [1, 2])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [4.0, 5.0, 0.0, 1.0]);
/// assert!(layer.call(&[Tensor::from_vec(vec![3, 0], [1, 2])?]).is_err());
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", ignore("input_length"))]
pub struct Embedding {
    base: LayerBase,
    /// Number of vectors; at least one.
    #[keras(new, read_with = size)]
    input_dim: usize,
    /// Number of values of a vector; at least one.
    #[keras(new, read_with = size)]
    output_dim: usize,
    /// Initializer of the weight (default `uniform`).
    #[keras(default = RandomUniform::new().into())]
    embeddings_initializer: Initializer,
    /// Penalty on the weight (default: none).
    embeddings_regularizer: Option<Regularizer>,
    /// Penalty on the outputs (default: none).
    activity_regularizer: Option<Regularizer>,
    /// Projection of the weight (default: none).
    embeddings_constraint: Option<Constraint>,
    /// Whether 0 stands for padding, which later layers skip (default `false`).
    #[keras(default = false)]
    mask_zero: bool,
    /// How the weights are quantized, which nothing reads yet.
    #[keras(no_setter)]
    quantization_config: Option<Value>,
}

/// Refuses sizes of zero.
pub(super) fn check_sizes(layer: &str, sizes: [(&str, usize); 2]) -> Result<()> {
    match sizes.into_iter().find(|(_, size)| *size == 0) {
        None => Ok(()),
        Some((argument, size)) => Err(Error::argument(layer, argument, "at least 1", size)),
    }
}

/// The vectors of numbers. Those that have no vector are refused; what a device does with them is not defined.
pub(super) fn look_up(layer: &str, vectors: &Tensor, indices: &Tensor) -> Result<Tensor> {
    let [count, size] = vectors.shape() else {
        return Err(Error::shape(layer, "embeddings", "2 axes", tuple(vectors.shape())));
    };
    let row = |index: f64| {
        let outside = || {
            let expected = format!("whole numbers from 0 to {}", count.saturating_sub(1));
            Error::argument(layer, "inputs", expected, index)
        };
        let is_row = (0.0..*count as f64).contains(&index.trunc());
        is_row.then_some(index as usize).ok_or_else(outside)
    };
    let rows = indices.to_f64_vec()?.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    vectors.look_up(&rows)?.reshape([indices.shape(), &[*size]].concat())
}

impl Layer for Embedding {
    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        check_sizes(scope.name(), [("input_dim", self.input_dim), ("output_dim", self.output_dim)])?;
        scope
            .weight("embeddings", &[self.input_dim, self.output_dim], &self.embeddings_initializer)
            .regularizer(&self.embeddings_regularizer)
            .constraint(&self.embeddings_constraint)
            .add()
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let vectors = context.weight("embeddings")?;
        Ok(look_up(context.layer(), &vectors, &inputs.into_single()?)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let mut dims = inputs.single()?.dims().to_vec();
        dims.push(Some(self.output_dim));
        Ok(vec![dims.into()])
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Embedding)
    }

    fn autocast(&self) -> bool {
        false
    }

    fn supports_masking(&self) -> bool {
        self.mask_zero
    }

    fn compute_mask(&self, inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        if !self.mask_zero {
            return Ok(vec![None]);
        }
        Ok(vec![Some(inputs.single()?.tensor.not_equal_scalar(0.0)?)])
    }

    fn compute_symbolic_mask(&self, inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
        let mask = || ops::not_equal(inputs.single()?, &0);
        Ok(vec![self.mask_zero.then(mask).transpose()?])
    }

    fn activity_regularizer(&self) -> Option<&Regularizer> {
        self.activity_regularizer.as_ref()
    }
}
