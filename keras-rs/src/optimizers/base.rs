//! The optimizer trait and the arguments that every optimizer has.

use super::slots::{Slots, Step};
use super::{LearningRateSchedule, Optimizer};
use crate::config::{BaseConfig, Config, ConfigExt, ConfigReader, HasBase, IntoConfig, KerasConfig};
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use crate::variable::Variable;
use keras_rs_kernels::Update;
use serde_json::Value;
use std::fmt;

/// A learning rate: a number, or a schedule.
#[derive(Clone, Debug, PartialEq)]
pub enum LearningRate {
    /// A number, which may be changed while training.
    Constant(f64),
    /// A schedule by the number of updates.
    Schedule(LearningRateSchedule),
}

impl LearningRate {
    /// The rate as Keras stores it: a number is rounded to `float32`.
    pub(super) fn stored(self) -> Self {
        match self {
            Self::Constant(rate) => Self::Constant(f64::from(rate as f32)),
            schedule => schedule,
        }
    }
}

impl From<f64> for LearningRate {
    fn from(rate: f64) -> Self {
        Self::Constant(rate)
    }
}

impl<S: super::Schedule + 'static> From<S> for LearningRate {
    fn from(schedule: S) -> Self {
        Self::Schedule(schedule.into())
    }
}

impl IntoConfig for LearningRate {
    fn to_config(&self) -> Value {
        match self {
            // Keras stores the rate as `float32`, and so do its files.
            Self::Constant(rate) => f64::from(*rate as f32).to_config(),
            Self::Schedule(schedule) => schedule.to_config(),
        }
    }
}

/// Arguments that every optimizer has.
#[derive(Clone, Debug)]
pub struct OptimizerBase {
    /// Name.
    pub name: String,
    /// Learning rate.
    pub learning_rate: LearningRate,
    /// Weight decay: every update subtracts this, times the learning rate, times the variable.
    pub weight_decay: Option<f64>,
    /// Largest norm of each gradient.
    pub clipnorm: Option<f64>,
    /// Largest norm of all gradients together.
    pub global_clipnorm: Option<f64>,
    /// Largest absolute value in gradients.
    pub clipvalue: Option<f64>,
    /// Whether to keep moving averages of the variables.
    pub use_ema: bool,
    /// Momentum of the moving averages.
    pub ema_momentum: f64,
    /// After how many updates variables are set to their averages.
    pub ema_overwrite_frequency: Option<u64>,
    /// Factor that the loss was multiplied with.
    pub loss_scale_factor: Option<f64>,
    /// How many gradients are averaged into one update.
    pub gradient_accumulation_steps: Option<u64>,
    /// Regular expressions: variables do not decay if one matches a part of their name.
    pub exclude_from_weight_decay: Vec<String>,
    /// Variables that do not decay.
    pub excluded_variables: Vec<Variable>,
    error: Option<std::sync::Arc<Error>>,
}

impl OptimizerBase {
    /// With Keras' defaults.
    pub fn new(name: &str, learning_rate: impl Into<LearningRate>) -> Self {
        Self {
            name: name.into(),
            learning_rate: learning_rate.into(),
            weight_decay: None,
            clipnorm: None,
            global_clipnorm: None,
            clipvalue: None,
            use_ema: false,
            ema_momentum: 0.99,
            ema_overwrite_frequency: None,
            loss_scale_factor: None,
            gradient_accumulation_steps: None,
            exclude_from_weight_decay: Vec::new(),
            excluded_variables: Vec::new(),
            error: None,
        }
    }

    /// With weight decay: every update subtracts it, times the learning rate, times the variable.
    #[must_use]
    pub fn decaying(mut self, weight_decay: f64) -> Self {
        self.weight_decay = Some(weight_decay);
        self
    }

    /// Refuses arguments that do not go together.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(error) = &self.error {
            return Err(Error::argument(&self.name, "setter", "an accepted value", error));
        }
        let clips = [self.clipnorm, self.clipvalue, self.global_clipnorm];
        if clips.iter().flatten().count() > 1 {
            let expected = "only one of clipnorm, clipvalue and global_clipnorm";
            return Err(Error::argument(&self.name, "clipnorm", expected, "several"));
        }
        if self.accumulation_steps() == Some(1) {
            return Err(Error::argument(&self.name, "gradient_accumulation_steps", "at least 2", 1));
        }
        if self.use_ema && !(0.0..=1.0).contains(&self.ema_momentum) {
            return Err(Error::argument(&self.name, "ema_momentum", "a number in [0, 1]", self.ema_momentum));
        }
        Ok(())
    }

    /// How many gradients are averaged into one update; `None` for 0, as in Keras.
    pub(super) fn accumulation_steps(&self) -> Option<u64> {
        self.gradient_accumulation_steps.filter(|&steps| steps > 0)
    }

    /// After how many updates averages replace variables; `None` for 0, as in Keras.
    pub(super) fn overwrite_frequency(&self) -> Option<u64> {
        self.ema_overwrite_frequency.filter(|&updates| updates > 0)
    }
}

