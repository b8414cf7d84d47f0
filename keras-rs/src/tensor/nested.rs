//! Tensors from Rust's numbers: scalars, and nested arrays, vectors and slices of them.

use super::{Element, Tensor, TensorData};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};

/// Numbers that tensors are made of, nested to any depth: arrays, vectors and slices of one another, and single
/// numbers.
///
/// `f32` and `f64` give `float32`, as floats of Python do in Keras; every other type gives its own data type.
/// [`Tensor::from_vec`] keeps `float64`.
pub trait Nested {
    /// Data type of the tensor.
    const DTYPE: DType;

    /// Adds the sizes of this and the axes inside it; of an empty list, `this` is `None`.
    fn sizes(this: Option<&Self>, sizes: &mut Vec<usize>);

    /// Appends the elements' bytes; `None` where the sizes differ from those of the first list.
    fn write(&self, sizes: &[usize], bytes: &mut Vec<u8>) -> Option<()>;
}

macro_rules! numbers {
    ($($ty:ty => $as:ty),*) => {$(
        impl Nested for $ty {
            const DTYPE: DType = <$as as Element>::DTYPE;

            fn sizes(_this: Option<&Self>, _sizes: &mut Vec<usize>) {}

            #[allow(clippy::unnecessary_cast, reason = "most types stay as they are")]
            fn write(&self, _sizes: &[usize], bytes: &mut Vec<u8>) -> Option<()> {
                (*self as $as).write_le(bytes);
                Some(())
            }
        }

        impl IntoTensor for $ty {
            fn into_tensor(self) -> Result<Tensor> {
                of_nested(&self)
            }
        }
    )*};
}

numbers!(f32 => f32, f64 => f32, i32 => i32, i64 => i64, u8 => u8, u32 => u32, bool => bool);

/// The same for half precision, which has no casts by `as`.
macro_rules! halves {
    ($($ty:ty),*) => {$(
        impl Nested for $ty {
            const DTYPE: DType = <$ty as Element>::DTYPE;

            fn sizes(_this: Option<&Self>, _sizes: &mut Vec<usize>) {}

            fn write(&self, _sizes: &[usize], bytes: &mut Vec<u8>) -> Option<()> {
                self.write_le(bytes);
                Some(())
            }
        }
    )*};
}

halves!(half::f16, half::bf16);

impl<T: Nested> Nested for [T] {
    const DTYPE: DType = T::DTYPE;

    fn sizes(this: Option<&Self>, sizes: &mut Vec<usize>) {
        sizes.push(this.map_or(0, <[T]>::len));
        T::sizes(this.and_then(<[T]>::first), sizes);
    }

    fn write(&self, sizes: &[usize], bytes: &mut Vec<u8>) -> Option<()> {
        let (size, rest) = sizes.split_first()?;
        if self.len() != *size {
            return None;
        }
        self.iter().try_for_each(|item| item.write(rest, bytes))
    }
}

impl<T: Nested, const N: usize> Nested for [T; N] {
    const DTYPE: DType = T::DTYPE;

    fn sizes(this: Option<&Self>, sizes: &mut Vec<usize>) {
        sizes.push(N);
        T::sizes(this.and_then(|items| items.first()), sizes);
    }

    fn write(&self, sizes: &[usize], bytes: &mut Vec<u8>) -> Option<()> {
        self.as_slice().write(sizes, bytes)
    }
}

impl<T: Nested> Nested for Vec<T> {
    const DTYPE: DType = T::DTYPE;

    fn sizes(this: Option<&Self>, sizes: &mut Vec<usize>) {
        <[T]>::sizes(this.map(Vec::as_slice), sizes);
    }

    fn write(&self, sizes: &[usize], bytes: &mut Vec<u8>) -> Option<()> {
        self.as_slice().write(sizes, bytes)
    }
}

impl<T: Nested + ?Sized> Nested for &T {
    const DTYPE: DType = T::DTYPE;

    fn sizes(this: Option<&Self>, sizes: &mut Vec<usize>) {
        T::sizes(this.copied(), sizes);
    }

    fn write(&self, sizes: &[usize], bytes: &mut Vec<u8>) -> Option<()> {
        (**self).write(sizes, bytes)
    }
}

fn of_nested<T: Nested + ?Sized>(values: &T) -> Result<Tensor> {
    let mut shape = Vec::new();
    T::sizes(Some(values), &mut shape);
    let mut bytes = Vec::with_capacity(super::byte_len(T::DTYPE, &shape).unwrap_or(0));
    let first = tuple(&shape);
    let ragged = || {
        Error::shape("Tensor::from", "values", format!("lists of the sizes of the first, {first}"), "others")
    };
    values.write(&shape, &mut bytes).ok_or_else(ragged)?;
    Tensor::from_data(TensorData::new(T::DTYPE, shape, bytes)?)
}

