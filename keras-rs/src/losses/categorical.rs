//! Cross entropies of distributions over classes.

use super::classes::{loss_base, loss_setters};
use super::numeric::normalize_probabilities;
use super::reduction::same_rank;
use super::{ComputeLoss, LossBase, targets};
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader, Number};
use crate::error::Result;
use crate::tensor::Tensor;

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
#[derive(Clone, Debug)]
pub struct CategoricalCrossentropy {
    base: LossBase,
    from_logits: bool,
    label_smoothing: Number,
    axis: isize,
}

impl Default for CategoricalCrossentropy {
    fn default() -> Self {
        Self::new()
    }
}

impl CategoricalCrossentropy {
    /// With Keras' defaults.
    pub fn new() -> Self {
        Self {
            base: LossBase::named("categorical_crossentropy"),
            from_logits: false,
            label_smoothing: 0.0.into(),
            axis: -1,
        }
    }

    loss_setters!();

    setters! {
        /// Sets whether predictions are logits (default `false`: probabilities).
        from_logits: bool,
        /// Sets how far targets are moved towards a uniform distribution, from 0 (the default) to 1.
        label_smoothing: Number,
        /// Sets the axis that the classes lie along (default the last).
        axis: isize,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::new();
        Ok(Self {
            base: LossBase::from_config(c, "categorical_crossentropy")?,
            from_logits: c.take_or("from_logits", d.from_logits)?,
            label_smoothing: c.take_or("label_smoothing", d.label_smoothing)?,
            axis: c.take_or("axis", d.axis)?,
        })
    }
}

impl ComputeLoss for CategoricalCrossentropy {
    loss_base! { "CategoricalCrossentropy", targets::check_equal }

    fn config(&self) -> Config {
        let config = self.base.config().with("from_logits", self.from_logits);
        config.with("label_smoothing", self.label_smoothing).with("axis", self.axis)
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        let smoothing = self.label_smoothing.get();
        categorical_crossentropy_with(&y_true, &y_pred, self.from_logits, smoothing, self.axis)
    }
}
