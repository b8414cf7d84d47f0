//! Generalized cross entropy, which is robust to wrong labels.

use super::numeric::{one_hot, power};
use super::reduction::{same_rank, same_rank_shapes};
use super::{ComputeLoss, LossBase, targets};
use crate::config::{BaseConfig, KerasConfig, Number};
use crate::error::{Error, Result};
use crate::tensor::Tensor;

const CLASS: &str = "CategoricalGeneralizedCrossEntropy";

/// `(1 - p^q) / q`, `p` the probability of the label along the last axis; between the cross entropy
/// (`q` near 0) and the absolute error (`q` near 1). Keras' `categorical_generalized_cross_entropy`; Zhang
/// and Sabuncu, 2018.
///
/// # Shapes
/// Labels have the predictions' shape without the last axis.
///
/// # Errors
/// [`Error::Shape`] for other shapes.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::categorical_generalized_cross_entropy;
///
/// let y_true = Tensor::from_vec(vec![1_i32], [1])?;
/// let y_pred = Tensor::from_vec(vec![0.75_f32, 0.25], [1, 2])?;
/// let loss = categorical_generalized_cross_entropy(&y_true, &y_pred, 0.5)?;
/// assert_eq!(loss.to_scalar()?, 1.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn categorical_generalized_cross_entropy(y_true: &Tensor, y_pred: &Tensor, q: f64) -> Result<Tensor> {
    let y_pred = y_pred.to_float()?;
    let classes = y_pred.dim(-1)?;
    check_label_shape("categorical_generalized_cross_entropy", y_true.shape(), y_pred.shape())?;
    let zero = y_pred.full_like(vec![1; y_pred.rank()], 0.0)?;
    let p = y_pred.where_(&one_hot(y_true, classes, -1)?, &zero)?.sum(&[-1], false)?;
    power(&p, q)?.neg()?.add_scalar(1.0)?.div_scalar(q)
}

/// Refuses labels that do not broadcast with the predictions once they have an axis of classes.
fn check_label_shape(context: &str, y_true: &[usize], y_pred: &[usize]) -> Result<()> {
    let classes = y_pred.last().copied();
    let with_classes: Vec<usize> = y_true.iter().copied().chain(classes).collect();
    match targets::check_broadcast(context, &with_classes, y_pred) {
        Err(_) if !y_pred.is_empty() => {
            targets::check_broadcast(context, y_true, &y_pred[..y_pred.len() - 1])
        }
        other => other,
    }
}

/// Generalized cross entropy, which is robust to wrong labels: [`categorical_generalized_cross_entropy`].
/// Keras' `CategoricalGeneralizedCrossEntropy`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{CategoricalGeneralizedCrossEntropy, ComputeLoss};
///
/// let y_true = Tensor::from_vec(vec![1_i32, 0], [2])?;
/// let y_pred = Tensor::from_vec(vec![0.75_f32, 0.25, 1.0, 0.0], [2, 2])?;
/// let loss = CategoricalGeneralizedCrossEntropy::new();
/// assert_eq!(loss.compute(&y_true, &y_pred, None)?.to_scalar()?, 0.5);
/// assert!(loss.q(1.0).compute(&y_true, &y_pred, None).is_err());
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.losses", check = |made, _| check_q(made.q).map(|_| ()))]
pub struct CategoricalGeneralizedCrossEntropy {
    #[keras(default = LossBase::named("categorical_generalized_cross_entropy"))]
    base: LossBase,
    #[keras(default = 0.5, no_setter)]
    q: Number,
}

/// Refuses exponents that are not between 0 and 1.
fn check_q(q: Number) -> Result<Number> {
    if q.get() > 0.0 && q.get() < 1.0 {
        return Ok(q);
    }
    Err(Error::argument(CLASS, "q", "a number between 0 and 1, neither of them", q.get()))
}

impl CategoricalGeneralizedCrossEntropy {
    /// Sets the exponent, between 0 and 1 (default 0.5).
    #[must_use]
    pub fn q(mut self, q: impl Into<Number>) -> Self {
        match check_q(q.into()) {
            Ok(q) => self.q = q,
            Err(error) => self.base.defer(error),
        }
        self
    }
}

impl ComputeLoss for CategoricalGeneralizedCrossEntropy {
    fn check(&self, y_true: &Tensor, y_pred_shape: &[usize]) -> Result<()> {
        let (y_true_shape, y_pred_shape) = same_rank_shapes(y_true.shape(), y_pred_shape);
        check_label_shape(CLASS, &y_true_shape, &y_pred_shape)?;
        targets::check_labels(CLASS, y_true, y_pred_shape.last().copied().unwrap_or(0), None)
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        categorical_generalized_cross_entropy(&y_true, &y_pred, self.q.get())
    }
}
