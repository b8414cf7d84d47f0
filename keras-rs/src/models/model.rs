//! The handle that users hold.

use super::compilation::Compilation;
use super::graph_model::Kind;
use super::{GraphModel, model_from_value, naming};
use crate::backend::default_device;
use crate::config::{Config, CustomObjects, Loading};
use crate::error::{Error, Result};
use crate::graph::Wiring;
use crate::layer::{AsInputs, Call, KerasTensor, Layer, LayerBase, LayerRef, Role, Sublayers};
use crate::shape::Shape;
use serde_json::json;
use std::fmt;
use std::sync::Arc;

/// A model; clones refer to the same model. Keras' `Model`.
///
/// A model is a layer and what it was compiled with. The layer is a wired graph ([`Model::new`],
/// [`Sequential`](crate::Sequential)), or one that a user wrote ([`Model::subclassed`]). A model is a layer
/// too: [`Model::apply`] nests it in another.
#[derive(Clone)]
pub struct Model {
    layer: LayerRef,
    compilation: Arc<Compilation>,
}

impl Model {
    pub(super) fn wired(base: LayerBase, kind: Kind) -> Self {
        Self::of(LayerRef::new(GraphModel { base, kind }))
    }

    /// A model around any layer.
    pub(super) fn of(layer: LayerRef) -> Self {
        // The companion of a layer is made here alone, so that it is always of this type.
        let compilation = layer.companion::<Compilation>().unwrap_or_default();
        Self { layer, compilation }
    }

