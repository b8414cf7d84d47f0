//! What stands between the brackets of `x[...]`.

use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

/// One part of an index, as Python has them between the brackets of `x[...]`.
///
/// ```
/// use keras_rs::ops::Index;
///
/// assert_eq!(Index::from(1..3), Index::Range { start: Some(1), stop: Some(3), step: 1 });
/// assert_eq!(Index::from(-1), Index::At(-1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// The element of this number, from the end where negative: the axis is gone.
    At(isize),
    /// Every `step`-th element from `start` up to `stop`, which is left out; backwards for a negative step.
    Range {
        /// First element; `None` is the outermost.
        start: Option<isize>,
        /// The element after the last; `None` is beyond the outermost.
        stop: Option<isize>,
        /// Distance of elements; not 0.
        step: isize,
    },
    /// A new axis of size one.
    NewAxis,
    /// Every axis that no other part stands for.
    Ellipsis,
}

impl Index {
    pub(super) const WHOLE: Self = Self::Range { start: None, stop: None, step: 1 };

    /// The range with every `step`-th element only, backwards for a negative step; other parts stay.
    #[must_use]
    pub fn step(self, step: isize) -> Self {
        match self {
            Self::Range { start, stop, .. } => Self::Range { start, stop, step },
            other => other,
        }
    }

    /// Whether it stands for an axis of the tensor.
    pub(super) fn is_axis(self) -> bool {
        matches!(self, Self::At(_) | Self::Range { .. })
    }
}

/// Parts of a key from whole numbers and ranges of one type of whole numbers.
macro_rules! from_whole {
    ($($ty:ty),*) => {$(
        impl From<$ty> for Index {
            fn from(index: $ty) -> Self {
                Self::At(whole(index))
            }
        }

        impl From<Range<$ty>> for Index {
            fn from(range: Range<$ty>) -> Self {
                Self::Range { start: Some(whole(range.start)), stop: Some(whole(range.end)), step: 1 }
            }
        }

        impl From<RangeInclusive<$ty>> for Index {
            fn from(range: RangeInclusive<$ty>) -> Self {
                Self::Range { start: Some(whole(*range.start())), stop: after(whole(*range.end())), step: 1 }
            }
        }

        impl From<RangeFrom<$ty>> for Index {
            fn from(range: RangeFrom<$ty>) -> Self {
                Self::Range { start: Some(whole(range.start)), stop: None, step: 1 }
            }
        }

        impl From<RangeTo<$ty>> for Index {
            fn from(range: RangeTo<$ty>) -> Self {
                Self::Range { start: None, stop: Some(whole(range.end)), step: 1 }
            }
        }

        impl From<RangeToInclusive<$ty>> for Index {
            fn from(range: RangeToInclusive<$ty>) -> Self {
                Self::Range { start: None, stop: after(whole(range.end)), step: 1 }
            }
        }
    )*};
}

// A literal that several types fit is an `i32`.
from_whole!(i32, isize, usize);

/// A number that no axis has stands for those that do not fit.
fn whole<T: TryInto<isize>>(number: T) -> isize {
    number.try_into().unwrap_or(isize::MAX)
}

/// What follows the last element of an inclusive range; -1 is the last of the axis, after which nothing comes.
fn after(last: isize) -> Option<isize> {
    (last != -1).then(|| last.saturating_add(1))
}

impl From<RangeFull> for Index {
    fn from(_: RangeFull) -> Self {
        Self::WHOLE
    }
}

/// What stands between the brackets of Python's `x[...]`: a number, a range, or several of them and new axes in a
/// tuple, an array or a slice of [`Index`].
///
/// | Python | Rust |
/// | --- | --- |
/// | `x[0]`, `x[-1]` | `x.slice(0)`, `x.slice(-1)` |
/// | `x[1:3]`, `x[:-1]`, `x[1:]` | `x.slice(1..3)`, `x.slice(..-1)`, `x.slice(1..)` |
/// | `x[:, 0]` | `x.slice((.., 0))` |
/// | `x[..., -1]` | `x.slice((Index::Ellipsis, -1))` |
/// | `x[:, None]` | `x.slice((.., Index::NewAxis))` |
/// | `x[::2]`, `x[::-1]` | `x.slice(Index::from(..).step(2))`, `x.slice(Index::from(..).step(-1))` |
pub trait IntoKey {
    /// The parts in order.
    fn into_key(self) -> Vec<Index>;
}

impl<I: Into<Index>> IntoKey for I {
    fn into_key(self) -> Vec<Index> {
        vec![self.into()]
    }
}

impl IntoKey for &[Index] {
    fn into_key(self) -> Vec<Index> {
        self.to_vec()
    }
}

impl<const N: usize> IntoKey for &[Index; N] {
    fn into_key(self) -> Vec<Index> {
        self.to_vec()
    }
}

impl<const N: usize> IntoKey for [Index; N] {
    fn into_key(self) -> Vec<Index> {
        self.to_vec()
    }
}

impl IntoKey for Vec<Index> {
    fn into_key(self) -> Vec<Index> {
        self
    }
}

impl IntoKey for &Vec<Index> {
    fn into_key(self) -> Vec<Index> {
        self.clone()
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+))*) => {$(
        impl<$($name: Into<Index>),+> IntoKey for ($($name,)+) {
            fn into_key(self) -> Vec<Index> {
                vec![$(self.$index.into()),+]
            }
        }
    )*};
}

tuples! {
    (A 0) (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) (A 0, B 1, C 2, D 3, E 4) (A 0, B 1, C 2, D 3, E 4, F 5)
}