impl BaseConfig for OptimizerBase {
    fn write(&self, config: &mut Config) {
        let entries = Config::new()
            .with("name", &self.name)
            .with("learning_rate", &self.learning_rate)
            .with("weight_decay", self.weight_decay)
            .with("clipnorm", self.clipnorm)
            .with("global_clipnorm", self.global_clipnorm)
            .with("clipvalue", self.clipvalue)
            .with("use_ema", self.use_ema)
            .with("ema_momentum", self.ema_momentum)
            .with("ema_overwrite_frequency", self.ema_overwrite_frequency)
            .with("loss_scale_factor", self.loss_scale_factor)
            .with("gradient_accumulation_steps", self.gradient_accumulation_steps);
        config.extend(entries);
    }

    fn read(mut self, c: &mut ConfigReader<'_>) -> Result<Self> {
        // Arguments of Keras 2 that have no effect any more.
        c.ignore(&["jit_compile", "is_legacy_optimizer", "decay"]);
        self.name = c.take_or::<Option<String>>("name", None)?.unwrap_or(self.name);
        self.learning_rate = c.take_or("learning_rate", self.learning_rate)?;
        self.weight_decay = c.take_or("weight_decay", self.weight_decay)?;
        self.clipnorm = c.take_or("clipnorm", self.clipnorm)?;
        self.global_clipnorm = c.take_or("global_clipnorm", self.global_clipnorm)?;
        self.clipvalue = c.take_or("clipvalue", self.clipvalue)?;
        self.use_ema = c.take_or("use_ema", self.use_ema)?;
        self.ema_momentum = c.take_or("ema_momentum", self.ema_momentum)?;
        self.ema_overwrite_frequency = c.take_or("ema_overwrite_frequency", self.ema_overwrite_frequency)?;
        self.loss_scale_factor = c.take_or("loss_scale_factor", self.loss_scale_factor)?;
        self.gradient_accumulation_steps =
            c.take_or("gradient_accumulation_steps", self.gradient_accumulation_steps)?;
        Ok(self)
    }

    fn defer(&mut self, error: Error) {
        self.error.get_or_insert_with(|| std::sync::Arc::new(error));
    }
}

impl crate::config::FromConfig for LearningRate {
    const EXPECTED: &'static str = "a number or a schedule";

    fn from_value(value: &Value) -> Option<Self> {
        f64::from_value(value).map(Self::Constant)
    }

    fn from_config(
        value: &Value,
        object: &str,
        key: &str,
        loading: &crate::config::Loading<'_>,
    ) -> Result<Self> {
        match Self::from_value(value) {
            Some(rate) => Ok(rate),
            None => Ok(Self::Schedule(loading.object(value, object, key)?)),
        }
    }
}

/// Computes updates.
///
/// An optimizer's struct holds its arguments; its state for each variable is in [`Slots`], which
/// [`build`](Optimize::build) makes once. The order of `build` is the order in files.
pub trait Optimize: KerasConfig + HasBase<Base = OptimizerBase> + fmt::Debug + Send + Sync {
    /// Weight decay of a variable: the update subtracts it, times the learning rate, times the variable.
    fn weight_decay_of(&self, variable: &Variable, step: &Step<'_>) -> Option<f64> {
        let _ = (variable, step);
        self.base().weight_decay
    }

    /// The implementation of [`Wrap`], for classes that wrap another optimizer.
    fn wrapper(&self) -> Option<&dyn Wrap> {
        None
    }

    /// The implementation of [`Delegate`], for classes that hand variables to several optimizers.
    fn delegate(&self) -> Option<&dyn Delegate> {
        None
    }

    /// Makes the slot variables.
    ///
    /// # Errors
    /// Where an argument is not accepted.
    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()>;

    /// Called once before the updates of all variables.
    ///
    /// # Errors
    /// What computing reports.
    fn begin_step(&self, step: &Step<'_>) -> Result<()> {
        let _ = step;
        Ok(())
    }

    /// The update of a `float32` variable as one that is done in place with those of all others, and the slots that it
    /// changes; it must be that of [`Optimize::update_step`]. `None`, the default, where there is no such rule.
    fn update_in_place(&self, variable: &Variable, step: &Step<'_>) -> Option<(Update, Vec<&'static str>)> {
        let _ = (variable, step);
        None
    }

