//! Unit normalization.

use crate::config::KerasConfig;
use crate::constraints::Axes;
use crate::error::Result;
use crate::layer::{CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::ops;
use crate::shape::Shape;

/// Least length that vectors are divided by.
const EPSILON: f64 = 1e-12;

/// `x / sqrt(sum(x^2))` along axes: vectors of length 1. Keras' `UnitNormalization`.
///
/// Shapes: the output is shaped as the input. A vector of length zero stays zero.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![3.0_f32, 4.0, 0.0, 0.0], [2, 2])?;
/// let y = UnitNormalization::new().shared().call(&[x])?;
/// let wanted = [0.6, 0.8, 0.0, 0.0];
/// assert!(y[0].to_vec::<f32>()?.iter().zip(wanted).all(|(y, want)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct UnitNormalization {
    base: LayerBase,
    /// Axis along which vectors lie, or a list of axes; negative ones count from the end (default -1).
    #[keras(default = -1)]
    axis: Axes,
}

impl Layer for UnitNormalization {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        Ok(ops::normalize(&inputs.into_single()?, self.axis.as_slice(), 2, EPSILON)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let input = inputs.single()?;
        ops::Axes::from(self.axis.as_slice()).resolve(self.class_name(), input.rank())?;
        Ok(vec![input.clone()])
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
