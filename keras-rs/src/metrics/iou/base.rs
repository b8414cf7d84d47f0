//! The confusion matrix of classes, and the intersection over union.

use crate::DType;
use crate::error::{Error, Result, tuple};
use crate::metrics::{MetricBase, MetricState};
use crate::tensor::{Tensor, TensorData};
use std::sync::{Mutex, PoisonError};

/// Keras' `epsilon()`, which keeps divisions by zero finite.
const EPSILON: f32 = 1e-7;

/// A base with the type that Keras counts classes in.
pub(super) fn named(name: &str) -> MetricBase {
    let mut base = MetricBase::named(name);
    base.dtype = DType::I32;
    base
}

/// How labels are read from targets and predictions, and which are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Labels {
    pub(super) num_classes: usize,
    pub(super) ignore_class: Option<isize>,
    pub(super) sparse_y_true: bool,
    pub(super) sparse_y_pred: bool,
    pub(super) axis: isize,
}

/// Weights of samples by true and predicted class, `[true][predicted]`.
#[derive(Debug, Default)]
pub(super) struct Matrix(Mutex<Option<Vec<f64>>>);

impl Matrix {
    /// Adds a batch.
    pub(super) fn add(
        &self,
        base: &MetricBase,
        labels: Labels,
        y_true: &Tensor,
        y_pred: &Tensor,
        weight: Option<&Tensor>,
    ) -> Result<()> {
        let labels_of = |y: &Tensor, sparse: bool| {
            let y = y.detach();
            let y = if sparse { y } else { y.argmax(labels.axis)? };
            y.cast(base.dtype)?.to_f64_vec()
        };
        let truth = labels_of(y_true, labels.sparse_y_true)?;
        let predicted = labels_of(y_pred, labels.sparse_y_pred)?;
        if truth.len() != predicted.len() {
            let expected = format!("as many labels as predictions, {}", predicted.len());
            return Err(Error::shape(&base.name, "y_true", expected, truth.len()));
        }
        let weights = match weight {
            None => vec![1.0],
            Some(weight) => {
                let values = weight.detach().cast(base.dtype)?.to_f64_vec()?;
                if values.len() != truth.len() && values.len() != 1 {
                    let expected = format!("a weight for each of {} labels", truth.len());
                    return Err(Error::shape(&base.name, "sample_weight", expected, tuple(weight.shape())));
                }
                values
            }
        };
        let classes = labels.num_classes;
        let class = |label: f64| (label >= 0.0 && label < classes as f64).then_some(label as usize);
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let matrix = state.get_or_insert_with(|| vec![0.0; classes * classes]);
        if matrix.len() != classes * classes {
            let expected = format!("{} counts", classes * classes);
            return Err(Error::shape(&base.name, "state", expected, matrix.len()));
        }
        for ((truth, predicted), weight) in truth.into_iter().zip(predicted).zip(weights.into_iter().cycle())
        {
            let ignored = labels.ignore_class.is_some_and(|ignored| truth == ignored as f64);
            if let (false, Some(row), Some(column)) = (ignored, class(truth), class(predicted)) {
                matrix[row * classes + column] += weight;
            }
        }
        Ok(())
    }

    /// Mean, over the classes that occur, of the weight of true positives over that of true positives, false
    /// positives and false negatives.
    pub(super) fn mean_iou(&self, classes: usize, targets: &[usize]) -> Result<Tensor> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(matrix) = state.as_ref() else { return Tensor::scalar(0.0_f32) };
        let (mut sum, mut valid) = (0.0_f32, 0.0_f32);
        for &class in targets {
            let intersection = matrix[class * classes + class];
            let truth: f64 = matrix[class * classes..(class + 1) * classes].iter().sum();
            let predicted: f64 = matrix[class..].iter().step_by(classes).sum();
            let union = (truth + predicted - intersection) as f32;
            if union > 1e-9 {
                sum += intersection as f32 / (union + EPSILON);
                valid += 1.0;
            }
        }
        Tensor::scalar(sum / (valid + EPSILON))
    }

    /// Resets the state.
    pub(super) fn reset(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The target classes, by default all; negative ones count from the end.
pub(super) fn targets(base: &MetricBase, ids: Option<&[isize]>, num_classes: usize) -> Result<Vec<usize>> {
    base.deferred()?;
    if num_classes == 0 {
        return Err(Error::argument(&base.name, "num_classes", "a number of at least 1", num_classes));
    }
    crate::limits::check_shape(&base.name, DType::F64, &[num_classes, num_classes])?;
    let Some(ids) = ids else { return Ok((0..num_classes).collect()) };
    let refused = |got: String| {
        let expected = format!("classes under {num_classes}, at least one");
        Error::argument(&base.name, "target_class_ids", expected, got)
    };
    if ids.is_empty() {
        return Err(refused("none".into()));
    }
    let index = |id: &isize| {
        let index = if *id < 0 { id.checked_add_unsigned(num_classes) } else { Some(*id) };
        let index = index.and_then(|i| usize::try_from(i).ok()).filter(|i| *i < num_classes);
        index.ok_or_else(|| refused(id.to_string()))
    };
    ids.iter().map(index).collect()
}

impl MetricState for Matrix {
    fn snapshot(&self) -> Result<Option<TensorData>> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.as_ref().map(|matrix| TensorData::from_values(matrix, vec![matrix.len()])).transpose()
    }

    fn restore(&self, values: Option<TensorData>) -> Result<()> {
        let matrix = values.map(|values| values.to_f64()).transpose()?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = matrix;
        Ok(())
    }
}
