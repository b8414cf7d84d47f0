//! Tensors together with the masks that travel with them.

use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// A tensor and the mask that travels with it.
#[derive(Clone, Debug)]
pub struct MaskedTensor {
    /// The tensor.
    pub tensor: Tensor,
    /// Which steps or samples count; `None` where all do.
    pub mask: Option<Tensor>,
}

impl From<Tensor> for MaskedTensor {
    fn from(tensor: Tensor) -> Self {
        Self { tensor, mask: None }
    }
}

impl From<&Tensor> for MaskedTensor {
    fn from(tensor: &Tensor) -> Self {
        tensor.clone().into()
    }
}

impl From<&MaskedTensor> for MaskedTensor {
    fn from(tensor: &Self) -> Self {
        tensor.clone()
    }
}

/// What a layer gives: one tensor or several, with masks where the layer itself says so.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::layer::Outputs;
///
/// let outputs = Outputs::from(Tensor::from_vec(vec![1.0_f32], [1, 1])?);
/// assert_eq!(outputs.into_tensors().len(), 1);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Outputs(pub Vec<MaskedTensor>);

impl Outputs {
    /// The tensors without their masks.
    pub fn into_tensors(self) -> Vec<Tensor> {
        self.0.into_iter().map(|output| output.tensor).collect()
    }

    /// The first tensor.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is none.
    pub fn first(&self) -> Result<&Tensor> {
        let missing = || Error::argument("outputs", "call", "at least one output", "none");
        self.0.first().map(|output| &output.tensor).ok_or_else(missing)
    }

    /// The tensors in order.
    pub fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        self.0.iter().map(|output| &output.tensor)
    }

    /// Gives masks to the tensors that have none.
    pub(super) fn with_masks(mut self, masks: Vec<Option<Tensor>>) -> Self {
        for (output, mask) in self.0.iter_mut().zip(masks) {
            if output.mask.is_none() {
                output.mask = mask;
            }
        }
        self
    }
}

impl From<Tensor> for Outputs {
    fn from(tensor: Tensor) -> Self {
        Self(vec![tensor.into()])
    }
}

impl From<Vec<Tensor>> for Outputs {
    fn from(tensors: Vec<Tensor>) -> Self {
        Self(tensors.into_iter().map(MaskedTensor::from).collect())
    }
}

impl From<MaskedTensor> for Outputs {
    fn from(output: MaskedTensor) -> Self {
        Self(vec![output])
    }
}
