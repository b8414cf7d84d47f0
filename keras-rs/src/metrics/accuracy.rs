//! Accuracies: how often predictions are right.

use super::reduction::{MeanState, mean_measure, mean_metric};
use super::{Measure, MetricBase};
use crate::config::{KerasConfig, Number};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::losses::same_rank;
use crate::tensor::{Tensor, broadcast_shapes};

/// One where both are equal, zero elsewhere, as `float32`.
fn matches(context: &str, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    broadcast_shapes(context, y_true.shape(), y_pred.shape()).map_err(|_| {
        let expected = format!("a shape that broadcasts with {}", tuple(y_pred.shape()));
        Error::shape(context, "y_true", expected, tuple(y_true.shape()))
    })?;
    y_true.equal(y_pred)?.cast(DType::F32)
}

/// Index of the largest element along the last axis; as in Keras, NaN counts as the largest.
pub(super) fn class_of(context: &str, argument: &str, scores: &Tensor) -> Result<Tensor> {
    if scores.shape().last().is_none_or(|&classes| classes == 0) {
        let expected = "an axis of classes that is not empty";
        return Err(Error::shape(context, argument, expected, tuple(scores.shape())));
    }
    if !scores.dtype().is_float() {
        return scores.argmax(-1);
    }
    let infinity = scores.full_like(vec![1; scores.rank()], f64::INFINITY)?;
    infinity.where_(&scores.is_nan()?, scores)?.argmax(-1)
}

/// One where targets equal predictions, zero elsewhere, as `float32`. What `Accuracy` averages.
fn accuracy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = same_rank(&y_true.cast(y_pred.dtype())?, y_pred)?;
    matches("accuracy", &y_true, &y_pred)
}

/// [`binary_accuracy_with`] with a threshold of 0.5. Keras' `binary_accuracy`.
///
/// # Errors
/// As [`binary_accuracy_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::binary_accuracy;
///
/// let y_true = Tensor::from_vec(vec![1.0_f32, 1.0, 0.0, 0.0], [4, 1])?;
/// let y_pred = Tensor::from_vec(vec![0.98_f32, 0.4, 0.1, 0.6], [4, 1])?;
/// assert_eq!(binary_accuracy(&y_true, &y_pred)?.to_vec::<f32>()?, [1.0, 0.0, 1.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn binary_accuracy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    binary_accuracy_with(y_true, y_pred, 0.5)
}

/// One where the target, 0 or 1, tells whether the prediction is above the threshold. Keras'
/// `binary_accuracy`.
///
/// Shapes are equal, or differ by a last axis of size one; the result has that shape, `float32`.
///
/// # Errors
/// [`Error::Shape`] where the shapes do not broadcast.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::binary_accuracy_with;
///
/// let y_true = Tensor::from_vec(vec![1.0_f32, 0.0], [2])?;
/// let y_pred = Tensor::from_vec(vec![0.6_f32, 0.6], [2])?;
/// assert_eq!(binary_accuracy_with(&y_true, &y_pred, 0.7)?.to_vec::<f32>()?, [0.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn binary_accuracy_with(y_true: &Tensor, y_pred: &Tensor, threshold: f64) -> Result<Tensor> {
    let (y_true, y_pred) = same_rank(y_true, y_pred)?;
    // Keras compares half precision with a `float32` threshold.
    let dtype = if y_pred.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
    let threshold = Tensor::full_on([], threshold, dtype, y_pred.device())?;
    matches("binary_accuracy", &y_true, &y_pred.greater(&threshold)?.cast(y_true.dtype())?)
}

/// One where the largest elements of target and prediction have the same index. Keras'
/// `categorical_accuracy`.
///
/// Targets and predictions are `(..., classes)`, the result `(...)`, `float32`.
///
/// # Errors
/// [`Error::Shape`] where the shapes do not agree.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::categorical_accuracy;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0, 1.0, 0.0, 1.0, 0.0], [2, 3])?;
/// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.9, 0.8, 0.05, 0.95, 0.0], [2, 3])?;
/// assert_eq!(categorical_accuracy(&y_true, &y_pred)?.to_vec::<f32>()?, [0.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn categorical_accuracy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    const CONTEXT: &str = "categorical_accuracy";
    let labels = class_of(CONTEXT, "y_true", y_true)?.cast(y_pred.dtype())?;
    let predicted = class_of(CONTEXT, "y_pred", y_pred)?.cast(y_pred.dtype())?;
    if labels.rank() != y_pred.rank() {
        return matches(CONTEXT, &labels, &predicted);
    }
    if labels.shape().last() != Some(&1) {
        let expected = format!("as many axes as predictions {}", tuple(y_pred.shape()));
        return Err(Error::shape(CONTEXT, "y_true", expected, tuple(y_true.shape())));
    }
    matches(CONTEXT, &labels.squeeze(&[-1])?, &predicted)?.reshape(labels.shape())
}

