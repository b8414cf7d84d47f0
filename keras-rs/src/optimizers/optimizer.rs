//! The handle to an optimizer: its arguments, its state, and updates.

use super::LossScaleOptimizer;
use super::base::{LearningRate, Optimize, OptimizerBase, Wrap};
use super::gradients::{Excluded, Pair, clip, decay};
use super::numbers::HostFloat;
use super::slots::{Slots, Step, store};
use crate::backend::default_device;
use crate::config::{Config, CustomObjects, Envelope, FromConfig, IntoConfig, Loading};
use crate::dtype::{DType, DTypePolicy};
use crate::error::{Error, Result, tuple};
use crate::initializers::Initializer;
use crate::tensor::{Formula, Tensor, TensorData};
use crate::variable::{Variable, VariableSpec};
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A shared optimizer of any class, made from an object or a Keras name; clones share the state.
///
/// ```
/// use keras_rs::optimizers::{Optimizer, SGD};
///
/// let optimizer = Optimizer::from(SGD::new(0.5));
/// optimizer.set_learning_rate(0.25)?;
/// assert_eq!(optimizer.learning_rate()?, 0.25);
/// assert_eq!(Optimizer::try_from("adam")?.class_name(), "Adam");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone)]
pub struct Optimizer(Arc<Inner>);

struct Inner {
    rule: Box<dyn Optimize>,
    state: Mutex<State>,
}

struct State {
    iterations: u64,
    rate: LearningRate,
    /// Factor of the loss; none once another optimizer wraps this one and scales the loss itself.
    loss_scale_factor: Option<f64>,
    excluded: Excluded,
    slots: Option<Slots>,
}

impl<T: Optimize + 'static> From<T> for Optimizer {
    fn from(rule: T) -> Self {
        let rate = rule.base().learning_rate.clone().stored();
        let loss_scale_factor = rule.base().loss_scale_factor;
        let excluded = Excluded {
            names: rule.base().exclude_from_weight_decay.clone(),
            variables: rule.base().excluded_variables.clone(),
        };
        let state = Mutex::new(State { iterations: 0, rate, loss_scale_factor, excluded, slots: None });
        Self(Arc::new(Inner { rule: Box::new(rule), state }))
    }
}

impl TryFrom<&str> for Optimizer {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        let custom = CustomObjects::new();
        // Keras ignores case here.
        let lower = name.to_lowercase();
        let is_known = <Self as crate::config::Registered>::classes().get(&lower).is_some();
        let value = Value::from(if is_known { &lower } else { name });
        Loading::new(&custom).object(&value, "compile", "optimizer")
    }
}

impl State {
    fn rate(&self) -> Result<f64> {
        match &self.rate {
            LearningRate::Constant(rate) => Ok(*rate),
            LearningRate::Schedule(schedule) => schedule.call(self.iterations),
        }
    }
}

/// The gradient divided by the factor of the loss.
fn unscale(gradient: &Tensor, variable: &Variable, factor: Option<f64>) -> Result<Tensor> {
    if gradient.shape() != variable.shape() {
        let (expected, got) = (tuple(variable.shape()), tuple(gradient.shape()));
        return Err(Error::shape(variable.path(), "gradient", expected, got));
    }
    let gradient = gradient.detach().to_float()?;
    factor.map_or(Ok(gradient.clone()), |factor| gradient.div_scalar(factor))
}

impl Optimizer {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The arguments and the rule.
    pub fn rule(&self) -> &dyn Optimize {
        &*self.0.rule
    }

    fn base(&self) -> &OptimizerBase {
        self.0.rule.base()
    }

    /// The optimizer inside this one, where it wraps one.
    pub fn inner(&self) -> Option<&Self> {
        self.wrapper().map(Wrap::inner)
    }

    fn wrapper(&self) -> Option<&dyn Wrap> {
        self.0.rule.wrapper()
    }

    /// Leaves scaling of the loss to an optimizer that wraps this one, as Keras does.
    pub(super) fn drop_loss_scale_factor(&self) {
        self.state().loss_scale_factor = None;
    }

    /// Keras' class name.
    pub fn class_name(&self) -> &str {
        self.0.rule.class_name()
    }

    /// Name.
    pub fn name(&self) -> &str {
        &self.base().name
    }

