//! Tensors together with the masks that travel with them.

use crate::error::{Error, Result};
use crate::tensor::Tensor;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Tensors that masks travel with: [`MaskedTensor`]s, and symbolic ones.
pub trait CarriesMask {
    /// What masks are.
    type Mask: Clone;

    /// The mask that travels with the tensor.
    fn carried_mask(&self) -> Option<Self::Mask>;

    /// The tensor as a mask that a call names.
    fn as_mask(&self) -> Self::Mask;
}

impl CarriesMask for MaskedTensor {
    type Mask = Tensor;

    fn carried_mask(&self) -> Option<Tensor> {
        self.mask()
    }

    fn as_mask(&self) -> Tensor {
        self.tensor.clone()
    }
}

/// A tensor and the mask that travels with it: which steps or samples count, all of them where there is none.
///
/// A copy shares the mask, as two names of one tensor do in Keras: what takes it off one, as
/// [`MultiHeadAttention`](crate::layers::MultiHeadAttention) does, takes it off all. A layer that gives its input as
/// it is gives a copy.
///
/// ```
/// use keras_rs::layer::MaskedTensor;
/// use keras_rs::prelude::*;
///
/// let mask = Tensor::from_vec(vec![true, false], [1, 2])?;
/// let x = MaskedTensor::new(Tensor::ones([1, 2, 3], DType::F32)?, Some(mask));
/// let alias = x.clone();
/// x.set_mask(None);
/// assert!(alias.mask().is_none());
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MaskedTensor {
    /// The tensor.
    pub tensor: Tensor,
    mask: Arc<Mutex<Option<Tensor>>>,
}

impl MaskedTensor {
    /// A tensor with a mask of its own.
    pub fn new(tensor: Tensor, mask: Option<Tensor>) -> Self {
        Self { tensor, mask: Arc::new(Mutex::new(mask)) }
    }

    /// The mask. Keras' `get_keras_mask`.
    pub fn mask(&self) -> Option<Tensor> {
        self.cell().clone()
    }

    /// Sets the mask of the tensor and of all its copies, or takes it off. Keras' `set_keras_mask`.
    pub fn set_mask(&self, mask: Option<Tensor>) {
        *self.cell() = mask;
    }

    /// The tensor and its mask.
    pub fn into_parts(self) -> (Tensor, Option<Tensor>) {
        let mask = self.mask();
        (self.tensor, mask)
    }

    fn cell(&self) -> MutexGuard<'_, Option<Tensor>> {
        self.mask.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Tensor> for MaskedTensor {
    fn from(tensor: Tensor) -> Self {
        Self::new(tensor, None)
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
    pub(super) fn with_masks(self, masks: Vec<Option<Tensor>>) -> Self {
        for (output, mask) in self.0.iter().zip(masks) {
            let mut cell = output.cell();
            if cell.is_none() {
                *cell = mask;
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
