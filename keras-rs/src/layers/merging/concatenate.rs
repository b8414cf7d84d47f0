//! Joining tensors along an axis.

use crate::config::KerasConfig;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::{
    BuildScope, CallContext, Form, InputShapes, Inputs, KerasTensor, Layer, LayerBase, Outputs, Signature,
    SymbolicInputs,
};
use crate::ops;
use crate::shape::Shape;
use crate::tensor::{Tensor, resolve_axis};

/// Joins a list of tensors along an axis. Keras' `Concatenate`.
///
/// Shapes: all sizes but that of the axis must be equal.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let a = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2])?;
/// let b = Tensor::from_vec(vec![3.0_f32], [1, 1])?;
/// let y = Concatenate::new().shared().call(&[a, b])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [1.0, 2.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Concatenate {
    base: LayerBase,
    /// The axis that grows; negative ones count from the end (default -1).
    #[keras(default = -1)]
    axis: isize,
}

impl Concatenate {
    /// The mask of one input in that input's own rank; used everywhere where it has none.
    fn full_mask(x: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
        match mask {
            None => Tensor::full_on(x.shape(), 1.0, DType::Bool, x.device()),
            Some(mask) if mask.rank() < x.rank() => mask.expand_dims(-1)?.broadcast_to(x.shape()),
            Some(mask) => Ok(mask.clone()),
        }
    }
}

impl Layer for Concatenate {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let inputs = inputs.list();
        let Some(first) = inputs.first() else {
            return Err(Error::argument(scope.name(), "inputs", "at least one tensor", "an empty list"));
        };
        let axis = resolve_axis(scope.name(), self.axis, first.rank())?;
        for shape in inputs.iter().copied() {
            let fits = shape.rank() == first.rank()
                && shape
                    .dims()
                    .iter()
                    .zip(first.dims())
                    .enumerate()
                    .all(|(i, (a, b))| i == axis || a.is_none() || b.is_none() || a == b);
            if !fits {
                let expected = format!("{first} but for axis {axis}");
                return Err(Error::shape(scope.name(), "inputs", expected, shape));
            }
        }
        Ok(())
    }

    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        Ok(Tensor::concat(&inputs.into_list(), self.axis)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let inputs = inputs.list();
        let Some(first) = inputs.first() else {
            return Err(Error::argument(self.class_name(), "inputs", "at least one tensor", "an empty list"));
        };
        let axis = resolve_axis(self.class_name(), self.axis, first.rank())?;
        let mut total = Some(0_usize);
        for shape in inputs.iter().copied() {
            let size = shape.dims().get(axis).copied().ok_or_else(|| {
                Error::shape(self.class_name(), "inputs", format!("{} axes", first.rank()), shape)
            })?;
            total = total.zip(size).map(|(a, b)| a.saturating_add(b));
        }
        let mut dims = first.dims().to_vec();
        dims[axis] = total;
        Ok(vec![dims.into()])
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_mask(&self, inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        let masks = inputs.masks();
        if masks.iter().all(Option::is_none) {
            return Ok(vec![None]);
        }
        let full = inputs
            .list()
            .into_iter()
            .zip(masks)
            .map(|(x, mask)| Self::full_mask(&x.tensor, mask.as_ref()))
            .collect::<Result<Vec<_>>>()?;
        let joined = Tensor::concat(&full, self.axis)?;
        Ok(vec![Some(joined.max(&[-1], false)?.cast(DType::Bool)?)])
    }

    fn compute_symbolic_mask(&self, inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
        let masks = inputs.masks();
        if masks.iter().all(Option::is_none) {
            return Ok(vec![None]);
        }
        let full = |(x, mask): (&KerasTensor, Option<KerasTensor>)| match mask {
            None => ops::ones_like(x, DType::Bool),
            Some(mask) if mask.shape().rank() < x.shape().rank() => {
                ops::logical_or(&ops::expand_dims(&mask, -1)?, &ops::zeros_like(x, DType::Bool)?)
            }
            Some(mask) => Ok(mask),
        };
        let full: Vec<KerasTensor> = inputs.list().into_iter().zip(masks).map(full).collect::<Result<_>>()?;
        let joined = ops::concatenate(&full.iter().collect::<Vec<_>>(), self.axis)?;
        Ok(vec![Some(ops::any(&joined, -1, false)?)])
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Concatenate(self.axis))
    }

    fn signature(&self) -> Signature {
        Signature::LIST
    }
}
