//! What an optimizer remembers of each variable.

use super::numbers::HostFloat;
use crate::backend::Device;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::tensor::Formula;
use crate::variable::{Variable, VariableSpec};
use std::collections::HashMap;

/// Variables of an optimizer, by name and by the variable that they belong to.
#[derive(Debug, Default)]
pub struct Slots {
    prefix: String,
    all: Vec<Variable>,
    places: HashMap<String, HashMap<Option<usize>, usize>>,
    known: HashMap<u64, usize>,
    trained: Vec<Variable>,
    decaying: Vec<bool>,
}

impl Slots {
    pub(super) fn new(prefix: &str, trained: &[Variable], decaying: Vec<bool>) -> Self {
        let known = trained.iter().enumerate().map(|(i, v)| (v.serial(), i)).collect();
        Self { prefix: prefix.into(), known, trained: trained.to_vec(), decaying, ..Self::default() }
    }

    /// Adds a variable like a trained one, filled with zeros.
    ///
    /// # Errors
    /// As [`Variable::new`].
    pub fn add(&mut self, reference: &Variable, name: &str) -> Result<()> {
        self.add_with(reference, name, reference.shape(), &Initializer::zeros())
    }

    /// Adds a variable that belongs to a trained one, of any shape and first value.
    ///
    /// # Errors
    /// As [`Variable::new`].
    pub fn add_with(
        &mut self,
        reference: &Variable,
        name: &str,
        shape: &[usize],
        initializer: &Initializer,
    ) -> Result<()> {
        let full = format!("{}_{name}", reference.path().replace('/', "_"));
        let variable = self.variable(&full, shape, reference.dtype(), initializer, &reference.device())?;
        let place = self.known.get(&reference.serial()).copied();
        self.keep(variable, name, place);
        Ok(())
    }

    /// Adds a variable that belongs to a trained one and is found as `slot`, under any name, filled with zeros.
    ///
    /// # Errors
    /// As [`Variable::new`].
    pub(super) fn add_named(
        &mut self,
        reference: &Variable,
        slot: &str,
        name: &str,
        shape: &[usize],
        dtype: DType,
    ) -> Result<()> {
        let variable = self.variable(name, shape, dtype, &Initializer::zeros(), &reference.device())?;
        let place = self.known.get(&reference.serial()).copied();
        self.keep(variable, slot, place);
        Ok(())
    }

    /// Adds one variable of each name to every trained variable, variable by variable.
    ///
    /// # Errors
    /// As [`Variable::new`].
    pub fn add_to_all(&mut self, variables: &[Variable], names: &[&str]) -> Result<()> {
        variables.iter().try_for_each(|v| names.iter().try_for_each(|name| self.add(v, name)))
    }

    /// Adds a variable that belongs to none in particular.
    ///
    /// # Errors
    /// As [`Variable::new`].
    pub fn add_single(
        &mut self,
        name: &str,
        shape: &[usize],
        dtype: DType,
        initializer: &Initializer,
    ) -> Result<()> {
        let device = self.trained.first().map_or_else(crate::backend::default_device, |v| Ok(v.device()))?;
        let variable = self.variable(name, shape, dtype, initializer, &device)?;
        self.keep(variable, name, None);
        Ok(())
    }

    fn keep(&mut self, variable: Variable, name: &str, place: Option<usize>) {
        self.places.entry(name.into()).or_default().insert(place, self.all.len());
        self.all.push(variable);
    }

    fn variable(
        &self,
        name: &str,
        shape: &[usize],
        dtype: DType,
        initializer: &Initializer,
        device: &Device,
    ) -> Result<Variable> {
        let spec = VariableSpec {
            name: name.into(),
            shape: shape.to_vec(),
            dtype,
            trainable: false,
            initializer: initializer.clone(),
            regularizer: None,
            constraint: None,
        };
        let variable = Variable::new(spec, device)?;
        variable.set_path(format!("{}/{name}", self.prefix));
        Ok(variable)
    }

