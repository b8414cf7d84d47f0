//! The state of an optimizer: the number of updates, the learning rate and the slot variables.

use super::Optimizer;
use crate::backend::default_device;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::initializers::Initializer;
use crate::optimizers::base::{Delegate, LearningRate};
use crate::optimizers::slots::Slots;
use crate::tensor::{Tensor, TensorData};
use crate::variable::{Variable, VariableSpec};

impl Optimizer {
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
        if let Some(delegate) = self.delegate() {
            for (optimizer, variables) in
                handed_out(delegate, variables.iter().cloned(), |variable| variable)?
            {
                if !variables.is_empty() {
                    optimizer.build(&variables)?;
                }
            }
        }
        state.slots = Some(slots);
        Ok(())
    }

    /// Moves the slot variables to a device.
    ///
    /// # Errors
    /// [`Error::DType`] where the device's backend lacks a type.
    pub fn to_device(&self, device: &crate::Device) -> Result<()> {
        self.inner_optimizers().iter().try_for_each(|inner| inner.to_device(device))?;
        self.state().slots.iter().flat_map(Slots::all).try_for_each(|v| v.to_device(device))
    }

    /// The moving averages of the variables that were trained, where `use_ema` is set.
    pub fn averages(&self) -> Vec<(Variable, Variable)> {
        let inside = self.inner_optimizers();
        if !inside.is_empty() {
            return inside.iter().flat_map(Self::averages).collect();
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
        for inner in self.inner_optimizers() {
            variables.extend(inner.variables()?);
        }
        Ok(variables)
    }

    /// Refuses values of other shapes before any of several optimizers takes its own.
    fn require_shapes(&self, values: &[TensorData]) -> Result<()> {
        for (variable, value) in self.variables()?.iter().zip(values) {
            if variable.shape() != value.shape() {
                let (expected, got) = (tuple(variable.shape()), tuple(value.shape()));
                return Err(Error::shape(variable.path(), "value", expected, got));
            }
        }
        Ok(())
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
        if self.delegate().is_some() {
            self.require_shapes(&values)?;
        }
        let mut state = self.state();
        let scalars = if matches!(state.rate, LearningRate::Constant(_)) { 2 } else { 1 };
        let slots: Vec<Variable> = state.slots.iter().flat_map(|s| s.all().to_vec()).collect();
        let inside = self.inner_optimizers();
        let counts = inside.iter().map(|inner| inner.variables().map(|all| all.len()));
        let counts = counts.collect::<Result<Vec<_>>>()?;
        let own = scalars + slots.len();
        let all = own + counts.iter().sum::<usize>();
        if values.len() != all {
            return Err(Error::argument(self.name(), "variables", format!("{all} variables"), values.len()));
        }
        let mut rest = values.split_off(own);
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
        for (inner, count) in inside.iter().zip(counts) {
            let after = rest.split_off(count);
            inner.set_variables(std::mem::replace(&mut rest, after))?;
        }
        state.iterations = iterations as u64;
        if let Some(rate) = rate {
            state.rate = LearningRate::Constant(rate);
        }
        slots.iter().zip(prepared).for_each(|(variable, value)| variable.put(value));
        Ok(())
    }
}

/// Each optimizer of several, with the items whose variables are handed to it.
pub(super) fn handed_out<T>(
    delegate: &dyn Delegate,
    items: impl IntoIterator<Item = T>,
    variable: impl Fn(&T) -> &Variable,
) -> Result<Vec<(Optimizer, Vec<T>)>> {
    let mut groups: Vec<(Optimizer, Vec<T>)> =
        delegate.optimizers().into_iter().map(|optimizer| (optimizer, Vec::new())).collect();
    for item in items {
        let optimizer = delegate.optimizer_of(variable(&item))?;
        match groups.iter_mut().find(|(other, _)| other.same(optimizer)) {
            Some((_, group)) => group.push(item),
            None => groups.push((optimizer.clone(), vec![item])),
        }
    }
    Ok(groups)
}
