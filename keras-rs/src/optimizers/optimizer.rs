//! The handle to an optimizer: its arguments, learning rate, and what is exempt from weight decay.

mod state;
mod update;

use super::LossScaleOptimizer;
use super::base::{Delegate, LearningRate, Optimize, OptimizerBase, Wrap};
use super::gradients::Excluded;
use super::slots::Slots;
use crate::config::{Config, CustomObjects, Envelope, FromConfig, IntoConfig, Loading};
use crate::dtype::DTypePolicy;
use crate::error::{Error, Result};
use crate::variable::Variable;
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
        let made = Self(Arc::new(Inner { rule: Box::new(rule), state }));
        if made.delegate().is_some() {
            made.set_loss_scale_factor(loss_scale_factor);
        }
        made
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

    fn delegate(&self) -> Option<&dyn Delegate> {
        self.0.rule.delegate()
    }

    /// The optimizers that this one passes gradients on to: that inside of a [`LossScaleOptimizer`], those of a
    /// [`MultiOptimizer`](super::MultiOptimizer); none for others.
    pub fn inner_optimizers(&self) -> Vec<Self> {
        match (self.inner(), self.delegate()) {
            (Some(inner), _) => vec![inner.clone()],
            (None, Some(delegate)) => delegate.optimizers(),
            (None, None) => Vec::new(),
        }
    }

    /// Whether both are handles to one optimizer.
    pub(super) fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Sets the factor of the loss, also of the optimizers that variables are handed to. An optimizer that wraps this one
    /// and scales the loss itself takes it away, as in Keras.
    pub(super) fn set_loss_scale_factor(&self, factor: Option<f64>) {
        self.state().loss_scale_factor = factor;
        for inner in self.delegate().map(Delegate::optimizers).unwrap_or_default() {
            inner.set_loss_scale_factor(factor);
        }
    }

    /// Refuses what only the optimizers that variables are handed to have.
    fn require_one(&self, argument: &str) -> Result<()> {
        if self.delegate().is_none() {
            return Ok(());
        }
        let expected = "one of its `inner_optimizers`: each has its own";
        Err(Error::argument(self.name(), argument, expected, self.class_name()))
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
    /// What the schedule reports; [`Error::Argument`] for an optimizer that hands variables to others.
    pub fn learning_rate(&self) -> Result<f64> {
        self.require_one("learning_rate")?;
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
    /// [`Error::Argument`] for a number where the rate follows a schedule, for infinity and NaN, and for an optimizer that
    /// hands variables to others.
    pub fn set_learning_rate(&self, rate: impl Into<LearningRate>) -> Result<()> {
        self.require_one("learning_rate")?;
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
        self.require_one("exclude_from_weight_decay")?;
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

    /// The optimizer that a model of this policy needs: for `mixed_float16`, one that scales losses.
    pub(crate) fn scaled_for(self, policy: DTypePolicy) -> Result<Self> {
        let needs_no_wrapper = policy != DTypePolicy::MixedFloat16 || self.wrapper().is_some();
        Ok(if needs_no_wrapper { self } else { LossScaleOptimizer::new(self).into() })
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
