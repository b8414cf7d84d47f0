//! Constraint on signs.

use super::Constrain;
use crate::config::KerasConfig;
use crate::error::Result;
use crate::tensor::Tensor;

/// Negative values become 0. Keras' `NonNeg`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::constraints::{Constrain, NonNeg};
///
/// let allowed = NonNeg.call(&Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?)?;
/// assert_eq!(allowed.to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, KerasConfig)]
#[keras(module = "keras.constraints")]
pub struct NonNeg;

impl Constrain for NonNeg {
    fn call(&self, value: &Tensor) -> Result<Tensor> {
        value.clip(Some(0.0), None)
    }
}
