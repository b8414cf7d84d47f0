//! Repeating vectors.

use crate::config::KerasConfig;
use crate::error::{Error, Result};
use crate::layer::{CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::shape::Shape;

/// Repeats each sample as the steps of a sequence. Keras' `RepeatVector`.
///
/// Shapes: `(batch, features)` to `(batch, n, features)`.
///
/// ```
/// use keras_rs::layers::RepeatVector;
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2])?;
/// let y = RepeatVector::new(3).shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 3, 2]);
/// assert_eq!(y[0].to_vec::<f32>()?, [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct RepeatVector {
    base: LayerBase,
    /// Number of steps; at least one.
    #[keras(new)]
    n: usize,
}

impl Layer for RepeatVector {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        Ok(x.expand_dims(1)?.repeat(1, self.n)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let input = inputs.single()?;
        if self.n == 0 {
            return Err(Error::argument(self.class_name(), "n", "at least 1", 0));
        }
        input.require_rank(self.class_name(), 2)?;
        Ok(vec![Shape::from([input.dims()[0], Some(self.n), input.dims()[1]])])
    }
}
