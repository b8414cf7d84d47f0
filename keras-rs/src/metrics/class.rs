//! A macro for what all classes of metrics share.

/// The parts of [`Measure`](super::Measure) that are the same in every class with a `base` field.
macro_rules! metric_base {
    ($class:expr) => {
        fn class_name(&self) -> &str {
            $class
        }

        fn base(&self) -> &crate::metrics::MetricBase {
            &self.base
        }
    };
}
pub(super) use metric_base;
