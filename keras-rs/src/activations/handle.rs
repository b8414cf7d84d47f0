//! What layers keep an activation in.

use super::Function as Body;
use crate::config::{ClassIdentity, Config, CustomObjects, Envelope, FromConfig, IntoConfig, Loading};
use crate::dtype::{DType, DTypePolicy};
use crate::error::{Error, Result};
use crate::layer::{BuildScope, CallContext, Form, Function, Layer, LayerRef, Sublayers};
use crate::shape::Shape;
use crate::tensor::Tensor;
use keras_rs_kernels::Activation as Elementwise;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// An activation: one of Keras' functions by name, a layer, or a function of one's own.
///
/// ```
/// use keras_rs::activations::Activation;
/// use keras_rs::prelude::*;
/// use keras_rs::config::IntoConfig;
///
/// let x = Tensor::from_vec(vec![-1.0_f32, 2.0], [1, 2])?;
/// let relu = Activation::try_from("relu")?;
/// assert_eq!(relu.call(&x)?.to_vec::<f32>()?, [0.0, 2.0]);
/// assert_eq!(Activation::try_from("swish")?.to_config(), "silu");
///
/// let leaky = Activation::from(LeakyReLU::new().negative_slope(0.5));
/// assert_eq!(leaky.call(&x)?.to_vec::<f32>()?, [-0.5, 2.0]);
/// assert_eq!(leaky.to_config()["class_name"], "LeakyReLU");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone)]
pub struct Activation(Kind);

type Custom = Arc<dyn Fn(&Tensor) -> Result<Tensor> + Send + Sync>;

#[derive(Clone)]
enum Kind {
    Known(&'static str, Body),
    Layer(LayerRef),
    Custom(Value, Custom),
}

impl Activation {
    /// The identity.
    pub fn linear() -> Self {
        Self::known("linear", Ok)
    }

    /// The hyperbolic tangent.
    pub(crate) fn tanh() -> Self {
        Self::known("tanh", super::TANH)
    }

    /// The logistic function.
    pub(crate) fn sigmoid() -> Self {
        Self::known("sigmoid", super::SIGMOID)
    }

    pub(super) fn known(name: &'static str, function: Body) -> Self {
        Self(Kind::Known(name, function))
    }

    /// A function of one's own under its registered name, `package>name`.
    ///
    /// Files hold the name only; [`CustomObjects::activation`] supplies the function again.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::activations::Activation;
    ///
    /// let double = Activation::function("mine>double", |x: &Tensor| x.mul_scalar(2.0));
    /// let y = double.call(&Tensor::from_vec(vec![1.5_f32], [1])?)?;
    /// assert_eq!(y.to_vec::<f32>()?, [3.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn function(
        name: &str,
        function: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> Self {
        let config = serde_json::json!({
            "module": "builtins",
            "class_name": "function",
            "config": name,
            "registered_name": "function",
        });
        Self(Kind::Custom(config, Arc::new(function)))
    }

