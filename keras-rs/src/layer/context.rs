//! What a layer has at hand during a call besides its inputs.

use super::{Arguments, ForwardPass, LayerRef, MaskedTensor, Outputs};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use crate::variable::Variable;

/// Hands a layer its variables during a call, and what the forward pass shares.
#[derive(Debug)]
pub struct CallContext<'a> {
    pub(super) layer: &'a LayerRef,
    pub(super) name: &'a str,
    /// Type that the layer computes in.
    pub(super) dtype: DType,
    pub(super) variables: &'a [(String, Variable)],
    pub(super) pass: &'a mut ForwardPass,
}

impl CallContext<'_> {
    /// The layer's name, for errors.
    pub fn layer(&self) -> &str {
        self.name
    }

    /// Whether the layer is to behave as in training.
    pub fn training(&self) -> bool {
        self.pass.training
    }

    /// Whether training may change the layer's variables; a frozen one behaves as at inference where
    /// Keras' does.
    pub fn trainable(&self) -> bool {
        self.layer.trainable()
    }

    /// A variable that `build` made, by its key.
    ///
    /// # Errors
    /// [`Error::UnknownName`] where it made none of this key.
    pub fn variable(&self, key: &str) -> Result<&Variable> {
        let found = self.variables.iter().find(|(k, _)| k == key).map(|(_, variable)| variable);
        found.ok_or_else(|| {
            Error::unknown_name("variable", key, self.variables.iter().map(|(k, _)| k.as_str()))
        })
    }

    /// The value of a variable in its own type.
    ///
    /// # Errors
    /// As [`CallContext::variable`] and [`Variable::value`].
    pub fn value(&self, key: &str) -> Result<Tensor> {
        self.pass.value(self.variable(key)?)
    }

    /// The value of a variable; floats in the type that the layer computes in.
    ///
    /// # Errors
    /// As [`CallContext::variable`] and [`Variable::value`].
    pub fn weight(&self, key: &str) -> Result<Tensor> {
        let value = self.value(key)?;
        if value.dtype().is_float() { value.cast(self.dtype) } else { Ok(value) }
    }

    /// Gives a variable another value, which later reads in this forward pass see, too. Gradients of them are the
    /// variable's: how the new value came about does not count.
    ///
    /// # Errors
    /// As [`CallContext::variable`] and [`Variable::assign`].
    pub fn assign(&mut self, key: &str, value: &Tensor) -> Result<()> {
        let variable = self.variable(key)?.clone();
        variable.assign(value)?;
        self.pass.reassigned(&variable)
    }

    /// Adds a scalar to the model's loss.
    pub fn add_loss(&mut self, loss: Tensor) {
        self.pass.losses.push(loss);
    }

    /// What this layer remembered under a key earlier in this forward pass, or what the function makes: a
    /// dropout mask that a cell keeps over its time steps.
    ///
    /// # Errors
    /// What the function reports.
    pub fn remember(&mut self, key: &'static str, make: impl FnOnce() -> Result<Tensor>) -> Result<Tensor> {
        if let Some(value) = self.pass.remembered(self.layer.serial(), key) {
            return Ok(value);
        }
        let value = make()?;
        self.pass.remember(self.layer.serial(), key, value.clone());
        Ok(value)
    }

    /// Has a layer inside this one, and those inside it, forget what they remembered in this forward pass.
    pub fn forget(&mut self, child: &LayerRef) {
        self.pass.forget(child);
    }

    /// Whether the call finds shapes only, so that layers must keep no state of it.
    pub fn probing(&self) -> bool {
        self.pass.probing
    }

    /// The number of the first position of this call: that of positions before it in a
    /// [`KeyValueCache`](super::KeyValueCache), else 0.
    pub fn position(&self) -> usize {
        self.pass.cache.as_ref().map_or(0, super::KeyValueCache::len)
    }

    /// Whether the forward pass goes on with a sequence, whose keys and values a
    /// [`KeyValueCache`](super::KeyValueCache) holds.
    pub fn is_cached(&self) -> bool {
        self.pass.cache.is_some()
    }

    /// Keys and values of all positions, with those of the new ones behind the kept ones; as they are without a
    /// cache. Positions are the second axis of `(batch, positions, ...)`; `seen`, `(batch, positions)`, says which
    /// of them count.
    ///
    /// # Errors
    /// [`Error::Shape`] where they do not go on with what is kept.
    pub fn with_cached(
        &mut self,
        key: Tensor,
        value: Tensor,
        seen: Option<Tensor>,
    ) -> Result<(Tensor, Tensor, Option<Tensor>)> {
        match &mut self.pass.cache {
            Some(cache) => cache.extend((self.layer.serial(), self.name), (&key, &value), seen.as_ref()),
            None => Ok((key, value, seen)),
        }
    }

    /// Calls a layer inside this one on one tensor, a list, or arguments one by one; the training flag and the
    /// forward pass go on.
    ///
    /// # Errors
    /// What the inner layer reports.
    pub fn call_child(&mut self, child: &LayerRef, inputs: Vec<MaskedTensor>) -> Result<Outputs> {
        self.call_child_with(child, child.arguments(inputs))
    }

    /// Calls a layer inside this one with any arguments, masks and keywords included.
    ///
    /// # Errors
    /// What the inner layer reports.
    pub fn call_child_with(
        &mut self,
        child: &LayerRef,
        arguments: Arguments<MaskedTensor>,
    ) -> Result<Outputs> {
        if !child.is_built() {
            child.set_parent_path(&self.layer.path());
        }
        child.run(arguments, self.pass)
    }

    /// What everything inside this forward pass shares.
    pub fn pass(&mut self) -> &mut ForwardPass {
        self.pass
    }
}
