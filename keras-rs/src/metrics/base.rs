//! The metric trait, and the handle that models hold.

use crate::config::{Config, ConfigExt, ConfigReader, object_handle};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use std::fmt;

/// Arguments that every metric has.
#[derive(Clone, Debug)]
pub struct MetricBase {
    /// Name: the key in logs and histories.
    pub name: String,
    /// The type to compute in; `float32` where none is named.
    pub dtype: DType,
    error: Option<std::sync::Arc<Error>>,
}

impl MetricBase {
    /// With Keras' defaults and a name.
    pub fn named(name: &str) -> Self {
        Self { name: name.into(), dtype: DType::F32, error: None }
    }

    /// Stores an error of a setter; it is reported when the metric is first used.
    pub fn defer(&mut self, error: Error) {
        self.error.get_or_insert_with(|| std::sync::Arc::new(error));
    }

    /// The first error that a setter stored.
    ///
    /// # Errors
    /// [`Error::Argument`] with that error.
    pub fn deferred(&self) -> Result<()> {
        match &self.error {
            None => Ok(()),
            Some(error) => Err(Error::argument(&self.name, "setter", "an accepted value", error)),
        }
    }

    /// The entries that every metric's configuration starts with.
    pub fn config(&self) -> Config {
        Config::new().with("name", &self.name).with("dtype", self.dtype.name())
    }

    /// Takes the arguments that every metric has from a configuration.
    ///
    /// # Errors
    /// [`Error::Config`] where one is malformed.
    pub fn from_config(c: &mut ConfigReader<'_>, name: &str) -> Result<Self> {
        let name = c.take_or::<Option<String>>("name", None)?.unwrap_or_else(|| name.into());
        let policy = c.take_or::<Option<crate::DTypePolicy>>("dtype", None)?;
        let dtype = policy.map_or(DType::F32, |p| p.compute_dtype());
        Ok(Self { name, dtype, error: None })
    }
}

/// Computes a value over all batches since the last reset.
///
/// State lives in [`Accumulator`](super::Accumulator)s, so that one metric may be shared.
pub trait Measure: fmt::Debug + Send + Sync {
    /// Keras' class name.
    fn class_name(&self) -> &str;

    /// Python module that the class is written under in files.
    fn module(&self) -> Option<&str> {
        Some("keras.metrics")
    }

    /// `package>name` of classes that users register.
    fn registered_name(&self) -> Option<String> {
        None
    }

    /// Arguments that every metric has.
    fn base(&self) -> &MetricBase;

    /// Constructor arguments, those of [`MetricBase::config`] first.
    fn config(&self) -> Config {
        self.base().config()
    }

    /// The key in logs and histories.
    fn name(&self) -> &str {
        &self.base().name
    }

    /// Adds a batch to the state. Metrics on values alone, such as `Mean`, take them as `y_pred`.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes of targets, predictions and weights do not agree.
    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, sample_weight: Option<&Tensor>) -> Result<()>;

    /// As [`Measure::update_state`], with the mask that came with the predictions.
    ///
    /// Means of functions leave out masked values; `Mean` and `Sum` do so only if there are weights. As in
    /// Keras, all other metrics ignore the mask.
    ///
    /// # Errors
    /// As [`Measure::update_state`].
    fn update_masked(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
        mask: Option<&Tensor>,
    ) -> Result<()> {
        let _ = mask;
        self.update_state(y_true, y_pred, sample_weight)
    }

    /// The value over all batches so far.
    ///
    /// # Errors
    /// What computing it reports.
    fn result(&self) -> Result<Tensor>;

    /// Resets the state.
    fn reset_state(&self);

    /// The parts of the state, which a backup within an epoch saves; by default none.
    fn states(&self) -> Vec<&dyn super::MetricState> {
        Vec::new()
    }
}

/// The setters that every metric with a `base` field has.
macro_rules! metric_setters {
    () => {
        /// Sets the name: the key in logs and histories.
        #[must_use]
        pub fn name(mut self, name: impl Into<String>) -> Self {
            self.base.name = name.into();
            self
        }

        /// Sets the type to compute in (default `float32`): a [`DType`](crate::DType), a
        /// [`DTypePolicy`](crate::DTypePolicy) or Keras' name of one.
        #[must_use]
        pub fn dtype<D>(mut self, dtype: D) -> Self
        where
            D: TryInto<crate::DTypePolicy>,
            crate::Error: From<D::Error>,
        {
            match dtype.try_into() {
                Ok(policy) => self.base.dtype = policy.compute_dtype(),
                Err(error) => self.base.defer(error.into()),
            }
            self
        }
    };
}
pub(super) use metric_setters;

object_handle! {
    /// A shared metric of any class, made from an object or a Keras name.
    ///
    /// ```
    /// use keras_rs::metrics::Metric;
    ///
    /// assert_eq!(Metric::try_from("Mean")?.class_name(), "Mean");
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Metric, Measure
}
