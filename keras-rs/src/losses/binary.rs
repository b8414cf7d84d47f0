//! Cross entropies of binary predictions.

use super::classes::target_check;
use super::numeric::{clip_probabilities, power};
use super::reduction::same_rank;
use super::{ComputeLoss, LossBase, targets};
use crate::config::{KerasConfig, Number};
use crate::error::Result;
use crate::tensor::Tensor;

/// Targets and predictions of one float type and shape, the targets moved towards 1/2.
fn smoothed(context: &str, y_true: &Tensor, y_pred: &Tensor, smoothing: f64) -> Result<(Tensor, Tensor)> {
    targets::check_equal(context, y_true.shape(), y_pred.shape())?;
    let y_pred = y_pred.to_float()?;
    let y_true = y_true.cast(y_pred.dtype())?;
    if smoothing == 0.0 {
        return Ok((y_true, y_pred));
    }
    Ok((y_true.mul_scalar(1.0 - smoothing)?.add_scalar(0.5 * smoothing)?, y_pred))
}

fn one_minus(x: &Tensor) -> Result<Tensor> {
    x.neg()?.add_scalar(1.0)
}

/// `-y_true * log_p - (1 - y_true) * log_1_p`.
fn cross_entropy(y_true: &Tensor, log_p: &Tensor, log_1_p: &Tensor) -> Result<Tensor> {
    y_true.mul(log_p)?.add(&one_minus(y_true)?.mul(log_1_p)?)?.neg()
}

fn cross_entropy_of_probabilities(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let p = clip_probabilities(y_pred)?;
    cross_entropy(y_true, &p.log()?, &one_minus(&p)?.log()?)
}

/// [`binary_crossentropy_with`] with Keras' defaults: of probabilities, without label smoothing,
/// along the last axis.
///
/// # Errors
/// As [`binary_crossentropy_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::binary_crossentropy;
///
/// let y_true = Tensor::from_vec(vec![0.0_f64, 1.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![0.5_f64, 0.5], [1, 2])?;
/// assert!((binary_crossentropy(&y_true, &y_pred)?.to_scalar()? - 2.0_f64.ln()).abs() < 1e-12);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn binary_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    binary_crossentropy_with(y_true, y_pred, false, 0.0, -1)
}

/// `mean(-y_true * log(p) - (1 - y_true) * log(1 - p))` along an axis. Keras' `binary_crossentropy`.
///
/// `p` is `y_pred`, kept `1e-7` away from 0 and 1, or its sigmoid with `from_logits`; `label_smoothing`,
/// from 0 to 1, moves the targets towards 1/2.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes differ,
/// [`Error::Argument`](crate::Error::Argument) where the axis does not exist.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::binary_crossentropy_with;
///
/// let y_true = Tensor::from_vec(vec![0.0_f64, 1.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![1000.0_f64, 0.0], [1, 2])?;
/// let loss = binary_crossentropy_with(&y_true, &y_pred, true, 0.0, -1)?;
/// assert!((loss.to_scalar()? - (1000.0 + 2.0_f64.ln()) / 2.0).abs() < 1e-9);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn binary_crossentropy_with(
    y_true: &Tensor,
    y_pred: &Tensor,
    from_logits: bool,
    label_smoothing: f64,
    axis: isize,
) -> Result<Tensor> {
    let (y_true, y_pred) = smoothed("binary_crossentropy", y_true, y_pred, label_smoothing)?;
    let each = if from_logits {
        cross_entropy(&y_true, &y_pred.log_sigmoid()?, &y_pred.neg()?.log_sigmoid()?)?
    } else {
        cross_entropy_of_probabilities(&y_true, &y_pred)?
    };
    each.mean(&[axis], false)
}

/// [`binary_focal_crossentropy_with`] with Keras' defaults: no balancing, `gamma` 2, of probabilities.
///
/// # Errors
/// As [`binary_focal_crossentropy_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::binary_focal_crossentropy;
///
/// let y_true = Tensor::from_vec(vec![0.0_f64, 1.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![0.5_f64, 0.5], [1, 2])?;
/// let loss = binary_focal_crossentropy(&y_true, &y_pred)?.to_scalar()?;
/// assert!((loss - 0.25 * 2.0_f64.ln()).abs() < 1e-12);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn binary_focal_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    binary_focal_crossentropy_with(y_true, y_pred, false, 0.25, 2.0, false, 0.0, -1)
}

