//! Any Burn module as a Keras layer.

use super::parameters::{self, Parameter};
use super::tensors::BurnTensors;
use crate::config::{Config, ConfigExt, ConfigReader, ConstructorArgument, KerasConfig, shorten};
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{
    BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, LayerFields, Outputs, Signature,
};
use crate::tensor::Tensor;
use burn::module::{Module, ParamId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

/// What the module's own configuration is stored under.
const MODULE_CONFIG: &str = "module_config";

/// A Burn module as a layer: one of `burn::nn`, or a struct with `#[derive(Module)]`.
///
/// The module's parameters are the layer's variables, under their Burn paths (`conv.weight`). They are trained,
/// counted, frozen, moved and saved like those of any layer; running statistics (`RunningState`) are variables that
/// calls in training change. Shapes of outputs come from a dry run. In training, Burn's own flags decide what
/// dropout and batch normalization do; a frozen layer behaves as after Burn's `freeze`. Numbers that the module
/// draws come from Burn's generator, not from seeds of this crate.
///
/// What the module computes with is what the layer's data type policy says, whatever type it was made in. A panic
/// of the module is an error of the layer.
///
/// # Shapes
/// Inputs: a tensor of the rank that the function takes, or a list of them for a function of a tuple. Outputs: what
/// the function gives.
///
/// ```
/// use burn::module::Module;
/// use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig, Relu};
/// use keras_rs::prelude::*;
///
/// #[derive(Module, Debug)]
/// struct Encoder {
///     linear: Linear,
///     dropout: Dropout,
/// }
///
/// let encoder = Encoder {
///     linear: LinearConfig::new(4, 2).init(&Default::default()),
///     dropout: DropoutConfig::new(0.5).init(),
/// };
/// let layer = BurnModule::new(encoder, |module, x: burn::Tensor<2>| {
///     module.dropout.forward(Relu::new().forward(module.linear.forward(x)))
/// });
/// let model = Sequential::new().add(Input::new([4])).add(layer).add(Dense::new(1)).build()?;
/// model.compile("adam", "mse", ())?;
/// assert_eq!(model.weights()[0].name(), "linear.weight");
/// assert_eq!(model.predict(&Tensor::ones([3, 4], DType::F32)?)?.shape(), [3, 1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug)]
pub struct BurnModule {
    base: LayerBase,
    registered: String,
    module_config: Option<Value>,
    parameters: Vec<Parameter>,
    /// Initial values of the parameters, until the variables exist.
    values: Mutex<Vec<Tensor>>,
    /// The device that the module was made on; none where it has neither parameters nor constants.
    home: Option<burn::tensor::Device>,
    module: Box<dyn Forward>,
}

impl BurnModule {
    /// A layer that computes what the function makes of the module and the inputs: a closure, or a method of the
    /// module such as `Linear::forward::<2>`.
    ///
    /// Parameters that are not initialized yet are; one that several places of the module share is one variable.
    pub fn new<M, I, O, F>(module: M, forward: F) -> Self
    where
        M: Module + 'static,
        I: BurnTensors,
        O: BurnTensors,
        F: Fn(&M, I) -> O + Send + Sync + 'static,
    {
        let mut base = LayerBase::default();
        let found = parameters::find(&module).unwrap_or_else(|error| {
            base.defer(error);
            Vec::new()
        });
        let (parameters, values) = found.into_iter().unzip();
        Self {
            base,
            registered: format!("burn>{}", type_name::<M>()),
            module_config: None,
            parameters,
            values: Mutex::new(values),
            home: module.devices().into_iter().next(),
            module: Box::new(Typed {
                module: Mutex::new(parameters::emptied(&module)),
                forward,
                types: PhantomData::<fn(I) -> O>,
            }),
        }
    }

    /// Sets what files hold of the module's arguments: most often its `burn::config::Config`, which
    /// [`BurnModule::loader`] hands back.
    #[must_use]
    pub fn module_config(mut self, config: &impl Serialize) -> Self {
        match serde_json::to_value(config) {
            Ok(config) => self.module_config = Some(config),
            Err(error) => {
                let expected = "a configuration that JSON can hold";
                self.base.defer(Error::argument(&self.registered, MODULE_CONFIG, expected, error));
            }
        }
        self
    }

    /// Sets the name that files hold of the class, `package>Name` (default: `burn>` and the name of the module's
    /// type).
    #[must_use]
    pub fn class(mut self, registered: impl Into<String>) -> Self {
        self.registered = registered.into();
        self
    }

    /// A function for [`CustomObjects::layer`](crate::config::CustomObjects::layer) that makes the layer of a file
    /// again, from what [`BurnModule::module_config`] stored.
    ///
    /// ```
    /// use burn::nn::{Linear, LinearConfig};
    /// use keras_rs::prelude::*;
    ///
    /// fn linear(config: LinearConfig) -> BurnModule {
    ///     BurnModule::new(config.init(&Default::default()), Linear::forward::<2>).module_config(&config)
    /// }
    ///
    /// let layer = linear(LinearConfig::new(3, 2)).name("encoder");
    /// let model = Sequential::new().add(Input::new([3])).add(layer).build()?;
    /// let custom = CustomObjects::new().layer("burn>Linear", BurnModule::loader(linear));
    /// let again = keras_rs::model_from_json_with(&model.to_json(), &custom)?;
    /// assert_eq!(again.layer("encoder")?.variable("weight")?.shape(), [3, 2]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn loader<C: DeserializeOwned>(
        make: impl Fn(C) -> Self + Send + Sync + 'static,
    ) -> impl Fn(&mut ConfigReader<'_>) -> Result<Self> + Send + Sync + 'static {
        move |c| {
            let base = LayerBase::from_config(c)?;
            let stored =
                if c.has(MODULE_CONFIG) { c.take_value(MODULE_CONFIG)?.clone() } else { Value::Null };
            let config = serde_json::from_value(stored.clone()).map_err(|error| Error::Config {
                object: c.object().into(),
                key: MODULE_CONFIG.into(),
                expected: format!("the module's configuration ({error})"),
                got: shorten(&stored),
            })?;
            let mut layer = make(config);
            layer.base.deferred()?;
            layer.base = base;
            Ok(layer)
        }
    }
}

/// The last part of a type's path.
fn type_name<M>() -> &'static str {
    let path = std::any::type_name::<M>();
    let path = path.split('<').next().unwrap_or(path);
    path.rsplit("::").next().unwrap_or(path)
}

