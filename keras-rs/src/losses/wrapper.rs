//! Functions as losses.

use super::classes::{loss_base, loss_setters};
use super::reduction::same_rank;
use super::{ComputeLoss, Loss, LossBase};
use crate::config::{Config, ConfigReader, function_name};
use crate::error::Result;
use crate::tensor::Tensor;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;

type Function = Arc<dyn Fn(&Tensor, &Tensor) -> Result<Tensor> + Send + Sync>;

/// A function of targets and predictions as a loss. Keras' `LossFunctionWrapper`, which `compile` puts
/// around functions.
///
/// Files hold the function's name only; [`CustomObjects::loss`](crate::config::CustomObjects::loss)
/// supplies it again, under that name.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{ComputeLoss, Loss, LossFunctionWrapper};
///
/// let cubes = LossFunctionWrapper::new("cubes", |y_true: &Tensor, y_pred: &Tensor| {
///     y_true.sub(y_pred)?.abs()?.pow_scalar(3.0)?.mean(&[-1], false)
/// });
/// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0], [2, 1])?;
/// let y_pred = Tensor::from_vec(vec![2.0_f32, 1.0], [2, 1])?;
/// assert_eq!(Loss::from(cubes).compute(&y_true, &y_pred, None)?.to_scalar()?, 4.5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone)]
pub struct LossFunctionWrapper {
    base: LossBase,
    function: Function,
    function_name: String,
}

impl LossFunctionWrapper {
    /// Of a function under its name, for custom functions the registered one, `package>name`. It gives
    /// the losses of the samples; where ranks differ by a last axis of size one, it gets equal ranks.
    pub fn new(
        name: &str,
        function: impl Fn(&Tensor, &Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> Self {
        let plain = name.rsplit('>').next().unwrap_or(name);
        Self { base: LossBase::named(plain), function: Arc::new(function), function_name: name.into() }
    }

    loss_setters!();
}

impl fmt::Debug for LossFunctionWrapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LossFunctionWrapper")
            .field("base", &self.base)
            .field("function", &self.function_name)
            .finish_non_exhaustive()
    }
}

impl ComputeLoss for LossFunctionWrapper {
    loss_base! { "LossFunctionWrapper" }

    fn module(&self) -> Option<&str> {
        Some("keras.src.losses.losses")
    }

    fn registered_name(&self) -> Option<String> {
        Some("LossFunctionWrapper".into())
    }

    fn config(&self) -> Config {
        let mut config = self.base.config();
        let function = json!({
            "module": "builtins",
            "class_name": "function",
            "config": self.function_name,
            "registered_name": "function",
        });
        config.insert("fn".into(), function);
        config
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        (self.function)(&y_true, &y_pred)
    }
}

/// The loss that is registered under the function's name, with the function's arguments as its own.
pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Loss> {
    let function = c.take_value("fn")?;
    let is_function = function.get("class_name").and_then(Value::as_str) == Some("function");
    let name = function_name(function).filter(|_| is_function);
    let Some(name) = name else { return Err(c.reject("fn", "a function by its name", function)) };
    let plain = name.rsplit('>').next().unwrap_or(name);
    let object = json!({ "class_name": plain, "registered_name": name, "config": c.take_rest() });
    c.loading().object(&object, c.object(), "fn")
}
