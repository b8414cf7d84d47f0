//! Metrics: quantities that are measured while a model is trained and evaluated.
//!
//! A function gives values for the samples; without a suffix it has Keras' default arguments, with
//! the suffix `_with` it takes all of Keras' arguments, in Keras' order. A class ([`Measure`]) aggregates
//! all batches since the last reset. [`Metric`] is a handle to a class of any kind.

mod accumulator;
mod accuracy;
mod base;
mod confusion;
mod correlation;
mod f_score;
mod function;
mod hinge;
mod iou;
mod probabilistic;
mod r2_score;
mod reduction;
mod regression;
mod samplewise;
mod state;
mod top_k;
mod tracked;
mod wrapper;

pub use accumulator::Accumulator;
pub use accuracy::{
    Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy, binary_accuracy,
    binary_accuracy_with, categorical_accuracy, sparse_categorical_accuracy,
};
pub use base::{Measure, Metric, MetricBase, MetricExt};
pub use confusion::{
    AUC, AUCCurve, AUCSummationMethod, FalseNegatives, FalsePositives, Precision, PrecisionAtRecall, Recall,
    RecallAtPrecision, SensitivityAtSpecificity, SpecificityAtSensitivity, Thresholds, TrueNegatives,
    TruePositives,
};
pub use correlation::{
    ConcordanceCorrelation, PearsonCorrelation, concordance_correlation, pearson_correlation,
};
pub use f_score::{Average, F1Score, FBetaScore};
pub use function::MetricFunction;
pub use hinge::{CategoricalHinge, Hinge, SquaredHinge};
pub use iou::{BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU};
pub use probabilistic::{
    BinaryCrossentropy, CategoricalCrossentropy, KLDivergence, Poisson, SparseCategoricalCrossentropy,
};
pub use r2_score::{ClassAggregation, R2Score};
pub use reduction::{Mean, Sum};
pub use regression::{
    CosineSimilarity, LogCoshError, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    MeanSquaredLogarithmicError, RootMeanSquaredError,
};
pub use state::MetricState;
pub use top_k::{
    SparseTopKCategoricalAccuracy, TopKCategoricalAccuracy, sparse_top_k_categorical_accuracy,
    sparse_top_k_categorical_accuracy_with, top_k_categorical_accuracy, top_k_categorical_accuracy_with,
};
pub use wrapper::MeanMetricWrapper;

// Keras' module lists these functions, too.
use crate::config::{ClassTable, Loading, Registered};
use crate::error::Result;
pub use crate::losses::{
    binary_crossentropy, binary_focal_crossentropy, categorical_crossentropy, categorical_focal_crossentropy,
    categorical_hinge, hinge, huber, kl_divergence, log_cosh, mean_absolute_error,
    mean_absolute_percentage_error, mean_squared_error, mean_squared_logarithmic_error, poisson,
    sparse_categorical_crossentropy, squared_hinge,
};
use std::sync::OnceLock;

crate::config::custom_object! {
    /// Adds a metric class.
    metric: Metric
}

impl Registered for Metric {
    const KIND: &'static str = "metric";

    fn classes() -> &'static ClassTable<Self> {
        static CLASSES: OnceLock<ClassTable<Metric>> = OnceLock::new();
        CLASSES.get_or_init(|| ClassTable::filled(register))
    }

    fn function(name: &str, loading: &Loading<'_>) -> Option<Result<Self>> {
        MetricFunction::find(name, loading).map(|found| found.map(Into::into))
    }
}

/// Adds Keras' classes.
fn register(table: &mut ClassTable<Metric>) {
    macro_rules! classes {
        ($($class:ident: $($alias:literal),+;)*) => {$(
            table.class::<$class>(&[stringify!($class), $($alias),+]);
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
        MeanSquaredError: "mean_squared_error", "mse", "MSE";
        RootMeanSquaredError: "root_mean_squared_error";
        MeanAbsoluteError: "mean_absolute_error", "mae", "MAE";
        MeanAbsolutePercentageError: "mean_absolute_percentage_error", "mape", "MAPE";
        MeanSquaredLogarithmicError: "mean_squared_logarithmic_error", "msle", "MSLE";
        CosineSimilarity: "cosine_similarity";
        LogCoshError: "log_cosh_error";
        R2Score: "r2_score";
        Hinge: "hinge";
        SquaredHinge: "squared_hinge";
        CategoricalHinge: "categorical_hinge";
        KLDivergence: "kl_divergence";
        Poisson: "poisson";
        BinaryCrossentropy: "binary_crossentropy", "bce", "BCE";
        CategoricalCrossentropy: "categorical_crossentropy";
        SparseCategoricalCrossentropy: "sparse_categorical_crossentropy";
    }
    confusion::register(table);
    correlation::register(table);
    f_score::register(table);
    iou::register(table);
}
