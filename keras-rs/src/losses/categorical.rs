//! Cross entropies of distributions over classes.

use super::classes::target_check;
use super::numeric::normalize_probabilities;
use super::reduction::same_rank;
use super::{ComputeLoss, LossBase, targets};
use crate::config::{KerasConfig, Number};
use crate::error::Result;
use crate::tensor::{Tensor, Truth};

/// Targets moved towards a uniform distribution over the last axis.
pub(super) fn smoothed(y_true: &Tensor, smoothing: f64) -> Result<Tensor> {
    if smoothing == 0.0 {
        return Ok(y_true.clone());
    }
    let classes = y_true.dim(-1)? as f64;
    y_true.mul_scalar(1.0 - smoothing)?.add_scalar(smoothing / classes)
}

/// [`categorical_crossentropy_with`] with Keras' defaults: of probabilities, without label smoothing,
/// along the last axis.
///
/// # Errors
/// As [`categorical_crossentropy_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::categorical_crossentropy;
///
/// let y_true = Tensor::from_vec(vec![0.0_f64, 1.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![0.75_f64, 0.25], [1, 2])?;
/// assert!((categorical_crossentropy(&y_true, &y_pred)?.to_scalar()? - 4.0_f64.ln()).abs() < 1e-12);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn categorical_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    categorical_crossentropy_with(y_true, y_pred, false, 0.0, -1)
}

/// `-sum(y_true * log(p))` along an axis. Keras' `categorical_crossentropy`.
///
/// `p` is `y_pred` divided by its sum and kept `1e-7` away from 0 and 1, or its softmax with
/// `from_logits`; `label_smoothing`, from 0 to 1, moves the targets towards a uniform distribution.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes differ,
/// [`Error::Argument`](crate::Error::Argument) where the axis does not exist.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::categorical_crossentropy_with;
///
/// let y_true = Tensor::from_vec(vec![0.0_f64, 1.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![1000.0_f64, 0.0], [1, 2])?;
/// let loss = categorical_crossentropy_with(&y_true, &y_pred, true, 0.0, -1)?;
/// assert_eq!(loss.to_scalar()?, 1000.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn categorical_crossentropy_with(
    y_true: &Tensor,
    y_pred: &Tensor,
    from_logits: bool,
    label_smoothing: f64,
    axis: isize,
) -> Result<Tensor> {
    targets::check_equal("categorical_crossentropy", y_true.shape(), y_pred.shape())?;
    let y_pred = y_pred.to_float()?;
    let y_true = smoothed(&y_true.cast(y_pred.dtype())?, label_smoothing)?;
    if y_pred.axis("categorical_crossentropy", axis)? + 1 == y_pred.rank()
        && let Some(losses) = y_pred.cross_entropy(Truth::Shares(&y_true), from_logits)?
    {
        return Ok(losses);
    }
    let log = if from_logits {
        y_pred.log_softmax(axis)?
    } else {
        normalize_probabilities(&y_pred, axis)?.log()?
    };
    y_true.mul(&log)?.sum(&[axis], false)?.neg()
}

/// Cross entropy of distributions over classes: [`categorical_crossentropy_with`]. Keras' `CategoricalCrossentropy`.
///
/// Targets have the shape of the predictions, such as one-hot rows; for integer labels there is
/// [`SparseCategoricalCrossentropy`](super::SparseCategoricalCrossentropy).
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{CategoricalCrossentropy, ComputeLoss};
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [1, 2])?;
/// let logits = Tensor::from_vec(vec![0.0_f32, 0.0], [1, 2])?;
/// let loss = CategoricalCrossentropy::new().from_logits(true).compute(&y_true, &logits, None)?;
/// assert!((loss.to_scalar()? - 2.0_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.losses")]
pub struct CategoricalCrossentropy {
    #[keras(default = LossBase::named("categorical_crossentropy"))]
    base: LossBase,
    /// Whether predictions are logits (default `false`: probabilities).
    #[keras(default = false)]
    from_logits: bool,
    /// How far targets are moved towards a uniform distribution, from 0 (the default) to 1.
    #[keras(default = 0.0)]
    label_smoothing: Number,
    /// Axis that the classes lie along (default the last).
    #[keras(default = -1)]
    axis: isize,
}

impl ComputeLoss for CategoricalCrossentropy {
    target_check!(targets::check_equal);

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        let smoothing = self.label_smoothing.get();
        categorical_crossentropy_with(&y_true, &y_pred, self.from_logits, smoothing, self.axis)
    }
}
