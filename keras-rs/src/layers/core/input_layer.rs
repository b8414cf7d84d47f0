//! The placeholder of a model's input.

use crate::config::{self, Config, ConfigExt, ConfigReader, KerasConfig, Value};
use crate::dtype::{DType, DTypePolicy};
use crate::error::{Error, Result};
use crate::layer::{
    Arguments, CallContext, InputShapes, Inputs, KerasTensor, Layer, LayerBase, LayerFields, LayerRef, Node,
    Outputs, Role, Symbolic,
};
use crate::shape::Shape;
use std::sync::OnceLock;

/// Placeholder of a model's input. Keras' `InputLayer`; users write [`Input`].
#[derive(Clone, Debug)]
pub struct InputLayer {
    base: LayerBase,
    batch_shape: Shape,
    dtype: DType,
    optional: bool,
}

impl InputLayer {
    /// For tensors of this shape, the batch included.
    pub fn new(batch_shape: impl Into<Shape>, dtype: DType) -> Self {
        let mut base = LayerBase::default();
        base.dtype = dtype.into();
        Self { base, batch_shape: batch_shape.into(), dtype, optional: false }
    }

    /// Shape of the tensors, the batch included.
    pub fn batch_shape(&self) -> &Shape {
        &self.batch_shape
    }

    /// Element type of the tensors.
    pub fn input_dtype(&self) -> DType {
        self.dtype
    }
}

impl KerasConfig for InputLayer {
    fn class_name(&self) -> &str {
        "InputLayer"
    }

    fn module(&self) -> Option<&str> {
        Some("keras.layers")
    }

    fn registered_name(&self) -> Option<String> {
        None
    }

    fn config(&self) -> Config {
        Config::new()
            .with("batch_shape", self.batch_shape.dims().to_vec())
            .with("dtype", self.dtype.name())
            .with("sparse", false)
            .with("ragged", false)
            .with("name", self.base.name.clone())
            .with("optional", self.optional)
    }

    fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let shape: Option<Vec<Option<usize>>> =
            if c.has("batch_shape") { c.take("batch_shape")? } else { c.take_or("batch_input_shape", None)? };
        let mut flag = |key: &str| Ok::<_, Error>(c.take_or::<Option<bool>>(key, None)?.unwrap_or(false));
        let (sparse, ragged, optional) = (flag("sparse")?, flag("ragged")?, flag("optional")?);
        if sparse || ragged {
            return Err(c.reject("sparse", "a dense input", &Value::Bool(true)));
        }
        let dtype = c.take_or::<Option<DTypePolicy>>("dtype", None)?.unwrap_or_default();
        let shape = shape.ok_or_else(|| c.reject("batch_shape", "a shape", &Value::Null))?;
        let mut layer = Self::new(shape, dtype.compute_dtype());
        layer.optional = optional;
        layer.base.name = c.take_or("name", None)?;
        c.ignore(&["trainable", "input_tensor", "type_spec"]);
        Ok(layer)
    }

    fn arguments() -> Vec<config::ConstructorArgument> {
        let defaults = Self::new(Vec::new(), DType::F32).config();
        let argument = |(name, value)| {
            let default = (name != "batch_shape").then_some(value);
            config::ConstructorArgument { name, default }
        };
        defaults.into_iter().map(argument).collect()
    }
}

impl LayerFields for InputLayer {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn base_mut(&mut self) -> &mut LayerBase {
        &mut self.base
    }
}

impl Layer for InputLayer {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        Ok(inputs.into_list().into())
    }

    fn compute_output_shape(&self, _inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![self.batch_shape.clone()])
    }

    fn compute_output_dtype(&self, _inputs: &[DType], _outputs: usize) -> Vec<DType> {
        vec![self.dtype]
    }

    fn role(&self) -> Role {
        Role::Input
    }
}

/// A model's symbolic input: the start of a functional model, or of a [`Sequential`](crate::Sequential).
///
/// The shape is without the batch. Keras' `keras.Input`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let image = Input::new([28, 28, 1]).name("image");
/// assert_eq!(image.keras_tensor()?.shape().to_string(), "(None, 28, 28, 1)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug)]
pub struct Input {
    shape: Shape,
    batch_size: Option<usize>,
    dtype: DType,
    name: Option<String>,
    made: OnceLock<KerasTensor>,
}

impl Input {
    /// For samples of this shape; unknown sizes are `None`.
    pub fn new(shape: impl Into<Shape>) -> Self {
        Self { shape: shape.into(), batch_size: None, dtype: DType::F32, name: None, made: OnceLock::new() }
    }

    /// Sets the element type (default `float32`).
    #[must_use]
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.dtype = dtype;
        self
    }

    /// Sets the name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Fixes the number of samples in a batch.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = Some(batch_size);
        self
    }

    /// A handle to the input layer, for lists of layers.
    pub fn shared(self) -> LayerRef {
        LayerRef::new(self.layer())
    }

    /// The input layer alone.
    pub fn into_layer(self) -> InputLayer {
        self.layer()
    }

    fn layer(&self) -> InputLayer {
        let dims: Vec<Option<usize>> =
            std::iter::once(self.batch_size).chain(self.shape.dims().iter().copied()).collect();
        let mut layer = InputLayer::new(dims, self.dtype);
        layer.base.name.clone_from(&self.name);
        layer
    }
}

impl Symbolic for Input {
    fn keras_tensor(&self) -> Result<KerasTensor> {
        if let Some(made) = self.made.get() {
            return Ok(made.clone());
        }
        let layer = LayerRef::new(self.layer());
        let made = Node::connect(&layer, Arguments::default())?;
        let made = made
            .into_iter()
            .next()
            .ok_or_else(|| Error::argument("Input", "outputs", "one output", "none"))?;
        Ok(self.made.get_or_init(|| made).clone())
    }
}
