//! Metrics from counts of true and false positives and negatives, above one threshold or many.
//!
//! A prediction is positive where it is greater than the threshold, a target where it is not zero.
//! Counting is done on the host in one pass, whatever the number of thresholds.

mod auc;
mod constrained;
mod counts;
mod curve;
mod grid;
mod precision;
mod samples;
mod tally;
mod thresholds;

pub use auc::AUC;
pub use constrained::{
    PrecisionAtRecall, RecallAtPrecision, SensitivityAtSpecificity, SpecificityAtSensitivity,
};
pub use counts::{FalseNegatives, FalsePositives, TrueNegatives, TruePositives};
pub use curve::{AUCCurve, AUCSummationMethod};
pub use precision::{Precision, Recall};
pub use thresholds::Thresholds;

use super::Metric;
use crate::config::ClassTable;

/// Adds Keras' classes.
pub(super) fn register(table: &mut ClassTable<Metric>) {
    table.class::<FalsePositives>(&["FalsePositives", "false_positives"]);
    table.class::<FalseNegatives>(&["FalseNegatives", "false_negatives"]);
    table.class::<TrueNegatives>(&["TrueNegatives", "true_negatives"]);
    table.class::<TruePositives>(&["TruePositives", "true_positives"]);
    table.class::<Precision>(&["Precision", "precision"]);
    table.class::<Recall>(&["Recall", "recall"]);
    table.class::<SensitivityAtSpecificity>(&["SensitivityAtSpecificity", "sensitivity_at_specificity"]);
    table.class::<SpecificityAtSensitivity>(&["SpecificityAtSensitivity", "specificity_at_sensitivity"]);
    table.class::<PrecisionAtRecall>(&["PrecisionAtRecall", "precision_at_recall"]);
    table.class::<RecallAtPrecision>(&["RecallAtPrecision", "recall_at_precision"]);
    table.class::<AUC>(&["AUC", "auc"]);
}
