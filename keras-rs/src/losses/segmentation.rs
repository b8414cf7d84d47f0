//! Overlaps of areas.

use super::classes::{loss_base, loss_setters};
use super::hinge::paired;
use super::numeric::EPSILON;
use super::reduction::same_rank;
use super::{ComputeLoss, LossBase, fit};
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader, Number};
use crate::constraints::Axes;
use crate::error::Result;
use crate::tensor::Tensor;

/// Sum over all axes, or over those given.
fn total(x: &Tensor, axis: Option<&Axes>) -> Result<Tensor> {
    match axis.map(Axes::as_slice) {
        None => x.sum(&[], false),
        Some([]) => Ok(x.clone()),
        Some(axes) => x.sum(axes, false),
    }
}

fn one_minus(x: &Tensor) -> Result<Tensor> {
    x.neg()?.add_scalar(1.0)
}

/// [`dice_with`] all axes. Keras' `dice`.
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
/// [`Error::Argument`](crate::Error::Argument) where there is no such axis.
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
    let (y_true, y_pred) = paired("dice", y_true, y_pred)?;
    let both = total(&y_true.mul(&y_pred)?, axis)?.mul_scalar(2.0)?;
    let either = total(&y_true, axis)?.add(&total(&y_pred, axis)?)?.add_scalar(EPSILON)?;
    one_minus(&both.div(&either)?)
}

/// [`tversky_with`] Keras' defaults: both errors count by half, over all axes. Keras' `tversky`.
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

/// `1 - hits / (hits + alpha * misses + beta * false_alarms + 1e-7)`, each summed over axes, by default
/// all. Keras' `tversky`; Salehi et al., 2017.
///
/// Hits are `y_true * y_pred`, misses `y_true * (1 - y_pred)`, false alarms `(1 - y_true) * y_pred`. So
/// does Keras compute; its documentation has `alpha` and `beta` the other way round.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast,
/// [`Error::Argument`](crate::Error::Argument) where there is no such axis.
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
    let (y_true, y_pred) = paired("tversky", y_true, y_pred)?;
    let hits = total(&y_true.mul(&y_pred)?, axis)?;
    let misses = total(&one_minus(&y_pred)?.mul(&y_true)?, axis)?.mul_scalar(alpha)?;
    let alarms = total(&y_pred.mul(&one_minus(&y_true)?)?, axis)?.mul_scalar(beta)?;
    one_minus(&hits.div(&hits.add(&misses)?.add(&alarms)?.add_scalar(EPSILON)?)?)
}

/// How much areas fail to overlap: [`dice_with`]. Keras' `Dice`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{ComputeLoss, Dice};
///
/// let y_true = Tensor::from_vec(vec![1.0_f32, 1.0, 0.0, 0.0], [2, 2])?;
/// let y_pred = Tensor::from_vec(vec![1.0_f32, 1.0, 0.0, 1.0], [2, 2])?;
/// let loss = Dice::new().axis([1]).reduction("sum").compute(&y_true, &y_pred, None)?;
/// assert!((loss.to_scalar()? - 1.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dice {
    base: LossBase,
    axis: Option<Axes>,
}

impl Default for Dice {
    fn default() -> Self {
        Self::new()
    }
}

impl Dice {
    /// With Keras' defaults.
    pub fn new() -> Self {
        Self { base: LossBase::named("dice"), axis: None }
    }

    loss_setters!();

    setters! {
        /// Sets the axes that an area lies along, one or a list (default all).
        axis: Option<Axes>,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self { base: LossBase::from_config(c, "dice")?, axis: c.take_or("axis", None)? })
    }
}

impl ComputeLoss for Dice {
    loss_base! { "Dice", fit::broadcast }

    fn config(&self) -> Config {
        self.base.config().with("axis", &self.axis)
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        dice_with(&y_true, &y_pred, self.axis.as_ref())
    }
}

/// How much areas fail to overlap, the two kinds of errors weighted: [`tversky_with`]. Keras' `Tversky`.
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
#[derive(Clone, Debug)]
pub struct Tversky {
    base: LossBase,
    alpha: Number,
    beta: Number,
    axis: Option<Axes>,
}

impl Default for Tversky {
    fn default() -> Self {
        Self::new()
    }
}

impl Tversky {
    /// With Keras' defaults.
    pub fn new() -> Self {
        Self { base: LossBase::named("tversky"), alpha: 0.5.into(), beta: 0.5.into(), axis: None }
    }

    loss_setters!();

    setters! {
        /// Sets how much what is missed counts (default 0.5).
        alpha: Number,
        /// Sets how much what is predicted in vain counts (default 0.5).
        beta: Number,
        /// Sets the axes that an area lies along, one or a list (default all).
        axis: Option<Axes>,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::new();
        Ok(Self {
            base: LossBase::from_config(c, "tversky")?,
            alpha: c.take_or("alpha", d.alpha)?,
            beta: c.take_or("beta", d.beta)?,
            axis: c.take_or("axis", d.axis)?,
        })
    }
}

impl ComputeLoss for Tversky {
    loss_base! { "Tversky", fit::broadcast }

    fn config(&self) -> Config {
        self.base.config().with("alpha", self.alpha).with("beta", self.beta).with("axis", &self.axis)
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        tversky_with(&y_true, &y_pred, self.alpha.get(), self.beta.get(), self.axis.as_ref())
    }
}
