//! Cross entropy of integer class labels.

use super::numeric::{normalize_probabilities, one_hot};
use super::reduction::{same_rank, same_rank_shapes};
use super::{ComputeLoss, LossBase, targets};
use crate::config::KerasConfig;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::{Tensor, Truth, resolve_axis};

const CONTEXT: &str = "sparse_categorical_crossentropy";

/// The shape of the labels without an axis of classes, and the axis of the classes in the predictions.
///
/// Labels may have an axis of size one where the predictions have the classes.
fn label_shape(
    context: &str,
    y_true: &[usize],
    y_pred: &[usize],
    axis: isize,
) -> Result<(Vec<usize>, usize)> {
    let class_axis = resolve_axis(context, axis, y_pred.len())?;
    let mut expected = y_pred.to_vec();
    expected.remove(class_axis);
    let mut labels = y_true.to_vec();
    if labels.len() == y_pred.len() {
        if labels[class_axis] == 1 {
            labels.remove(class_axis);
        } else if labels.last() == Some(&1) {
            labels.pop();
        }
    }
    if labels == expected {
        return Ok((labels, class_axis));
    }
    let expected = format!("{}, the predictions' shape without the classes", tuple(&expected));
    Err(Error::shape(context, "y_true", expected, tuple(y_true)))
}

/// [`sparse_categorical_crossentropy_with`] with Keras' defaults: of probabilities, along the last axis.
///
/// # Errors
/// As [`sparse_categorical_crossentropy_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::sparse_categorical_crossentropy;
///
/// let y_true = Tensor::from_vec(vec![1_i32], [1])?;
/// let y_pred = Tensor::from_vec(vec![0.75_f64, 0.25], [1, 2])?;
/// let loss = sparse_categorical_crossentropy(&y_true, &y_pred)?.to_scalar()?;
/// assert!((loss - 4.0_f64.ln()).abs() < 1e-12);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn sparse_categorical_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    sparse_categorical_crossentropy_with(y_true, y_pred, false, None, -1)
}

/// `-log(p[y_true])` along an axis. Keras' `sparse_categorical_crossentropy`.
///
/// `p` is `y_pred` divided by its sum and kept `1e-7` away from 0 and 1, or its softmax with
/// `from_logits`. The loss is 0 for labels of `ignore_class`, and as in Keras on JAX for labels outside
/// the classes, which [`ComputeLoss::check`] refuses.
///
/// # Shapes
/// Labels have the predictions' shape without the axis of the classes, or with size one along it.
///
/// # Errors
/// [`Error::Shape`] for other shapes, [`Error::Argument`] where the axis does not exist.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::sparse_categorical_crossentropy_with;
///
/// let y_true = Tensor::from_vec(vec![1_i32, -1], [2])?;
/// let logits = Tensor::from_vec(vec![1000.0_f64, 0.0, 5.0, 5.0], [2, 2])?;
/// let loss = sparse_categorical_crossentropy_with(&y_true, &logits, true, Some(-1), -1)?;
/// assert_eq!(loss.to_vec::<f64>()?, [1000.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn sparse_categorical_crossentropy_with(
    y_true: &Tensor,
    y_pred: &Tensor,
    from_logits: bool,
    ignore_class: Option<i64>,
    axis: isize,
) -> Result<Tensor> {
    with_mask(y_true, y_pred, from_logits, ignore_class, axis).map(|(losses, _)| losses)
}