/// A module and what to do with it, without their types.
trait Forward: fmt::Debug + Send + Sync {
    fn inputs(&self) -> usize;

    fn forward(&self, inputs: Vec<Tensor>, call: ModuleCall<'_>) -> Result<ModuleOutputs>;
}

struct ModuleCall<'a> {
    parameters: &'a [Parameter],
    values: HashMap<ParamId, Tensor>,
    /// Where to move the module's constants.
    device: Option<burn::tensor::Device>,
    training: bool,
}

struct ModuleOutputs {
    outputs: Vec<Tensor>,
    states: HashMap<ParamId, Tensor>,
}

struct Typed<M, F, I, O> {
    /// Its parameters are filled in by each call.
    module: Mutex<M>,
    forward: F,
    types: PhantomData<fn(I) -> O>,
}

impl<M, F, I, O> Forward for Typed<M, F, I, O>
where
    M: Module,
    I: BurnTensors,
    O: BurnTensors,
    F: Fn(&M, I) -> O + Send + Sync,
{
    fn inputs(&self) -> usize {
        I::COUNT
    }

    fn forward(&self, inputs: Vec<Tensor>, call: ModuleCall<'_>) -> Result<ModuleOutputs> {
        let inputs = I::from_tensors(inputs)?;
        // A validation copy is this call's own: running states are shared by other copies.
        let module = self.module.lock().unwrap_or_else(PoisonError::into_inner).valid();
        let module = if call.training { module.train() } else { module };
        let mut module = parameters::filled(module, &call.values)?;
        if let Some(device) = &call.device {
            module = module.to_device(device);
        }
        let run = || (self.forward)(&module, inputs);
        let outputs = catch_unwind(AssertUnwindSafe(run))
            .map_err(|payload| Error::panicked(type_name::<M>(), payload.as_ref()))?;
        let states =
            if call.training { parameters::states(&module, call.parameters)? } else { HashMap::new() };
        Ok(ModuleOutputs { outputs: outputs.into_tensors()?, states })
    }
}

impl<M: fmt::Debug, F, I, O> fmt::Debug for Typed<M, F, I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.module.lock().unwrap_or_else(PoisonError::into_inner).fmt(f)
    }
}

impl KerasConfig for BurnModule {
    fn class_name(&self) -> &str {
        self.registered.rsplit('>').next().unwrap_or(&self.registered)
    }

    fn module(&self) -> Option<&str> {
        None
    }

    fn registered_name(&self) -> Option<String> {
        Some(self.registered.clone())
    }

    fn config(&self) -> Config {
        match &self.module_config {
            Some(config) => Config::new().with(MODULE_CONFIG, config.clone()),
            None => Config::new(),
        }
    }

    /// Refused: only the user's function makes a module; see [`BurnModule::loader`].
    fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Err(Error::argument(c.object(), "from_config", "a function of the user (BurnModule::loader)", "none"))
    }

    fn arguments() -> Vec<ConstructorArgument> {
        Vec::new()
    }
}

impl LayerFields for BurnModule {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn base_mut(&mut self) -> &mut LayerBase {
        &mut self.base
    }
}

impl Layer for BurnModule {
    fn signature(&self) -> Signature {
        if self.module.inputs() == 1 { Signature::INPUTS } else { Signature::LIST }
    }

    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        for (parameter, value) in self.parameters.iter().zip(&*values) {
            let weight = scope.weight(&parameter.path, value.shape(), &Initializer::zeros());
            let weight = if parameter.dtype.is_float() { weight } else { weight.dtype(parameter.dtype) };
            weight.trainable(parameter.trainable).value(value.clone()).add()?;
        }
        values.clear();
        Ok(())
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let mut inputs = inputs.into_list();
        let mut values = HashMap::new();
        for parameter in &self.parameters {
            values.insert(parameter.id, context.weight(&parameter.path)?);
        }
        let recorded = values.values().chain(&inputs).any(Tensor::is_recorded);
        let device = values.values().chain(&inputs).next().map(|tensor| tensor.device().as_burn().clone());
        let training = context.training() && context.trainable();
        if training {
            // Burn's modules train where gradients are recorded.
            values.values_mut().chain(&mut inputs).for_each(|tensor| *tensor = tensor.in_recording());
        }
        let moved = self.home.as_ref().zip(device).filter(|(home, device)| *home != device);
        let call = ModuleCall {
            parameters: &self.parameters,
            values,
            device: moved.map(|(_, device)| device),
            training,
        };
        let ModuleOutputs { outputs, states } = self.module.forward(inputs, call)?;
        for parameter in &self.parameters {
            if let Some(state) = states.get(&parameter.id) {
                context.assign(&parameter.path, state)?;
            }
        }
        let outputs: Vec<Tensor> =
            outputs.into_iter().map(|tensor| if recorded { tensor } else { tensor.detach() }).collect();
        Ok(outputs.into())
    }

    fn named_in_files(&self) -> bool {
        true
    }
}
