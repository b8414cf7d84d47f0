//! The metric trait, and the handle that models hold.

use crate::config::{BaseConfig, Config, ConfigReader, HasBase, IntoConfig, KerasConfig, object_handle};
use crate::dtype::{DType, DTypePolicy};
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
}

impl BaseConfig for MetricBase {
    fn write(&self, config: &mut Config) {
        config.insert("name".into(), self.name.to_config());
        config.insert("dtype".into(), self.dtype.name().into());
    }

    fn read(mut self, c: &mut ConfigReader<'_>) -> Result<Self> {
        self.name = c.take_or::<Option<String>>("name", None)?.unwrap_or(self.name);
        if c.has("dtype") {
            let policy = c.take::<Option<DTypePolicy>>("dtype")?;
            self.dtype = policy.map_or(self.dtype, |policy| policy.compute_dtype());
        }
        Ok(self)
    }

    fn defer(&mut self, error: Error) {
        self.error.get_or_insert_with(|| std::sync::Arc::new(error));
    }
}

/// Computes a value over all batches since the last reset.
///
/// State lives in [`Accumulator`](super::Accumulator)s, so that one metric may be shared.
pub trait Measure: KerasConfig + HasBase<Base = MetricBase> + fmt::Debug + Send + Sync {
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

/// Setters that every metric has.
pub trait MetricExt: Measure + Sized {
    /// Sets the name: the key in logs and histories.
    #[must_use]
    fn name(mut self, name: impl Into<String>) -> Self {
        self.base_mut().name = name.into();
        self
    }

    /// Sets the type to compute in (default `float32`): a [`DType`], a [`DTypePolicy`] or Keras' name of one.
    #[must_use]
    fn dtype<D>(mut self, dtype: D) -> Self
    where
        D: TryInto<DTypePolicy>,
        Error: From<D::Error>,
    {
        self.base_mut().set(dtype, |base, policy: DTypePolicy| base.dtype = policy.compute_dtype());
        self
    }
}

impl<M: Measure> MetricExt for M {}

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
