//! Metrics: what is measured while a model is trained and evaluated.

mod accumulator;
mod base;
mod class;
mod confusion;
mod correlation;
mod f_score;
mod iou;
mod reduction;

pub use accumulator::Accumulator;
pub use base::{Measure, Metric, MetricBase};
pub use confusion::{
    AUC, AUCCurve, AUCSummationMethod, FalseNegatives, FalsePositives, Precision, PrecisionAtRecall, Recall,
    RecallAtPrecision, SensitivityAtSpecificity, SpecificityAtSensitivity, Thresholds, TrueNegatives,
    TruePositives,
};
pub use correlation::{
    ConcordanceCorrelation, PearsonCorrelation, concordance_correlation, pearson_correlation,
};
pub use f_score::{Average, F1Score, FBetaScore};
pub use iou::{BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU};
pub use reduction::{Mean, MeanMetricWrapper};

use crate::serialization::Registry;

/// Adds Keras' classes.
pub(crate) fn register(registry: &mut Registry) {
    let table = &mut registry.metrics;
    table.add(&["Mean"], |c| Ok(Mean::from_config(c)?.into()));
    confusion::register(table);
    correlation::register(table);
    f_score::register(table);
    iou::register(table);
}
