//! Functions as losses.

use super::reduction::same_rank;
use super::{ComputeLoss, Loss, LossBase};
use crate::config::{ConfigReader, IntoConfig, KerasConfig, function_name};
use crate::error::Result;
use crate::tensor::Tensor;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;

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
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.src.losses.losses", registered_name = "LossFunctionWrapper", no_new)]
pub struct LossFunctionWrapper {
    #[keras(default = LossBase::named("loss_function_wrapper"))]
    base: LossBase,
    #[keras(new, rename = "fn", read_with = Function::read)]
    function: Function,
}

impl LossFunctionWrapper {
    /// Of a function under its name, for custom functions the registered one, `package>name`. It gives
    /// the losses of the samples; where ranks differ by a last axis of size one, it gets equal ranks.
    pub fn new(
        name: &str,
        function: impl Fn(&Tensor, &Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> Self {
        let plain = name.rsplit('>').next().unwrap_or(name);
        Self {
            base: LossBase::named(plain),
            function: Function { name: name.into(), call: Arc::new(function) },
        }
    }
}

type Call = dyn Fn(&Tensor, &Tensor) -> Result<Tensor> + Send + Sync;

/// A function and the name that files hold of it.
#[derive(Clone)]
struct Function {
    name: String,
    call: Arc<Call>,
}

impl Function {
    fn read(c: &mut ConfigReader<'_>, _key: &str) -> Result<Self> {
        let (name, loss) = registered(c)?;
        Ok(Self { name, call: Arc::new(move |y_true, y_pred| loss.call(y_true, y_pred)) })
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({})", self.name)
    }
}

impl IntoConfig for Function {
    fn to_config(&self) -> Value {
        json!({
            "module": "builtins",
            "class_name": "function",
            "config": self.name,
            "registered_name": "function",
        })
    }
}

impl ComputeLoss for LossFunctionWrapper {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        (self.function.call)(&y_true, &y_pred)
    }
}

/// The function's name, and the loss that is registered under it, with the function's arguments as its own.
pub(super) fn registered(c: &mut ConfigReader<'_>) -> Result<(String, Loss)> {
    let function = c.take_value("fn")?;
    let is_function = function.get("class_name").and_then(Value::as_str) == Some("function");
    let name = function_name(function).filter(|_| is_function);
    let Some(name) = name else { return Err(c.reject("fn", "a function by its name", function)) };
    let plain = name.rsplit('>').next().unwrap_or(name);
    let object = json!({ "class_name": plain, "registered_name": name, "config": c.take_rest() });
    let loss = c.loading().object(&object, c.object(), "fn")?;
    Ok((name.to_string(), loss))
}
