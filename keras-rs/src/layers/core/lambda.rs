//! A function as a layer.

use super::LambdaFunction;
use super::lambda_function::read;
use crate::config::{Config, ConfigReader, KerasConfig};
use crate::error::{Error, Result};
use crate::layer::{CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, Signature};
use crate::shape::Shape;
use crate::tensor::Tensor;
use serde_json::Value;

/// Calls a function. Keras' `Lambda`.
///
/// Files hold the function's name: [`CustomObjects::lambda`](crate::config::CustomObjects::lambda) says what it
/// stands for. The code of a Python `lambda`, which files may hold instead, is never run; a function under the
/// layer's name takes its place.
///
/// Shapes: what the function gives, found by a call on zeros, or `(batch, ...)` of `output_shape`. Masks end here,
/// unless the function gives its outputs some.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Input::new([2]);
/// let y = Lambda::new("double", |x| x.mul_scalar(2.0)).apply(&x)?;
/// let model = Model::new(&x, &y)?;
///
/// let custom = CustomObjects::new().lambda("double", |x| x.mul_scalar(2.0));
/// let again = keras_rs::model_from_json_with(&model.to_json(), &custom)?;
/// let y = again.predict(&Tensor::ones([1, 2], DType::F32)?)?;
/// assert_eq!(y.to_vec::<f32>()?, [2.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", constructor = of)]
pub struct Lambda {
    base: LayerBase,
    /// The function.
    #[keras(default = LambdaFunction::new("linear", |x| Ok(x.clone())), no_setter, no_read)]
    function: LambdaFunction,
    /// Shape of the output without the batch (default: found by a call on zeros).
    #[keras(only_set)]
    output_shape: Option<Vec<Option<usize>>>,
    /// Arguments that the function is handed (default: none).
    #[keras(default = Config::new(), read_with = arguments)]
    arguments: Config,
}

impl Lambda {
    /// With a function of one tensor and its name.
    pub fn new(
        name: impl Into<String>,
        function: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> Self {
        LambdaFunction::new(name, function).into()
    }

    /// Makes the layer of a file.
    pub(super) fn read(c: &mut ConfigReader<'_>) -> Result<Box<dyn Layer>> {
        let custom = c.loading().custom.table::<Box<dyn Layer>>();
        if let Some(maker) = custom.and_then(|table| table.get("Lambda")) {
            return maker(c);
        }
        let name = c.peek::<String>("name")?.unwrap_or_default();
        let function = read(c.take_value("function")?, &name, c.object(), c.loading())?;
        if c.has("mask") {
            let mask = c.take_value("mask")?;
            if !mask.is_null() {
                return Err(c.reject("mask", "null: the function gives its outputs masks itself", mask));
            }
        }
        // A function of shapes is not needed: shapes are found by a call.
        if c.peek::<Value>("output_shape")?.is_some_and(|shape| shape.is_object()) {
            c.ignore(&["output_shape"]);
        }
        let mut layer = Self::from_config(c)?;
        layer.function = function;
        Ok(Box::new(layer))
    }
}

/// Arguments of a file; `null` stands for none.
fn arguments(c: &mut ConfigReader<'_>, key: &str) -> Result<Config> {
    Ok(c.take::<Option<Config>>(key)?.unwrap_or_default())
}

impl From<LambdaFunction> for Lambda {
    fn from(function: LambdaFunction) -> Self {
        Self { function, ..Self::of() }
    }
}

impl Layer for Lambda {
    fn signature(&self) -> Signature {
        Signature::MASKED
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        self.function.call(inputs, &self.arguments, context)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let Some(rest) = &self.output_shape else {
            return Err(Error::NoShapeFunction { class: self.class_name().into() });
        };
        let batch = inputs.list().first().and_then(|shape| shape.dims().first().copied()).flatten();
        let mut dims = vec![batch];
        dims.extend(rest);
        Ok(vec![dims.into()])
    }
}
