//! Compiling models.

use super::Model;
use crate::compile::{Compile, Compiled, Identifier, PerOutput};
use crate::config::IntoConfig;
use crate::dtype::DTypePolicy;
use crate::error::{Error, Result};
use crate::losses::Loss;
use crate::metrics::Metric;
use crate::optimizers::Optimizer;
use serde_json::Value;

impl Model {
    /// Sets optimizer, loss and metrics: objects, or Keras' names. Keras' `compile`.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let model = Sequential::new().add(Input::new([4])).add(Dense::new(1)).build()?;
    /// model.compile(Adam::new(1e-3), "mse", ["mae"])?;
    /// let wrong = model.compile("adam", "mse", ["accurracy"]).unwrap_err();
    /// assert!(wrong.to_string().contains("unknown metric \"accurracy\""));
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the nearest names.
    pub fn compile<O>(
        &self,
        optimizer: O,
        loss: impl Into<PerOutput<Identifier<Loss>>>,
        metrics: impl Into<PerOutput<Identifier<Metric>>>,
    ) -> Result<()>
    where
        O: TryInto<Optimizer>,
        Error: From<O::Error>,
    {
        self.compile_with(Compile::new().optimizer(optimizer).loss(loss).metrics(metrics))
    }

    /// As [`Model::compile`], with all of Keras' arguments.
    ///
    /// # Errors
    /// As [`Model::compile`].
    pub fn compile_with(&self, arguments: Compile) -> Result<()> {
        let compiled = arguments.finish(self.policy())?;
        self.compilation().set_compiled(compiled);
        Ok(())
    }

    /// Sets optimizer, loss and metrics from settings as files hold them. Keras' `compile_from_config`.
    ///
    /// If the settings have the same optimizer as the model, with the same arguments, its state is kept.
    ///
    /// # Errors
    /// As [`Model::compile`]; [`Error::Config`] for malformed settings.
    pub fn compile_from_config(&self, settings: &Value) -> Result<()> {
        let policy = self.policy();
        let custom = self.compilation().custom_objects();
        let mut compiled = Compiled::from_config(settings, &custom, policy)?;
        if let Ok(before) = self.compiled()
            && before.optimizer().to_config() == compiled.optimizer().to_config()
        {
            compiled.set_optimizer(before.optimizer().clone());
        }
        self.compilation().set_compiled(compiled);
        Ok(())
    }

    /// The policy that decides whether losses are scaled: `mixed_float16` where a layer has it.
    fn policy(&self) -> DTypePolicy {
        fn scaled(layer: &crate::layer::LayerRef) -> bool {
            layer.layer().base().dtype == DTypePolicy::MixedFloat16
                || layer.layer().sublayers().iter().any(|(_, child)| scaled(child))
        }
        if scaled(&self.as_layer()) { DTypePolicy::MixedFloat16 } else { DTypePolicy::default() }
    }

    /// What [`Model::compile`] or a file set.
    ///
    /// # Errors
    /// [`Error::NotCompiled`] where neither did; for a file, what its settings lack.
    pub fn compiled(&self) -> Result<std::sync::Arc<Compiled>> {
        self.compilation().compiled(&self.name(), self.policy())
    }

    /// The optimizer that [`Model::compile`] or a file set.
    ///
    /// # Errors
    /// As [`Model::compiled`].
    pub fn optimizer(&self) -> Result<Optimizer> {
        Ok(self.compiled()?.optimizer().clone())
    }

    /// Keras' `metrics_names`: `loss`, `compile_metrics` for all metrics together, and the loss of each
    /// output where there are several. The names of the metrics are the keys of what `evaluate` gives.
    ///
    /// # Errors
    /// As [`Model::compiled`].
    pub fn metrics_names(&self) -> Result<Vec<String>> {
        self.compiled()?.metrics_names()
    }
}
