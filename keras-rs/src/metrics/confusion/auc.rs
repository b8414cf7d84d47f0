//! Area under a curve.

use super::curve::{AUCCurve, AUCSummationMethod, areas};
use super::grid::{Grid, at_least};
use super::samples::{Samples, Select};
use super::tally::Tally;
use crate::config::{Config, ConfigReader, FromConfig, IntoConfig, KerasConfig};
use crate::error::{Error, Result};
use crate::metrics::{Measure, MetricBase};
use crate::tensor::Tensor;
use serde_json::Value;

/// Approximate area under the ROC curve, or under one of precision and recall. Keras' `AUC`.
///
/// Predictions are in [0, 1], or any numbers with `from_logits`; predictions outside count as the nearest bound.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{AUC, Measure};
///
/// let auc = AUC::new().num_thresholds(3);
/// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0, 1.0, 1.0], [4])?;
/// let y_pred = Tensor::from_vec(vec![0.0_f32, 0.5, 0.3, 0.9], [4])?;
/// auc.update_state(&y_true, &y_pred, None)?;
/// assert_eq!(auc.result()?.to_scalar()?, 0.75);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics", check = |made, _| made.check(), write_also = Self::write_number)]
pub struct AUC {
    #[keras(default = MetricBase::named("auc"))]
    base: MetricBase,
    /// How many thresholds are used, evenly spaced in [0, 1]; at least 2 (default 200).
    #[keras(default = 200)]
    num_thresholds: usize,
    /// Curve: `"ROC"` (default), `"PR"` or `"PRGAIN"`.
    #[keras(default = AUCCurve::default())]
    curve: AUCCurve,
    /// How the curve is interpolated between points: `"interpolation"` (default), `"majoring"` or `"minoring"`.
    #[keras(default = AUCSummationMethod::default())]
    summation_method: AUCSummationMethod,
    /// Whether every label, a column of the predictions, has an area of its own and the result
    /// is their mean (default `false`).
    #[keras(default = false)]
    multi_label: bool,
    /// Number of labels (default: that of the first batch); with `multi_label` only.
    num_labels: Option<usize>,
    /// Weight for every label: of its predictions, or with `multi_label` of its area.
    #[keras(write_with = as_single, read_with = read_weights)]
    label_weights: Option<Vec<f64>>,
    /// Whether predictions are logits, of which the sigmoid is taken (default `false`).
    #[keras(default = false)]
    from_logits: bool,
    /// Thresholds between 0 and 1, instead of `num_thresholds` evenly spaced ones.
    #[keras(only_set, write_with = sorted)]
    thresholds: Option<Vec<f64>>,
    #[keras(skip)]
    tally: Tally,
}

impl AUC {
    /// The number of thresholds counts those of a list.
    fn write_number(&self, config: &mut Config) {
        config.insert("num_thresholds".into(), self.len().to_config());
    }

    fn check(&self) -> Result<()> {
        self.base.deferred()?;
        if self.thresholds.is_none() {
            at_least(&self.base.name, self.num_thresholds, 2)?;
        }
        if !self.multi_label && self.num_labels.is_some_and(|n| n > 0) {
            let got = self.num_labels.unwrap_or_default();
            return Err(Error::argument(&self.base.name, "num_labels", "none without `multi_label`", got));
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.thresholds.as_ref().map_or(self.num_thresholds, |t| t.len() + 2)
    }

    fn grid(&self) -> Grid {
        match &self.thresholds {
            Some(thresholds) => Grid::listed_padded(thresholds),
            None => Grid::even_padded(self.num_thresholds),
        }
    }

    /// Refuses predictions of another number of labels than the arguments are for.
    fn check_labels(&self, labels: usize) -> Result<()> {
        let name = &self.base.name;
        if let Some(expected) = self.num_labels.filter(|n| *n > 0 && *n != labels) {
            return Err(Error::shape(name, "y_pred", format!("{expected} labels"), labels));
        }
        let weights = self.label_weights.as_ref().map_or(labels, Vec::len);
        if weights == labels || weights == 1 {
            return Ok(());
        }
        Err(Error::shape(name, "label_weights", format!("one weight for each of {labels} labels"), weights))
    }
}

impl Measure for AUC {
    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
        self.check()?;
        let y_pred = if self.from_logits { y_pred.detach().to_float()?.sigmoid()? } else { y_pred.clone() };
        let label_weights = self.label_weights.as_deref().filter(|_| !self.multi_label);
        let select = Select { multi_label: self.multi_label, label_weights, ..Select::default() };
        let samples = Samples::new(&self.base.name, y_true, &y_pred, weight, select)?;
        if self.multi_label {
            self.check_labels(samples.labels)?;
        }
        self.tally.add(&self.base.name, &samples, &self.grid())
    }

    fn result(&self) -> Result<Tensor> {
        self.check()?;
        let areas = areas(&self.tally.counts(self.len(), 1), self.curve, self.summation_method);
        let mean = match (&self.label_weights, areas.as_slice()) {
            (_, []) => 0.0,
            (_, [area]) if !self.multi_label => *area,
            (Some(weights), _) if self.multi_label => {
                let weighted = areas.iter().zip(weights.iter().cycle()).map(|(a, w)| f64::from(*a) * w);
                let total: f64 = weights.iter().sum();
                if total == 0.0 { 0.0 } else { (weighted.sum::<f64>() / total) as f32 }
            }
            _ => areas.iter().sum::<f32>() / areas.len() as f32,
        };
        Tensor::scalar(mean)
    }

    fn reset_state(&self) {
        self.tally.reset();
    }

    fn states(&self) -> Vec<&dyn crate::metrics::MetricState> {
        vec![&self.tally]
    }
}

/// Weights in the precision that Keras writes them in. Keras writes an array, which it cannot read back; a
/// list it can.
fn as_single(weights: &Option<Vec<f64>>) -> Value {
    let single = |w: &f64| f64::from(*w as f32);
    weights.as_ref().map(|weights| weights.iter().map(single).collect::<Vec<_>>()).to_config()
}

fn sorted(thresholds: &Option<Vec<f64>>) -> Value {
    let mut thresholds = thresholds.clone().unwrap_or_default();
    thresholds.sort_by(f64::total_cmp);
    thresholds.to_config()
}

/// Takes weights from a list, or from the array that Keras writes.
fn read_weights(c: &mut ConfigReader<'_>, key: &str) -> Result<Option<Vec<f64>>> {
    let value = c.take::<Value>(key)?;
    let list = value.pointer("/config/value").unwrap_or(&value);
    Option::from_value(list).ok_or_else(|| c.reject(key, Vec::<f64>::EXPECTED, &value))
}
