//! The predictions and targets of a batch that are counted, flattened, with their weights.

use crate::DType;
use crate::error::{Error, Result, tuple};
use crate::losses::same_rank;
use crate::tensor::Tensor;
use std::cmp::Ordering;

/// The score that Keras sets for predictions that are not among the `top_k`.
pub(super) const NEG_INF: f64 = -1e10;

/// Which predictions are counted, and their weights.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Select<'a> {
    /// Only the largest of each row may be positive.
    pub(super) top_k: Option<usize>,
    /// Only one class counts.
    pub(super) class_id: Option<isize>,
    /// Every label has counts of its own.
    pub(super) multi_label: bool,
    /// A weight for every label.
    pub(super) label_weights: Option<&'a [f64]>,
}

/// Predictions and targets of a batch in the same order.
#[derive(Debug)]
pub(super) struct Samples {
    pub(super) truth: Vec<bool>,
    pub(super) scores: Vec<f32>,
    pub(super) weights: Option<Vec<f32>>,
    /// Number of labels that are counted separately; the innermost axis.
    pub(super) labels: usize,
}

impl Samples {
    /// From the arguments of `update_state`.
    pub(super) fn new(
        metric: &str,
        y_true: &Tensor,
        y_pred: &Tensor,
        weight: Option<&Tensor>,
        select: Select<'_>,
    ) -> Result<Self> {
        if select.multi_label && y_pred.rank() != 2 {
            let expected = "two axes where `multi_label` is set";
            return Err(Error::shape(metric, "y_pred", expected, tuple(y_pred.shape())));
        }
        let (y_pred, y_true) =
            same_rank(&y_pred.detach().cast(DType::F32)?, &y_true.detach().cast(DType::F32)?)?;
        if y_pred.shape() != y_true.shape() {
            let expected = format!("the predictions' shape {}", tuple(y_pred.shape()));
            return Err(Error::shape(metric, "y_true", expected, tuple(y_true.shape())));
        }
        let mut shape = y_pred.shape().to_vec();
        let mut row = shape.last().copied().unwrap_or(1);
        let mut scores = y_pred.to_vec::<f32>()?;
        let mut truth: Vec<bool> = y_true.to_vec::<f32>()?.into_iter().map(|v| v != 0.0).collect();
        if let Some(k) = select.top_k {
            keep_largest(metric, &mut scores, row, k)?;
        }
        if let Some(class) = select.class_id {
            let class = class_index(metric, class, &shape)?;
            scores = scores.into_iter().skip(class).step_by(row).collect();
            truth = truth.into_iter().skip(class).step_by(row).collect();
            row = 1;
            if let Some(last) = shape.last_mut() {
                *last = 1;
            }
        }
        let mut weights = weight.map(|w| broadcast_weights(w, y_true.rank(), &shape)).transpose()?;
        if let Some(label_weights) = select.label_weights {
            if shape.len() < 2 || (label_weights.len() != row && label_weights.len() != 1) {
                let expected = format!("one weight for each of the labels of shape {}", tuple(&shape));
                return Err(Error::shape(metric, "label_weights", expected, label_weights.len()));
            }
            let weights = weights.get_or_insert_with(|| vec![1.0; scores.len()]);
            for (weight, label_weight) in weights.iter_mut().zip(label_weights.iter().cycle()) {
                *weight *= *label_weight as f32;
            }
        }
        Ok(Self { truth, scores, weights, labels: if select.multi_label { row } else { 1 } })
    }
}

/// Weights in the shape of the predictions.
fn broadcast_weights(weight: &Tensor, rank: usize, shape: &[usize]) -> Result<Vec<f32>> {
    let mut weight = weight.detach().cast(DType::F32)?.expand_dims(-1)?;
    if weight.rank() == rank + 1 {
        weight = weight.squeeze(&[-1])?;
    }
    weight.broadcast_to(shape.to_vec())?.to_vec()
}

/// Index of a class in a row of predictions; negative ones count from the end.
fn class_index(metric: &str, class: isize, shape: &[usize]) -> Result<usize> {
    let [_, .., classes] = *shape else {
        let expected = "two axes, samples and classes, where `class_id` is given";
        return Err(Error::shape(metric, "y_pred", expected, tuple(shape)));
    };
    let index = if class < 0 { class.checked_add_unsigned(classes) } else { Some(class) };
    let index = index.and_then(|i| usize::try_from(i).ok()).filter(|i| *i < classes);
    index.ok_or_else(|| Error::argument(metric, "class_id", format!("one of {classes} classes"), class))
}

/// In every row, sets all but the `k` largest scores to [`NEG_INF`]; of equal scores the first remain.
fn keep_largest(metric: &str, scores: &mut [f32], row: usize, k: usize) -> Result<()> {
    if k == 0 || k > row {
        return Err(Error::argument(metric, "top_k", format!("a number from 1 to the {row} classes"), k));
    }
    let mut order: Vec<usize> = Vec::with_capacity(row);
    for row in scores.chunks_exact_mut(row) {
        order.clear();
        order.extend(0..row.len());
        order.sort_by(|a, b| descending(row[*a], row[*b]));
        for index in &order[k..] {
            row[*index] = NEG_INF as f32;
        }
    }
    Ok(())
}

/// Compares for descending order; NaN is the largest.
fn descending(a: f32, b: f32) -> Ordering {
    b.partial_cmp(&a).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}
