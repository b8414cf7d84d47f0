//! What a layer has at hand during a call besides its inputs.

use super::{Arguments, ForwardPass, LayerRef, MaskedTensor, Outputs};
use crate::dtype::DTypePolicy;
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use crate::variable::Variable;

/// Hands a layer its variables during a call, and what the forward pass shares.
#[derive(Debug)]
pub struct CallContext<'a> {
    pub(super) layer: &'a LayerRef,
    pub(super) name: &'a str,
    pub(super) policy: DTypePolicy,
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
        if value.dtype().is_float() { value.cast(self.policy.compute_dtype()) } else { Ok(value) }
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

    /// Calls a layer inside this one on a tensor; gives its only output, without a mask.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// /// Two layers in a row.
    /// #[derive(Clone, Debug, KerasConfig)]
    /// #[keras(package = "forest")]
    /// struct Stack {
    ///     base: LayerBase,
    ///     #[keras(skip = Dense::new(4).activation("relu").shared())]
    ///     hidden: LayerRef,
    ///     #[keras(skip = Dense::new(1).shared())]
    ///     last: LayerRef,
    /// }
    ///
    /// impl Layer for Stack {
    ///     fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
    ///         let hidden = context.apply(&self.hidden, &inputs.into_single()?)?;
    ///         Ok(context.apply(&self.last, &hidden)?.into())
    ///     }
    /// }
    ///
    /// let layer = Stack::new().shared();
    /// assert_eq!(layer.call(&[Tensor::ones([2, 3], DType::F32)?])?[0].shape(), [2, 1]);
    /// assert_eq!(layer.weights().len(), 4); // found by the types of the fields
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// What the inner layer reports; [`Error::Argument`] where it has another number of outputs.
    pub fn apply(&mut self, child: &LayerRef, input: impl Into<MaskedTensor>) -> Result<Tensor> {
        let [output] = self.apply_to(child, vec![input.into()])?;
        Ok(output)
    }

    /// Calls a layer inside this one on one tensor or a list; gives its outputs, as many as are asked for, without
    /// masks.
    ///
    /// # Errors
    /// As [`CallContext::apply`].
    pub fn apply_to<const N: usize>(
        &mut self,
        child: &LayerRef,
        inputs: Vec<MaskedTensor>,
    ) -> Result<[Tensor; N]> {
        let outputs = self.call_child(child, inputs)?.into_tensors();
        outputs.try_into().map_err(|outputs: Vec<Tensor>| {
            let count = |n: usize| if n == 1 { "one output".into() } else { format!("{n} outputs") };
            Error::argument(self.name, format!("outputs of {}", child.name()), count(N), count(outputs.len()))
        })
    }

    /// Calls a layer inside this one on one tensor, a list, or arguments one by one; the training flag and the
    /// forward pass go on.
    ///
    /// # Errors
    /// What the inner layer reports.
    pub fn call_child(&mut self, child: &LayerRef, inputs: Vec<MaskedTensor>) -> Result<Outputs> {
        child.run(child.arguments(inputs), self.pass)
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
        child.run(arguments, self.pass)
    }

    /// What everything inside this forward pass shares.
    pub fn pass(&mut self) -> &mut ForwardPass {
        self.pass
    }
}
