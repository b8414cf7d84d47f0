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
    table.add(&["FalsePositives", "false_positives"], |c| Ok(FalsePositives::from_config(c)?.into()));
    table.add(&["FalseNegatives", "false_negatives"], |c| Ok(FalseNegatives::from_config(c)?.into()));
    table.add(&["TrueNegatives", "true_negatives"], |c| Ok(TrueNegatives::from_config(c)?.into()));
    table.add(&["TruePositives", "true_positives"], |c| Ok(TruePositives::from_config(c)?.into()));
    table.add(&["Precision", "precision"], |c| Ok(Precision::from_config(c)?.into()));
    table.add(&["Recall", "recall"], |c| Ok(Recall::from_config(c)?.into()));
    table.add(&["SensitivityAtSpecificity", "sensitivity_at_specificity"], |c| {
        Ok(SensitivityAtSpecificity::from_config(c)?.into())
    });
    table.add(&["SpecificityAtSensitivity", "specificity_at_sensitivity"], |c| {
        Ok(SpecificityAtSensitivity::from_config(c)?.into())
    });
    table.add(&["PrecisionAtRecall", "precision_at_recall"], |c| {
        Ok(PrecisionAtRecall::from_config(c)?.into())
    });
    table.add(&["RecallAtPrecision", "recall_at_precision"], |c| {
        Ok(RecallAtPrecision::from_config(c)?.into())
    });
    table.add(&["AUC", "auc"], |c| Ok(AUC::from_config(c)?.into()));
}