    /// An object of a class of one's own: what files are to hold of it, and what it computes.
    pub fn object(
        envelope: &Envelope,
        function: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> Self {
        Self(Kind::Custom(envelope.to_json(), Arc::new(function)))
    }

    /// Applies the activation.
    ///
    /// # Errors
    /// Where the data type or shape does not suit it.
    pub fn call(&self, x: &Tensor) -> Result<Tensor> {
        match &self.0 {
            Kind::Known(_, function) => function(x.clone()),
            Kind::Custom(_, function) => function(x),
            Kind::Layer(layer) => only(layer, layer.call(std::slice::from_ref(x))?),
        }
    }

    /// Makes the variables of an activation that is a layer, inside the layer that uses it.
    ///
    /// # Errors
    /// Where the shape does not suit it.
    pub fn build(&self, scope: &mut BuildScope<'_>, input: &Shape) -> Result<()> {
        match &self.0 {
            Kind::Layer(layer) => scope.build_child(layer, std::slice::from_ref(input)),
            _ => Ok(()),
        }
    }

    /// Applies the activation within a call of the layer that uses it.
    ///
    /// # Errors
    /// As [`Activation::call`].
    pub fn call_in(&self, x: Tensor, context: &mut CallContext<'_>) -> Result<Tensor> {
        match &self.0 {
            Kind::Layer(layer) => only(layer, context.call_child(layer, vec![x.into()])?.into_tensors()),
            Kind::Known(_, function) => function(x),
            Kind::Custom(_, function) => function(&x),
        }
    }

    /// The activation as a layer inside the one that uses it, where it is a layer.
    pub fn sublayers(&self) -> Vec<(String, LayerRef)> {
        match &self.0 {
            Kind::Layer(layer) => vec![("activation".into(), layer.clone())],
            _ => Vec::new(),
        }
    }

    /// The function, where `predict` has kernels for it.
    pub(crate) fn form(&self) -> Option<Function> {
        let elementwise = match &self.0 {
            Kind::Known("linear", _) => Elementwise::Linear,
            Kind::Known("relu", _) => Elementwise::Relu,
            Kind::Known("relu6", _) => Elementwise::Relu6,
            Kind::Known("leaky_relu", _) => Elementwise::LeakyRelu(0.2),
            Kind::Known("elu", _) => Elementwise::Elu(1.0),
            Kind::Known("sigmoid", _) => Elementwise::Sigmoid,
            Kind::Known("tanh", _) => Elementwise::Tanh,
            Kind::Known("silu", _) => Elementwise::Silu,
            Kind::Known("hard_sigmoid", _) => Elementwise::HardSigmoid,
            Kind::Known("hard_silu", _) => Elementwise::HardSilu,
            Kind::Known("hard_tanh", _) => Elementwise::Clip { low: -1.0, high: 1.0 },
            Kind::Known("gelu", _) => Elementwise::Gelu,
            Kind::Known("selu", _) => Elementwise::Selu,
            Kind::Known("softsign", _) => Elementwise::Softsign,
            Kind::Known("exponential", _) => Elementwise::Exponential,
            Kind::Known("softmax", _) => return Some(Function::Softmax(-1)),
            Kind::Layer(layer) => match layer.layer().form()? {
                Form::Function(function) if is_plain(layer) => return Some(function),
                _ => return None,
            },
            Kind::Known(..) | Kind::Custom(..) => return None,
        };
        Some(Function::Elementwise(elementwise))
    }

    /// Whether it is the identity.
    pub fn is_linear(&self) -> bool {
        self.is("linear")
    }

    /// Whether it is the function of Keras with that name.
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(self.0, Kind::Known(known, _) if known == name)
    }
}

/// Whether a layer computes in `float32`.
fn is_plain(layer: &LayerRef) -> bool {
    layer.layer().base().dtype == DTypePolicy::Plain(DType::F32)
}

/// The first output of a layer that should have one.
fn only(layer: &LayerRef, outputs: Vec<Tensor>) -> Result<Tensor> {
    let missing = || Error::argument(layer.name(), "outputs", "one tensor", "none");
    outputs.into_iter().next().ok_or_else(missing)
}

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Activation({})", self.to_config())
    }
}

impl PartialEq for Activation {
    fn eq(&self, other: &Self) -> bool {
        self.to_config() == other.to_config()
    }
}

impl Sublayers for Activation {
    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        self.sublayers().into_iter().map(|(_, layer)| (name.into(), layer)).collect()
    }
}

impl<L: Layer> From<L> for Activation {
    fn from(layer: L) -> Self {
        Self(Kind::Layer(LayerRef::new(layer)))
    }
}

impl From<LayerRef> for Activation {
    fn from(layer: LayerRef) -> Self {
        Self(Kind::Layer(layer))
    }
}

impl TryFrom<&str> for Activation {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        let custom = CustomObjects::new();
        let loading = Loading::new(&custom);
        loading.object(&name.into(), "Activation", "name")
    }
}

impl IntoConfig for Activation {
    fn to_config(&self) -> Value {
        match &self.0 {
            Kind::Known(name, _) => (*name).into(),
            Kind::Layer(layer) => layer.to_json(),
            Kind::Custom(config, _) => config.clone(),
        }
    }
}

impl FromConfig for Activation {
    const EXPECTED: &'static str = "the name of an activation, or an object with class_name and config";

    fn from_value(value: &Value) -> Option<Self> {
        if value.is_null() { Some(Self::linear()) } else { Self::try_from(value.as_str()?).ok() }
    }

    /// Reads a name, a function's envelope, or the envelope of a layer or of a user's class.
    fn from_config(value: &Value, object: &str, key: &str, loading: &Loading<'_>) -> Result<Self> {
        if value.is_null() {
            return Ok(Self::linear());
        }
        let class = value.get("class_name").and_then(Value::as_str);
        let Some(class) = class else { return loading.object(value, object, key) };
        // Keras writes functions as objects of Python's own class, with the name as configuration.
        if let (true, Some(name)) = (class.contains("function"), value.get("config").and_then(Value::as_str))
        {
            let plain = name.rsplit('>').next().unwrap_or(name);
            let registered = value.get("registered_name").and_then(Value::as_str);
            let envelope = serde_json::json!({
                "class_name": plain,
                "registered_name": if name == plain { registered } else { Some(name) },
                "config": Config::new(),
            });
            return loading.object(&envelope, object, key);
        }
        if ClassIdentity::of::<Self>(value).is_some_and(|class| loading.maker::<Self>(&class).is_some()) {
            return loading.object(value, object, key);
        }
        loading.object::<Box<dyn Layer>>(value, object, key).map(|l| Self(Kind::Layer(LayerRef::from_box(l))))
    }
}
