//! Numbers of tensors on CPUs as slices, without copies.

use super::Tensor;
use crate::backend::Device;
use crate::dtype::DType;
use crate::error::{Error, Result};
use burn::backend::ops::FloatTensorOps;
use burn::backend::{BackendTensor, Dispatch, DispatchTensorKind};
use burn::tensor::TensorData as BurnData;
use std::borrow::Cow;

impl Tensor {
    /// The numbers of a `float32` tensor in C order, copied only where they do not lie side by side.
    ///
    /// # Errors
    /// [`Error::DType`] for another type, and as [`Tensor::to_data`].
    pub(crate) fn floats(&self) -> Result<Cow<'_, [f32]>> {
        if self.dtype != DType::F32 {
            let (expected, got) = (DType::F32.to_string(), self.dtype.to_string());
            return Err(Error::DType { context: "floats".into(), expected, got });
        }
        #[cfg(feature = "flex")]
        if let DispatchTensorKind::Flex(BackendTensor::Float(tensor)) = &self.handle.kind
            && let Some(numbers) = tensor.as_slice::<f32>()
        {
            return Ok(Cow::Borrowed(numbers));
        }
        Ok(Cow::Owned(self.to_vec()?))
    }

    /// The numbers of a `float32` tensor in C order, to be changed: those of a copy where other tensors share them. `None`
    /// where they are not in memory.
    pub(crate) fn floats_mut(&mut self) -> Option<&mut [f32]> {
        match &mut self.handle.kind {
            #[cfg(feature = "flex")]
            DispatchTensorKind::Flex(BackendTensor::Float(tensor)) if self.dtype == DType::F32 => {
                Some(super::flex::values_mut(tensor))
            }
            _ => None,
        }
    }

    /// A `float32` tensor of numbers in C order, which are not copied.
    ///
    /// # Errors
    /// [`Error::Shape`] where their number is not the shape's product.
    pub(crate) fn from_floats(numbers: Vec<f32>, shape: Vec<usize>, device: &Device) -> Result<Self> {
        if shape.iter().product::<usize>() != numbers.len() {
            let expected = format!("numbers for {}", crate::error::tuple(&shape));
            return Err(Error::shape("from_floats", "numbers", expected, numbers.len()));
        }
        let stored = if shape.is_empty() { vec![1] } else { shape.clone() };
        let data = BurnData::new(numbers, stored);
        let handle = Dispatch::float_from_data(data, device.as_burn().as_dispatch());
        Ok(Self { handle, shape, dtype: DType::F32, device: device.clone() })
    }
}
