//! Slot variables: the state that an optimizer keeps for each variable it trains.

use super::numbers::HostFloat;
use crate::backend::Device;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::tensor::Formula;
use crate::variable::{Variable, VariableSpec};
use std::collections::HashMap;

/// The slot variables of an optimizer, found by the trained variable that they belong to and by name.
#[derive(Debug, Default)]
pub struct Slots {
    prefix: String,
    all: Vec<Variable>,
    /// Indices into `all`, by slot name and by the index of the trained variable; `None` for those of the
    /// whole optimizer.
    by_name: HashMap<String, HashMap<Option<usize>, usize>>,
    /// Indices into `trained`, by the serial of the variable.
    trained_index: HashMap<u64, usize>,
    trained: Vec<Variable>,
    /// For each trained variable, whether weight decay applies to it.
    decaying: Vec<bool>,
}

impl Slots {
    pub(super) fn new(prefix: &str, trained: &[Variable], decaying: Vec<bool>) -> Self {
        let trained_index = trained.iter().enumerate().map(|(i, v)| (v.serial(), i)).collect();
        Self { prefix: prefix.into(), trained_index, trained: trained.to_vec(), decaying, ..Self::default() }
    }

    /// Adds a slot variable of the shape and type of a trained one, filled with zeros.
    ///
    /// # Errors
    /// As [`Variable::new`].
    pub fn add(&mut self, reference: &Variable, name: &str) -> Result<()> {
        self.add_with(reference, name, reference.shape(), &Initializer::zeros())
    }

    /// Adds a slot variable to a trained one, of any shape and initial value.
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
        let owner = self.trained_index.get(&reference.serial()).copied();
        self.insert(variable, name, owner);
        Ok(())
    }

    /// Adds a slot variable to a trained one, filled with zeros; it is found as `slot` and saved as `name`.
    ///
    /// # Errors
    /// As [`Variable::new`].
    pub(super) fn add_as(
        &mut self,
        reference: &Variable,
        slot: &str,
        name: &str,
        shape: &[usize],
        dtype: DType,
    ) -> Result<()> {
        let variable = self.variable(name, shape, dtype, &Initializer::zeros(), &reference.device())?;
        let owner = self.trained_index.get(&reference.serial()).copied();
        self.insert(variable, slot, owner);
        Ok(())
    }

    /// Adds a slot variable of each name to every trained variable, variable by variable.
    ///
    /// # Errors
    /// As [`Variable::new`].
    pub fn add_to_all(&mut self, variables: &[Variable], names: &[&str]) -> Result<()> {
        variables.iter().try_for_each(|v| names.iter().try_for_each(|name| self.add(v, name)))
    }

    /// Adds a variable that belongs to the optimizer, not to a trained variable.
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
        self.insert(variable, name, None);
        Ok(())
    }

    fn insert(&mut self, variable: Variable, slot: &str, owner: Option<usize>) {
        self.by_name.entry(slot.into()).or_default().insert(owner, self.all.len());
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

    /// Every slot variable, in the order in which they were added.
    pub fn all(&self) -> &[Variable] {
        &self.all
    }

    /// The variables that are trained.
    pub fn trained(&self) -> &[Variable] {
        &self.trained
    }

    /// The index of a variable among those that are trained.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a variable that the optimizer was not built for.
    pub fn index(&self, variable: &Variable) -> Result<usize> {
        self.trained_index.get(&variable.serial()).copied().ok_or_else(|| {
            Error::unknown_name("variable", variable.path(), self.trained.iter().map(Variable::path))
        })
    }

    /// Whether weight decay applies to a variable.
    pub fn decays(&self, variable: &Variable) -> bool {
        let index = self.trained_index.get(&variable.serial());
        index.and_then(|&i| self.decaying.get(i)).copied().unwrap_or(true)
    }

    /// Whether a trained variable has a slot variable of a name.
    pub fn has(&self, variable: &Variable, name: &str) -> bool {
        let index = self.trained_index.get(&variable.serial());
        index.is_some_and(|&i| self.by_name.get(name).is_some_and(|owners| owners.contains_key(&Some(i))))
    }

    /// The slot variable of a trained variable, by name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] where there is none.
    pub fn get(&self, variable: &Variable, name: &str) -> Result<&Variable> {
        self.find(Some(self.index(variable)?), name)
    }

    /// A variable of the optimizer itself, by name; see [`Slots::add_single`].
    ///
    /// # Errors
    /// [`Error::UnknownName`] where there is none.
    pub fn single(&self, name: &str) -> Result<&Variable> {
        self.find(None, name)
    }

    fn find(&self, owner: Option<usize>, name: &str) -> Result<&Variable> {
        let found =
            self.by_name.get(name).and_then(|owners| owners.get(&owner)).and_then(|&i| self.all.get(i));
        found.ok_or_else(|| {
            Error::unknown_name("optimizer variable", name, self.all.iter().map(Variable::name))
        })
    }
}

/// The arguments of one update besides gradient and variable.
#[derive(Debug)]
pub struct Step<'a> {
    /// The current learning rate, a `float32` value.
    pub learning_rate: f64,
    /// Number of updates before this one.
    pub iterations: u64,
    pub(super) slots: &'a Slots,
}

impl Step<'_> {
    /// The slot variable of a trained variable, by name.
    ///
    /// # Errors
    /// As [`Slots::get`].
    pub fn slot(&self, variable: &Variable, name: &str) -> Result<&Variable> {
        self.slots.get(variable, name)
    }

    /// The slot variable of a trained variable, and its value to compute with.
    pub(super) fn load(&self, variable: &Variable, name: &str) -> Result<(&Variable, Formula)> {
        let slot = self.slot(variable, name)?;
        Ok((slot, slot.value()?.into()))
    }

    /// A variable of the optimizer itself, by name.
    ///
    /// # Errors
    /// As [`Slots::single`].
    pub fn single(&self, name: &str) -> Result<&Variable> {
        self.slots.single(name)
    }

    /// A number that is rounded to the variable's element type.
    pub fn float(&self, variable: &Variable, value: f64) -> HostFloat {
        HostFloat::new(value, variable.dtype())
    }

    /// The learning rate, rounded to the variable's element type.
    pub fn rate(&self, variable: &Variable) -> HostFloat {
        self.float(variable, self.learning_rate)
    }

    /// The number of this update, from 1, to compute powers with.
    pub fn number(&self) -> f64 {
        self.iterations as f64 + 1.0
    }

    /// All slot variables.
    pub fn slots(&self) -> &Slots {
        self.slots
    }
}

/// Computes all values, then assigns them.
pub(super) fn store(targets: Vec<(&Variable, Formula)>) -> Result<()> {
    let (variables, formulas): (Vec<_>, Vec<_>) = targets.into_iter().unzip();
    let values = Formula::evaluate(formulas)?;
    variables.iter().zip(&values).try_for_each(|(variable, value)| variable.assign(value))
}
