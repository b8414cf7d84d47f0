//! The output size of adaptive pooling.

use crate::config::{FromConfig, IntoConfig};
use serde_json::Value;

/// Sizes of `N` spatial axes of an output; `None` keeps the input's.
///
/// Made from one number for all axes, from an array or from a tuple.
///
/// ```
/// use keras_rs::layers::OutputSize;
///
/// assert_eq!(OutputSize::<2>::from(3), OutputSize::from([3, 3]));
/// assert_eq!(OutputSize::from((3, 5)), OutputSize::from([Some(3), Some(5)]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OutputSize<const N: usize>([Option<usize>; N]);

impl<const N: usize> OutputSize<N> {
    /// The size of each axis.
    pub fn sizes(&self) -> &[Option<usize>; N] {
        &self.0
    }
}

impl<const N: usize> From<usize> for OutputSize<N> {
    fn from(all: usize) -> Self {
        Self([Some(all); N])
    }
}

impl<const N: usize> From<[usize; N]> for OutputSize<N> {
    fn from(each: [usize; N]) -> Self {
        Self(each.map(Some))
    }
}

impl<const N: usize> From<[Option<usize>; N]> for OutputSize<N> {
    fn from(each: [Option<usize>; N]) -> Self {
        Self(each)
    }
}

impl From<(usize, usize)> for OutputSize<2> {
    fn from((a, b): (usize, usize)) -> Self {
        [a, b].into()
    }
}

impl From<(usize, usize, usize)> for OutputSize<3> {
    fn from((a, b, c): (usize, usize, usize)) -> Self {
        [a, b, c].into()
    }
}

impl<const N: usize> IntoConfig for OutputSize<N> {
    fn to_config(&self) -> Value {
        self.0.to_vec().to_config()
    }
}

impl<const N: usize> FromConfig for OutputSize<N> {
    const EXPECTED: &'static str = "a whole number, or a list of one for each spatial axis, none negative";

    fn from_value(value: &Value) -> Option<Self> {
        let list = || Vec::<Option<usize>>::from_value(value)?.try_into().ok().map(Self);
        usize::from_value(value).map(Self::from).or_else(list)
    }
}