    /// Every variable, in the order in which they were added.
    pub fn all(&self) -> &[Variable] {
        &self.all
    }

    /// The variables that are trained.
    pub fn trained(&self) -> &[Variable] {
        &self.trained
    }

    /// Which of the trained variables this is.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a variable that the optimizer was not built for.
    pub fn index(&self, variable: &Variable) -> Result<usize> {
        self.known.get(&variable.serial()).copied().ok_or_else(|| {
            Error::unknown_name("variable", variable.path(), self.trained.iter().map(Variable::path))
        })
    }

    /// Whether weight decay applies to a variable.
    pub fn decays(&self, variable: &Variable) -> bool {
        let place = self.known.get(&variable.serial());
        place.and_then(|&i| self.decaying.get(i)).copied().unwrap_or(true)
    }

    /// Whether something is remembered of a variable under a name.
    pub fn has(&self, variable: &Variable, name: &str) -> bool {
        let place = self.known.get(&variable.serial());
        place.is_some_and(|&i| self.places.get(name).is_some_and(|by| by.contains_key(&Some(i))))
    }

    /// What is remembered of a variable under a name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] where nothing is.
    pub fn get(&self, variable: &Variable, name: &str) -> Result<&Variable> {
        self.find(Some(self.index(variable)?), name)
    }

    /// What belongs to no variable in particular.
    ///
    /// # Errors
    /// [`Error::UnknownName`] where there is nothing of the name.
    pub fn single(&self, name: &str) -> Result<&Variable> {
        self.find(None, name)
    }

    fn find(&self, place: Option<usize>, name: &str) -> Result<&Variable> {
        let found = self.places.get(name).and_then(|by| by.get(&place)).and_then(|&i| self.all.get(i));
        found.ok_or_else(|| {
            Error::unknown_name("optimizer variable", name, self.all.iter().map(Variable::name))
        })
    }
}

/// What one update knows besides gradient and variable.
#[derive(Debug)]
pub struct Step<'a> {
    /// The current learning rate, a `float32` value.
    pub learning_rate: f64,
    /// Number of updates before this one.
    pub iterations: u64,
    pub(super) slots: &'a Slots,
}

impl Step<'_> {
    /// What the optimizer remembers of a variable under a name.
    ///
    /// # Errors
    /// As [`Slots::get`].
    pub fn slot(&self, variable: &Variable, name: &str) -> Result<&Variable> {
        self.slots.get(variable, name)
    }

    /// What the optimizer remembers of a variable under a name, to be computed with and stored.
    pub(super) fn load(&self, variable: &Variable, name: &str) -> Result<(&Variable, Formula)> {
        let slot = self.slot(variable, name)?;
        Ok((slot, slot.value()?.into()))
    }

    /// What the optimizer remembers of no variable in particular.
    ///
    /// # Errors
    /// As [`Slots::single`].
    pub fn single(&self, name: &str) -> Result<&Variable> {
        self.slots.single(name)
    }

    /// A number that computes as the variable's element type does.
    pub fn float(&self, variable: &Variable, value: f64) -> HostFloat {
        HostFloat::new(value, variable.dtype())
    }

    /// The learning rate as the variable's element type has it.
    pub fn rate(&self, variable: &Variable) -> HostFloat {
        self.float(variable, self.learning_rate)
    }

    /// The number of this update, from 1, to compute powers with.
    pub fn number(&self) -> f64 {
        self.iterations as f64 + 1.0
    }

    /// All that the optimizer remembers.
    pub fn slots(&self) -> &Slots {
        self.slots
    }
}

/// Computes and assigns values, all of them from the values before.
pub(super) fn store(targets: Vec<(&Variable, Formula)>) -> Result<()> {
    let (variables, formulas): (Vec<_>, Vec<_>) = targets.into_iter().unzip();
    let values = Formula::evaluate(formulas)?;
    variables.iter().zip(&values).try_for_each(|(variable, value)| variable.assign(value))
}
