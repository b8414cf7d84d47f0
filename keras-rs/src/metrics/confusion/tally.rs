//! Counts at every threshold.

use super::grid::Grid;
use super::samples::Samples;
use crate::error::{Error, Result, tuple};
use crate::metrics::MetricState;
use crate::tensor::TensorData;
use std::sync::{Mutex, PoisonError};

/// Weighted numbers of true and false positives and negatives, each flattened from `[threshold][label]`.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) labels: usize,
    pub(super) true_positives: Vec<f32>,
    pub(super) false_positives: Vec<f32>,
    pub(super) true_negatives: Vec<f32>,
    pub(super) false_negatives: Vec<f32>,
}

impl Counts {
    fn zeros(thresholds: usize, labels: usize) -> Self {
        let zeros = vec![0.0; thresholds.saturating_mul(labels)];
        Self {
            labels,
            true_positives: zeros.clone(),
            false_positives: zeros.clone(),
            true_negatives: zeros.clone(),
            false_negatives: zeros,
        }
    }

    /// The counts of one batch.
    fn of(samples: &Samples, grid: &Grid) -> Self {
        let labels = samples.labels;
        // Sums of weights by the number of thresholds exceeded, of negative and of positive targets.
        let mut sums = [vec![0.0_f64; (grid.len + 1) * labels], vec![0.0_f64; (grid.len + 1) * labels]];
        for (i, (truth, score)) in samples.truth.iter().zip(&samples.scores).enumerate() {
            let weight = samples.weights.as_ref().map_or(1.0, |w| f64::from(w[i]));
            sums[usize::from(*truth)][grid.exceeded(*score) * labels + i % labels] += weight;
        }
        let [negative, positive] = sums;
        let mut counts = Self::zeros(grid.len, labels);
        for label in 0..labels {
            let total = |sums: &[f64]| sums[label..].iter().step_by(labels).sum::<f64>();
            let (all_true, all_false) = (total(&positive), total(&negative));
            let (mut tp, mut fp) = (0.0, 0.0);
            for below in (0..grid.len).rev() {
                tp += positive[(below + 1) * labels + label];
                fp += negative[(below + 1) * labels + label];
                let at = grid.result_index(below) * labels + label;
                counts.true_positives[at] = tp as f32;
                counts.false_positives[at] = fp as f32;
                counts.true_negatives[at] = (all_false - fp) as f32;
                counts.false_negatives[at] = (all_true - tp) as f32;
            }
        }
        counts
    }

    /// `part / (part + rest)`; 0 where the sum is 0.
    pub(super) fn fraction(part: &[f32], rest: &[f32]) -> Vec<f32> {
        part.iter().zip(rest).map(|(part, rest)| divide_no_nan(*part, part + rest)).collect()
    }

    /// `tp / (tp + fp)`.
    pub(super) fn precision(&self) -> Vec<f32> {
        Self::fraction(&self.true_positives, &self.false_positives)
    }

    /// `tp / (tp + fn)`.
    pub(super) fn recall(&self) -> Vec<f32> {
        Self::fraction(&self.true_positives, &self.false_negatives)
    }

    /// `tn / (tn + fp)`.
    pub(super) fn specificity(&self) -> Vec<f32> {
        Self::fraction(&self.true_negatives, &self.false_positives)
    }
}

/// `a / b`; 0 where `b` is 0.
pub(super) fn divide_no_nan(a: f32, b: f32) -> f32 {
    if b == 0.0 { 0.0 } else { a / b }
}

/// The counts over all batches since the last reset; threads may share it.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Option<Counts>>);

impl Tally {
    /// Adds a batch.
    pub(super) fn add(&self, metric: &str, samples: &Samples, grid: &Grid) -> Result<()> {
        Grid::check(metric, grid.len, samples.labels)?;
        let batch = Counts::of(samples, grid);
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = state.get_or_insert_with(|| Counts::zeros(grid.len, samples.labels));
        if (sum.labels, sum.true_positives.len()) != (batch.labels, batch.true_positives.len()) {
            let expected = format!("{} labels as before", sum.labels);
            return Err(Error::shape(metric, "y_pred", expected, batch.labels));
        }
        let lists = [
            (&mut sum.true_positives, &batch.true_positives),
            (&mut sum.false_positives, &batch.false_positives),
            (&mut sum.true_negatives, &batch.true_negatives),
            (&mut sum.false_negatives, &batch.false_negatives),
        ];
        for (sum, batch) in lists {
            sum.iter_mut().zip(batch).for_each(|(sum, count)| *sum += count);
        }
        Ok(())
    }

    /// The counts; zeros where there was no batch.
    pub(super) fn counts(&self, thresholds: usize, labels: usize) -> Counts {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.clone().unwrap_or_else(|| Counts::zeros(thresholds, labels))
    }

    /// Resets the state.
    pub(super) fn reset(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The number of labels remains that of the first batch.
        if let Some(counts) = state.as_mut() {
            *counts = Counts::zeros(counts.true_positives.len() / counts.labels.max(1), counts.labels);
        }
    }
}

impl MetricState for Tally {
    fn snapshot(&self) -> Result<Option<TensorData>> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(counts) = state.as_ref() else { return Ok(None) };
        let lists = [
            &counts.true_positives,
            &counts.false_positives,
            &counts.true_negatives,
            &counts.false_negatives,
        ];
        let values: Vec<f32> = lists.into_iter().flatten().copied().collect();
        let thresholds = counts.true_positives.len() / counts.labels.max(1);
        TensorData::from_values(&values, vec![4, thresholds, counts.labels]).map(Some)
    }

    fn restore(&self, values: Option<TensorData>) -> Result<()> {
        let counts = match values {
            None => None,
            Some(values) => {
                let &[4, thresholds, labels] = values.shape() else {
                    let expected = "(4, thresholds, labels)";
                    return Err(Error::shape("Tally", "state", expected, tuple(values.shape())));
                };
                let all: Vec<f32> = values.values()?;
                let list = |i: usize| all[i * thresholds * labels..(i + 1) * thresholds * labels].to_vec();
                Some(Counts {
                    labels,
                    true_positives: list(0),
                    false_positives: list(1),
                    true_negatives: list(2),
                    false_negatives: list(3),
                })
            }
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = counts;
        Ok(())
    }
}
