//! The monitored value of a callback.

use super::callback::{Logs, Training};
use crate::error::{Error, Result};
use crate::metrics::Metric;

/// Which values are better: Keras' `mode`.
///
/// ```
/// use keras_rs::callbacks::Mode;
///
/// assert_eq!(Mode::try_from("max")?, Mode::Max);
/// assert!(Mode::try_from("largest").is_err());
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// `"auto"`: depends on the metric.
    #[default]
    Auto,
    /// `"min"`: lower ones.
    Min,
    /// `"max"`: higher ones.
    Max,
}

impl TryFrom<&str> for Mode {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        match name {
            "auto" => Ok(Self::Auto),
            "min" => Ok(Self::Min),
            "max" => Ok(Self::Max),
            other => Err(Error::unknown_name("mode", other, ["auto", "min", "max"])),
        }
    }
}

/// The monitored value, and what counts as an improvement.
pub(super) struct Monitor<'a> {
    pub(super) callback: &'static str,
    pub(super) name: &'a str,
    pub(super) mode: &'a Result<Mode>,
    pub(super) min_delta: f64,
}

impl Monitor<'_> {
    /// Reports an invalid argument of a setter.
    pub(super) fn check(&self) -> Result<()> {
        match self.mode {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::argument(self.callback, "mode", "auto, min or max", error)),
        }
    }

    /// The monitored value; `None` after epochs that were not validated.
    ///
    /// Where it is missing otherwise, this is an error; Keras warns in every epoch and trains on.
    pub(super) fn value(&self, logs: &Logs, training: &Training) -> Result<Option<f64>> {
        if let Some(value) = logs.get(self.name) {
            return Ok(Some(*value));
        }
        let is_validated = |name: &str| name.starts_with("val_");
        if is_validated(self.name)
            && training.params().validation
            && !logs.keys().any(|key| is_validated(key))
        {
            return Ok(None);
        }
        Err(Error::unknown_name("monitored value", self.name, logs.keys()))
    }

    /// Whether a value is better than another by at least the given change; every value is better than none.
    pub(super) fn is_improvement(
        &self,
        value: f64,
        reference: Option<f64>,
        training: &Training,
    ) -> Result<bool> {
        let down = self.lower_is_better(training)?;
        let Some(reference) = reference else { return Ok(true) };
        let delta = self.min_delta.abs();
        // Keras compares in `float32`.
        Ok(match down {
            true => ((value + delta) as f32) < reference as f32,
            false => ((value - delta) as f32) > reference as f32,
        })
    }

    /// Whether lower values are better.
    pub(super) fn lower_is_better(&self, training: &Training) -> Result<bool> {
        self.check()?;
        match self.mode {
            Ok(Mode::Min) => return Ok(true),
            Ok(Mode::Max) => return Ok(false),
            _ => {}
        }
        let name = self.name.strip_prefix("val_").unwrap_or(self.name);
        if name == "loss" {
            return Ok(true);
        }
        let metrics = training.model().compiled()?.named_metrics();
        let metric = metrics.iter().find(|(shown, metric)| shown == name || metric.name() == name);
        metric.and_then(|(_, metric)| lower_is_better(metric)).ok_or_else(|| {
            let expected = format!("\"min\" or \"max\", as \"{}\" does not tell which is better", self.name);
            Error::argument(self.callback, "mode", expected, "\"auto\"")
        })
    }
}

/// Metrics of which lower values are better.
const DOWN: [&str; 14] = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "Hinge",
    "KLDivergence",
    "LogCoshError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "RootMeanSquaredError",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
];

/// Metrics of which higher values are better.
const UP: [&str; 24] = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryIoU",
    "CategoricalAccuracy",
    "ConcordanceCorrelation",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "IoU",
    "MeanIoU",
    "OneHotIoU",
    "OneHotMeanIoU",
    "PearsonCorrelation",
    "Precision",
    "PrecisionAtRecall",
    "R2Score",
    "Recall",
    "RecallAtPrecision",
    "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity",
    "TopKCategoricalAccuracy",
];

/// Whether lower values of a metric are better; `None` where that is not known.
fn lower_is_better(metric: &Metric) -> Option<bool> {
    let class = metric.class_name();
    if DOWN.contains(&class) {
        return Some(true);
    }
    if UP.contains(&class) {
        return Some(false);
    }
    // The mean of a loss of Keras shall be low.
    let function = metric.config().get("fn").cloned().filter(|_| class == "MeanMetricWrapper")?;
    let name = function.as_str().or_else(|| function["config"].as_str());
    let is_object = function["module"].as_str().is_some_and(|module| module.starts_with("keras"));
    let is_accuracy = name.is_some_and(|name| name.contains("accuracy"));
    let is_own = name.is_some_and(|name| name.contains('>'));
    ((name.is_some() || is_object) && !is_accuracy && !is_own).then_some(true)
}
