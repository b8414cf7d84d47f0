//! Losses on the overlap of segmented areas.

use super::classes::target_check;
use super::hinge::as_floats;
use super::numeric::EPSILON;
use super::reduction::same_rank;
use super::{ComputeLoss, LossBase, targets};
use crate::config::{KerasConfig, Number};
use crate::constraints::Axes;
use crate::error::Result;
use crate::tensor::Tensor;

/// Sum over the given axes, by default over all.
fn sum_over(x: &Tensor, axis: Option<&Axes>) -> Result<Tensor> {
    match axis.map(Axes::as_slice) {
        None => x.sum(&[], false),
        Some([]) => Ok(x.clone()),
        Some(axes) => x.sum(axes, false),
    }
}

fn one_minus(x: &Tensor) -> Result<Tensor> {
    x.neg()?.add_scalar(1.0)
}

/// [`dice_with`] over all axes. Keras' `dice`.
///
/// # Errors
/// As [`dice_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::dice;
///
/// let y_true = Tensor::from_vec(vec![1.0_f32, 1.0, 0.0, 0.0], [2, 2])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f32, 0.0, 0.0, 1.0], [2, 2])?;
/// assert_eq!(dice(&y_true, &y_pred)?.to_scalar()?, 0.5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn dice(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    dice_with(y_true, y_pred, None)
}

/// `1 - 2 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred) + 1e-7)` over axes, by default all.
/// Keras' `dice`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast,
/// [`Error::Argument`](crate::Error::Argument) where the axis does not exist.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::dice_with;
///
/// let y_true = Tensor::from_vec(vec![1.0_f32, 1.0, 0.0, 0.0], [2, 2])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f32, 1.0, 0.0, 1.0], [2, 2])?;
/// let loss = dice_with(&y_true, &y_pred, Some(&1.into()))?.to_vec::<f32>()?;
/// assert!(loss[0].abs() < 1e-6 && loss[1] == 1.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn dice_with(y_true: &Tensor, y_pred: &Tensor, axis: Option<&Axes>) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats("dice", y_true, y_pred)?;
    let intersection = sum_over(&y_true.mul(&y_pred)?, axis)?.mul_scalar(2.0)?;
    let sums = sum_over(&y_true, axis)?.add(&sum_over(&y_pred, axis)?)?.add_scalar(EPSILON)?;
    one_minus(&intersection.div(&sums)?)
}

/// [`tversky_with`] with Keras' defaults: both kinds of errors have the weight 0.5, over all axes.
/// Keras' `tversky`.
///
/// # Errors
/// As [`tversky_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::tversky;
///
/// let y_true = Tensor::from_vec(vec![1.0_f32, 1.0, 0.0, 0.0], [2, 2])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f32, 0.0, 0.0, 1.0], [2, 2])?;
/// assert_eq!(tversky(&y_true, &y_pred)?.to_scalar()?, 0.5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn tversky(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    tversky_with(y_true, y_pred, 0.5, 0.5, None)
}

/// `1 - tp / (tp + alpha * fn + beta * fp + 1e-7)`, each summed over axes, by default all.
/// Keras' `tversky`; Salehi et al., 2017.
///
/// True positives `tp` are `y_true * y_pred`, false negatives `fn` are `y_true * (1 - y_pred)`, false
/// positives `fp` are `(1 - y_true) * y_pred`. Keras computes the same, but its documentation swaps
/// `alpha` and `beta`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast,
/// [`Error::Argument`](crate::Error::Argument) where the axis does not exist.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::tversky_with;
///
/// let y_true = Tensor::from_vec(vec![1.0_f32, 1.0, 0.0, 0.0], [1, 4])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f32, 0.0, 0.0, 0.0], [1, 4])?;
/// assert_eq!(tversky_with(&y_true, &y_pred, 3.0, 0.0, None)?.to_scalar()?, 0.75);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn tversky_with(
    y_true: &Tensor,
    y_pred: &Tensor,
    alpha: f64,
    beta: f64,
    axis: Option<&Axes>,
) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats("tversky", y_true, y_pred)?;
    let true_positives = sum_over(&y_true.mul(&y_pred)?, axis)?;
    let false_negatives = sum_over(&one_minus(&y_pred)?.mul(&y_true)?, axis)?.mul_scalar(alpha)?;
    let false_positives = sum_over(&y_pred.mul(&one_minus(&y_true)?)?, axis)?.mul_scalar(beta)?;
    one_minus(
        &true_positives
            .div(&true_positives.add(&false_negatives)?.add(&false_positives)?.add_scalar(EPSILON)?)?,
    )
}

/// Dice loss, one minus the overlap of areas: [`dice_with`]. Keras' `Dice`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{ComputeLoss, Dice, LossExt};
///
/// let y_true = Tensor::from_vec(vec![1.0_f32, 1.0, 0.0, 0.0], [2, 2])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f32, 1.0, 0.0, 1.0], [2, 2])?;
/// let loss = Dice::new().axis([1]).reduction("sum").compute(&y_true, &y_pred, None)?;
/// assert!((loss.to_scalar()? - 1.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.losses")]
pub struct Dice {
    #[keras(default = LossBase::named("dice"))]
    base: LossBase,
    /// Axes that are summed over, one or a list (default all).
    axis: Option<Axes>,
}

impl ComputeLoss for Dice {
    target_check!(targets::check_broadcast);

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        dice_with(&y_true, &y_pred, self.axis.as_ref())
    }
}

/// Dice loss with separate weights for false negatives and false positives: [`tversky_with`].
/// Keras' `Tversky`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{ComputeLoss, Tversky};
///
/// let y_true = Tensor::from_vec(vec![1.0_f32, 1.0, 0.0, 0.0], [1, 4])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f32, 0.0, 0.0, 0.0], [1, 4])?;
/// let loss = Tversky::new().alpha(3.0).compute(&y_true, &y_pred, None)?;
/// assert_eq!(loss.to_scalar()?, 0.75);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.losses")]
pub struct Tversky {
    #[keras(default = LossBase::named("tversky"))]
    base: LossBase,
    /// Weight of false negatives (default 0.5).
    #[keras(default = 0.5)]
    alpha: Number,
    /// Weight of false positives (default 0.5).
    #[keras(default = 0.5)]
    beta: Number,
    /// Axes that are summed over, one or a list (default all).
    axis: Option<Axes>,
}

impl ComputeLoss for Tversky {
    target_check!(targets::check_broadcast);

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        tversky_with(&y_true, &y_pred, self.alpha.get(), self.beta.get(), self.axis.as_ref())
    }
}
