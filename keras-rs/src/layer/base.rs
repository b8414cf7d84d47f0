//! The layer trait: what every layer, Keras' or a user's, must say about itself.

use super::{BuildScope, CallContext, Kwargs, LayerRef};
use crate::config::{Config, ConfigReader};
use crate::dtype::{DType, DTypePolicy};
use crate::error::{Error, Result};
use crate::layer::{AsInputs, KerasTensor};
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::Tensor;
use std::fmt;

/// Arguments that every layer has, and errors that its setters noted.
#[derive(Clone, Debug, Default)]
pub struct LayerBase {
    /// Name; given when the model is wired where there is none.
    pub name: Option<String>,
    /// Whether training may change its variables.
    pub frozen: bool,
    /// Data types for computing and for variables.
    pub dtype: DTypePolicy,
    /// Penalty on the outputs, where a class that has no argument for it was given one in a file.
    pub(crate) activity_regularizer: Option<Regularizer>,
    error: Option<std::sync::Arc<Error>>,
}

impl LayerBase {
    /// With a name.
    pub fn named(name: &str) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// Notes an error of a setter; it is reported when the layer is first used.
    pub fn defer(&mut self, error: Error) {
        self.error.get_or_insert_with(|| std::sync::Arc::new(error));
    }

    /// Takes the arguments that every layer has from a configuration.
    ///
    /// # Errors
    /// [`Error::Config`] where one is malformed.
    pub fn from_config(config: &mut ConfigReader<'_>) -> Result<Self> {
        config.ignore(&[
            "batch_input_shape",
            "batch_size",
            "input_shape",
            "quantization_config",
            "input_dtype",
        ]);
        Ok(Self {
            name: config.take_or("name", None)?,
            frozen: !config.take_or("trainable", true)?,
            dtype: config.take_or::<Option<DTypePolicy>>("dtype", None)?.unwrap_or_default(),
            activity_regularizer: config.peek("activity_regularizer")?,
            error: None,
        })
    }

    /// The first error that a setter noted.
    pub(crate) fn deferred(&self) -> Result<()> {
        match &self.error {
            None => Ok(()),
            Some(error) => Err(Error::argument("layer arguments", "setter", "an accepted value", error)),
        }
    }
}

pub use crate::shape::Spec;

