//! A Keras model as a Burn module.

use super::any_param::AnyParam;
use super::tensors::BurnTensors;
use crate::backend::Backend;
use crate::error::{Error, Result, tuple};
use crate::layer::ForwardPass;
use crate::models::Model;
use crate::tensor::Tensor;
use crate::variable::Variable;
use burn::module::{
    Content, Devices, Flag, Module, ModuleDisplay, ModuleDisplayDefault, ModuleMapper, ModuleVisitor, Param,
    ParamId,
};
use burn::tensor::Device;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// What Burn is told about the struct that holds the parameters.
const CONTAINER: &str = "Struct:KerasModule";

/// A Keras model as a Burn module, made by [`Model::into_module`]: Burn's optimizers, records and training loops
/// take it, alone or as a field of a struct with `#[derive(Module)]`.
///
/// The weights that gradients change are the module's own parameters, under the variables' paths
/// (`sequential.dense.kernel`); a copy of the module has its own. [`KerasModule::into_model`] hands their values to
/// the model. All other variables, such as moving statistics, stay those of the model, which every copy shares,
/// as copies of Burn's modules share running states; `to_device` and `fork` move them.
///
/// A variable has the same `ParamId` whenever it becomes a parameter in one process. A frozen layer's weights do
/// not require gradients. [`Module::train`] prepares the module for training, [`Module::valid`] for inference, and
/// layers behave as in training where the module's flag is on and gradients are recorded. Constraints are applied
/// by the optimizers of this crate only; penalties are in [`KerasModule::forward_with_losses`].
///
/// The `Learner` of `burn-train` trains it as a field of one's own module with `TrainStep` and `InferenceStep`, once
/// [`Module::train`] was called, as every module of Burn that was not made on a device for gradients:
/// `Learner::new(regression.train(), optimizer, scheduler)`. Its checkpoints are records of the parameters.
///
/// ```
/// use burn::module::Module;
/// use burn_optim::{GradientsParams, SgdConfig};
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([2])).add(Dense::new(1)).build()?;
/// let mut module = model.into_module()?.train();
/// let mut optimizer = SgdConfig::new().init();
/// let x = burn::Tensor::<2>::ones([4, 2], &Default::default());
/// let mut losses = Vec::new();
/// for _ in 0..5 {
///     let y: burn::Tensor<2> = module.forward(x.clone())?;
///     let loss = (y - 3.0).square().mean();
///     losses.push(loss.clone().into_scalar::<f32>());
///     let gradients = GradientsParams::from_grads(loss.backward(), &module);
///     module = optimizer.step(0.1, module, gradients);
/// }
/// assert!(losses[4] < losses[0]);
/// let model = module.into_model()?; // predict, save: as ever
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct KerasModule {
    model: Model,
    weights: Vec<Weight>,
    training: Param<Flag>,
    /// The first error of a method that Burn lets return none.
    error: Option<Arc<Error>>,
}

#[derive(Clone, Debug)]
struct Weight {
    path: Vec<String>,
    variable: Variable,
    id: ParamId,
    /// The module's own parameter; where there is none, the model's variable is meant.
    own: Option<AnyParam>,
}

impl Weight {
    /// The parameter as Burn sees it.
    fn param(&self) -> Result<AnyParam> {
        match &self.own {
            Some(param) => Ok(param.clone()),
            None => AnyParam::new(self.id, self.variable.value()?, false),
        }
    }

    /// A value of the parameter in the shape of the variable.
    fn value(&self, param: &AnyParam) -> Result<Tensor> {
        let value = param.value()?;
        if value.shape() == self.variable.shape() { Ok(value) } else { value.reshape(self.variable.shape()) }
    }
}

