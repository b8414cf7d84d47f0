//! Metrics: what is measured while a model is trained and evaluated.

mod accumulator;
mod accuracy;
mod base;
mod function;
mod identifier;
mod class;
mod confusion;
mod correlation;
mod f_score;
mod iou;
mod reduction;
mod samplewise;
mod top_k;
mod wrapper;

pub use accumulator::Accumulator;
pub use accuracy::{
    Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy, binary_accuracy,
    categorical_accuracy, sparse_categorical_accuracy,
};
pub use base::{Measure, Metric, MetricBase};
pub use function::MetricFunction;
pub use reduction::{Mean, Sum};
pub use top_k::{
    SparseTopKCategoricalAccuracy, TopKCategoricalAccuracy, sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
};
pub use wrapper::MeanMetricWrapper;
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

use crate::serialization::Registry;

/// Adds Keras' classes.
pub(crate) fn register(registry: &mut Registry) {
    let table = &mut registry.metrics;
    macro_rules! classes {
        ($($class:ident: $($alias:literal),+;)*) => {$(
            table.add(&[stringify!($class), $($alias),+], |c| Ok($class::from_config(c)?.into()));
        )*};
    }
    classes! {
        Mean: "mean";
        Sum: "sum";
        MeanMetricWrapper: "mean_metric_wrapper";
        Accuracy: "accuracy";
        BinaryAccuracy: "binary_accuracy";
        CategoricalAccuracy: "categorical_accuracy";
        SparseCategoricalAccuracy: "sparse_categorical_accuracy";
        TopKCategoricalAccuracy: "top_k_categorical_accuracy";
        SparseTopKCategoricalAccuracy: "sparse_top_k_categorical_accuracy";
    }
    confusion::register(table);
    correlation::register(table);
    f_score::register(table);
    iou::register(table);
}
