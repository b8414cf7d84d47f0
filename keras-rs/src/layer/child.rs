//! Calling the layers inside a layer.

use super::{Call, CallContext, LayerRef, MaskedTensor, Outputs};
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// Tensors for a layer inside another: one, or several as an array, a slice or a vector; with their masks where
/// they are [`MaskedTensor`]s.
pub trait ChildInputs {
    /// The tensors in order.
    fn into_masked(self) -> Vec<MaskedTensor>;
}

macro_rules! one {
    ($($ty:ty),*) => {$(
        impl ChildInputs for $ty {
            fn into_masked(self) -> Vec<MaskedTensor> {
                vec![self.into()]
            }
        }
    )*};
}
one!(Tensor, &Tensor, MaskedTensor, &MaskedTensor);

impl<T: Into<MaskedTensor>, const N: usize> ChildInputs for [T; N] {
    fn into_masked(self) -> Vec<MaskedTensor> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<T: Into<MaskedTensor>> ChildInputs for Vec<T> {
    fn into_masked(self) -> Vec<MaskedTensor> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<T> ChildInputs for &[T]
where
    for<'a> &'a T: Into<MaskedTensor>,
{
    fn into_masked(self) -> Vec<MaskedTensor> {
        self.iter().map(Into::into).collect()
    }
}

impl CallContext<'_> {
    /// Calls a layer or a model inside this layer; the result is its first output.
    ///
    /// Masks of the inputs are seen where they are [`MaskedTensor`]s; [`CallContext::apply_masked`] gives the
    /// output's as well. The training flag, added losses and recorded variables go on.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// /// Two dense layers, one after the other.
    /// #[derive(Clone, Debug, KerasConfig)]
    /// #[keras(package = "forest")]
    /// struct Twice {
    ///     base: LayerBase,
    ///     #[keras(skip = Dense::new(3).kernel_initializer("ones").shared())]
    ///     first: LayerRef,
    ///     #[keras(skip = Dense::new(1).kernel_initializer("ones").shared())]
    ///     second: LayerRef,
    /// }
    ///
    /// impl Layer for Twice {
    ///     fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> keras_rs::Result<Outputs> {
    ///         let x = context.apply(&self.first, inputs.into_single()?)?;
    ///         Ok(context.apply(&self.second, &x)?.into())
    ///     }
    /// }
    ///
    /// let y = Twice::new().shared().call(&[Tensor::ones([1, 2], DType::F32)?])?;
    /// assert_eq!(y[0].to_vec::<f32>()?, [6.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// What the inner layer reports; [`Error::Argument`] where it gives no output.
    pub fn apply(&mut self, child: impl AsRef<LayerRef>, inputs: impl ChildInputs) -> Result<Tensor> {
        Ok(self.apply_masked(child, inputs)?.tensor)
    }

    /// As [`CallContext::apply`], with further arguments by keyword.
    ///
    /// # Errors
    /// As [`CallContext::apply`].
    pub fn apply_with(
        &mut self,
        child: impl AsRef<LayerRef>,
        inputs: impl ChildInputs,
        call: Call,
    ) -> Result<Tensor> {
        let child = child.as_ref();
        let outputs = self.apply_many_with(child, inputs, call)?;
        Ok(self.first(child, outputs)?.tensor)
    }

    /// As [`CallContext::apply`]; the output comes with its mask.
    ///
    /// # Errors
    /// As [`CallContext::apply`].
    pub fn apply_masked(
        &mut self,
        child: impl AsRef<LayerRef>,
        inputs: impl ChildInputs,
    ) -> Result<MaskedTensor> {
        let child = child.as_ref();
        let outputs = self.call_child(child, inputs.into_masked())?;
        self.first(child, outputs)
    }

    /// As [`CallContext::apply`]; the result is the outputs, as many as are asked for.
    ///
    /// # Errors
    /// What the inner layer reports; [`Error::Argument`] where it has another number of outputs.
    pub fn apply_to<const N: usize>(
        &mut self,
        child: impl AsRef<LayerRef>,
        inputs: impl ChildInputs,
    ) -> Result<[Tensor; N]> {
        let child = child.as_ref();
        let outputs = self.call_child(child, inputs.into_masked())?.into_tensors();
        let got = outputs.len();
        let wrong = |_| Error::argument(child.name(), "outputs", format!("{N} outputs"), got);
        outputs.try_into().map_err(wrong)
    }

    /// As [`CallContext::apply`], with further arguments by keyword; all outputs with their masks.
    ///
    /// # Errors
    /// What the inner layer reports.
    pub fn apply_many_with(
        &mut self,
        child: impl AsRef<LayerRef>,
        inputs: impl ChildInputs,
        call: Call,
    ) -> Result<Outputs> {
        let child = child.as_ref();
        let arguments = call.real(child.arguments(inputs.into_masked()))?;
        self.call_child_with(child, arguments)
    }

    fn first(&self, child: &LayerRef, outputs: Outputs) -> Result<MaskedTensor> {
        let missing = || Error::argument(child.name(), "outputs", "at least one output", "none");
        outputs.0.into_iter().next().ok_or_else(missing)
    }
}
