//! Making a layer's variables.

use crate::backend::Device;
use crate::constraints::Constraint;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{Arguments, LayerRef};
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::Tensor;
use crate::variable::{Variable, VariableSpec};

/// Collects the variables that a layer makes in [`Layer::build`](super::Layer::build).
#[derive(Debug)]
pub struct BuildScope<'a> {
    name: &'a str,
    /// Names of the layers around this one and its own.
    path: String,
    /// Type of variables that do not name one.
    dtype: DType,
    device: Device,
    variables: Vec<(String, Variable)>,
    /// Keys of variables that layers inside have made.
    shared: Vec<String>,
}

impl<'a> BuildScope<'a> {
    pub(super) fn new(name: &'a str, path: String, dtype: DType, device: Device) -> Self {
        Self { name, path, dtype, device, variables: Vec::new(), shared: Vec::new() }
    }

    /// The variables by key, and the keys of those that layers inside have made.
    pub(super) fn into_variables(self) -> (Vec<(String, Variable)>, Vec<String>) {
        (self.variables, self.shared)
    }

    /// The layer's name, for errors.
    pub fn name(&self) -> &str {
        self.name
    }

    /// The device that the variables are made on.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Begins a variable; nothing is made before [`Weight::add`]. Its key, by which
    /// [`CallContext`](super::CallContext) finds it, is its name; see [`Weight::key`].
    pub fn weight<'s>(
        &'s mut self,
        name: &str,
        shape: &[usize],
        initializer: &Initializer,
    ) -> Weight<'s, 'a> {
        let spec = VariableSpec {
            name: name.into(),
            shape: shape.to_vec(),
            dtype: self.dtype,
            trainable: true,
            initializer: initializer.clone(),
            regularizer: None,
            constraint: None,
        };
        Weight { key: name.into(), scope: self, spec, value: None }
    }

    /// Adds a variable that a layer inside has made, so that calls find it by key and files hold it among this
    /// layer's own, too, as Keras does where an attribute of a layer is a variable of another.
    ///
    /// # Errors
    /// [`Error::Argument`] for a key that is taken.
    pub fn share(&mut self, key: impl Into<String>, variable: Variable) -> Result<()> {
        let key = key.into();
        self.check_key(&key)?;
        self.shared.push(key.clone());
        self.variables.push((key, variable));
        Ok(())
    }

    fn check_key(&self, key: &str) -> Result<()> {
        if self.variables.iter().all(|(taken, _)| taken != key) {
            return Ok(());
        }
        Err(Error::argument(self.name, "key", "a key of its own for each variable", key))
    }

    /// Builds a layer inside this one.
    ///
    /// # Errors
    /// What building the inner layer reports.
    pub fn build_child(&mut self, child: &LayerRef, inputs: &[Shape]) -> Result<()> {
        self.build_child_with(child, child.arguments(inputs.to_vec()))
    }

    /// Builds a layer inside this one from shapes of several arguments.
    ///
    /// # Errors
    /// What building the inner layer reports.
    pub fn build_child_with(&mut self, child: &LayerRef, inputs: Arguments<Shape>) -> Result<()> {
        child.set_parent_path(&self.path);
        child.build_with(inputs.clone(), &self.device)?;
        if child.has_unbuilt() {
            // A cell needs its states for a call, for example; what is inside it is then built by its first one.
            child.build_by_call(inputs, &self.device).ok();
        }
        Ok(())
    }
}

/// A variable about to be made.
#[derive(Debug)]
#[must_use = "nothing is made before `add`"]
pub struct Weight<'s, 'a> {
    key: String,
    scope: &'s mut BuildScope<'a>,
    spec: VariableSpec,
    value: Option<Tensor>,
}

impl Weight<'_, '_> {
    /// Sets the key by which calls find the variable (default: its name); needed where several variables of
    /// a layer have one name.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// Sets the penalty.
    pub fn regularizer(mut self, regularizer: &Option<Regularizer>) -> Self {
        self.spec.regularizer.clone_from(regularizer);
        self
    }

    /// Sets the projection.
    pub fn constraint(mut self, constraint: &Option<Constraint>) -> Self {
        self.spec.constraint.clone_from(constraint);
        self
    }

    /// Sets whether gradients change it (default `true`).
    pub fn trainable(mut self, trainable: bool) -> Self {
        self.spec.trainable = trainable;
        self
    }

    /// Sets the element type (default: the policy's for variables).
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.spec.dtype = dtype;
        self
    }

    /// Sets the initial value, in place of one that the initializer makes.
    pub fn value(mut self, value: Tensor) -> Self {
        self.value = Some(value);
        self
    }

    /// Makes the variable.
    ///
    /// # Errors
    /// [`Error::Shape`] where the initial value is of another shape; [`Error::TooLarge`] where it would be too large;
    /// [`Error::Argument`] for a key that is taken.
    pub fn add(self) -> Result<()> {
        self.scope.check_key(&self.key)?;
        let variable = Variable::new(self.spec, &self.scope.device)?;
        if let Some(value) = &self.value {
            variable.assign(value)?;
        }
        self.scope.variables.push((self.key, variable));
        Ok(())
    }
}