    /// Changes one variable by its gradient.
    ///
    /// # Errors
    /// What computing reports.
    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()>;
}

/// An optimizer that passes gradients on to another one. Learning rate, number of updates and moving
/// averages are those of the wrapped optimizer.
pub trait Wrap {
    /// The wrapped optimizer.
    fn inner(&self) -> &Optimizer;

    /// The scaled loss, whose gradients are computed; `slots` are `None` before the optimizer is built.
    ///
    /// # Errors
    /// What computing reports.
    fn scale_loss(&self, loss: &Tensor, slots: Option<&Slots>) -> Result<Tensor>;

    /// Passes gradients on to the wrapped optimizer, or leaves the variables unchanged.
    ///
    /// # Errors
    /// As [`Optimizer::apply_gradients`].
    fn apply(&self, gradients: &[Option<Tensor>], variables: &[Variable], slots: &Slots) -> Result<()>;
}

/// An optimizer that hands each variable to one of several others. They have the learning rates and the state.
pub trait Delegate {
    /// The others, in the order of files.
    fn optimizers(&self) -> Vec<Optimizer>;

    /// The one that trains a variable.
    ///
    /// # Errors
    /// Where it is not determined.
    fn optimizer_of(&self, variable: &Variable) -> Result<&Optimizer>;
}

/// Setters that every optimizer has.
pub trait OptimizerExt: Optimize + Sized + 'static {
    /// Sets the name.
    #[must_use]
    fn name(mut self, name: impl Into<String>) -> Self {
        self.base_mut().name = name.into();
        self
    }

    /// Sets the learning rate: a number or a schedule.
    #[must_use]
    fn learning_rate(mut self, rate: impl Into<LearningRate>) -> Self {
        self.base_mut().learning_rate = rate.into();
        self
    }

    /// Sets the weight decay: every update subtracts it, times the learning rate, times the variable.
    #[must_use]
    fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.base_mut().weight_decay = Some(weight_decay);
        self
    }

    /// Sets the largest norm of each gradient.
    #[must_use]
    fn clipnorm(mut self, clipnorm: f64) -> Self {
        self.base_mut().clipnorm = Some(clipnorm);
        self
    }

    /// Sets the largest absolute value in gradients.
    #[must_use]
    fn clipvalue(mut self, clipvalue: f64) -> Self {
        self.base_mut().clipvalue = Some(clipvalue);
        self
    }

    /// Sets the largest norm of all gradients together.
    #[must_use]
    fn global_clipnorm(mut self, global_clipnorm: f64) -> Self {
        self.base_mut().global_clipnorm = Some(global_clipnorm);
        self
    }

    /// Sets whether to keep moving averages of the variables (default `false`).
    #[must_use]
    fn use_ema(mut self, use_ema: bool) -> Self {
        self.base_mut().use_ema = use_ema;
        self
    }

    /// Sets the momentum of the moving averages (default 0.99), in [0, 1].
    #[must_use]
    fn ema_momentum(mut self, ema_momentum: f64) -> Self {
        self.base_mut().ema_momentum = ema_momentum;
        self
    }

    /// Sets after how many updates variables are set to their averages (default: never).
    #[must_use]
    fn ema_overwrite_frequency(mut self, steps: u64) -> Self {
        self.base_mut().ema_overwrite_frequency = Some(steps);
        self
    }

    /// Sets the factor that the loss is multiplied with, and gradients divided by (default: none).
    #[must_use]
    fn loss_scale_factor(mut self, factor: f64) -> Self {
        self.base_mut().loss_scale_factor = Some(factor);
        self
    }

    /// Sets how many gradients are averaged into one update (default: no averaging), at least 2.
    #[must_use]
    fn gradient_accumulation_steps(mut self, steps: u64) -> Self {
        self.base_mut().gradient_accumulation_steps = Some(steps);
        self
    }

    /// Exempts variables from weight decay in whose name one of these regular expressions is found:
    /// `"bias"` exempts every bias. The first update reports invalid regular expressions.
    #[must_use]
    fn exclude_from_weight_decay<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.base_mut().exclude_from_weight_decay = names.into_iter().map(Into::into).collect();
        self
    }

    /// Exempts these variables from weight decay: the `var_list` of Keras' `exclude_from_weight_decay`.
    #[must_use]
    fn exclude_variables_from_weight_decay(mut self, variables: &[Variable]) -> Self {
        self.base_mut().excluded_variables = variables.to_vec();
        self
    }

    /// Makes a shared handle, which training needs.
    fn shared(self) -> Optimizer {
        Optimizer::from(self)
    }
}

impl<T: Optimize + 'static> OptimizerExt for T {}
