//! Changing variables by their gradients.

use super::state::handed_out;
use super::{Optimizer, State};
use crate::error::{Error, Result, tuple};
use crate::optimizers::base::Delegate;
use crate::optimizers::gradients::{Pair, clip, decay};
use crate::optimizers::in_place::update_in_place;
use crate::optimizers::numbers::HostFloat;
use crate::optimizers::slots::{Slots, Step, store};
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;

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
    /// [`Error::Argument`] where the numbers of gradients and variables differ or there is no gradient,
    /// [`Error::Shape`] for a gradient that is not of its variable's shape, [`Error::UnknownName`] for a variable that
    /// the optimizer was not built for; no variable is changed then.
    ///
    /// ```
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
        if let Some(delegate) = self.delegate() {
            self.hand_out(delegate, gradients, variables)?;
            state.iterations += 1;
            return Ok(());
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

    fn hand_out(
        &self,
        delegate: &dyn Delegate,
        gradients: &[Option<Tensor>],
        variables: &[Variable],
    ) -> Result<()> {
        let groups = handed_out(delegate, gradients.iter().zip(variables), |(_, variable)| variable)?;
        for (optimizer, group) in &groups {
            if !group.is_empty() && group.iter().all(|(gradient, _)| gradient.is_none()) {
                let expected = format!("a gradient for at least one variable of {}", optimizer.name());
                return Err(Error::argument(self.name(), "gradients", expected, "none"));
            }
        }
        for (optimizer, group) in groups {
            let (gradients, variables): (Vec<_>, Vec<_>) =
                group.into_iter().map(|(gradient, variable)| (gradient.clone(), variable.clone())).unzip();
            optimizer.apply_gradients(&gradients, &variables)?;
        }
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
            let pairs = update_in_place(self.rule(), pairs, &step)?;
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
        let inside = self.inner_optimizers();
        if !inside.is_empty() {
            return inside.iter().try_for_each(Self::finalize_variable_values);
        }
        match &self.state().slots {
            Some(slots) if self.base().use_ema => self.overwrite(slots),
            _ => Ok(()),
        }
    }
}
