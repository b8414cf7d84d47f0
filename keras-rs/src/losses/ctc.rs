//! Connectionist temporal classification: label sequences without a known alignment to the time steps.

use super::reduction::{same_rank, same_rank_shapes};
use super::{ComputeLoss, LossBase, targets};
use crate::config::KerasConfig;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::ops;
use crate::tensor::Tensor;

/// Refuses shapes other than one row of labels for each sequence of logits.
fn check_shapes(context: &str, y_true: &[usize], y_pred: &[usize]) -> Result<()> {
    if y_pred.len() != 3 {
        let expected = "logits (batch, steps, classes)";
        return Err(Error::shape(context, "y_pred", expected, tuple(y_pred)));
    }
    if y_true.len() == 2 && y_true[0] == y_pred[0] {
        return Ok(());
    }
    let expected = format!("labels ({}, length)", y_pred[0]);
    Err(Error::shape(context, "y_true", expected, tuple(y_true)))
}

/// Minus the logarithm of the probability of a row of labels, summed over its alignments: each label
/// takes one or more steps in a row, and any number of blanks may stand between two labels.
/// Keras' `ctc`; Graves et al., 2006.
///
/// Class 0 is the blank, and pads rows of labels at their end.
///
/// # Shapes
/// `y_true` `(batch, length)`, `y_pred` logits `(batch, steps, classes)`; the result is `(batch,)`.
///
/// # Errors
/// [`Error::Shape`] for other shapes.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::ctc;
///
/// // One label in two steps of uniform probabilities: (1, 1), (1, blank) and (blank, 1) of nine paths.
/// let labels = Tensor::from_vec(vec![1_i32], [1, 1])?;
/// let loss = ctc(&labels, &Tensor::from_vec(vec![0.0_f64; 6], [1, 2, 3])?)?;
/// assert!((loss.to_scalar()? - 3.0_f64.ln()).abs() < 1e-9);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn ctc(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    check_shapes("ctc", y_true.shape(), y_pred.shape())?;
    let count = y_true.not_equal_scalar(0.0)?.cast(DType::I32)?.sum(&[1], false)?;
    ops::alignments(y_true, y_pred, &count, None, 0)
}

/// Connectionist temporal classification, for label sequences without a known alignment to the time
/// steps: [`ctc`]. Keras' `CTC`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{CTC, ComputeLoss, LossExt};
///
/// let labels = Tensor::from_vec(vec![1_i32, 0, 2, 1], [2, 2])?;
/// let logits = Tensor::from_vec(vec![0.0_f32; 12], [2, 2, 3])?;
/// let loss = CTC::new().reduction("none").compute(&labels, &logits, None)?.to_vec::<f32>()?;
/// assert!((loss[0] - 3.0_f32.ln()).abs() < 1e-5 && (loss[1] - 9.0_f32.ln()).abs() < 1e-5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.losses")]
pub struct CTC {
    #[keras(default = LossBase::named("ctc"))]
    base: LossBase,
}

impl ComputeLoss for CTC {
    fn check(&self, y_true: &Tensor, y_pred_shape: &[usize]) -> Result<()> {
        let (y_true_shape, y_pred_shape) = same_rank_shapes(y_true.shape(), y_pred_shape);
        check_shapes(self.class_name(), &y_true_shape, &y_pred_shape)?;
        targets::check_labels(self.class_name(), y_true, y_pred_shape[2], None)
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        ctc(&y_true, &y_pred)
    }
}
