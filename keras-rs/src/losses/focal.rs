//! Focal cross entropy of distributions over classes, in which well predicted samples count less.

use super::categorical::smoothed;
use super::classes::target_check;
use super::hinge::as_floats;
use super::numeric::{normalize_probabilities, power};
use super::reduction::same_rank;
use super::{ComputeLoss, LossBase, targets};
use crate::config::{FromConfig, IntoConfig, KerasConfig, Number};
use crate::error::Result;
use crate::tensor::{Tensor, TensorData};
use serde_json::Value;

/// The weight of the classes in [`CategoricalFocalCrossentropy`]: one number for all, or one for each.
///
/// ```
/// use keras_rs::losses::FocalAlpha;
/// use keras_rs::config::IntoConfig;
///
/// assert_eq!(FocalAlpha::from(0.25).to_config().to_string(), "0.25");
/// assert_eq!(FocalAlpha::from([0.5, 0.1]).to_config().to_string(), "[0.5,0.1]");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum FocalAlpha {
    /// The same for all classes.
    All(Number),
    /// One for each class.
    Each(Vec<Number>),
}

impl From<f64> for FocalAlpha {
    fn from(all: f64) -> Self {
        Self::All(all.into())
    }
}

impl From<Vec<f64>> for FocalAlpha {
    fn from(each: Vec<f64>) -> Self {
        Self::Each(each.into_iter().map(Number::from).collect())
    }
}

impl<const N: usize> From<[f64; N]> for FocalAlpha {
    fn from(each: [f64; N]) -> Self {
        Self::from(each.to_vec())
    }
}

impl IntoConfig for FocalAlpha {
    fn to_config(&self) -> Value {
        match self {
            Self::All(all) => all.to_config(),
            Self::Each(each) => each.iter().map(IntoConfig::to_config).collect(),
        }
    }
}

impl FromConfig for FocalAlpha {
    const EXPECTED: &'static str = "a number or a list of numbers";

    fn from_value(value: &Value) -> Option<Self> {
        Number::from_value(value).map(Self::All).or_else(|| Vec::from_value(value).map(Self::Each))
    }
}

impl FocalAlpha {
    fn scale(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::All(all) => x.mul_scalar(all.get()),
            Self::Each(each) => {
                let values: Vec<f64> = each.iter().map(|n| n.get()).collect();
                let data = TensorData::from_f64(&values, vec![values.len()], x.dtype())?;
                x.mul(&Tensor::from_data_on(data, x.device())?)
            }
        }
    }
}

/// [`categorical_focal_crossentropy_with`] with Keras' defaults: `alpha` 0.25, `gamma` 2, of probabilities.
///
/// # Errors
/// As [`categorical_focal_crossentropy_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::categorical_focal_crossentropy;
///
/// let y_true = Tensor::from_vec(vec![0.0_f64, 1.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![0.5_f64, 0.5], [1, 2])?;
/// let loss = categorical_focal_crossentropy(&y_true, &y_pred)?.to_scalar()?;
/// assert!((loss - 0.25 * 0.25 * 2.0_f64.ln()).abs() < 1e-12);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn categorical_focal_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    categorical_focal_crossentropy_with(y_true, y_pred, &0.25.into(), 2.0, false, 0.0, -1)
}

/// `-sum(alpha * (1 - p)^gamma * y_true * log(p))` along an axis: well predicted samples count
/// less. Keras' `categorical_focal_crossentropy`; Lin et al., 2018.
///
/// `p` is `y_pred`, or its softmax with `from_logits`, divided by its sum and kept `1e-7` away from 0
/// and 1; `label_smoothing`, from 0 to 1, moves the targets towards a uniform distribution.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast,
/// [`Error::Argument`](crate::Error::Argument) where the axis does not exist.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::categorical_focal_crossentropy_with;
///
/// let y_true = Tensor::from_vec(vec![0.0_f64, 1.0], [1, 2])?;
/// let logits = Tensor::from_vec(vec![0.0_f64, 0.0], [1, 2])?;
/// let alpha = [0.1, 0.5].into();
/// let loss = categorical_focal_crossentropy_with(&y_true, &logits, &alpha, 1.0, true, 0.0, -1)?;
/// assert!((loss.to_scalar()? - 0.5 * 0.5 * 2.0_f64.ln()).abs() < 1e-12);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn categorical_focal_crossentropy_with(
    y_true: &Tensor,
    y_pred: &Tensor,
    alpha: &FocalAlpha,
    gamma: f64,
    from_logits: bool,
    label_smoothing: f64,
    axis: isize,
) -> Result<Tensor> {
    let (y_true, y_pred) = as_floats("categorical_focal_crossentropy", y_true, y_pred)?;
    let y_true = smoothed(&y_true, label_smoothing)?;
    let p = normalize_probabilities(&if from_logits { y_pred.softmax(axis)? } else { y_pred }, axis)?;
    let factor = alpha.scale(&power(&p.neg()?.add_scalar(1.0)?, gamma)?)?;
    factor.mul(&y_true.mul(&p.log()?)?)?.sum(&[axis], false)?.neg()
}

/// Focal cross entropy of distributions over classes, in which well predicted samples count less:
/// [`categorical_focal_crossentropy_with`]. Keras' `CategoricalFocalCrossentropy`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{CategoricalFocalCrossentropy, ComputeLoss};
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [1, 2])?;
/// let y_pred = Tensor::from_vec(vec![0.5_f32, 0.5], [1, 2])?;
/// let loss = CategoricalFocalCrossentropy::new().alpha(1.0).compute(&y_true, &y_pred, None)?;
/// assert!((loss.to_scalar()? - 0.25 * 2.0_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.losses")]
pub struct CategoricalFocalCrossentropy {
    #[keras(default = LossBase::named("categorical_focal_crossentropy"))]
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
    /// Weight of the classes: one number for all, or a list (default 0.25).
    #[keras(default = 0.25)]
    alpha: FocalAlpha,
    /// Exponent of the focal factor `1 - p` (default 2; 0: no factor).
    #[keras(default = 2.0)]
    gamma: Number,
}

impl ComputeLoss for CategoricalFocalCrossentropy {
    target_check!(targets::check_broadcast);

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        categorical_focal_crossentropy_with(
            &y_true,
            &y_pred,
            &self.alpha,
            self.gamma.get(),
            self.from_logits,
            self.label_smoothing.get(),
            self.axis,
        )
    }
}
