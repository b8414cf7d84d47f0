//! Sequences whose labels have no known place in time.

use super::classes::{loss_base, loss_setters};
use super::numeric::{log_add_exp, one_hot};
use super::reduction::{same_rank, same_rank_shapes};
use super::{ComputeLoss, LossBase, fit};
use crate::config::ConfigReader;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::Tensor;

/// What stands for the logarithm of zero.
const NEVER: f64 = -1e5;

/// Refuses what is not a row of labels for each sequence of logits.
fn fit_sequences(context: &str, y_true: &[usize], y_pred: &[usize]) -> Result<()> {
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

/// Minus the logarithm of the probability that steps give a row of labels, each label at one step or
/// several in a row, blanks between them at will. Keras' `ctc`; Graves et al., 2006.
///
/// Class 0 is the blank, and pads the rows of labels at their end.
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
/// // One label in two steps of even chances: (1, 1), (1, blank) or (blank, 1) of nine.
/// let labels = Tensor::from_vec(vec![1_i32], [1, 1])?;
/// let loss = ctc(&labels, &Tensor::from_vec(vec![0.0_f64; 6], [1, 2, 3])?)?;
/// assert!((loss.to_scalar()? - 3.0_f64.ln()).abs() < 1e-9);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn ctc(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    fit_sequences("ctc", y_true.shape(), y_pred.shape())?;
    let dtype = y_pred.dtype().promote(DType::F32);
    let (batch, steps, classes) = (y_pred.shape()[0], y_pred.shape()[1], y_pred.shape()[2]);
    let length = y_true.shape()[1];
    let labels = y_true.cast(DType::I32)?;
    let log = y_pred.cast(dtype)?.log_softmax(-1)?;

    let blank = log.narrow(-1, 0..1)?;
    if length == 0 {
        return blank.sum(&[1, 2], false)?.neg();
    }
    let hot = one_hot(&labels, classes, -1)?.cast(dtype)?;
    let emit = log.matmul(&hot.transpose()?)?;
    // Whether the next label is the same: it then needs a blank in between.
    let zeros = |n: usize| log.full_like([batch, n], 0.0);
    let same = labels.narrow(1, 0..length - 1)?.equal(&labels.narrow(1, 1..length)?)?.cast(dtype)?;
    let repeat = if length == 1 { zeros(1)? } else { Tensor::concat(&[same, zeros(1)?], 1)? };
    let straight = repeat.mul_scalar(NEVER)?;
    let through = repeat.neg()?.add_scalar(1.0)?.mul_scalar(NEVER)?;

    // Logarithms of the probabilities that a number of labels is done and a blank comes next (`between`),
    // and that a label is being emitted (`within`).
    let mut between = Tensor::concat(&[zeros(1)?, zeros(length)?.add_scalar(NEVER)?], 1)?;
    let mut within = zeros(length)?.add_scalar(NEVER)?;
    let arrive = |between: &Tensor, more: &Tensor| -> Result<Tensor> {
        let later = log_add_exp(&between.narrow(1, 1..length + 1)?, more)?;
        Tensor::concat(&[between.narrow(1, 0..1)?, later], 1)
    };
    for step in 0..steps {
        let at = |x: &Tensor| x.narrow(1, step..step + 1)?.squeeze(&[1]);
        let (emit, blank) = (at(&emit)?, at(&blank)?);
        let ready = arrive(&between, &within.add(&straight)?)?;
        let next = log_add_exp(&ready.narrow(1, 0..length)?.add(&emit)?, &within.add(&emit)?)?;
        between = arrive(&ready.add(&blank)?, &within.add(&blank)?.add(&through)?)?;
        within = next;
    }
    let done = arrive(&between, &within)?;
    let count = labels.not_equal_scalar(0.0)?.cast(DType::I32)?.sum(&[1], false)?;
    let zero = done.full_like([1, 1], 0.0)?;
    done.where_(&one_hot(&count, length + 1, 1)?, &zero)?.sum(&[1], false)?.neg()
}

/// Sequences whose labels have no known place in time: [`ctc`]. Keras' `CTC`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{CTC, ComputeLoss};
///
/// let labels = Tensor::from_vec(vec![1_i32, 0, 2, 1], [2, 2])?;
/// let logits = Tensor::from_vec(vec![0.0_f32; 12], [2, 2, 3])?;
/// let loss = CTC::new().reduction("none").compute(&labels, &logits, None)?.to_vec::<f32>()?;
/// assert!((loss[0] - 3.0_f32.ln()).abs() < 1e-5 && (loss[1] - 9.0_f32.ln()).abs() < 1e-5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CTC {
    base: LossBase,
}

impl Default for CTC {
    fn default() -> Self {
        Self::new()
    }
}

impl CTC {
    /// With Keras' defaults.
    pub fn new() -> Self {
        Self { base: LossBase::named("ctc") }
    }

    loss_setters!();

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self { base: LossBase::from_config(c, "ctc")? })
    }
}

impl ComputeLoss for CTC {
    loss_base! { "CTC" }

    fn check(&self, y_true: &Tensor, y_pred_shape: &[usize]) -> Result<()> {
        let (y_true_shape, y_pred_shape) = same_rank_shapes(y_true.shape(), y_pred_shape);
        fit_sequences(self.class_name(), &y_true_shape, &y_pred_shape)?;
        fit::labels(self.class_name(), y_true, y_pred_shape[2], None)
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        ctc(&y_true, &y_pred)
    }
}
