//! What the classes of metrics have in common.

/// Setters that every metric has; they need a `base` field.
macro_rules! base_setters {
    () => {
        /// Sets the name: the key in logs and histories.
        #[must_use]
        pub fn name(mut self, name: impl Into<String>) -> Self {
            self.base.name = name.into();
            self
        }

        /// Sets the type to compute in: a [`DType`](crate::DType), a [`DTypePolicy`](crate::DTypePolicy)
        /// or Keras' name of one.
        #[must_use]
        pub fn dtype<D>(mut self, dtype: D) -> Self
        where
            D: TryInto<crate::DTypePolicy>,
            crate::error::Error: From<D::Error>,
        {
            match dtype.try_into() {
                Ok(policy) => self.base.dtype = policy.compute_dtype(),
                Err(error) => self.base.defer(error.into()),
            }
            self
        }
    };
}
pub(super) use base_setters;

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
