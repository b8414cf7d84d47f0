//! The thresholds of a metric, and how many of them a prediction exceeds.

use crate::error::{Error, Result};

/// Keras' `epsilon()`: how far the outermost thresholds of `AUC` are outside of [0, 1].
const EPSILON: f64 = 1e-7;

/// Thresholds; how many of them a prediction exceeds is computed without comparing it with each.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// Number of thresholds.
    pub(super) len: usize,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// `len` thresholds from 0 to 1; the outermost are slightly outside if `padded`.
    Even { padded: bool },
    /// Thresholds in ascending order, each with its index in the results.
    Listed(Vec<(f32, usize)>),
}

impl Grid {
    /// Evenly spaced from 0 to 1.
    pub(super) fn even(len: usize) -> Self {
        Self { len, kind: Kind::Even { padded: false } }
    }

    /// As [`Grid::even`], with the outermost ones slightly outside.
    pub(super) fn even_padded(len: usize) -> Self {
        Self { len, kind: Kind::Even { padded: true } }
    }

    /// The thresholds as given.
    pub(super) fn listed(thresholds: &[f64]) -> Self {
        if evenly_distributed(thresholds) {
            return Self::even(thresholds.len());
        }
        Self::sorted(thresholds)
    }

    /// As they are given, with two more slightly outside of [0, 1].
    pub(super) fn listed_padded(inner: &[f64]) -> Self {
        let with_ends = |first: f64, last: f64| {
            let mut all = inner.to_vec();
            all.sort_by(f64::total_cmp);
            all.insert(0, first);
            all.push(last);
            all
        };
        if evenly_distributed(&with_ends(0.0, 1.0)) {
            return Self::even_padded(inner.len() + 2);
        }
        Self::sorted(&with_ends(-EPSILON, 1.0 + EPSILON))
    }

    fn sorted(thresholds: &[f64]) -> Self {
        let mut pairs: Vec<(f32, usize)> =
            thresholds.iter().enumerate().map(|(i, t)| (*t as f32, i)).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self { len: thresholds.len(), kind: Kind::Listed(pairs) }
    }

    /// How many thresholds are less than the prediction.
    pub(super) fn exceeded(&self, score: f32) -> usize {
        match &self.kind {
            Kind::Listed(pairs) => pairs.partition_point(|(t, _)| score > *t),
            Kind::Even { padded } => {
                let bucket = (score.clamp(0.0, 1.0) * (self.len as f32 - 1.0)).ceil() - 1.0;
                // The cast of NaN is 0, as in Keras.
                let bucket = if *padded { bucket.max(0.0) } else { bucket } as i64;
                usize::try_from(bucket + 1).unwrap_or(0).min(self.len)
            }
        }
    }

    /// The index in the results of the threshold that is greater than `below` others.
    pub(super) fn result_index(&self, below: usize) -> usize {
        match &self.kind {
            Kind::Listed(pairs) => pairs.get(below).map_or(below, |(_, index)| *index),
            Kind::Even { .. } => below,
        }
    }

    /// Refuses thresholds whose counts would need too much memory.
    pub(super) fn check(metric: &str, len: usize, labels: usize) -> Result<()> {
        let counts = len.saturating_add(1).saturating_mul(labels);
        crate::limits::check_shape(metric, crate::DType::F64, &[counts, 4])
    }
}

/// Whether thresholds are spaced evenly from 0 to 1, within the tolerance of NumPy's `allclose`.
fn evenly_distributed(thresholds: &[f64]) -> bool {
    let last = thresholds.len().saturating_sub(1) as f32;
    thresholds.len() >= 3
        && thresholds.iter().enumerate().all(|(i, t)| {
            let even = f64::from(i as f32 / last);
            (t - even).abs() <= EPSILON + 1e-5 * even
        })
}

/// Refuses fewer thresholds than a metric needs.
pub(super) fn at_least(metric: &str, num_thresholds: usize, least: usize) -> Result<()> {
    if num_thresholds >= least {
        return Grid::check(metric, num_thresholds, 1);
    }
    let expected = format!("a whole number of at least {least}");
    Err(Error::argument(metric, "num_thresholds", expected, num_thresholds))
}
