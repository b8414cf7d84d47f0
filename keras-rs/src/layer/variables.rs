//! The variables of a layer: made when it is built, found by key, sorted into trained and other ones.

use super::call::constant_data;
use super::{Arguments, BoundArguments, BuildScope, InputShapes, LayerRef};
use crate::backend::{Device, default_device};
use crate::error::{Error, Result};
use crate::shape::Shape;
use crate::variable::Variable;
use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

/// The variables of a layer by key, and what it was built for.
pub(super) struct Built {
    pub(super) variables: Vec<(String, Variable)>,
    /// Keys of those that layers inside have made.
    pub(super) shared: Vec<String>,
    pub(super) inputs: InputShapes,
    /// The device that it was built for.
    device: Device,
}

/// Variables by key, and the keys of those that layers inside have made.
type Made = (Vec<(String, Variable)>, Vec<String>);

impl LayerRef {
    /// Whether the variables exist.
    pub fn is_built(&self) -> bool {
        self.0.built.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(super) fn built(&self) -> Option<Arc<Built>> {
        self.0.built.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Variables that the layer itself made, in the order in which it made them.
    fn made_variables(&self) -> Vec<Variable> {
        let built = self.built();
        built.map_or_else(Vec::new, |b| b.variables.iter().map(|(_, variable)| variable.clone()).collect())
    }

    /// Variables that the layer itself made, without those that it shares with layers inside.
    pub(super) fn unshared_variables(&self) -> Vec<Variable> {
        let built = self.built();
        let unshared = |b: &Built| {
            let kept = b.variables.iter().filter(|(key, _)| !b.shared.contains(key));
            kept.map(|(_, variable)| variable.clone()).collect()
        };
        built.map_or_else(Vec::new, |b| unshared(&b))
    }

    /// A variable that the layer itself made, by its key.
    ///
    /// # Errors
    /// [`Error::UnknownName`] where it made none of this key.
    pub fn variable(&self, key: &str) -> Result<Variable> {
        let built = self.built();
        let variables = built.as_ref().map_or(&[][..], |b| b.variables.as_slice());
        let found = variables.iter().find(|(k, _)| k == key).map(|(_, variable)| variable.clone());
        found.ok_or_else(|| Error::unknown_name("variable", key, variables.iter().map(|(k, _)| k.as_str())))
    }

    /// Shapes that the layer was built for, by argument.
    pub fn build_shapes(&self) -> Option<InputShapes> {
        self.built().map(|b| b.inputs.clone())
    }

    /// Makes the variables on the default device for inputs of these shapes; does nothing where they exist.
    ///
    /// # Errors
    /// What [`Layer::build`](super::Layer::build) reports, with the layer's name.
    pub fn build(&self, inputs: &[Shape]) -> Result<()> {
        if self.is_built() {
            return Ok(());
        }
        self.build_for(inputs, &default_device()?)
    }

    /// Makes the variables on a device; does nothing where they exist.
    ///
    /// # Errors
    /// As [`LayerRef::build`].
    pub fn build_for(&self, inputs: &[Shape], device: &Device) -> Result<()> {
        self.build_with(self.arguments(inputs.to_vec()), device)
    }

    /// Makes the variables on a device for shapes of any arguments; does nothing where they exist.
    ///
    /// # Errors
    /// As [`LayerRef::build`].
    pub fn build_with(&self, mut inputs: Arguments<Shape>, device: &Device) -> Result<()> {
        if self.is_built() {
            return Ok(());
        }
        inputs
            .resolve(|value| constant_data(value).map(|data| data.map(|data| Shape::from(data.shape()))))?;
        let name = self.shared_name();
        let bound = BoundArguments::bind(name.clone(), self.layer().signature(), inputs);
        bound.and_then(|inputs| self.build_bound(&inputs, device)).map_err(|e| e.in_layer(&name))
    }

    /// As [`LayerRef::build_with`], with errors that do not name the layer yet.
    pub(super) fn build_bound(&self, inputs: &InputShapes, device: &Device) -> Result<()> {
        let _one_at_a_time = self.0.building.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_built() {
            return Ok(());
        }
        self.layer().base().deferred()?;
        self.settle_policy()?;
        let (variables, shared) = self.variables_of(|scope| self.layer().build(scope, inputs), device)?;
        let built = Arc::new(Built { variables, shared, inputs: inputs.clone(), device: device.clone() });
        *self.0.built.write().unwrap_or_else(PoisonError::into_inner) = Some(built);
        self.write_paths();
        Ok(())
    }

    fn variables_of(
        &self,
        make: impl FnOnce(&mut BuildScope<'_>) -> Result<()>,
        device: &Device,
    ) -> Result<Made> {
        let name = self.shared_name();
        let mut scope = BuildScope::new(&name, self.path(), self.variable_dtype(), device.clone());
        make(&mut scope)?;
        Ok(scope.into_variables())
    }

    /// Adds variables to a layer that is built, behind those that it has: weights that a layer is given
    /// late, by `adapt` or by a low-rank adaptation.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] before the layer is built; [`Error::Argument`] for a key that is taken; what the
    /// function reports.
    ///
    /// ```
    /// use keras_rs::initializers::Initializer;
    /// use keras_rs::prelude::*;
    ///
    /// let layer = Dense::new(2).shared();
    /// layer.build(&[Shape::from([None, Some(3)])])?;
    /// layer.add_variables(|scope| scope.weight("lora_kernel_a", &[3, 1], &Initializer::zeros()).add())?;
    /// assert_eq!(layer.variable("lora_kernel_a")?.shape(), [3, 1]);
    /// assert_eq!(layer.variables().len(), 3);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn add_variables(&self, make: impl FnOnce(&mut BuildScope<'_>) -> Result<()>) -> Result<()> {
        let name = self.shared_name();
        let _one_at_a_time = self.0.building.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(built) = self.built() else {
            return Err(Error::NotBuilt {
                layer: name.to_string(),
                hint: "build it or call it on data first",
            });
        };
        let device = self.home()?;
        let (added, more_shared) = self.variables_of(make, &device).map_err(|e| e.in_layer(&name))?;
        if let Some((key, _)) = added.iter().find(|(key, _)| built.variables.iter().any(|(k, _)| k == key)) {
            return Err(Error::argument(&*name, "key", "a key of its own for each variable", key));
        }
        let variables = built.variables.iter().cloned().chain(added).collect();
        let shared = built.shared.iter().cloned().chain(more_shared).collect();
        let inputs = built.inputs.clone();
        let built = Arc::new(Built { variables, shared, inputs, device });
        *self.0.built.write().unwrap_or_else(PoisonError::into_inner) = Some(built);
        self.write_paths();
        Ok(())
    }

    /// Variables that the layer itself made, trainable ones first, as Keras orders them in files.
    pub fn own_variables(&self) -> Vec<Variable> {
        let (mut first, rest): (Vec<_>, Vec<_>) =
            self.made_variables().into_iter().partition(Variable::trainable);
        first.extend(rest);
        first
    }

    /// Every variable of this layer and the layers inside it, trainable ones first, each once.
    pub fn variables(&self) -> Vec<Variable> {
        let (mut trainable, mut rest) = (Vec::new(), Vec::new());
        self.collect(&|_| true, &mut trainable, &mut rest);
        distinct(&mut trainable);
        distinct(&mut rest);
        trainable.extend(rest);
        trainable
    }

    /// Variables in Keras' order of `weights`: those that the layer itself made, then layer by layer those of
    /// the layers inside it.
    pub fn weights(&self) -> Vec<Variable> {
        let mut all = self.own_variables();
        all.extend(self.layer().sublayers().iter().flat_map(|(_, layer)| layer.weights()));
        distinct(&mut all);
        all
    }

    /// Variables that training changes: those of the layers inside that are not frozen, unless this layer
    /// itself is. A layer's flag spreads to the layers inside it when it is set, and no further.
    pub fn trainable_variables(&self) -> Vec<Variable> {
        let (mut trainable, mut rest) = (Vec::new(), Vec::new());
        if self.trainable() {
            self.collect(&LayerRef::trainable, &mut trainable, &mut rest);
        }
        distinct(&mut trainable);
        trainable
    }

    /// Variables that training leaves to the layer, and those of frozen layers.
    pub fn non_trainable_variables(&self) -> Vec<Variable> {
        if !self.trainable() {
            return self.variables();
        }
        let (mut trainable, mut rest) = (Vec::new(), Vec::new());
        self.collect(&LayerRef::trainable, &mut trainable, &mut rest);
        distinct(&mut rest);
        rest
    }

    /// Sorts variables by whether they are trained, where `trains` says so of the layer that made them.
    fn collect(
        &self,
        trains: &dyn Fn(&Self) -> bool,
        trainable: &mut Vec<Variable>,
        rest: &mut Vec<Variable>,
    ) {
        let own = trains(self);
        // Whether a shared variable is trained, the layer decides that made it.
        for variable in self.unshared_variables() {
            let list = if variable.trainable() && own { &mut *trainable } else { &mut *rest };
            list.push(variable);
        }
        for (_, child) in self.layer().sublayers() {
            child.collect(trains, trainable, rest);
        }
    }

    /// The device of the layer's first variable; `None` where it has none.
    pub fn device(&self) -> Option<Device> {
        if let Some(variable) = self.made_variables().first() {
            return Some(variable.device());
        }
        self.layer().sublayers().iter().find_map(|(_, child)| child.device())
    }

    /// The device that further variables belong on: that of the first one, or the one that the layer was built
    /// for, or the default.
    pub(super) fn home(&self) -> Result<Device> {
        let built_for = || self.built().map(|built| built.device.clone());
        self.device().or_else(built_for).map_or_else(default_device, Ok)
    }

    /// Number of values in all variables.
    pub fn count_params(&self) -> usize {
        count(&self.variables())
    }
}

/// Drops variables that come again.
fn distinct(variables: &mut Vec<Variable>) {
    let mut seen = HashSet::new();
    variables.retain(|v| seen.insert(v.serial()));
}

/// Number of values in variables.
pub(crate) fn count(variables: &[Variable]) -> usize {
    variables.iter().map(|v| v.shape().iter().product::<usize>()).sum()
}
