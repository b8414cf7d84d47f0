//! Area under a curve.

use super::curve::{AUCCurve, AUCSummationMethod, areas};
use super::grid::{Grid, at_least};
use super::samples::{Samples, Select};
use super::tally::Tally;
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader, FromConfig};
use crate::error::{Error, Result};
use crate::metrics::base::metric_setters;
use crate::metrics::class::metric_base;
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
#[derive(Debug)]
pub struct AUC {
    base: MetricBase,
    num_thresholds: usize,
    curve: AUCCurve,
    summation_method: AUCSummationMethod,
    thresholds: Option<Vec<f64>>,
    multi_label: bool,
    num_labels: Option<usize>,
    label_weights: Option<Vec<f64>>,
    from_logits: bool,
    tally: Tally,
}

impl Default for AUC {
    fn default() -> Self {
        Self::new()
    }
}

impl AUC {
    /// With Keras' defaults.
    pub fn new() -> Self {
        Self {
            base: MetricBase::named("auc"),
            num_thresholds: 200,
            curve: AUCCurve::default(),
            summation_method: AUCSummationMethod::default(),
            thresholds: None,
            multi_label: false,
            num_labels: None,
            label_weights: None,
            from_logits: false,
            tally: Tally::default(),
        }
    }

    metric_setters!();

    setters! {
        /// Sets how many thresholds are used, evenly spaced in [0, 1]; at least 2 (default 200).
        num_thresholds: usize,
        /// Sets the curve: `"ROC"` (default), `"PR"` or `"PRGAIN"`.
        curve: AUCCurve,
        /// Sets how the curve is interpolated between points: `"interpolation"` (default), `"majoring"` or `"minoring"`.
        summation_method: AUCSummationMethod,
        /// Sets the thresholds between 0 and 1, instead of `num_thresholds` evenly spaced ones.
        thresholds: Option<Vec<f64>>,
        /// Sets whether every label, a column of the predictions, has an area of its own and the result
        /// is their mean (default `false`).
        multi_label: bool,
        /// Sets the number of labels (default: that of the first batch); with `multi_label` only.
        num_labels: Option<usize>,
        /// Sets a weight for every label: of its predictions, or with `multi_label` of its area.
        label_weights: Option<Vec<f64>>,
        /// Sets whether predictions are logits, of which the sigmoid is taken (default `false`).
        from_logits: bool,
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

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::new();
        let metric = Self {
            base: MetricBase::from_config(c, "auc")?,
            num_thresholds: c.take_or("num_thresholds", d.num_thresholds)?,
            curve: c.take_or("curve", d.curve)?,
            summation_method: c.take_or("summation_method", d.summation_method)?,
            thresholds: c.take_or("thresholds", None)?,
            multi_label: c.take_or("multi_label", d.multi_label)?,
            num_labels: c.take_or("num_labels", None)?,
            label_weights: c.take_or::<Option<Weights>>("label_weights", None)?.map(|w| w.0),
            from_logits: c.take_or("from_logits", d.from_logits)?,
            ..d
        };
        metric.check()?;
        Ok(metric)
    }
}

impl Measure for AUC {
    metric_base! { "AUC" }

    fn config(&self) -> Config {
        // A list, which Keras can read; the array that Keras writes it cannot.
        let single = |w: &f64| f64::from(*w as f32);
        let weights =
            self.label_weights.as_ref().map(|weights| weights.iter().map(single).collect::<Vec<_>>());
        let config = self
            .base
            .config()
            .with("num_thresholds", self.len())
            .with("curve", self.curve)
            .with("summation_method", self.summation_method)
            .with("multi_label", self.multi_label)
            .with("num_labels", self.num_labels)
            .with("label_weights", weights)
            .with("from_logits", self.from_logits);
        match &self.thresholds {
            None => config,
            Some(thresholds) => {
                let mut thresholds = thresholds.clone();
                thresholds.sort_by(f64::total_cmp);
                config.with("thresholds", thresholds)
            }
        }
    }

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

/// Label weights as files hold them: a list, or an array in Keras' form.
struct Weights(Vec<f64>);

impl FromConfig for Weights {
    const EXPECTED: &'static str = "a list of numbers";

    fn from_value(value: &Value) -> Option<Self> {
        Vec::from_value(value.pointer("/config/value").unwrap_or(value)).map(Self)
    }
}
