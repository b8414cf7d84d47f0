//! Recording of operations and backpropagation.

use super::Tensor;
use crate::error::{Error, Result, tuple};
use burn::tensor::Gradients;

type Burn = burn::Tensor<1>;

impl Tensor {
    /// Whether operations on this tensor are recorded for gradients.
    ///
    /// In operations with recorded tensors, tensors that are not recorded are constants.
    pub fn is_recorded(&self) -> bool {
        self.dtype.is_float() && Burn::from_dispatch(self.raw()).is_autodiff()
    }

    /// Whether gradients flow through this tensor: it is recorded, and no constant of its recording.
    pub(crate) fn is_tracked(&self) -> bool {
        self.dtype.is_float() && Burn::from_dispatch(self.raw()).is_tracked()
    }

    /// A copy that starts a recording, and whose gradient can be computed.
    ///
    /// # Errors
    /// [`Error::DType`] where the tensor is not of a float type.
    pub(crate) fn record(&self) -> Result<Self> {
        self.require_float("gradient")?;
        let leaf = Burn::from_dispatch(self.raw()).without_autodiff().autodiff().require_grad();
        Ok(self.with(leaf.into_dispatch(), self.shape.clone()))
    }

    /// A copy in the context of a recording, to which it is a constant.
    pub(crate) fn in_recording(&self) -> Self {
        if !self.dtype.is_float() {
            return self.clone();
        }
        self.with(Burn::from_dispatch(self.raw()).autodiff().into_dispatch(), self.shape.clone())
    }

    /// A copy without the recording: no gradient flows through it. Keras' `stop_gradient`.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let x = Tensor::from_vec(vec![1.0_f32, 2.0], [2])?;
    /// assert_eq!(x.detach().to_vec::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    #[must_use]
    pub fn detach(&self) -> Self {
        if !self.is_recorded() {
            return self.clone();
        }
        let inner = Burn::from_dispatch(self.raw()).without_autodiff();
        self.with(inner.into_dispatch(), self.shape.clone())
    }

    /// Backpropagates through the recording; `None` if the tensor is not recorded.
    ///
    /// # Errors
    /// [`Error::Shape`] where this is not a single number.
    pub(crate) fn backward(&self) -> Result<Option<Gradients>> {
        if self.len() != 1 {
            return Err(Error::shape("gradient", "loss", "a single number", tuple(self.shape())));
        }
        let tensor = Burn::from_dispatch(self.reshape([1])?.raw());
        Ok(tensor.is_tracked().then(|| tensor.backward()))
    }

    /// Takes the gradient of a tensor that [`Tensor::record`] returned; `None` if the loss does not depend on it.
    pub(crate) fn take_gradient(&self, gradients: &mut Gradients) -> Option<Self> {
        let gradient = Burn::from_dispatch(self.raw()).grad_remove(gradients)?;
        Some(self.with(gradient.into_dispatch(), self.shape.clone()))
    }
}
