//! How often targets are among the `k` largest predictions.

use super::reduction::{MeanState, mean_measure};
use super::{Measure, MetricBase};
use crate::config::KerasConfig;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::Tensor;

/// Scores as `(samples, classes)` and labels as `(samples)`.
fn flatten(context: &str, labels: &Tensor, scores: &Tensor) -> Result<(Tensor, Tensor)> {
    let shape = scores.shape();
    let classes = shape.last().copied().unwrap_or(0);
    let samples = shape.iter().rev().skip(1).product::<usize>();
    if classes == 0 {
        return Err(Error::shape(context, "y_pred", "an axis of classes that is not empty", tuple(shape)));
    }
    if shape.len() < 2 || labels.len() != samples {
        let expected = format!("one label for each row of predictions {}", tuple(shape));
        return Err(Error::shape(context, "y_true", expected, tuple(labels.shape())));
    }
    Ok((labels.reshape([samples])?, scores.reshape([samples, classes])?))
}

/// True where fewer than `k` of the scores, `(samples, classes)`, are greater than that of the label.
///
/// NaN counts as the lowest score. Negative labels count from the last class;
/// labels outside the classes have the lowest score.
fn in_top_k(labels: &Tensor, scores: &Tensor, k: usize) -> Result<Tensor> {
    let classes = scores.dim(-1)?;
    let scores = scores.to_float()?;
    let lowest = scores.full_like([1, 1], f64::NEG_INFINITY)?;
    let scores = lowest.where_(&scores.is_nan()?, &scores)?;
    let labels = labels.cast(DType::I32)?;
    let labels = labels.add_scalar(classes as f64)?.where_(&labels.less_scalar(0.0)?, &labels)?;
    let classes = Tensor::arange_on(classes, scores.device())?;
    let chosen = scores.where_(&labels.expand_dims(1)?.equal(&classes)?, &lowest)?;
    let greater = scores.greater(&chosen.max(&[1], true)?)?.cast(DType::I32)?.sum(&[1], false)?;
    greater.less_scalar(k as f64)
}

/// [`top_k_categorical_accuracy_with`] with a `k` of 5. Keras' `top_k_categorical_accuracy`.
///
/// # Errors
/// As [`top_k_categorical_accuracy_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::top_k_categorical_accuracy;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0, 1.0], [1, 3])?;
/// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.9, 0.8], [1, 3])?;
/// assert_eq!(top_k_categorical_accuracy(&y_true, &y_pred)?.to_vec::<f32>()?, [1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn top_k_categorical_accuracy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    top_k_categorical_accuracy_with(y_true, y_pred, 5)
}

/// One where the largest target is among the `k` best predictions, zero elsewhere. Keras'
/// `top_k_categorical_accuracy`.
///
/// Targets and predictions are `(..., classes)`, the result `(...)`, `float32`. Equal predictions
/// have the same, higher rank.
///
/// # Errors
/// [`Error::Shape`] where the shapes do not agree.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::top_k_categorical_accuracy_with;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0, 1.0, 1.0, 0.0, 0.0], [2, 3])?;
/// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.9, 0.8, 0.05, 0.95, 0.1], [2, 3])?;
/// assert_eq!(top_k_categorical_accuracy_with(&y_true, &y_pred, 2)?.to_vec::<f32>()?, [1.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn top_k_categorical_accuracy_with(y_true: &Tensor, y_pred: &Tensor, k: usize) -> Result<Tensor> {
    const CONTEXT: &str = "top_k_categorical_accuracy";
    let y_true = super::accuracy::class_of(CONTEXT, "y_true", &y_true.cast(y_pred.dtype())?)?;
    let (labels, scores) = flatten(CONTEXT, &y_true, y_pred)?;
    in_top_k(&labels, &scores, k)?.cast(DType::F32)?.reshape(y_true.shape())
}

/// [`sparse_top_k_categorical_accuracy_with`] of scores with a `k` of 5. Keras'
/// `sparse_top_k_categorical_accuracy`.
///
/// # Errors
/// As [`sparse_top_k_categorical_accuracy_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::sparse_top_k_categorical_accuracy;
///
/// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.9, 0.8], [1, 3])?;
/// let best = sparse_top_k_categorical_accuracy(&Tensor::from_vec(vec![2], [1])?, &y_pred)?;
/// assert_eq!(best.to_vec::<f32>()?, [1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn sparse_top_k_categorical_accuracy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    sparse_top_k_categorical_accuracy_with(y_true, y_pred, 5, false)
}

