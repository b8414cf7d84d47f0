//! The layer trait: what every layer, Keras' or a user's, must say about itself.

use super::{
    Adapt, AsInputs, BuildScope, Call, CallContext, Cell, Form, InputShapes, InputSpecs, Inputs, KerasTensor,
    LayerClass, LayerFields, LayerRef, Outputs, Signature, Steps, SymbolicInputs,
};
use crate::config::{BaseConfig, Config, ConfigReader, KerasConfig};
use crate::dtype::{DType, DTypePolicy};
use crate::error::{Error, Result};
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::Tensor;
use std::any::Any;
use std::fmt;

/// Arguments that every layer has, and errors that its setters noted.
#[derive(Clone, Debug)]
pub struct LayerBase {
    /// Name; given when the model is wired where there is none.
    pub name: Option<String>,
    /// Whether training may change its variables.
    pub frozen: bool,
    /// Data types for computing and for variables.
    pub dtype: DTypePolicy,
    /// Whether float inputs are brought to the type that the layer computes in (default `true`).
    pub autocast: bool,
    /// Penalty on the outputs, where a class that has no argument for it was given one in a file.
    pub(crate) activity_regularizer: Option<Regularizer>,
    error: Option<std::sync::Arc<Error>>,
}

impl Default for LayerBase {
    fn default() -> Self {
        Self {
            name: None,
            frozen: false,
            dtype: DTypePolicy::default(),
            autocast: true,
            activity_regularizer: None,
            error: None,
        }
    }
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
            // Classes of users write it; Keras' own layers never do.
            autocast: config.take_or("autocast", true)?,
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

/// What kind of layer a layer is, for the few things that depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A layer like any other.
    Layer,
    /// The placeholder of a model's input.
    Input,
    /// An operation of `keras.ops`, which has a name and the arguments of its class only.
    Operation,
    /// A model that is a wired graph: Keras' `Functional` and `Sequential`.
    Graph,
    /// A model that a user wrote.
    Model,
}

impl Role {
    /// Whether it is a model of either kind.
    pub fn is_model(self) -> bool {
        matches!(self, Self::Graph | Self::Model)
    }
}