    /// A model whose layer a user wrote: `call` with loops and conditions of its own, and layers inside it.
    /// Keras' subclassing of `keras.Model`.
    ///
    /// Its weights are made when it first sees data, or by [`Model::build`].
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// // Any layer may be one; a class of one's own is in `examples/subclassed.rs`.
    /// let model = Model::subclassed(Dense::new(1).kernel_initializer("ones"));
    /// model.compile("sgd", "mse", ())?;
    /// let y = model.predict(&Tensor::ones([4, 3], DType::F32)?)?;
    /// assert_eq!(y.to_vec::<f32>()?, [3.0; 4]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn subclassed(layer: impl Layer) -> Self {
        let model = Self::of(LayerRef::new(layer));
        naming::assign(&model.layer, &model.layers(), model.prefixes_paths());
        model
    }

    /// The model behind a layer handle, where it is one.
    pub fn from_layer(layer: &LayerRef) -> Option<Self> {
        layer.layer().role().is_model().then(|| Self::of(layer.clone()))
    }

    /// The model as a layer.
    pub fn as_layer(&self) -> LayerRef {
        self.layer.clone()
    }

    /// What the model was compiled with.
    pub(crate) fn compilation(&self) -> &Compilation {
        &self.compilation
    }

    /// The compile settings, as files hold them; `None` where the model is not compiled.
    pub fn compile_config(&self) -> Option<serde_json::Value> {
        self.compilation.config()
    }

    /// The wired graph, where the model is one and its input's shape is known.
    pub fn wiring(&self) -> Option<&Wiring> {
        GraphModel::wiring_of(&self.layer)
    }

    /// Whether the model is a `Sequential`.
    pub fn is_sequential(&self) -> bool {
        GraphModel::of(&self.layer).is_some_and(GraphModel::is_sequential)
    }

    /// Whether the paths of variables begin with the model's name: in all models but functional ones.
    pub(super) fn prefixes_paths(&self) -> bool {
        self.is_sequential() || !self.is_graph()
    }

    /// Whether the model is a wired graph: functional, or a `Sequential`.
    pub(super) fn is_graph(&self) -> bool {
        GraphModel::of(&self.layer).is_some()
    }

    /// Name.
    pub fn name(&self) -> String {
        self.layer.name()
    }

    /// Whether the weights exist.
    pub fn is_built(&self) -> bool {
        // The layers of a wired graph have theirs before the model is called.
        GraphModel::of(&self.layer).map_or_else(|| self.layer.is_built(), |graph| graph.wiring().is_some())
    }

    /// Makes the weights of a `Sequential`, or of a model that a user wrote, for an input of this shape, the
    /// batch included.
    ///
    /// # Errors
    /// What a layer reports for its input's shape.
    pub fn build(&self, input_shape: impl Into<Shape>) -> Result<()> {
        let shape = input_shape.into();
        match self.layer.layer().role() {
            Role::Graph => self.layer.build(&[shape]),
            _ => self.layer.build_by_call(self.layer.arguments(vec![shape]), &default_device()?),
        }
    }

    /// Shape of the only input, the batch included. Keras' `input_shape`.
    ///
    /// # Errors
    /// As [`Model::inputs`]; [`Error::Argument`] where there are several.
    pub fn input_shape(&self) -> Result<Shape> {
        Ok(self.only("inputs", self.inputs()?)?.shape().clone())
    }

    /// Shape of the only output, the batch included. Keras' `output_shape`.
    ///
    /// # Errors
    /// As [`Model::output`].
    pub fn output_shape(&self) -> Result<Shape> {
        Ok(self.output()?.shape().clone())
    }

    /// Shapes of the outputs for inputs of these shapes. Keras' `compute_output_shape`.
    ///
    /// # Errors
    /// What a layer reports for its input's shape.
    pub fn compute_output_shape(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        self.layer.compute_output_shape(inputs)
    }

    /// The configuration: layers and how they are connected, or the constructor arguments of a model that a user
    /// wrote. Keras' `get_config`.
    pub fn get_config(&self) -> Config {
        self.layer.config()
    }

    /// A functional model or a `Sequential` with fresh weights from what [`Model::get_config`] gave. Keras'
    /// `Model.from_config`.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let model = Sequential::new().add(Input::new([3])).add(Dense::new(2)).build()?;
    /// assert_eq!(Model::from_config(&model.get_config())?.count_params(), 8);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`load_model`](crate::load_model); [`Error::Config`] for another configuration, such as that of a class that
    /// a user wrote, which [`Model::from_config_as`] takes.
    pub fn from_config(config: &Config) -> Result<Self> {
        Self::from_config_with(config, &CustomObjects::new())
    }

    /// As [`Model::from_config`], with classes of your own.
    ///
    /// # Errors
    /// As [`Model::from_config`].
    pub fn from_config_with(config: &Config, custom: &CustomObjects) -> Result<Self> {
        let class_name = if config.contains_key("input_layers") {
            "Functional"
        } else if config.contains_key("layers") {
            "Sequential"
        } else {
            return Err(Error::Config {
                object: "Model".into(),
                key: "layers".into(),
                expected:
                    "the layers of a functional model or a Sequential (Model::from_config_as makes a model \
                           of a class of yours)"
                        .into(),
                got: format!("{:?}", config.keys().collect::<Vec<_>>()),
            });
        };
        let envelope = json!({ "module": "keras", "class_name": class_name, "config": config });
        model_from_value(&envelope, &Loading::new(custom))
    }

    /// A model of a class that a user wrote, with fresh weights, from what [`Model::get_config`] gave. Keras'
    /// `from_config` of the class. The custom objects are those that the configuration names.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// /// One dense layer, called several times.
    /// #[derive(Clone, Debug, KerasConfig)]
    /// #[keras(package = "docs")]
    /// struct Rounds {
    ///     base: LayerBase,
    ///     #[keras(new)]
    ///     rounds: usize,
    ///     #[keras(skip = Dense::new(3).shared())]
    ///     dense: LayerRef,
    /// }
    ///
    /// impl Layer for Rounds {
    ///     fn role(&self) -> Role {
    ///         Role::Model
    ///     }
    ///
    ///     fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
    ///         let mut x = inputs.into_single()?;
    ///         for _ in 0..self.rounds {
    ///             x = context.apply(&self.dense, x)?;
    ///         }
    ///         Ok(x.into())
    ///     }
    /// }
    ///
    /// let model = Model::subclassed(Rounds::new(2));
    /// let again = Model::from_config_as::<Rounds>(&model.get_config(), &CustomObjects::new())?;
    /// again.build([None, Some(3)])?;
    /// assert_eq!((again.get_config(), again.count_params()), (model.get_config(), 12));
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Model::from_config`].
    pub fn from_config_as<L: Layer>(config: &Config, custom: &CustomObjects) -> Result<Self> {
        let class = std::any::type_name::<L>();
        let custom = custom.clone().layer(class, L::from_config);
        let envelope =
            json!({ "module": null, "class_name": class, "config": config, "registered_name": class });
        model_from_value(&envelope, &Loading::new(&custom))
    }

    /// The only symbolic input.
    ///
    /// # Errors
    /// As [`Model::inputs`]; [`Error::Argument`] where there are several.
    pub fn input(&self) -> Result<KerasTensor> {
        self.only("inputs", self.inputs()?)
    }

    /// Symbolic inputs.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] for a `Sequential` that has not seen its input's shape.
    pub fn inputs(&self) -> Result<Vec<KerasTensor>> {
        self.require_wiring().map(|w| w.graph.inputs.clone())
    }

    /// Symbolic outputs.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] for a `Sequential` that has not seen its input's shape.
    pub fn outputs(&self) -> Result<Vec<KerasTensor>> {
        self.require_wiring().map(|w| w.graph.outputs.clone())
    }

    /// The only symbolic output.
    ///
    /// # Errors
    /// As [`Model::outputs`]; [`Error::Argument`] where there are several.
    pub fn output(&self) -> Result<KerasTensor> {
        self.only("outputs", self.outputs()?)
    }

    fn only(&self, what: &'static str, mut tensors: Vec<KerasTensor>) -> Result<KerasTensor> {
        match tensors.len() {
            1 => Ok(tensors.swap_remove(0)),
            got => Err(Error::argument(self.name(), what, "one tensor", format!("{got} tensors"))),
        }
    }

    pub(crate) fn require_wiring(&self) -> Result<&Wiring> {
        self.wiring().ok_or_else(|| Error::NotBuilt {
            layer: self.name(),
            hint: "it has no symbolic inputs and outputs: start a Sequential with an Input, or wire a functional model",
        })
    }

    /// Applies the model to symbolic tensors; the result is its first output.
    ///
    /// # Errors
    /// Where a shape does not fit.
    pub fn apply(&self, inputs: impl AsInputs) -> Result<KerasTensor> {
        self.layer.apply(inputs)
    }

    /// Applies the model to symbolic tensors, with further arguments by keyword; the result is its first
    /// output.
    ///
    /// # Errors
    /// Where an argument or a shape does not fit.
    pub fn apply_with(&self, inputs: impl AsInputs, call: Call) -> Result<KerasTensor> {
        self.layer.apply_with(inputs, call)
    }

    /// Applies the model to symbolic tensors; the result is its outputs, as many as are asked for.
    ///
    /// # Errors
    /// Where a shape does not fit, or the model has another number of outputs.
    pub fn apply_to<const N: usize>(&self, inputs: impl AsInputs) -> Result<[KerasTensor; N]> {
        self.layer.apply_to(inputs)
    }

    /// Applies the model to symbolic tensors; all its outputs.
    ///
    /// # Errors
    /// Where a shape does not fit.
    pub fn apply_many(&self, inputs: impl AsInputs) -> Result<Vec<KerasTensor>> {
        self.layer.apply_many(inputs)
    }
}

impl AsRef<LayerRef> for Model {
    fn as_ref(&self) -> &LayerRef {
        &self.layer
    }
}

/// A model among a layer's fields is a layer inside it.
impl Sublayers for Model {
    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        self.layer.sublayers(name)
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} name={}, built={}>", self.layer.class_name(), self.name(), self.is_built())
    }
}

impl fmt::Display for Model {
    /// The table of [`Model::summary`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())
    }
}