/// [`binary_crossentropy_with`] with factors `(1 - p_t)^gamma`, so that well predicted samples count
/// less; `p_t` is the predicted probability of the true class.
/// Keras' `binary_focal_crossentropy`; Lin et al., 2018.
///
/// With `apply_class_balancing`, labels 1 have the weight `alpha` and labels 0 `1 - alpha`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes differ,
/// [`Error::Argument`](crate::Error::Argument) where the axis does not exist.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::binary_focal_crossentropy_with;
///
/// let y_true = Tensor::from_vec(vec![1.0_f64], [1, 1])?;
/// let y_pred = Tensor::from_vec(vec![0.5_f64], [1, 1])?;
/// let loss = binary_focal_crossentropy_with(&y_true, &y_pred, true, 0.75, 1.0, false, 0.0, -1)?;
/// assert!((loss.to_scalar()? - 0.75 * 0.5 * 2.0_f64.ln()).abs() < 1e-12);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[expect(clippy::too_many_arguments, reason = "Keras' arguments in Keras' order")]
pub fn binary_focal_crossentropy_with(
    y_true: &Tensor,
    y_pred: &Tensor,
    apply_class_balancing: bool,
    alpha: f64,
    gamma: f64,
    from_logits: bool,
    label_smoothing: f64,
    axis: isize,
) -> Result<Tensor> {
    let (y_true, y_pred) = smoothed("binary_focal_crossentropy", y_true, y_pred, label_smoothing)?;
    let p = if from_logits { y_pred.sigmoid()? } else { y_pred };
    let negative = one_minus(&y_true)?;
    let p_t = y_true.mul(&p)?.add(&negative.mul(&one_minus(&p)?)?)?;
    let mut each = power(&one_minus(&p_t)?, gamma)?.mul(&cross_entropy_of_probabilities(&y_true, &p)?)?;
    if apply_class_balancing {
        each = y_true.mul_scalar(alpha)?.add(&negative.mul_scalar(1.0 - alpha)?)?.mul(&each)?;
    }
    each.mean(&[axis], false)
}

/// Cross entropy of binary predictions: [`binary_crossentropy_with`]. Keras' `BinaryCrossentropy`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{BinaryCrossentropy, ComputeLoss};
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [2, 1])?;
/// let logits = Tensor::from_vec(vec![0.0_f32, 0.0], [2, 1])?;
/// let loss = BinaryCrossentropy::new().from_logits(true).compute(&y_true, &logits, None)?;
/// assert!((loss.to_scalar()? - 2.0_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.losses")]
pub struct BinaryCrossentropy {
    #[keras(default = LossBase::named("binary_crossentropy"))]
    base: LossBase,
    /// Whether predictions are logits (default `false`: probabilities).
    #[keras(default = false)]
    from_logits: bool,
    /// How far targets are moved towards 1/2, from 0 (the default) to 1.
    #[keras(default = 0.0)]
    label_smoothing: Number,
    /// Axis that the mean is taken along (default the last).
    #[keras(default = -1)]
    axis: isize,
}

impl ComputeLoss for BinaryCrossentropy {
    target_check!(targets::check_equal);

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        let smoothing = self.label_smoothing.get();
        binary_crossentropy_with(&y_true, &y_pred, self.from_logits, smoothing, self.axis)
    }
}

/// Focal cross entropy of binary predictions, in which well predicted samples count less:
/// [`binary_focal_crossentropy_with`]. Keras' `BinaryFocalCrossentropy`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{BinaryFocalCrossentropy, ComputeLoss};
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [2, 1])?;
/// let y_pred = Tensor::from_vec(vec![0.5_f32, 0.5], [2, 1])?;
/// let loss = BinaryFocalCrossentropy::new().gamma(1.0).compute(&y_true, &y_pred, None)?;
/// assert!((loss.to_scalar()? - 0.5 * 2.0_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.losses")]
pub struct BinaryFocalCrossentropy {
    #[keras(default = LossBase::named("binary_focal_crossentropy"))]
    base: LossBase,
    /// Whether predictions are logits (default `false`: probabilities).
    #[keras(default = false)]
    from_logits: bool,
    /// How far targets are moved towards 1/2, from 0 (the default) to 1.
    #[keras(default = 0.0)]
    label_smoothing: Number,
    /// Axis that the mean is taken along (default the last).
    #[keras(default = -1)]
    axis: isize,
    /// Whether labels 1 and 0 have the weights `alpha` and `1 - alpha` (default `false`).
    #[keras(default = false)]
    apply_class_balancing: bool,
    /// Weight of labels 1, that of labels 0 being `1 - alpha` (default 0.25).
    #[keras(default = 0.25)]
    alpha: Number,
    /// Exponent of the focal factor `1 - p_t` (default 2; 0: no factor).
    #[keras(default = 2.0)]
    gamma: Number,
}

impl ComputeLoss for BinaryFocalCrossentropy {
    target_check!(targets::check_equal);

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        binary_focal_crossentropy_with(
            &y_true,
            &y_pred,
            self.apply_class_balancing,
            self.alpha.get(),
            self.gamma.get(),
            self.from_logits,
            self.label_smoothing.get(),
            self.axis,
        )
    }
}