/// What [`Tensor::from`] takes: numbers, nested arrays, vectors and slices of them, [`TensorData`] and `ndarray`
/// arrays.
pub trait IntoTensor {
    /// The tensor, on the default device.
    ///
    /// # Errors
    /// As [`Tensor::from`].
    fn into_tensor(self) -> Result<Tensor>;
}

impl<T: Nested, const N: usize> IntoTensor for [T; N] {
    fn into_tensor(self) -> Result<Tensor> {
        of_nested(&self)
    }
}

impl<T: Nested, const N: usize> IntoTensor for &[T; N] {
    fn into_tensor(self) -> Result<Tensor> {
        of_nested(self)
    }
}

impl<T: Nested> IntoTensor for &[T] {
    fn into_tensor(self) -> Result<Tensor> {
        of_nested(self)
    }
}

impl<T: Nested> IntoTensor for Vec<T> {
    fn into_tensor(self) -> Result<Tensor> {
        of_nested(&self)
    }
}

impl<T: Nested> IntoTensor for &Vec<T> {
    fn into_tensor(self) -> Result<Tensor> {
        of_nested(self)
    }
}

impl IntoTensor for TensorData {
    fn into_tensor(self) -> Result<Tensor> {
        Tensor::from_data(self)
    }
}

impl IntoTensor for &TensorData {
    fn into_tensor(self) -> Result<Tensor> {
        Tensor::from_data(self.clone())
    }
}

impl<E, S, D> IntoTensor for &ndarray::ArrayBase<S, D>
where
    E: Element,
    S: ndarray::Data<Elem = E>,
    D: ndarray::Dimension,
{
    fn into_tensor(self) -> Result<Tensor> {
        Tensor::from_ndarray(self)
    }
}

impl IntoTensor for &Tensor {
    fn into_tensor(self) -> Result<Tensor> {
        Ok(self.clone())
    }
}

impl Tensor {
    /// From Rust's numbers: a scalar, or arrays, vectors and slices of one another. Keras' `convert_to_tensor`.
    ///
    /// `f32` and `f64` give `float32`, as Python's floats do in Keras; `i32`, `i64`, `u8`, `u32` and `bool` keep
    /// their types. [`Tensor::from_vec`] keeps `float64`. [`TensorData`] and `ndarray` arrays keep their types, too.
    ///
    /// # Errors
    /// [`Error::Shape`] where vectors inside differ in size; [`Error::DType`] where the default device lacks the type;
    /// [`Error::TooLarge`] where memory has no room; where the default device does not start.
    ///
    /// ```
    /// use keras_rs::{DType, Tensor};
    ///
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]])?;
    /// assert_eq!((x.shape(), x.dtype()), (&[2, 2][..], DType::F32));
    /// assert_eq!(x.to_string(), "[[1. 2.]\n [3. 4.]]");
    /// assert_eq!(Tensor::from(vec![[1, 2, 3]])?.dtype(), DType::I32);
    /// assert_eq!(Tensor::from(7_i64)?.rank(), 0);
    /// assert!(Tensor::from(vec![vec![true], vec![true, false]]).is_err());
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn from(values: impl IntoTensor) -> Result<Self> {
        values.into_tensor()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn nested_arrays_vectors_and_slices_give_their_shape_and_type() {
        let of = |x: Result<Tensor>| x.map(|x| (x.shape().to_vec(), x.dtype())).unwrap();
        assert_eq!(of(Tensor::from(1.5)), (vec![], DType::F32));
        assert_eq!(of(Tensor::from([1_u8, 2])), (vec![2], DType::U8));
        assert_eq!(of(Tensor::from([[[[1_i64; 2]; 3]; 4]; 5])), (vec![5, 4, 3, 2], DType::I64));
        assert_eq!(of(Tensor::from(&[1.0_f32, 2.0][..])), (vec![2], DType::F32));
        let rows = vec![[true; 3]; 2];
        assert_eq!(of(Tensor::from(&rows)), (vec![2, 3], DType::Bool));
        assert_eq!(of(Tensor::from(rows)), (vec![2, 3], DType::Bool));
        assert_eq!(of(Tensor::from([[0.0_f64; 3]; 0])), (vec![0, 3], DType::F32));
        assert_eq!(of(Tensor::from(Vec::<Vec<f32>>::new())), (vec![0, 0], DType::F32));
        assert_eq!(of(Tensor::from(&ndarray::array![[1.0_f64]])), (vec![1, 1], DType::F64));
        let x = Tensor::from(vec![vec![1, 2], vec![3, 4]]).unwrap();
        assert_eq!(x.to_vec::<i32>().unwrap(), [1, 2, 3, 4]);
        let ragged = Tensor::from(vec![vec![1, 2], vec![3]]).unwrap_err();
        assert!(ragged.to_string().contains("(2, 2)"), "{ragged}");
    }
}
