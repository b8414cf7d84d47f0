//! Finding the thresholds that a prediction exceeds.

use crate::error::{Error, Result};

/// Keras' `epsilon()`: how far the outermost thresholds of `AUC` are outside of [0, 1].
const EPSILON: f64 = 1e-7;

/// Thresholds of which the number that a prediction exceeds is found without looking at each.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// How many.
    pub(super) len: usize,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// `len` thresholds from 0 to 1; the outermost are a little outside where `padded`.
    Even { padded: bool },
    /// Thresholds in rising order, each with its place in the results.
    Listed(Vec<(f32, usize)>),
}

impl Grid {
    /// Evenly spaced from 0 to 1.
    pub(super) fn even(len: usize) -> Self {
        Self { len, kind: Kind::Even { padded: false } }
    }

    /// As [`Grid::even`], with the outermost ones a little outside.
    pub(super) fn even_padded(len: usize) -> Self {
        Self { len, kind: Kind::Even { padded: true } }
    }

    /// As they are given.
    pub(super) fn listed(thresholds: &[f64]) -> Self {
        if evenly_distributed(thresholds) {
            return Self::even(thresholds.len());
        }
        Self::sorted(thresholds)
    }

    /// As they are given, with two more a little outside of [0, 1].
    pub(super) fn listed_padded(inner: &[f64]) -> Self {
        let framed = |first: f64, last: f64| {
            let mut all = inner.to_vec();
            all.sort_by(f64::total_cmp);
            all.insert(0, first);
            all.push(last);
            all
        };
        if evenly_distributed(&framed(0.0, 1.0)) {
            return Self::even_padded(inner.len() + 2);
        }
        Self::sorted(&framed(-EPSILON, 1.0 + EPSILON))
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
                // A cast makes 0 of what is not a number, as Keras' does.
                let bucket = if *padded { bucket.max(0.0) } else { bucket } as i64;
                usize::try_from(bucket + 1).unwrap_or(0).min(self.len)
            }
        }
    }

    /// The place in the results of the threshold that has `below` others below it.
    pub(super) fn place(&self, below: usize) -> usize {
        match &self.kind {
            Kind::Listed(pairs) => pairs.get(below).map_or(below, |(_, place)| *place),
            Kind::Even { .. } => below,
        }
    }

    /// Refuses more thresholds than counts may take memory for.
    pub(super) fn check(metric: &str, len: usize, labels: usize) -> Result<()> {
        let counts = len.saturating_add(1).saturating_mul(labels);
        crate::limits::check_shape(metric, crate::DType::F64, &[counts, 4])
    }
}

/// Whether thresholds are spaced evenly from 0 to 1, as nearly as NumPy's `allclose` wants it.
fn evenly_distributed(thresholds: &[f64]) -> bool {
    let last = thresholds.len().saturating_sub(1) as f32;
    thresholds.len() >= 3
        && thresholds.iter().enumerate().all(|(i, t)| {
            let even = f64::from(i as f32 / last);
            (t - even).abs() <= EPSILON + 1e-5 * even
        })
}

/// Refuses a number of thresholds under the least that a metric works with.
pub(super) fn at_least(metric: &str, num_thresholds: usize, least: usize) -> Result<()> {
    if num_thresholds >= least {
        return Grid::check(metric, num_thresholds, 1);
    }
    let expected = format!("a whole number of at least {least}");
    Err(Error::argument(metric, "num_thresholds", expected, num_thresholds))
}