/// One where the target class is among the `k` best predictions, zero elsewhere.
/// Keras' `sparse_top_k_categorical_accuracy`.
///
/// Predictions are scores `(..., classes)`, or with `from_sorted_ids` the indices of classes, best
/// first, `(..., n)`. Targets are integers `(...)`; the result has their shape and is `float32`.
///
/// # Errors
/// [`Error::Shape`] where there is not one target for each row of predictions.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::sparse_top_k_categorical_accuracy_with;
///
/// let y_true = Tensor::from_vec(vec![2, 0], [2])?;
/// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.9, 0.8, 0.05, 0.95, 0.1], [2, 3])?;
/// let best = sparse_top_k_categorical_accuracy_with(&y_true, &y_pred, 2, false)?;
/// assert_eq!(best.to_vec::<f32>()?, [1.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn sparse_top_k_categorical_accuracy_with(
    y_true: &Tensor,
    y_pred: &Tensor,
    k: usize,
    from_sorted_ids: bool,
) -> Result<Tensor> {
    let (labels, scores) = flatten("sparse_top_k_categorical_accuracy", y_true, y_pred)?;
    let found = if from_sorted_ids {
        let best = scores.narrow(1, 0..k.min(scores.dim(1)?))?;
        let same = labels.cast(scores.dtype())?.expand_dims(1)?.equal(&best)?;
        same.cast(DType::I32)?.sum(&[1], false)?.greater_scalar(0.0)?
    } else {
        in_top_k(&labels, &scores, k)?
    };
    found.cast(DType::F32)?.reshape(y_true.shape())
}

/// How often the largest targets are among the best predictions. Keras' `TopKCategoricalAccuracy`,
/// the mean of [`top_k_categorical_accuracy_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{Measure, TopKCategoricalAccuracy};
///
/// let metric = TopKCategoricalAccuracy::new().k(1);
/// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0, 1.0, 0.0, 1.0, 0.0], [2, 3])?;
/// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.9, 0.8, 0.05, 0.95, 0.0], [2, 3])?;
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert_eq!(metric.result()?.to_scalar()?, 0.5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics")]
pub struct TopKCategoricalAccuracy {
    #[keras(default = MetricBase::named("top_k_categorical_accuracy"))]
    base: MetricBase,
    /// How many predictions count as the best (default 5).
    #[keras(default = 5)]
    k: usize,
    #[keras(skip)]
    state: MeanState,
}

impl TopKCategoricalAccuracy {
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        top_k_categorical_accuracy_with(y_true, y_pred, self.k)
    }
}

impl Measure for TopKCategoricalAccuracy {
    mean_measure!();
}

/// How often the target classes are among the best predictions. Keras'
/// `SparseTopKCategoricalAccuracy`, the mean of [`sparse_top_k_categorical_accuracy_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{Measure, SparseTopKCategoricalAccuracy};
///
/// let metric = SparseTopKCategoricalAccuracy::new().k(1);
/// let y_pred = Tensor::from_vec(vec![0.1_f32, 0.9, 0.8, 0.05, 0.95, 0.0], [2, 3])?;
/// metric.update_state(&Tensor::from_vec(vec![2, 1], [2])?, &y_pred, None)?;
/// assert_eq!(metric.result()?.to_scalar()?, 0.5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics")]
pub struct SparseTopKCategoricalAccuracy {
    #[keras(default = MetricBase::named("sparse_top_k_categorical_accuracy"))]
    base: MetricBase,
    /// How many predictions count as the best (default 5).
    #[keras(default = 5)]
    k: usize,
    /// Whether predictions are indices of classes, best first, rather than scores (default `false`).
    #[keras(default = false, write_if = |sorted| *sorted)]
    from_sorted_ids: bool,
    #[keras(skip)]
    state: MeanState,
}

impl SparseTopKCategoricalAccuracy {
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        sparse_top_k_categorical_accuracy_with(y_true, y_pred, self.k, self.from_sorted_ids)
    }
}

impl Measure for SparseTopKCategoricalAccuracy {
    mean_measure!();
}