/// A layer: configuration as plain fields, variables made once by [`build`](Layer::build).
///
/// Layers hold no variables themselves: [`BuildScope`] collects them, [`CallContext`] hands them
/// back by name. The order in which `build` makes variables is the order in files.
///
/// ```
/// use keras_rs::layers::{BuildScope, CallContext, Layer, LayerBase, LayerExt};
/// use keras_rs::config::{Config, ConfigExt};
/// use keras_rs::{Result, Shape, Tensor};
///
/// #[derive(Clone, Debug)]
/// struct Scale {
///     base: LayerBase,
///     factor: f64,
/// }
///
/// impl Layer for Scale {
///     fn class_name(&self) -> &str { "Scale" }
///     fn base(&self) -> &LayerBase { &self.base }
///     fn base_mut(&mut self) -> &mut LayerBase { &mut self.base }
///     fn config(&self) -> Config { Config::new().with("factor", self.factor) }
///     fn compute_output_shape(&self, inputs: &[Shape]) -> Result<Vec<Shape>> { Ok(inputs.to_vec()) }
///     fn call(&self, inputs: &[Tensor], _context: &mut CallContext<'_>) -> Result<Vec<Tensor>> {
///         inputs.iter().map(|x| x.mul_scalar(self.factor)).collect()
///     }
/// }
///
/// let layer = Scale { base: LayerBase::default(), factor: 3.0 }.shared();
/// let y = layer.call(&[Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [3.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub trait Layer: fmt::Debug + Send + Sync + 'static {
    /// Keras' class name.
    fn class_name(&self) -> &str;

    /// Python module that the class is written under in files.
    fn module(&self) -> Option<&str> {
        Some("keras.layers")
    }

    /// `package>name` of classes that users register.
    fn registered_name(&self) -> Option<String> {
        None
    }

    /// Arguments that every layer has.
    fn base(&self) -> &LayerBase;

    /// Arguments that every layer has, to be set.
    fn base_mut(&mut self) -> &mut LayerBase;

    /// The class' own constructor arguments, in Keras' order.
    fn config(&self) -> Config;

    /// Checks the arguments and makes the variables for inputs of these shapes.
    ///
    /// # Errors
    /// Where an argument or a shape is not accepted.
    fn build(&self, _scope: &mut BuildScope<'_>, _inputs: &[Shape]) -> Result<()> {
        Ok(())
    }

    /// Computes the outputs.
    ///
    /// # Errors
    /// Where an input is not accepted.
    fn call(&self, inputs: &[Tensor], context: &mut CallContext<'_>) -> Result<Vec<Tensor>>;

    /// Shapes of the outputs for inputs of these shapes, without data.
    ///
    /// # Errors
    /// Where a shape is not accepted.
    fn compute_output_shape(&self, inputs: &[Shape]) -> Result<Vec<Shape>>;

    /// Data types of the outputs; by default the one that the layer computes in.
    fn compute_output_dtype(&self, inputs: &[DType], outputs: usize) -> Vec<DType> {
        let _ = inputs;
        vec![self.base().dtype.compute_dtype(); outputs]
    }

    /// Shapes and data types of the outputs of one call; by default what [`Layer::compute_output_shape`]
    /// and [`Layer::compute_output_dtype`] say, whatever the call's other arguments are.
    ///
    /// # Errors
    /// Where a shape or an argument is not accepted.
    fn compute_output_spec(&self, inputs: &[Spec], kwargs: &Kwargs) -> Result<Vec<Spec>> {
        let _ = kwargs;
        let (shapes, dtypes): (Vec<Shape>, Vec<DType>) = inputs.iter().cloned().unzip();
        let outputs = self.compute_output_shape(&shapes)?;
        let dtypes = self.compute_output_dtype(&dtypes, outputs.len());
        Ok(outputs.into_iter().zip(dtypes).collect())
    }

    /// Whether float inputs are brought to the type that the layer computes in.
    fn autocast(&self) -> bool {
        true
    }

    /// Whether the layer hands masks on.
    fn supports_masking(&self) -> bool {
        false
    }

    /// Masks of the outputs; by default the first input's mask where masks are supported.
    ///
    /// # Errors
    /// Where a mask's shape is not accepted.
    fn compute_mask(
        &self,
        _inputs: &[Tensor],
        masks: &[Option<Tensor>],
        outputs: usize,
    ) -> Result<Vec<Option<Tensor>>> {
        let first = if self.supports_masking() { masks.first().cloned().flatten() } else { None };
        Ok(vec![first; outputs])
    }

    /// Penalty on the outputs, which every call adds to the model's loss.
    fn activity_regularizer(&self) -> Option<&Regularizer> {
        None
    }

    /// How often the layer drew from a seed of its own, which decides what it draws next: state that is
    /// no weight.
    fn draws(&self) -> Option<&std::sync::atomic::AtomicU64> {
        None
    }

    /// Layers inside this one, by the name of the attribute that Keras keeps them under.
    fn sublayers(&self) -> Vec<(String, LayerRef)> {
        Vec::new()
    }

    /// The model, where this layer is one.
    fn as_model(&self) -> Option<&std::sync::Arc<crate::models::ModelCore>> {
        None
    }

    /// Whether this is the placeholder of a model's input.
    fn is_input(&self) -> bool {
        false
    }

    /// Whether this is an operation of `keras.ops`, which has a name and the arguments of its class only.
    fn is_operation(&self) -> bool {
        false
    }

    /// Whether a list of inputs is handed to Keras as one argument (`layer([a, b])`).
    fn takes_list(&self) -> bool {
        false
    }
}

/// Setters and uses that every layer has.
pub trait LayerExt: Layer + Sized {
    /// Sets the name.
    #[must_use]
    fn name(mut self, name: impl Into<String>) -> Self {
        self.base_mut().name = Some(name.into());
        self
    }

    /// Sets whether training may change the variables (default `true`).
    #[must_use]
    fn trainable(mut self, trainable: bool) -> Self {
        self.base_mut().frozen = !trainable;
        self
    }

    /// Sets the data type policy: a [`DType`], a [`DTypePolicy`] or Keras' name of one.
    #[must_use]
    fn dtype<D>(mut self, dtype: D) -> Self
    where
        D: TryInto<DTypePolicy>,
        Error: From<D::Error>,
    {
        match dtype.try_into() {
            Ok(policy) => self.base_mut().dtype = policy,
            Err(error) => self.base_mut().defer(error.into()),
        }
        self
    }

    /// Makes a shared handle: using it several times shares one set of variables.
    fn shared(self) -> LayerRef {
        LayerRef::new(self)
    }

    /// Applies the layer to symbolic tensors; the result is its first output.
    ///
    /// # Errors
    /// Where an argument or a shape is not accepted; the error names the layer.
    fn apply(self, inputs: impl AsInputs) -> Result<KerasTensor> {
        self.shared().apply(inputs)
    }
}

impl<L: Layer> LayerExt for L {}

/// The parts of [`Layer`] that are the same in every layer with a `base` field.
macro_rules! layer_base {
    ($class:literal) => {
        fn class_name(&self) -> &str {
            $class
        }

        fn base(&self) -> &crate::layer::LayerBase {
            &self.base
        }

        fn base_mut(&mut self) -> &mut crate::layer::LayerBase {
            &mut self.base
        }
    };
}
pub(crate) use layer_base;