/// A layer: configuration as plain fields, variables made once by [`build`](Layer::build).
///
/// Layers hold no variables themselves: [`BuildScope`] collects them, [`CallContext`] hands them
/// back by key. The order in which `build` makes variables is the order in files.
///
/// What its fields say stands in [`KerasConfig`] and [`LayerFields`], which a derive writes.
///
/// ```
/// use keras_rs::config::KerasConfig;
/// use keras_rs::layers::{CallContext, Inputs, Layer, LayerBase, LayerExt, Outputs};
/// use keras_rs::{Result, Tensor};
///
/// #[derive(Clone, Debug, KerasConfig)]
/// #[keras(package = "forest")]
/// struct Scale {
///     base: LayerBase,
///     /// What inputs are multiplied by.
///     #[keras(new)]
///     factor: f64,
/// }
///
/// impl Layer for Scale {
///     fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
///         Ok(inputs.into_single()?.mul_scalar(self.factor)?.into())
///     }
/// }
///
/// let layer = Scale::new(3.0).shared();
/// let y = layer.call(&[Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [3.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub trait Layer: KerasConfig + LayerFields + LayerClass + Any + fmt::Debug + Send + Sync {
    /// What kind of layer it is.
    fn role(&self) -> Role {
        Role::Layer
    }

    /// Name of the class in Python, where Keras exports it under another one: automatic names and the groups of
    /// weight files follow it.
    fn python_class(&self) -> &str {
        self.class_name()
    }

    /// The arguments of `call`, from which binding, masks, building and files follow.
    fn signature(&self) -> Signature {
        Signature::INPUTS
    }

    /// The steps of a model that defines its own, which are then `Some(self)`: see [`Steps`].
    fn steps(&self) -> Option<&dyn Steps> {
        None
    }

    /// Checks the arguments and makes the variables for inputs of these shapes.
    ///
    /// # Errors
    /// Where an argument or a shape is not accepted.
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let _ = (scope, inputs);
        Ok(())
    }

    /// Computes the outputs. Inputs come by value, so that the last use of one may work in place.
    ///
    /// # Errors
    /// Where an input is not accepted.
    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs>;

    /// Shapes of the outputs for inputs of these shapes, without data. A layer that does not say is called on
    /// zeros by its handle, which finds the shapes so.
    ///
    /// # Errors
    /// Where a shape is not accepted; by default [`Error::NoShapeFunction`], but for cells.
    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        match self.cell() {
            Some(cell) => cell.step_shapes(inputs.single()?),
            None => Err(Error::NoShapeFunction { class: self.class_name().into() }),
        }
    }

    /// Keys of the dictionary in which Keras' class of the layer gives its outputs; none where it gives one tensor or
    /// a list. `compile`, `fit` and `evaluate` of a model that a user wrote name its outputs by them.
    fn output_names(&self) -> &[&str] {
        &[]
    }

    /// Data types of the outputs; by default the one that the layer computes in.
    fn compute_output_dtype(&self, inputs: &[DType], outputs: usize) -> Vec<DType> {
        let _ = inputs;
        vec![self.base().dtype.compute_dtype(); outputs]
    }

    /// Shapes and data types of the outputs of one call; by default what [`Layer::compute_output_shape`]
    /// and [`Layer::compute_output_dtype`] say, whatever the call's other arguments are. The handle remembers the
    /// answers to its last calls.
    ///
    /// # Errors
    /// Where a shape or an argument is not accepted.
    fn compute_output_spec(&self, inputs: &InputSpecs) -> Result<Vec<Spec>> {
        let shapes = inputs.try_map(|(shape, _)| Ok(shape.clone()))?;
        let outputs = self.compute_output_shape(&shapes)?;
        let dtypes: Vec<DType> = inputs.list().into_iter().map(|(_, dtype)| *dtype).collect();
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

    /// Masks of the outputs that [`Layer::call`] gives without one; by default the first input's mask where
    /// masks are supported.
    ///
    /// # Errors
    /// Where a mask's shape is not accepted.
    fn compute_mask(&self, inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        Ok(if self.supports_masking() { vec![inputs.mask()] } else { Vec::new() })
    }

    /// Masks of the outputs of a call on symbolic tensors, as operations on those that its inputs have: layers that
    /// take a mask are given it as an argument when a model is wired, see [`Signature::masked`].
    ///
    /// By default the first input's mask, where masks are supported and [`Layer::compute_mask`] gives a mask back as it
    /// is when it is asked with zeros. A layer that makes another one, and does not say here by which operations, has
    /// no symbolic mask: the one that it computes travels with its output in each call, and files hold none.
    ///
    /// # Errors
    /// Where a mask's shape is not accepted.
    fn compute_symbolic_mask(&self, inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
        let Some(mask) = inputs.mask().filter(|_| self.supports_masking()) else { return Ok(Vec::new()) };
        let given_back = || {
            let (stand_in, given) = inputs.stand_in(&mask)?;
            let masks = self.compute_mask(&stand_in)?;
            let Some(Some(got)) = masks.first() else { return Ok(false) };
            Ok(got.shape() == given.shape() && got.to_vec::<bool>()? == given.to_vec::<bool>()?)
        };
        // What fails on a stand-in is reported by the calls with values.
        let given_back: Result<bool> = given_back();
        Ok(if given_back.unwrap_or(false) { vec![Some(mask)] } else { Vec::new() })
    }

    /// Penalty on the outputs, which every call adds to the model's loss.
    fn activity_regularizer(&self) -> Option<&Regularizer> {
        None
    }

    /// What the layer computes at inference, where `predict` has kernels of its own for it on CPUs; by default nothing,
    /// and `predict` calls the layer.
    ///
    /// A layer that says something here gives the same numbers in [`Layer::call`] and adds nothing to masks.
    fn form(&self) -> Option<Form> {
        None
    }

    /// How often the layer drew from a seed of its own, which decides what it draws next: state that is
    /// no weight.
    fn draws(&self) -> Option<&std::sync::atomic::AtomicU64> {
        None
    }

    /// The layer as a cell, where it computes one step of a sequence.
    fn cell(&self) -> Option<&dyn Cell> {
        None
    }

    /// The layer as one that learns from data before training, where it does: Keras' layers with `adapt`.
    fn adaptable(&self) -> Option<&dyn Adapt> {
        None
    }

    /// Sets the states that the layer keeps from call to call to zeros. Keras' `reset_state`.
    ///
    /// # Errors
    /// Where making zeros fails.
    fn reset_state(&self) -> Result<()> {
        Ok(())
    }

    /// Layers inside whose names follow the name of a layer that is none of the model.
    fn named_after(&self) -> Vec<NamedAfter> {
        Vec::new()
    }

    /// How many calls of layers one call of this layer is, those inside it included.
    fn call_count(&self) -> u64 {
        1
    }

    /// The arguments of every layer that files hold; those missing here are none of the class' own in Keras.
    fn base_arguments(&self) -> &'static [&'static str] {
        &["name", "trainable", "dtype"]
    }

    /// What Keras builds the layer from again, where that is not the shapes it was built for.
    fn build_config(&self) -> Option<Config> {
        None
    }

    /// Whether weight files hold the layer's variables under their names, not numbered: what Keras does where a
    /// class overrides `save_own_variables` so.
    fn named_in_files(&self) -> bool {
        false
    }

    /// Files that the layer keeps beside its weights in `.keras`: a vocabulary, say. Keras' `save_assets`.
    ///
    /// # Errors
    /// What making them reports.
    fn save_assets(&self) -> Result<Vec<Asset>> {
        Ok(Vec::new())
    }

    /// Takes the files of [`Layer::save_assets`] back. Keras' `load_assets`.
    ///
    /// # Errors
    /// Where a file is missing or malformed.
    fn load_assets(&self, assets: &[Asset]) -> Result<()> {
        let _ = assets;
        Ok(())
    }
}