    /// Constructor arguments, with the learning rate as it is now.
    pub fn config(&self) -> Config {
        let mut config = self.0.rule.config();
        let state = self.state();
        let current = [
            ("learning_rate", state.rate.to_config()),
            ("loss_scale_factor", state.loss_scale_factor.to_config()),
        ];
        for (key, value) in current {
            // Optimizers that wrap another one write neither.
            config.entry(key).and_modify(|written| *written = value);
        }
        config
    }

    /// The learning rate for the next update.
    ///
    /// # Errors
    /// What the schedule reports.
    pub fn learning_rate(&self) -> Result<f64> {
        self.wrapper().map_or_else(|| self.state().rate(), |wrapper| wrapper.inner().learning_rate())
    }

    /// Whether the learning rate follows a schedule.
    pub fn has_schedule(&self) -> bool {
        match self.wrapper() {
            Some(wrapper) => wrapper.inner().has_schedule(),
            None => matches!(self.state().rate, LearningRate::Schedule(_)),
        }
    }

    /// Sets the learning rate: a number, which is kept as `float32`, or a schedule.
    ///
    /// # Errors
    /// [`Error::Argument`] for a number where the rate follows a schedule, and for infinity and NaN.
    pub fn set_learning_rate(&self, rate: impl Into<LearningRate>) -> Result<()> {
        if let Some(wrapper) = self.wrapper() {
            return wrapper.inner().set_learning_rate(rate);
        }
        let mut state = self.state();
        state.rate = match (rate.into(), &state.rate) {
            (LearningRate::Constant(rate), LearningRate::Schedule(_)) => {
                let expected = "a schedule, because the optimizer has one";
                return Err(Error::argument(self.name(), "learning_rate", expected, rate));
            }
            (LearningRate::Constant(rate), _) if !rate.is_finite() => {
                return Err(Error::argument(self.name(), "learning_rate", "a finite number", rate));
            }
            (rate, _) => rate.stored(),
        };
        Ok(())
    }

    /// Number of updates so far; with gradient accumulation, of those that changed variables.
    pub fn iterations(&self) -> u64 {
        if let Some(wrapper) = self.wrapper() {
            return wrapper.inner().iterations();
        }
        self.state().iterations / self.base().accumulation_steps().unwrap_or(1)
    }

    /// Exempts variables from weight decay: those in whose name one of these regular expressions is found,
    /// and those listed. This replaces earlier exemptions.
    ///
    /// # Errors
    /// [`Error::Argument`] where the optimizer is built already. [`Optimizer::build`] reports invalid regular
    /// expressions.
    ///
    /// ```
    /// use keras_rs::optimizers::{AdamW, Optimizer};
    ///
    /// let optimizer = Optimizer::from(AdamW::new(1e-3));
    /// optimizer.exclude_from_weight_decay(["bias", "gamma|beta"], &[])?;
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn exclude_from_weight_decay<S: Into<String>>(
        &self,
        names: impl IntoIterator<Item = S>,
        variables: &[Variable],
    ) -> Result<()> {
        if let Some(wrapper) = self.wrapper() {
            return wrapper.inner().exclude_from_weight_decay(names, variables);
        }
        let mut state = self.state();
        if state.slots.is_some() {
            let expected = "a call before the optimizer is built";
            return Err(Error::argument(
                self.name(),
                "exclude_from_weight_decay",
                expected,
                "an optimizer that is built",
            ));
        }
        let names = names.into_iter().map(Into::into).collect();
        state.excluded = Excluded { names, variables: variables.to_vec() };
        Ok(())
    }

    /// Whether [`Optimizer::build`] was called.
    pub fn is_built(&self) -> bool {
        self.state().slots.is_some()
    }

    /// Makes the slot variables; without this call the first update makes them.
    ///
    /// # Errors
    /// [`Error::Argument`] where an argument is not accepted.
    pub fn build(&self, variables: &[Variable]) -> Result<()> {
        let mut state = self.state();
        if state.slots.is_some() {
            return Ok(());
        }
        let base = self.base();
        base.check()?;
        let mut slots = Slots::new(&base.name, variables, state.excluded.decaying(&base.name, variables)?);
        if base.use_ema {
            slots.add_to_all(variables, &["average"])?;
        }
        if base.accumulation_steps().is_some() {
            slots.add_to_all(variables, &["gradient_accumulator"])?;
        }
        self.0.rule.build(&mut slots, variables)?;
        if let Some(wrapper) = self.wrapper() {
            wrapper.inner().build(variables)?;
        }
        state.slots = Some(slots);
        Ok(())
    }