/// One where the target is the index of the prediction's largest element. Keras'
/// `sparse_categorical_accuracy`.
///
/// Predictions are `(..., classes)`, targets `(...)` or `(..., 1)`; the result is `float32` and has
/// no last axis of size one unless it is the only one.
///
/// # Errors
/// [`Error::Shape`] where the shapes do not agree.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::sparse_categorical_accuracy;
///
/// let y_true = Tensor::from_vec(vec![2, 1], [2])?;
/// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.6, 0.3, 0.05, 0.95, 0.0], [2, 3])?;
/// assert_eq!(sparse_categorical_accuracy(&y_true, &y_pred)?.to_vec::<f32>()?, [0.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn sparse_categorical_accuracy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    const CONTEXT: &str = "sparse_categorical_accuracy";
    let column = y_true.rank() == y_pred.rank() && y_true.shape().last() == Some(&1);
    let labels = if column { y_true.squeeze(&[-1])? } else { y_true.clone() };
    let predicted = class_of(CONTEXT, "y_pred", y_pred)?.cast(y_pred.dtype())?;
    let mut matches = matches(CONTEXT, &labels.cast(y_pred.dtype())?, &predicted)?;
    if column {
        matches = matches.reshape(y_true.shape())?;
    }
    let last_is_one = matches.rank() > 1 && matches.shape().last() == Some(&1);
    if last_is_one { matches.squeeze(&[-1]) } else { Ok(matches) }
}

mean_metric! {
    /// How often predictions equal targets. Keras' `Accuracy`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Accuracy, Measure};
    ///
    /// let metric = Accuracy::new();
    /// let y_true = Tensor::from_vec(vec![1, 2, 3, 4], [4])?;
    /// metric.update_state(&y_true, &Tensor::from_vec(vec![0, 2, 3, 4], [4])?, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 0.75);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Accuracy, "accuracy", accuracy
}

mean_metric! {
    /// How often the largest elements of prediction and target have the same index. Keras'
    /// `CategoricalAccuracy`, the mean of [`categorical_accuracy`].
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{CategoricalAccuracy, Measure};
    ///
    /// let metric = CategoricalAccuracy::new();
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0, 1.0, 0.0, 1.0, 0.0], [2, 3])?;
    /// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.9, 0.8, 0.05, 0.95, 0.0], [2, 3])?;
    /// metric.update_state(&y_true, &y_pred, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 0.5);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    CategoricalAccuracy, "categorical_accuracy", categorical_accuracy
}

mean_metric! {
    /// How often targets are the index of the largest prediction. Keras'
    /// `SparseCategoricalAccuracy`, the mean of [`sparse_categorical_accuracy`].
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, SparseCategoricalAccuracy};
    ///
    /// let metric = SparseCategoricalAccuracy::new();
    /// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.6, 0.3, 0.05, 0.95, 0.0], [2, 3])?;
    /// metric.update_state(&Tensor::from_vec(vec![2, 1], [2, 1])?, &y_pred, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 0.5);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    SparseCategoricalAccuracy, "sparse_categorical_accuracy",
    sparse_categorical_accuracy
}

/// How often predictions are on the right side of a threshold. Keras' `BinaryAccuracy`, the mean
/// of [`binary_accuracy_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{BinaryAccuracy, Measure};
///
/// let metric = BinaryAccuracy::new().threshold(0.7);
/// let y_true = Tensor::from_vec(vec![1.0_f32, 1.0, 0.0, 0.0], [4, 1])?;
/// let y_pred = Tensor::from_vec(vec![0.98_f32, 0.9, 0.1, 0.6], [4, 1])?;
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert_eq!(metric.result()?.to_scalar()?, 1.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics")]
pub struct BinaryAccuracy {
    #[keras(default = MetricBase::named("binary_accuracy"))]
    base: MetricBase,
    /// Threshold that predictions of class 1 are above (default 0.5).
    #[keras(default = 0.5)]
    threshold: Number,
    #[keras(skip)]
    state: MeanState,
}

impl BinaryAccuracy {
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        binary_accuracy_with(y_true, y_pred, self.threshold.get())
    }
}

impl Measure for BinaryAccuracy {
    mean_measure!();
}