/// The losses, and a mask that is false where a label is the ignored class.
fn with_mask(
    y_true: &Tensor,
    y_pred: &Tensor,
    from_logits: bool,
    ignore_class: Option<i64>,
    axis: isize,
) -> Result<(Tensor, Option<Tensor>)> {
    let mut y_pred = y_pred.to_float()?;
    let (shape, class_axis) = label_shape(CONTEXT, y_true.shape(), y_pred.shape(), axis)?;
    let axis = class_axis as isize;
    let mut labels = y_true.reshape(shape)?;
    if labels.dtype() == DType::Bool {
        labels = labels.cast(DType::I32)?;
    }
    let valid = ignore_class.map(|class| labels.not_equal_scalar(class as f64)).transpose()?;
    if class_axis + 1 == y_pred.rank() {
        let mut classes = labels.cast(DType::I32)?;
        if let Some(valid) = &valid {
            classes = classes.where_(valid, &classes.full_like(vec![1; classes.rank()], -1.0)?)?;
        }
        if let Some(losses) = y_pred.cross_entropy(Truth::Labels(&classes), from_logits)? {
            return Ok((losses, valid));
        }
    }
    if let Some(valid) = &valid {
        labels = labels.where_(valid, &labels.full_like(vec![1; labels.rank()], 0.0)?)?;
        // Ignored predictions are replaced by uniform ones, so that they cause no infinity or NaN.
        let uniform = y_pred.full_like(vec![1; y_pred.rank()], 1.0)?;
        y_pred = y_pred.where_(&valid.expand_dims(axis)?, &uniform)?;
    }
    let log = if from_logits {
        y_pred.log_softmax(axis)?
    } else {
        normalize_probabilities(&y_pred, axis)?.log()?
    };
    let zero = log.full_like(vec![1; log.rank()], 0.0)?;
    let chosen = log.where_(&one_hot(&labels, y_pred.shape()[class_axis], axis)?, &zero)?;
    let mut losses = chosen.sum(&[axis], false)?.neg()?;
    if let Some(valid) = &valid {
        losses = losses.where_(valid, &losses.full_like(vec![1; losses.rank()], 0.0)?)?;
    }
    Ok((losses, valid))
}

/// Cross entropy of integer class labels: [`sparse_categorical_crossentropy_with`].
/// Keras' `SparseCategoricalCrossentropy`.
///
/// Ignored labels count neither in the sum nor in the number of losses. Keras' own configuration
/// leaves `axis` out, so that a file loses it. Here an `axis` other than the default is written; Keras
/// reads it.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{ComputeLoss, SparseCategoricalCrossentropy};
///
/// let y_true = Tensor::from_vec(vec![1_i32, 0, 9], [3])?;
/// let y_pred = Tensor::from_vec(vec![0.5_f32; 6], [3, 2])?;
/// let loss = SparseCategoricalCrossentropy::new().ignore_class(9);
/// assert!((loss.compute(&y_true, &y_pred, None)?.to_scalar()? - 2.0_f64.ln()).abs() < 1e-6);
/// let all = SparseCategoricalCrossentropy::new();
/// let error = all.check(&y_true, y_pred.shape()).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "SparseCategoricalCrossentropy: invalid `y_true`: expected labels from 0 to 1, got 9 at (2,)"
/// );
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.losses")]
pub struct SparseCategoricalCrossentropy {
    #[keras(default = LossBase::named("sparse_categorical_crossentropy"))]
    base: LossBase,
    /// Whether predictions are logits (default `false`: probabilities).
    #[keras(default = false)]
    from_logits: bool,
    /// Label that stands for no class, such as -1 or 255 (default none).
    ignore_class: Option<i64>,
    /// Axis that the classes lie along (default the last).
    #[keras(default = -1, write_if = |axis| *axis != -1)]
    axis: isize,
}

impl ComputeLoss for SparseCategoricalCrossentropy {
    fn check(&self, y_true: &Tensor, y_pred_shape: &[usize]) -> Result<()> {
        let (y_true_shape, y_pred_shape) = same_rank_shapes(y_true.shape(), y_pred_shape);
        let (_, class_axis) = label_shape(self.class_name(), &y_true_shape, &y_pred_shape, self.axis)?;
        targets::check_labels(self.class_name(), y_true, y_pred_shape[class_axis], self.ignore_class)
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        self.call_masked(y_true, y_pred).map(|(losses, _)| losses)
    }

    fn call_masked(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<(Tensor, Option<Tensor>)> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        with_mask(&y_true, &y_pred, self.from_logits, self.ignore_class, self.axis)
    }
}
