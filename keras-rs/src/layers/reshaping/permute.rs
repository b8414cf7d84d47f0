//! Reordering axes.

use crate::config::KerasConfig;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::{CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::shape::Shape;

/// Reorders the axes after the batch. Keras' `Permute`.
///
/// Shapes: axis `i` of the output is axis `dims[i - 1]` of the input, both counted from 1; the batch
/// stays in front.
///
/// ```
/// use keras_rs::layers::Permute;
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], [1, 2, 3])?;
/// let y = Permute::new([2, 1]).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 3, 2]);
/// assert_eq!(y[0].to_vec::<f32>()?, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Permute {
    base: LayerBase,
    /// Every axis but the batch once, counted from 1.
    #[keras(new)]
    dims: Vec<usize>,
}

impl Layer for Permute {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        let axes: Vec<usize> = std::iter::once(0).chain(self.dims.iter().copied()).collect();
        Ok(x.permute(&axes)?.into())
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Permute(std::iter::once(0).chain(self.dims.iter().copied()).collect()))
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let input = inputs.single()?;
        let mut sorted = self.dims.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(1..=self.dims.len()) {
            return Err(Error::argument(
                self.class_name(),
                "dims",
                format!("each of 1 to {} once", self.dims.len()),
                format!("{:?}", self.dims),
            ));
        }
        input.require_rank(self.class_name(), self.dims.len() + 1)?;
        let dims = input.dims();
        let permuted: Vec<Option<usize>> =
            std::iter::once(dims[0]).chain(self.dims.iter().map(|&d| dims[d])).collect();
        Ok(vec![permuted.into()])
    }

    fn compute_output_dtype(&self, inputs: &[DType], outputs: usize) -> Vec<DType> {
        super::spatial::unchanged_dtype(&self.base, inputs, outputs)
    }
}
