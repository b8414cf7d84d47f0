//! How much is added to or taken from both ends of the spatial axes.

use crate::config::{FromConfig, IntoConfig};
use crate::error::{Error, Result};
use serde_json::Value;
use std::ops::Deref;

/// Numbers of elements before and after each of `N` spatial axes.
///
/// Made from one number for all ends, one for each axis, or a pair for each axis; for one axis two
/// plain numbers are the two ends.
///
/// ```
/// use keras_rs::layers::Margins;
///
/// assert_eq!(*Margins::<2>::from(3), [(3, 3), (3, 3)]);
/// assert_eq!(*Margins::<2>::from((1, 2)), [(1, 1), (2, 2)]);
/// assert_eq!(*Margins::<2>::from(((1, 2), (0, 3))), [(1, 2), (0, 3)]);
/// assert_eq!(*Margins::<1>::from((1, 2)), [(1, 2)]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Margins<const N: usize>([(usize, usize); N]);

impl<const N: usize> Margins<N> {
    /// A spatial size with the margins added.
    pub(super) fn added(&self, axis: usize, size: usize) -> usize {
        let (before, after) = self.0[axis];
        size.saturating_add(before).saturating_add(after)
    }

    /// A spatial size without the margins.
    ///
    /// # Errors
    /// [`Error::Argument`] where nothing is left.
    pub(super) fn removed(&self, layer: &str, axis: usize, size: usize) -> Result<usize> {
        let (before, after) = self.0[axis];
        let taken = before.saturating_add(after);
        size.checked_sub(taken).filter(|&left| left > 0).ok_or_else(|| {
            let expected = format!("less than the {size} elements of spatial axis {axis}");
            Error::argument(layer, "cropping", expected, format!("{before} and {after}"))
        })
    }
}

impl<const N: usize> Deref for Margins<N> {
    type Target = [(usize, usize); N];

    fn deref(&self) -> &[(usize, usize); N] {
        &self.0
    }
}

impl<const N: usize> From<usize> for Margins<N> {
    fn from(all: usize) -> Self {
        Self([(all, all); N])
    }
}

impl<const N: usize> From<[(usize, usize); N]> for Margins<N> {
    fn from(each: [(usize, usize); N]) -> Self {
        Self(each)
    }
}

impl From<(usize, usize)> for Margins<1> {
    fn from(ends: (usize, usize)) -> Self {
        Self([ends])
    }
}

impl From<[usize; 2]> for Margins<1> {
    fn from([before, after]: [usize; 2]) -> Self {
        Self([(before, after)])
    }
}

impl From<(usize, usize)> for Margins<2> {
    fn from((a, b): (usize, usize)) -> Self {
        Self([(a, a), (b, b)])
    }
}

impl From<[usize; 2]> for Margins<2> {
    fn from(each: [usize; 2]) -> Self {
        Self(each.map(|n| (n, n)))
    }
}

impl From<((usize, usize), (usize, usize))> for Margins<2> {
    fn from((a, b): ((usize, usize), (usize, usize))) -> Self {
        Self([a, b])
    }
}

impl From<(usize, usize, usize)> for Margins<3> {
    fn from((a, b, c): (usize, usize, usize)) -> Self {
        Self([(a, a), (b, b), (c, c)])
    }
}

impl From<[usize; 3]> for Margins<3> {
    fn from(each: [usize; 3]) -> Self {
        Self(each.map(|n| (n, n)))
    }
}

impl From<((usize, usize), (usize, usize), (usize, usize))> for Margins<3> {
    fn from((a, b, c): ((usize, usize), (usize, usize), (usize, usize))) -> Self {
        Self([a, b, c])
    }
}

impl<const N: usize> IntoConfig for Margins<N> {
    fn to_config(&self) -> Value {
        match self.0.as_slice() {
            [one] => one.to_config(),
            _ => self.0.to_config(),
        }
    }
}

/// One axis' entry: a number for both ends, or a pair.
struct Ends((usize, usize));

impl FromConfig for Ends {
    const EXPECTED: &'static str = "a number that is not negative, or a pair of them";

    fn from_value(value: &Value) -> Option<Self> {
        let both = usize::from_value(value).map(|n| Self((n, n)));
        both.or_else(|| <(usize, usize)>::from_value(value).map(Self))
    }
}

impl<const N: usize> FromConfig for Margins<N> {
    const EXPECTED: &'static str =
        "a number, one for each spatial axis, or a pair for each spatial axis, none negative";

    fn from_value(value: &Value) -> Option<Self> {
        if let Some(all) = usize::from_value(value) {
            return Some(Self::from(all));
        }
        if N == 1 {
            return Some(Self([<(usize, usize)>::from_value(value)?; N]));
        }
        <[Ends; N]>::from_value(value).map(|each| Self(each.map(|ends| ends.0)))
    }
}
