//! The curves whose area `AUC` computes, and how it interpolates them.

use super::tally::{Counts, divide_no_nan};
use crate::config::{FromConfig, IntoConfig};
use crate::error::{Error, Result};
use serde_json::Value;

/// The curve whose area [`AUC`](super::AUC) computes. Keras' `AUCCurve`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AUCCurve {
    /// Recall over the rate of false positives.
    #[default]
    ROC,
    /// Precision over recall.
    PR,
    /// Precision gain over recall gain.
    PRGAIN,
}

/// How [`AUC`](super::AUC) interpolates between the points of a curve. Keras' `AUCSummationMethod`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AUCSummationMethod {
    /// Linearly; for the precision-recall curve, linearly in the counts.
    #[default]
    Interpolation,
    /// By the larger of two neighbouring values.
    Majoring,
    /// By the smaller of two neighbouring values.
    Minoring,
}

macro_rules! keras_names {
    ($class:ident, $kind:literal, $expected:literal: $($name:literal, $alias:literal => $variant:ident),*) => {
        impl $class {
            /// Keras' name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),*
                }
            }
        }

        impl TryFrom<&str> for $class {
            type Error = Error;

            fn try_from(name: &str) -> Result<Self> {
                match name {
                    $($name | $alias => Ok(Self::$variant),)*
                    _ => Err(Error::unknown_name($kind, name, [$($name),*])),
                }
            }
        }

        impl IntoConfig for $class {
            fn to_config(&self) -> Value {
                self.name().into()
            }
        }

        impl FromConfig for $class {
            const EXPECTED: &'static str = $expected;

            fn from_value(value: &Value) -> Option<Self> {
                value.as_str()?.try_into().ok()
            }
        }
    };
}

keras_names! {
    AUCCurve, "AUC curve", "\"ROC\", \"PR\" or \"PRGAIN\"":
    "ROC", "roc" => ROC, "PR", "pr" => PR, "PRGAIN", "prgain" => PRGAIN
}

keras_names! {
    AUCSummationMethod, "AUC summation method", "\"interpolation\", \"majoring\" or \"minoring\"":
    "interpolation", "Interpolation" => Interpolation, "majoring", "Majoring" => Majoring,
    "minoring", "Minoring" => Minoring
}

/// Area under the curve of every label.
pub(super) fn areas(counts: &Counts, curve: AUCCurve, method: AUCSummationMethod) -> Vec<f32> {
    let labels = counts.labels;
    if (curve, method) == (AUCCurve::PR, AUCSummationMethod::Interpolation) {
        return sums(labels, counts.true_positives.len(), |i, next| precision_recall(counts, i, next));
    }
    let (x, y) = match curve {
        AUCCurve::ROC => (Counts::fraction(&counts.false_positives, &counts.true_negatives), counts.recall()),
        AUCCurve::PR => (counts.recall(), counts.precision()),
        AUCCurve::PRGAIN => gains(counts),
    };
    sums(labels, x.len(), |i, next| {
        let height = match method {
            AUCSummationMethod::Interpolation => (y[i] + y[next]) / 2.0,
            AUCSummationMethod::Minoring => y[i].min(y[next]),
            AUCSummationMethod::Majoring => y[i].max(y[next]),
        };
        (x[i] - x[next]) * height
    })
}

/// Sums over neighbouring thresholds, for every label.
fn sums(labels: usize, len: usize, term: impl Fn(usize, usize) -> f32) -> Vec<f32> {
    let mut sums = vec![0.0_f64; labels];
    for i in 0..len.saturating_sub(labels) {
        sums[i % labels] += f64::from(term(i, i + labels));
    }
    sums.into_iter().map(|sum| sum as f32).collect()
}

/// Area between two thresholds, with the counts, not the precision, interpolated linearly.
fn precision_recall(counts: &Counts, i: usize, next: usize) -> f32 {
    let (tp, fp) = (&counts.true_positives, &counts.false_positives);
    let dtp = tp[i] - tp[next];
    let (p, p_next) = (tp[i] + fp[i], tp[next] + fp[next]);
    let slope = divide_no_nan(dtp, (p - p_next).max(0.0));
    let intercept = tp[next] - slope * p_next;
    let ratio = if p > 0.0 && p_next > 0.0 { p / p_next } else { 1.0 };
    let positives = tp[next] + counts.false_negatives[next];
    divide_no_nan(slope * (dtp + intercept * ratio.ln()), positives.max(0.0))
}

/// Recall gain and precision gain; 0 and 1 where there are no true positives.
fn gains(counts: &Counts) -> (Vec<f32>, Vec<f32>) {
    let gain = |i: usize, wrong: &[f32]| {
        let tp = counts.true_positives[i];
        let positives = tp + counts.false_negatives[i];
        let scale = divide_no_nan(positives, counts.true_negatives[i] + counts.false_positives[i]);
        1.0 - scale * divide_no_nan(wrong[i], tp)
    };
    let thresholds = 0..counts.true_positives.len();
    let has_true_positives = |i: usize| counts.true_positives[i] != 0.0;
    let recall = |i| if has_true_positives(i) { gain(i, &counts.false_negatives).max(0.0) } else { 0.0 };
    let precision = |i| if has_true_positives(i) { gain(i, &counts.false_positives) } else { 1.0 };
    (thresholds.clone().map(recall).collect(), thresholds.map(precision).collect())
}
