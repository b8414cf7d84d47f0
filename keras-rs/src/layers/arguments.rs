//! Types of arguments that convolutions, pooling and reshaping layers share.

use crate::config::{ConfigReader, FromConfig, IntoConfig};
use crate::error::{Error, Result};
pub use crate::ops::{DataFormat, Padding};
use serde_json::Value;
use std::ops::Deref;

/// A size that Keras takes as a whole number of at least one only: 2.0 is refused.
pub(super) fn size(c: &mut ConfigReader<'_>, key: &str) -> Result<usize> {
    let value = c.take_value(key)?;
    positive(value).ok_or_else(|| c.reject(key, "a whole number of at least 1", value))
}

/// As [`size`], or none.
pub(super) fn optional_size(c: &mut ConfigReader<'_>, key: &str) -> Result<Option<usize>> {
    let value = c.take_value(key)?;
    if value.is_null() {
        return Ok(None);
    }
    positive(value).map(Some).ok_or_else(|| c.reject(key, "a whole number of at least 1, or none", value))
}

fn positive(value: &Value) -> Option<usize> {
    value.as_u64().filter(|n| *n > 0).and_then(|n| usize::try_from(n).ok())
}

/// One number for each of `N` spatial axes: kernel sizes, strides, dilations, pool sizes.
///
/// Made from one number for all axes, from an array or from a tuple.
///
/// ```
/// use keras_rs::layers::Tuple;
///
/// assert_eq!(*Tuple::<2>::from(3), [3, 3]);
/// assert_eq!(*Tuple::<2>::from((3, 5)), [3, 5]);
/// assert_eq!(*Tuple::<3>::from([1, 2, 3]), [1, 2, 3]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tuple<const N: usize>([usize; N]);

impl<const N: usize> Tuple<N> {
    /// Refuses zeros.
    ///
    /// # Errors
    /// [`Error::Argument`] where a number is zero.
    pub fn require_positive(&self, context: &str, argument: &str) -> Result<()> {
        if self.0.iter().all(|&n| n > 0) {
            return Ok(());
        }
        Err(Error::argument(context, argument, "numbers of at least 1", format!("{:?}", self.0)))
    }
}

impl<const N: usize> Deref for Tuple<N> {
    type Target = [usize; N];

    fn deref(&self) -> &[usize; N] {
        &self.0
    }
}

impl<const N: usize> From<usize> for Tuple<N> {
    fn from(all: usize) -> Self {
        Self([all; N])
    }
}

impl<const N: usize> From<[usize; N]> for Tuple<N> {
    fn from(each: [usize; N]) -> Self {
        Self(each)
    }
}

impl From<(usize,)> for Tuple<1> {
    fn from((a,): (usize,)) -> Self {
        Self([a])
    }
}

impl From<(usize, usize)> for Tuple<2> {
    fn from((a, b): (usize, usize)) -> Self {
        Self([a, b])
    }
}

impl From<(usize, usize, usize)> for Tuple<3> {
    fn from((a, b, c): (usize, usize, usize)) -> Self {
        Self([a, b, c])
    }
}

impl<const N: usize> IntoConfig for Tuple<N> {
    fn to_config(&self) -> Value {
        self.0.to_config()
    }
}

impl<const N: usize> FromConfig for Tuple<N> {
    const EXPECTED: &'static str = "a whole number, or a list of one for each spatial axis, none negative";

    fn from_value(value: &Value) -> Option<Self> {
        usize::from_value(value).map(Self::from).or_else(|| <[usize; N]>::from_value(value).map(Self))
    }
}

/// The configuration form of arguments that are one of few names.
macro_rules! named {
    ($type:ident, $expected:literal) => {
        impl IntoConfig for $type {
            fn to_config(&self) -> Value {
                self.name().into()
            }
        }

        impl FromConfig for $type {
            const EXPECTED: &'static str = $expected;

            /// `null` stands for the default.
            fn from_value(value: &Value) -> Option<Self> {
                if value.is_null() { Some(Self::default()) } else { Self::try_from(value.as_str()?).ok() }
            }
        }
    };
}

named!(Padding, "valid, same or causal");
named!(DataFormat, "channels_last or channels_first");
