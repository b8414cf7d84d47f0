//! Functions under names, which stand for the Python functions of files.

use crate::activations::Activation;
use crate::config::{ClassTable, Config, CustomObjects, IntoConfig, Loading, Registered};
use crate::error::{Error, Result};
use crate::layer::{CallContext, Inputs, Outputs};
use crate::tensor::Tensor;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;

type Call = dyn Fn(Inputs, &Config, &mut CallContext<'_>) -> Result<Outputs> + Send + Sync;

/// A function of a user and its name, which is all that files hold of it.
///
/// ```
/// use keras_rs::layers::LambdaFunction;
///
/// let double = LambdaFunction::new("double", |x| x.mul_scalar(2.0));
/// assert_eq!(double.name(), "double");
/// ```
#[derive(Clone)]
pub struct LambdaFunction {
    name: String,
    call: Arc<Call>,
}

impl LambdaFunction {
    /// A function of one tensor.
    pub fn new(
        name: impl Into<String>,
        function: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> Self {
        Self::of_call(name, move |inputs, _, _| Ok(function(&inputs.into_single()?)?.into()))
    }

    /// A function of everything that a call has: inputs with their masks, the layer's `arguments`, and the context
    /// with the flag `training`.
    pub fn of_call(
        name: impl Into<String>,
        function: impl Fn(Inputs, &Config, &mut CallContext<'_>) -> Result<Outputs> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), call: Arc::new(function) }
    }

    /// The name under which files hold it: `package>name` where Python has it registered with a package.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Calls the function.
    ///
    /// # Errors
    /// What the function reports.
    pub fn call(&self, inputs: Inputs, arguments: &Config, context: &mut CallContext<'_>) -> Result<Outputs> {
        (self.call)(inputs, arguments, context)
    }

    /// One of Keras' activations: the functions that Python finds by name alone.
    fn of_activation(activation: Activation, name: &str) -> Self {
        let function = name.to_string();
        Self::of_call(name, move |inputs, arguments, _| {
            Ok(activation.call_named(&function, &inputs.into_single()?, arguments)?.into())
        })
    }
}

impl fmt::Debug for LambdaFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LambdaFunction({})", self.name)
    }
}

impl IntoConfig for LambdaFunction {
    fn to_config(&self) -> Value {
        json!({
            "module": "builtins",
            "class_name": "function",
            "config": self.name,
            "registered_name": "function",
        })
    }
}

impl Registered for LambdaFunction {
    const KIND: &'static str = "function";

    /// None: Keras' own are [`Registered::function`].
    fn classes() -> &'static ClassTable<Self> {
        static CLASSES: std::sync::OnceLock<ClassTable<LambdaFunction>> = std::sync::OnceLock::new();
        CLASSES.get_or_init(ClassTable::default)
    }

    fn function(name: &str, loading: &Loading<'_>) -> Option<Result<Self>> {
        if loading.custom.table::<Self>().is_some_and(|table| table.get(name).is_some()) {
            return None;
        }
        let activation = Activation::try_from(name).ok()?;
        Some(Ok(Self::of_activation(activation, name)))
    }
}

impl CustomObjects {
    /// Adds a function of one tensor that [`Lambda`](super::Lambda) layers of files name. For a layer that holds
    /// Python code in place of a name, the name is the layer's.
    ///
    /// ```
    /// use keras_rs::config::CustomObjects;
    ///
    /// let custom = CustomObjects::new().lambda("double", |x| x.mul_scalar(2.0));
    /// ```
    #[must_use]
    pub fn lambda(
        self,
        name: &str,
        function: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> Self {
        self.lambda_function(LambdaFunction::new(name, function))
    }

    /// As [`CustomObjects::lambda`], with a function of everything that a call has.
    #[must_use]
    pub fn lambda_function(self, function: LambdaFunction) -> Self {
        let name = function.name.clone();
        self.class(&name, move |_| Ok(function.clone()))
    }
}

/// The function of a layer's configuration; code is replaced by the function under the layer's name.
pub(super) fn read(
    value: &Value,
    layer: &str,
    object: &str,
    loading: &Loading<'_>,
) -> Result<LambdaFunction> {
    if value.get("class_name").and_then(Value::as_str) != Some("__lambda__") {
        return loading.object(value, object, "function");
    }
    let known = loading.custom.table::<LambdaFunction>().is_some_and(|table| table.get(layer).is_some());
    if known {
        return loading.object(&json!(layer), object, "function");
    }
    Err(Error::CodeRefused { layer: layer.into(), class_name: "Lambda".into() })
}