impl Model {
    /// The model as a Burn module, whose parameters start from the weights that the model has.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] where it has no weights yet; [`Error::Shape`] for weights of more than 8 axes.
    pub fn into_module(self) -> Result<KerasModule> {
        if !self.is_built() {
            let hint = "call it on data, or start it with an Input";
            return Err(Error::NotBuilt { layer: self.name(), hint });
        }
        let trained: HashSet<u64> = self.trainable_weights().iter().map(Variable::serial).collect();
        let mut paths = HashSet::new();
        let mut weights = Vec::new();
        for variable in self.weights() {
            let id = param_id(2 * variable.serial());
            // Also draws the initial value, so that later reads cannot fail.
            let value = variable.value()?;
            let own = match variable.trainable() && variable.dtype().is_float() {
                true => Some(AnyParam::new(id, value, trained.contains(&variable.serial()))?),
                false => AnyParam::new(id, value, false).map(|_| None)?,
            };
            weights.push(Weight { path: distinct_path(&variable, &mut paths), variable, id, own });
        }
        let training = Param::initialized(param_id(2 * self.as_layer().serial() + 1), Flag::new(true));
        Ok(KerasModule { model: self, weights, training, error: None })
    }
}

/// The parts of a variable's path; the last one of a path that comes again is numbered.
fn distinct_path(variable: &Variable, taken: &mut HashSet<Vec<String>>) -> Vec<String> {
    let path: Vec<String> = variable.path().split('/').map(str::to_string).collect();
    let numbered = |count: usize| {
        let mut path = path.clone();
        if let Some(last) = path.last_mut().filter(|_| count > 0) {
            *last = format!("{last}_{count}");
        }
        path
    };
    let free = (0..=taken.len()).map(numbered).find(|path| !taken.contains(path)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

/// The id that belongs to a number: the same for the whole process, and another in the next one, since the numbers
/// of variables and layers start anew there.
fn param_id(number: u64) -> ParamId {
    static PROCESS: OnceLock<u64> = OnceLock::new();
    let process = *PROCESS.get_or_init(|| ParamId::new().val());
    // An odd factor keeps different numbers different.
    ParamId::from(process.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

impl KerasModule {
    /// The outputs for inputs of Burn's types, in the order of the model's inputs: a tensor, or a tuple of them.
    ///
    /// # Errors
    /// What a layer reports; [`Error::Shape`] and [`Error::DType`] where outputs are of another rank or kind than
    /// asked for, [`Error::Argument`] for another number.
    pub fn forward<I: BurnTensors, O: BurnTensors>(&self, inputs: I) -> Result<O> {
        O::from_tensors(self.run(inputs.into_tensors()?, &mut self.pass()?)?)
    }

    /// The outputs, and the sum of the penalties on weights and of the losses that layers add, which belongs to the
    /// loss in training.
    ///
    /// # Errors
    /// As [`KerasModule::forward`].
    pub fn forward_with_losses<I: BurnTensors, O: BurnTensors>(
        &self,
        inputs: I,
    ) -> Result<(O, burn::Tensor<1>)> {
        let mut pass = self.pass()?;
        let outputs = self.run(inputs.into_tensors()?, &mut pass)?;
        let mut losses = std::mem::take(&mut pass.losses);
        for variable in self.model.trainable_weights() {
            if let Some(regularizer) = variable.regularizer() {
                losses.push(regularizer.call(&pass.value(&variable)?)?);
            }
        }
        let zero = match outputs.first() {
            Some(output) => Tensor::full_on([1], 0.0, crate::DType::F32, output.device())?,
            None => Tensor::zeros([1], crate::DType::F32)?,
        };
        let sum = losses.into_iter().try_fold(zero, |sum, loss| sum.add(&loss.reshape([1])?))?;
        Ok((O::from_tensors(outputs)?, sum.into_burn()?))
    }

    /// The model, whose weights have the values of the module's parameters.
    ///
    /// # Errors
    /// The first error of a method that Burn lets return none; [`Error::Shape`] where a parameter has another
    /// shape than its variable.
    pub fn into_model(self) -> Result<Model> {
        self.check()?;
        for weight in &self.weights {
            if let Some(param) = &weight.own {
                weight.variable.assign(&weight.value(param)?.detach())?;
            }
        }
        Ok(self.model)
    }

    fn check(&self) -> Result<()> {
        match &self.error {
            None => Ok(()),
            Some(error) => {
                Err(Error::argument(self.model.name(), "Burn module", "an accepted change", error))
            }
        }
    }

    /// A forward pass with the module's own parameters.
    fn pass(&self) -> Result<ForwardPass> {
        self.check()?;
        let mut pass = ForwardPass::default();
        for weight in &self.weights {
            if let Some(param) = &weight.own {
                let value = weight.value(param)?;
                pass.training |= value.is_recorded();
                pass.replace(&weight.variable, value);
            }
        }
        Ok(pass)
    }

    fn run(&self, inputs: Vec<Tensor>, pass: &mut ForwardPass) -> Result<Vec<Tensor>> {
        pass.training =
            self.training.is_enabled() && (pass.training || inputs.iter().any(Tensor::is_recorded));
        self.model.call_with(&inputs, pass)
    }

    /// With every weight changed.
    fn change(mut self, mut change: impl FnMut(&mut Weight) -> Result<()>) -> Self {
        for weight in &mut self.weights {
            if let Err(error) = change(weight) {
                self.error.get_or_insert_with(|| Arc::new(error));
            }
        }
        self
    }

    /// With the module's own parameters changed.
    fn change_own(self, change: impl Fn(AnyParam) -> AnyParam) -> Self {
        self.change(|weight| {
            weight.own = weight.own.take().map(&change);
            Ok(())
        })
    }

    fn moved(self, device: &Device, change: impl Fn(AnyParam) -> AnyParam) -> Self {
        self.change_own(change).change(|weight| {
            let device = crate::Device::from_burn(Backend::of(device)?, device.clone());
            weight.variable.to_device(&device)
        })
    }
}

impl Module for KerasModule {
    fn collect_devices(&self, devices: Devices) -> Devices {
        self.weights.iter().fold(devices, |mut devices, weight| match &weight.own {
            Some(param) => param.collect_devices(devices),
            None => {
                let device = weight.variable.device();
                if !devices.contains(device.as_burn()) {
                    devices.push(device.as_burn().clone());
                }
                devices
            }
        })
    }

    fn fork(self, device: &Device) -> Self {
        self.moved(device, |param| param.fork(device))
    }

    fn to_device(self, device: &Device) -> Self {
        self.moved(device, |param| param.to_device(device))
    }

    fn train(self) -> Self {
        let mut module = self.change_own(AnyParam::train);
        module.training = module.training.train();
        module
    }

    fn valid(&self) -> Self {
        let mut module = self.clone().change_own(|param| param.valid());
        module.training = module.training.valid();
        module
    }

    fn materialize(self) -> Self {
        self.change_own(AnyParam::materialize)
    }

    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        for weight in &self.weights {
            let Ok(param) = weight.param() else { continue };
            weight.path.iter().for_each(|name| visitor.enter_module(name, CONTAINER));
            param.visit(visitor);
            weight.path.iter().rev().for_each(|name| visitor.exit_module(name, CONTAINER));
        }
        visitor.enter_module("training", CONTAINER);
        visitor.visit_flag(&self.training);
        visitor.exit_module("training", CONTAINER);
    }

    fn map<M: ModuleMapper>(self, mapper: &mut M) -> Self {
        let mut module = self.change(|weight| {
            let param = weight.param()?;
            weight.path.iter().for_each(|name| mapper.enter_module(name, CONTAINER));
            let mapped = param.map(mapper);
            weight.path.iter().rev().for_each(|name| mapper.exit_module(name, CONTAINER));
            match &mut weight.own {
                Some(own) => *own = mapped,
                None => weight.variable.assign(&weight.value(&mapped)?.detach())?,
            }
            Ok(())
        });
        mapper.enter_module("training", CONTAINER);
        module.training = mapper.map_flag(module.training);
        mapper.exit_module("training", CONTAINER);
        module
    }
}

impl ModuleDisplayDefault for KerasModule {
    fn content(&self, content: Content) -> Option<Content> {
        let content = content.set_top_level_type("KerasModule").add("model", &self.model.name());
        let weights = self.weights.iter();
        weights
            .fold(content, |content, weight| {
                content.add(&weight.path.join("."), &tuple(weight.variable.shape()))
            })
            .optional()
    }

    fn num_params(&self) -> usize {
        Module::num_params(self)
    }
}

impl ModuleDisplay for KerasModule {}

impl fmt::Display for KerasModule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&ModuleDisplay::format(self, Default::default()))
    }
}
