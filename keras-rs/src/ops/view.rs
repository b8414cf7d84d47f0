//! Bits read as another type.

use super::host::require_constant;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, TensorData};
use keras_rs_derive::operation;

/// The bits of a tensor read as another type. Keras' `ops.view`.
///
/// With a type of another size the last axis grows or shrinks; without a type it is the tensor itself. Bytes are in the
/// order of little-endian machines; as `bool` every byte but 0 is true. Read on the host.
///
/// # Errors
/// [`Error::Shape`] where the last axis is not a whole number of elements of the type or there is no axis,
/// [`Error::Argument`] for a tensor whose gradient is asked for, [`Error::DType`] where the backend lacks the type.
///
/// ```
/// use keras_rs::{DType, Tensor, ops};
///
/// let bits = ops::view(&Tensor::from_slice::<f32>(&[1.0], [1])?, DType::I32)?;
/// assert_eq!(bits.to_vec::<i32>()?, [0x3f80_0000]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn view(x: &Tensor, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    let Some(dtype) = dtype.into().filter(|dtype| *dtype != x.dtype()) else { return Ok(x.clone()) };
    require_constant("view", "x", x)?;
    let (shape, _) = view_spec(&(Shape::from(x.shape()), x.dtype()), Some(dtype))?;
    let shape = shape.to_known().unwrap_or_default();
    let mut bytes = x.to_data()?.into_bytes();
    if dtype == DType::Bool {
        bytes.iter_mut().for_each(|byte| *byte = u8::from(*byte != 0));
    }
    Tensor::from_data_on(TensorData::new(dtype, shape, bytes)?, x.device())
}

pub(crate) fn view_spec((x, own): &Spec, dtype: Option<DType>) -> Result<Spec> {
    let dtype = dtype.unwrap_or(*own);
    let (old, new) = (own.size(), dtype.size());
    if old == new {
        return Ok((x.clone(), dtype));
    }
    let mut dims = x.dims().to_vec();
    let Some(last) = dims.last_mut().filter(|last| last.is_none_or(|size| (size * old).is_multiple_of(new)))
    else {
        let expected = format!("a last axis whose bytes are a multiple of {new}");
        return Err(Error::shape("view", "x", expected, x.clone()));
    };
    *last = last.map(|size| size * old / new);
    Ok((Shape::new(dims), dtype))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn bits_are_those_of_keras() {
        let x = Tensor::from_slice::<f32>(&[1.0, -2.5], [1, 2]).unwrap();
        assert_eq!(view(&x, DType::I32).unwrap().to_vec::<i32>().unwrap(), [1_065_353_216, -1_071_644_672]);
        let bytes = view(&x, DType::U8).unwrap();
        assert_eq!(bytes.shape(), [1, 8]);
        assert_eq!(bytes.to_vec::<u8>().unwrap(), [0, 0, 128, 63, 0, 0, 32, 192]);
        let floats = view(&bytes, DType::F32).unwrap();
        assert_eq!((floats.shape(), floats.to_vec::<f32>().unwrap()), (&[1, 2][..], vec![1.0, -2.5]));
        let truth = view(&Tensor::from_slice::<u8>(&[1, 0, 2], [3]).unwrap(), DType::Bool).unwrap();
        assert_eq!(truth.to_vec::<bool>().unwrap(), [true, false, true]);
        assert!(view(&Tensor::from_slice::<u8>(&[1, 2, 3], [3]).unwrap(), DType::U32).is_err());
        assert!(view(&Tensor::scalar(1.0_f32).unwrap(), DType::U8).is_err());
        assert_eq!(view(&x, None).unwrap().dtype(), DType::F32);
    }
}