    /// The optimizer that a model of this policy needs: for `mixed_float16`, one that scales losses.
    pub(crate) fn scaled_for(self, policy: DTypePolicy) -> Result<Self> {
        let needs_no_wrapper = policy != DTypePolicy::MixedFloat16 || self.wrapper().is_some();
        Ok(if needs_no_wrapper { self } else { LossScaleOptimizer::new(self).into() })
    }

    /// Moves the slot variables to a device.
    ///
    /// # Errors
    /// [`Error::DType`] where the device's backend lacks a type.
    pub fn to_device(&self, device: &crate::Device) -> Result<()> {
        if let Some(inner) = self.inner() {
            inner.to_device(device)?;
        }
        self.state().slots.iter().flat_map(Slots::all).try_for_each(|v| v.to_device(device))
    }

    /// The loss times the factor that protects small gradients from underflow.
    ///
    /// # Errors
    /// What computing reports.
    pub fn scale_loss(&self, loss: &Tensor) -> Result<Tensor> {
        let state = self.state();
        if let Some(wrapper) = self.wrapper() {
            return wrapper.scale_loss(loss, state.slots.as_ref());
        }
        state.loss_scale_factor.map_or_else(|| Ok(loss.clone()), |factor| loss.mul_scalar(factor))
    }

    /// Changes variables by their gradients; variables without a gradient keep their values.
    ///
    /// In this order: gradients are divided by `loss_scale_factor`, averaged over
    /// `gradient_accumulation_steps`, clipped; variables decay, are updated, averaged, and constrained.
    /// Averages and constraints are applied in every call, also where gradients are only accumulated.
    ///
    /// # Errors
    /// [`Error::Argument`] where the numbers of gradients and variables differ or there is no gradient, [`Error::Shape`] for a
    /// gradient that is not of its variable's shape, [`Error::UnknownName`] for a variable that the
    /// optimizer was not built for; no variable is changed then.
    ///
    /// ```
    /// use keras_rs::optimizers::{Optimizer, SGD};
    /// use keras_rs::prelude::*;
    ///
    /// let layer = Dense::new(1).kernel_initializer("ones").use_bias(false).shared();
    /// let x = Tensor::ones([1, 2], DType::F32)?;
    /// layer.call(&[x.clone()])?;
    /// let (_, gradients) = GradientTape::gradients(&layer.weights(), |run| {
    ///     layer.call_with(&[x], run)?[0].sum(&[], false)
    /// })?;
    /// Optimizer::from(SGD::new(0.25)).apply_gradients(&gradients, &layer.weights())?;
    /// assert_eq!(layer.weights()[0].value()?.to_vec::<f32>()?, [0.75, 0.75]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn apply_gradients(&self, gradients: &[Option<Tensor>], variables: &[Variable]) -> Result<()> {
        if gradients.len() != variables.len() {
            let expected = format!("{} gradients", variables.len());
            return Err(Error::argument(self.name(), "gradients", expected, gradients.len()));
        }
        if gradients.is_empty() {
            return Ok(());
        }
        self.build(variables)?;
        let mut state = self.state();
        if let (Some(wrapper), Some(slots)) = (self.wrapper(), &state.slots) {
            return wrapper.apply(gradients, variables, slots);
        }
        let mut pairs = Vec::with_capacity(variables.len());
        for (gradient, variable) in gradients.iter().zip(variables) {
            let Some(gradient) = gradient else { continue };
            pairs.push((unscale(gradient, variable, state.loss_scale_factor)?, variable.clone()));
        }
        if pairs.is_empty() {
            let expected = "a gradient for at least one variable";
            return Err(Error::argument(self.name(), "gradients", expected, "none"));
        }
        self.update(&state, pairs)?;
        state.iterations += 1;
        Ok(())
    }

    fn update(&self, state: &State, pairs: Vec<Pair>) -> Result<()> {
        let base = self.base();
        let Some(slots) = &state.slots else { return Ok(()) };
        for (_, variable) in &pairs {
            slots.index(variable)?;
        }
        let constrained: Vec<Variable> = pairs.iter().map(|(_, v)| v.clone()).collect();
        let iterations = state.iterations / base.accumulation_steps().unwrap_or(1);
        // The schedule counts every call, the update rule only the calls that update.
        let step = Step { learning_rate: state.rate()?, iterations, slots };
        if let Some(pairs) = self.accumulate(state, slots, pairs)? {
            let pairs = clip(base, pairs)?;
            pairs.iter().try_for_each(|(_, variable)| decay(self.rule(), variable, &step))?;
            self.0.rule.begin_step(&step)?;
            for (gradient, variable) in &pairs {
                self.0.rule.update_step(&gradient.cast(variable.dtype())?, variable, &step)?;
            }
        }
        if base.use_ema {
            self.average(iterations, slots)?;
        }
        for variable in &constrained {
            if let Some(constraint) = variable.constraint() {
                variable.assign(&constraint.call(&variable.value()?)?)?;
            }
        }
        Ok(())
    }

    /// The mean of the accumulated gradients once there are enough, else none.
    fn accumulate(&self, state: &State, slots: &Slots, pairs: Vec<Pair>) -> Result<Option<Vec<Pair>>> {
        let Some(steps) = self.base().accumulation_steps() else { return Ok(Some(pairs)) };
        let is_last = (state.iterations + 1).is_multiple_of(steps);
        let mut means = Vec::with_capacity(pairs.len());
        for (gradient, variable) in pairs {
            let slot = slots.get(&variable, "gradient_accumulator")?;
            let sum = gradient.add(&slot.value()?)?;
            if is_last {
                means.push((sum.div_scalar(steps as f64)?, variable));
            } else {
                slot.assign(&sum)?;
            }
        }
        if !is_last {
            return Ok(None);
        }
        // Variables without a gradient in this call are reset too; only on JAX does Keras not reset those.
        for variable in slots.trained() {
            let slot = slots.get(variable, "gradient_accumulator")?;
            slot.assign(&slot.value()?.full_like(slot.shape(), 0.0)?)?;
        }
        Ok(Some(means))
    }

    /// Updates the moving averages, and every `ema_overwrite_frequency` updates assigns them to the variables.
    fn average(&self, iterations: u64, slots: &Slots) -> Result<()> {
        let base = self.base();
        for variable in slots.trained() {
            let (slot, value) = (slots.get(variable, "average")?, variable.value()?);
            if iterations == 0 {
                slot.assign(&value)?;
                continue;
            }
            let momentum = HostFloat::new(base.ema_momentum, variable.dtype());
            let (average, value) = (Formula::from(slot.value()?), Formula::from(value));
            store(vec![(slot, average * momentum + value * (1.0 - momentum))])?;
        }
        if base.overwrite_frequency().is_some_and(|every| (iterations + 1).is_multiple_of(every)) {
            self.overwrite(slots)?;
        }
        Ok(())
    }

    fn overwrite(&self, slots: &Slots) -> Result<()> {
        slots.trained().iter().try_for_each(|v| v.assign(&slots.get(v, "average")?.value()?))
    }

    /// Ends training: with `use_ema`, assigns the moving averages to the variables.
    ///
    /// # Errors
    /// What assigning reports.
    pub fn finalize_variable_values(&self) -> Result<()> {
        if let Some(wrapper) = self.wrapper() {
            return wrapper.inner().finalize_variable_values();
        }
        match &self.state().slots {
            Some(slots) if self.base().use_ema => self.overwrite(slots),
            _ => Ok(()),
        }
    }

    /// The moving averages of the variables that were trained, where `use_ema` is set.
    pub fn averages(&self) -> Vec<(Variable, Variable)> {
        if let Some(wrapper) = self.wrapper() {
            return wrapper.inner().averages();
        }
        let state = self.state();
        let Some(slots) = &state.slots else { return Vec::new() };
        let pair = |v: &Variable| slots.get(v, "average").ok().map(|average| (v.clone(), average.clone()));
        slots.trained().iter().filter_map(pair).collect()
    }

    /// The state in the order of files: the number of updates, the learning rate where it follows no
    /// schedule, and the slot variables.
    ///
    /// # Errors
    /// As [`Variable::new`].
    pub fn variables(&self) -> Result<Vec<Variable>> {
        let state = self.state();
        let integer = if default_device()?.supports(DType::I64) { DType::I64 } else { DType::I32 };
        let mut variables = vec![self.scalar("iteration", integer, state.iterations as f64)?];
        if let LearningRate::Constant(rate) = state.rate {
            variables.push(self.scalar("learning_rate", DType::F32, rate)?);
        }
        variables.extend(state.slots.iter().flat_map(|slots| slots.all().to_vec()));
        if let Some(wrapper) = self.wrapper() {
            variables.extend(wrapper.inner().variables()?);
        }
        Ok(variables)
    }

    fn scalar(&self, name: &str, dtype: DType, value: f64) -> Result<Variable> {
        let spec = VariableSpec {
            name: name.into(),
            shape: Vec::new(),
            dtype,
            trainable: false,
            initializer: Initializer::zeros(),
            regularizer: None,
            constraint: None,
        };
        let device = default_device()?;
        // A fixed seed: reading the state must not draw from the process' stream of seeds.
        let variable = Variable::seeded(spec, &device, 0)?;
        variable.set_path(format!("{}/{name}", self.name()));
        variable.assign(&Tensor::full(Vec::new(), value, dtype)?)?;
        Ok(variable)
    }

    /// Sets the state to values in the order of [`Optimizer::variables`].
    ///
    /// # Errors
    /// [`Error::Argument`] where their number differs, [`Error::Shape`] where a shape does; nothing is
    /// changed then.
    pub fn set_variables(&self, mut values: Vec<TensorData>) -> Result<()> {
        let mut state = self.state();
        let scalars = if matches!(state.rate, LearningRate::Constant(_)) { 2 } else { 1 };
        let slots: Vec<Variable> = state.slots.iter().flat_map(|s| s.all().to_vec()).collect();
        let inner = self.wrapper().map(Wrap::inner);
        let wrapped = inner.map_or(Ok(0), |inner| inner.variables().map(|all| all.len()))?;
        let own = scalars + slots.len();
        if values.len() != own + wrapped {
            let expected = format!("{} variables", own + wrapped);
            return Err(Error::argument(self.name(), "variables", expected, values.len()));
        }
        let rest = values.split_off(own);
        let mut values = values.into_iter();
        let mut scalar = || match values.next() {
            Some(data) if data.len() == 1 => Ok(data.to_f64()?[0]),
            data => {
                let got = data.map_or("nothing".into(), |data| tuple(data.shape()));
                Err(Error::shape(self.name(), "variables", "()", got))
            }
        };
        let iterations = scalar()?;
        let rate = if scalars == 2 { Some(scalar()?) } else { None };
        let prepared =
            slots.iter().zip(values).map(|(v, data)| v.prepare(data)).collect::<Result<Vec<_>>>()?;
        if !(0.0..=9e15).contains(&iterations) {
            return Err(Error::argument(self.name(), "iteration", "a number of updates", iterations));
        }
        if let Some(inner) = inner {
            inner.set_variables(rest)?;
        }
        state.iterations = iterations as u64;
        if let Some(rate) = rate {
            state.rate = LearningRate::Constant(rate);
        }
        slots.iter().zip(prepared).for_each(|(variable, value)| variable.put(value));
        Ok(())
    }
}

impl fmt::Debug for Optimizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.rule, f)
    }
}

impl IntoConfig for Optimizer {
    fn to_config(&self) -> Value {
        Envelope {
            module: self.0.rule.module().map(Into::into),
            class_name: self.class_name().into(),
            config: self.config(),
            registered_name: self.0.rule.registered_name(),
        }
        .to_json()
    }
}

impl FromConfig for Optimizer {
    const EXPECTED: &'static str = "a name or an object with class_name and config";

    fn from_value(_: &Value) -> Option<Self> {
        None
    }

    fn from_config(value: &Value, object: &str, key: &str, loading: &Loading<'_>) -> Result<Self> {
        loading.object(value, object, key)
    }
}
