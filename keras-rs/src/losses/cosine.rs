//! Cosine similarity of vectors.

use super::classes::target_check;
use super::numeric::{EPSILON, at_least};
use super::reduction::same_rank;
use super::regression::as_floats_of_one_rank;
use super::{ComputeLoss, LossBase, targets};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::tensor::Tensor;

/// [`cosine_similarity_with`] along the last axis. Keras' `cosine_similarity`.
///
/// # Errors
/// As [`cosine_similarity_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::cosine_similarity;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0, 1.0, 1.0], [2, 2])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f32, 0.0, 1.0, 1.0], [2, 2])?;
/// let loss = cosine_similarity(&y_true, &y_pred)?.to_vec::<f32>()?;
/// assert!(loss[0] == 0.0 && (loss[1] + 1.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn cosine_similarity(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    cosine_similarity_with(y_true, y_pred, -1)
}

/// Minus the cosine of the angle between vectors along an axis: -1 where they point the same way, 1 where
/// they are opposite, 0 where one is zero. Keras' `cosine_similarity`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast,
/// [`Error::Argument`](crate::Error::Argument) where the axis does not exist.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::cosine_similarity_with;
///
/// let y_true = Tensor::from_vec(vec![3.0_f64, 4.0], [2, 1])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f64, 0.0], [2, 1])?;
/// let loss = cosine_similarity_with(&y_true, &y_pred, 0)?.to_vec::<f64>()?;
/// assert!((loss[0] + 0.6).abs() < 1e-12);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn cosine_similarity_with(y_true: &Tensor, y_pred: &Tensor, axis: isize) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats_of_one_rank("cosine_similarity", y_true, y_pred)?;
    y_true.dim(axis)?;
    // Bounded before the root, whose gradient is infinite at zero.
    let unit = |x: &Tensor| {
        let squares = x.square()?.sum(&[axis], true)?;
        x.mul(&at_least(&squares, EPSILON * EPSILON)?.rsqrt()?)
    };
    unit(&y_true)?.mul(&unit(&y_pred)?)?.sum(&[axis], false)?.neg()
}

/// Minus the cosine between targets and predictions: [`cosine_similarity_with`]. Keras' `CosineSimilarity`.
///
/// Keras' own configuration of it leaves `axis` out, so that a file loses it. Here an `axis` other than
/// the default is written; Keras reads it.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{ComputeLoss, CosineSimilarity};
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 2.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![0.0_f32, 5.0], [1, 2])?;
/// let loss = CosineSimilarity::new().compute(&y_true, &y_pred, None)?.to_scalar()?;
/// assert!((loss + 1.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.losses")]
pub struct CosineSimilarity {
    #[keras(default = LossBase::named("cosine_similarity"))]
    base: LossBase,
    /// Axis that vectors lie along (default the last).
    #[keras(default = -1, write_if = |axis| *axis != -1)]
    axis: isize,
}

impl ComputeLoss for CosineSimilarity {
    target_check!(targets::check_broadcast);

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        cosine_similarity_with(&y_true, &y_pred, self.axis)
    }
}
