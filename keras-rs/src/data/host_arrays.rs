//! Columns from several arrays in the memory of the host.

use super::Columns;
use crate::error::{Error, Result};
use crate::tensor::{Element, Tensor, TensorData};
use indexmap::IndexMap;
use std::borrow::Borrow;

/// An array in the memory of the host: an `ndarray` array, or [`TensorData`], as files give it. Lists, tuples and
/// pairs of names of them become [`Columns`] as those of tensors do.
///
/// ```
/// use keras_rs::data::Columns;
/// use ndarray::array;
///
/// let (images, words) = (array![[1.0_f32, 2.0]], array![[[3_i32], [4]]]);
/// assert_eq!(Columns::try_from((&images, &words))?.len(), 2);
/// let named = Columns::try_from((("image", &images), ("words", &words)))?;
/// assert_eq!(named.num_samples("x")?, Some(1));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub trait HostArray {
    /// A copy on the default device.
    ///
    /// # Errors
    /// As [`Tensor::from_data`].
    fn to_tensor(&self) -> Result<Tensor>;
}

impl HostArray for TensorData {
    fn to_tensor(&self) -> Result<Tensor> {
        Tensor::from_data(self.clone())
    }
}

impl<E, S, D> HostArray for ndarray::ArrayBase<S, D>
where
    E: Element,
    S: ndarray::Data<Elem = E>,
    D: ndarray::Dimension,
{
    fn to_tensor(&self) -> Result<Tensor> {
        Tensor::from_ndarray(self)
    }
}

fn list<A: HostArray>(arrays: impl IntoIterator<Item = impl Borrow<A>>) -> Result<Columns> {
    let tensors = arrays.into_iter().map(|array| array.borrow().to_tensor());
    Ok(Columns::List(tensors.collect::<Result<_>>()?))
}

fn named<A, B, N>(arrays: impl IntoIterator<Item = (N, B)>) -> Result<Columns>
where
    A: HostArray,
    B: Borrow<A>,
    N: Into<String>,
{
    let tensors = arrays.into_iter().map(|(name, array)| Ok((name.into(), array.borrow().to_tensor()?)));
    Ok(Columns::Named(tensors.collect::<Result<IndexMap<_, _>>>()?))
}

// Type by type: the compiler would not see that a list of any `HostArray` is no list of tensors.
macro_rules! collections {
    ($({$($bounds:tt)*} $array:ty;)*) => {$(
        collections!(@one {$($bounds)*} $array, $array);
        collections!(@one {$($bounds)*} $array, &$array);
    )*};
    (@one {$($bounds:tt)*} $array:ty, $item:ty) => {
        collections!(@impl {const N: usize, $($bounds)*} [$item; N], list::<$array>);
        collections!(@impl {$($bounds)*} Vec<$item>, list::<$array>);
        collections!(@impl {const N: usize, $($bounds)*} [(&str, $item); N], named::<$array, _, _>);
        collections!(@impl {$($bounds)*} Vec<(&str, $item)>, named::<$array, _, _>);
        collections!(@impl {$($bounds)*} Vec<(String, $item)>, named::<$array, _, _>);
    };
    (@impl {$($bounds:tt)*} $from:ty, $convert:expr) => {
        impl<$($bounds)*> TryFrom<$from> for Columns {
            type Error = Error;

            fn try_from(arrays: $from) -> Result<Self> {
                $convert(arrays)
            }
        }
    };
}

collections! {
    {} TensorData;
    {E: Element, S: ndarray::Data<Elem = E>, D: ndarray::Dimension} ndarray::ArrayBase<S, D>;
}

/// Arrays of different types, and pairs of names and arrays of different types.
macro_rules! tuples {
    ($(($($item:ident: $element:ident $data:ident $dimension:ident),+))*) => {$(
        tuples!(@one [$($item),+]
            {$($element: Element, $data: ndarray::Data<Elem = $element>, $dimension: ndarray::Dimension),+}
            $(ndarray::ArrayBase<$data, $dimension>),+);
        tuples!(@one [$($item),+]
            {$($element: Element, $data: ndarray::Data<Elem = $element>, $dimension: ndarray::Dimension),+}
            $(&ndarray::ArrayBase<$data, $dimension>),+);
        tuples!(@data [$($item),+] $($item)+);
    )*};
    (@data [$($item:ident),+] $($each:ident)+) => {
        tuples!(@one [$($item),+] {} $(tuples!(@type $each)),+);
        tuples!(@one [$($item),+] {} $(&tuples!(@type $each)),+);
    };
    (@type $each:ident) => { TensorData };
    (@one [$($item:ident),+] {$($bounds:tt)*} $($array:ty),+) => {
        impl<$($bounds)*> TryFrom<($($array,)+)> for Columns {
            type Error = Error;

            fn try_from(($($item,)+): ($($array,)+)) -> Result<Self> {
                Ok(Self::List(vec![$($item.to_tensor()?),+]))
            }
        }

        impl<$($bounds)*> TryFrom<($((&str, $array),)+)> for Columns {
            type Error = Error;

            fn try_from(($($item,)+): ($((&str, $array),)+)) -> Result<Self> {
                Ok(Self::Named([$(($item.0.to_string(), $item.1.to_tensor()?)),+].into()))
            }
        }
    };
}

tuples! {
    (a: E1 S1 D1, b: E2 S2 D2)
    (a: E1 S1 D1, b: E2 S2 D2, c: E3 S3 D3)
    (a: E1 S1 D1, b: E2 S2 D2, c: E3 S3 D3, d: E4 S4 D4)
}