/// A layer inside another whose name is made from the name of a third one.
#[derive(Clone, Debug)]
pub struct NamedAfter {
    /// The layer that is named.
    pub layer: LayerRef,
    /// The layer whose name it gets.
    pub after: LayerRef,
    /// What stands before that name.
    pub prefix: &'static str,
}

/// A file that a layer keeps in `.keras` archives under `assets/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// File name, without folders.
    pub name: String,
    /// Contents.
    pub bytes: Vec<u8>,
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
        self.base_mut().set(dtype, |base, policy| base.dtype = policy);
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

    /// Applies the layer to symbolic tensors, with further arguments by keyword; the result is its first
    /// output.
    ///
    /// # Errors
    /// Where an argument or a shape is not accepted; the error names the layer.
    fn apply_with(self, inputs: impl AsInputs, call: Call) -> Result<KerasTensor> {
        self.shared().apply_with(inputs, call)
    }

    /// Applies the layer to symbolic tensors; the result is its outputs, as many as are asked for.
    ///
    /// # Errors
    /// Where an argument or a shape is not accepted, or the layer has another number of outputs; the error
    /// names the layer.
    fn apply_to<const N: usize>(self, inputs: impl AsInputs) -> Result<[KerasTensor; N]> {
        self.shared().apply_to(inputs)
    }
}

impl<L: Layer> LayerExt for L {}

impl<L: Layer> From<L> for Box<dyn Layer> {
    fn from(layer: L) -> Self {
        Box::new(layer)
    }
}
