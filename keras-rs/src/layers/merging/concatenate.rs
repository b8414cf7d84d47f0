//! Joining tensors along an axis.

use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::error::{Error, Result};
use crate::layer::{
    BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, Signature, layer_base,
};
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
#[derive(Clone, Debug)]
pub struct Concatenate {
    base: LayerBase,
    axis: isize,
}

impl Default for Concatenate {
    fn default() -> Self {
        Self { base: LayerBase::default(), axis: -1 }
    }
}

impl Concatenate {
    /// Along the last axis.
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Sets the axis (default `-1`, the last).
        axis: isize,
    }

    pub(super) fn from_config(config: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self { base: LayerBase::from_config(config)?, axis: config.take_or("axis", -1)? })
    }

    /// The mask of one input in that input's own rank; used everywhere where it has none.
    fn full_mask(x: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
        match mask {
            None => Tensor::full_on(x.shape(), 1.0, crate::dtype::DType::Bool, x.device()),
            Some(mask) if mask.rank() < x.rank() => mask.expand_dims(-1)?.broadcast_to(x.shape()),
            Some(mask) => Ok(mask.clone()),
        }
    }
}

impl Layer for Concatenate {
    layer_base!("Concatenate");

    fn config(&self) -> Config {
        Config::new().with("axis", self.axis)
    }

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
            return Err(Error::argument("Concatenate", "inputs", "at least one tensor", "an empty list"));
        };
        let axis = resolve_axis("Concatenate", self.axis, first.rank())?;
        let mut total = Some(0_usize);
        for shape in inputs.iter().copied() {
            let size = shape.dims().get(axis).copied().ok_or_else(|| {
                Error::shape("Concatenate", "inputs", format!("{} axes", first.rank()), shape)
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
            .map(|(x, mask)| Self::full_mask(&x.tensor, mask))
            .collect::<Result<Vec<_>>>()?;
        let joined = Tensor::concat(&full, self.axis)?;
        Ok(vec![Some(joined.max(&[-1], false)?.cast(crate::dtype::DType::Bool)?)])
    }

    fn signature(&self) -> Signature {
        Signature::LIST
    }
}
