//! Taking tensors apart along an axis.

use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, resolve_axis};
use keras_rs_derive::operation;

/// Most parts that an axis is split into: each is an output, with a shape of its own.
const MAX_PARTS: usize = 1 << 16;

/// How an axis is split: into a number of parts, or at these elements.
///
/// ```
/// use keras_rs::ops::Sections;
///
/// assert_eq!(Sections::from(3), Sections::Count(3));
/// assert_eq!(Sections::from([1, 4]), Sections::Indices(vec![1, 4]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sections {
    /// So many parts, at least 1.
    Count(isize),
    /// Parts that start at these elements, after a first one from the start; negative numbers count from the
    /// end.
    Indices(Vec<isize>),
}

impl From<isize> for Sections {
    fn from(count: isize) -> Self {
        Self::Count(count)
    }
}

impl<const N: usize> From<[isize; N]> for Sections {
    fn from(indices: [isize; N]) -> Self {
        Self::Indices(indices.to_vec())
    }
}

impl From<Vec<isize>> for Sections {
    fn from(indices: Vec<isize>) -> Self {
        Self::Indices(indices)
    }
}

impl Sections {
    /// Ends of the parts of an axis of a size; equal parts unless `uneven` ones are allowed.
    fn ends(&self, context: &str, size: usize, uneven: bool) -> Result<Vec<usize>> {
        let refused = || {
            let expected = format!("parts of an axis of size {size}");
            Error::argument(context, "indices_or_sections", expected, format!("{self:?}"))
        };
        match self {
            Self::Indices(indices) => {
                let end = |&index: &isize| {
                    let at = if index < 0 { index.saturating_add(size as isize) } else { index };
                    usize::try_from(at).map(|at| at.min(size)).map_err(|_| refused())
                };
                let ends = indices.iter().map(end).chain([Ok(size)]).collect::<Result<Vec<_>>>()?;
                if ends.is_sorted() { Ok(ends) } else { Err(refused()) }
            }
            Self::Count(count) => {
                let parts = usize::try_from(*count).ok().filter(|parts| (1..=MAX_PARTS).contains(parts));
                let parts =
                    parts.filter(|parts| uneven || size.is_multiple_of(*parts)).ok_or_else(refused)?;
                // The first parts have one element more where the size is no multiple.
                Ok((1..=parts).map(|part| part * (size / parts) + part.min(size % parts)).collect())
            }
        }
    }

    fn split(&self, context: &str, x: &Tensor, axis: isize, uneven: bool) -> Result<Vec<Tensor>> {
        let axis = resolve_axis(context, axis, x.rank())?;
        let mut start = 0;
        let part = |end: usize| x.narrow(axis as isize, std::mem::replace(&mut start, end)..end);
        self.ends(context, x.shape()[axis], uneven)?.into_iter().map(part).collect()
    }

    fn spec(&self, context: &str, (x, dtype): &Spec, axis: isize, uneven: bool) -> Result<Vec<Spec>> {
        let axis = resolve_axis(context, axis, x.rank())?;
        let size = x.known_dim(context, axis as isize)?;
        let mut start = 0;
        let part = |end: usize| {
            let mut dims = x.dims().to_vec();
            dims[axis] = Some(end - std::mem::replace(&mut start, end));
            (Shape::new(dims), *dtype)
        };
        Ok(self.ends(context, size, uneven)?.into_iter().map(part).collect())
    }
}

/// Splits an axis into equal parts, or at elements. Keras' `ops.split`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, its size is no multiple of the number of parts, or the
/// elements are not in order.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [4])?;
/// assert_eq!(ops::split(&x, [1, 3], 0)?[1].to_vec::<f32>()?, [2.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn split(x: &Tensor, indices_or_sections: impl Into<Sections>, axis: isize) -> Result<Vec<Tensor>> {
    indices_or_sections.into().split("split", x, axis, false)
}

pub(crate) fn split_spec(x: &Spec, sections: Sections, axis: isize) -> Result<Vec<Spec>> {
    sections.spec("split", x, axis, false)
}

/// As [`split`], but the first parts may have one element more than the others. Keras' `ops.array_split`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, or the elements are not in order.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
/// assert_eq!(ops::array_split(&x, 2, 0)?[0].to_vec::<f32>()?, [1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn array_split(x: &Tensor, indices_or_sections: impl Into<Sections>, axis: isize) -> Result<Vec<Tensor>> {
    indices_or_sections.into().split("array_split", x, axis, true)
}

pub(crate) fn array_split_spec(x: &Spec, sections: Sections, axis: isize) -> Result<Vec<Spec>> {
    sections.spec("array_split", x, axis, true)
}

/// [`split`] along the second axis, or the only one. Keras' `ops.hsplit`.
///
/// # Errors
/// As [`split`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::hsplit(&x, 2)?[0].shape(), [2, 1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn hsplit(x: &Tensor, indices_or_sections: impl Into<Sections>) -> Result<Vec<Tensor>> {
    indices_or_sections.into().split("hsplit", x, isize::from(x.rank() > 1), false)
}

pub(crate) fn hsplit_spec(x: &Spec, sections: Sections) -> Result<Vec<Spec>> {
    sections.spec("hsplit", x, isize::from(x.0.rank() > 1), false)
}

/// [`split`] along the first axis. Keras' `ops.vsplit`.
///
/// # Errors
/// As [`split`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::vsplit(&x, 2)?[0].shape(), [1, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn vsplit(x: &Tensor, indices_or_sections: impl Into<Sections>) -> Result<Vec<Tensor>> {
    indices_or_sections.into().split("vsplit", x, 0, false)
}

pub(crate) fn vsplit_spec(x: &Spec, sections: Sections) -> Result<Vec<Spec>> {
    sections.spec("vsplit", x, 0, false)
}

/// [`split`] along the third axis. Keras' `ops.dsplit`.
///
/// # Errors
/// As [`split`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [1, 1, 2])?;
/// assert_eq!(ops::dsplit(&x, 2)?[0].shape(), [1, 1, 1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn dsplit(x: &Tensor, indices_or_sections: impl Into<Sections>) -> Result<Vec<Tensor>> {
    indices_or_sections.into().split("dsplit", x, 2, false)
}

pub(crate) fn dsplit_spec(x: &Spec, sections: Sections) -> Result<Vec<Spec>> {
    sections.spec("dsplit", x, 2, false)
}

/// Every entry of an axis, which is gone. Keras' `ops.unstack`.
///
/// `num`, where given, is the size of the axis.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis or it has another size, [`Error::Shape`] where it has more
/// than 65,536 entries.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// assert_eq!(ops::unstack(&x, None, 0)?[1].to_vec::<f32>()?, [3.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn unstack(x: &Tensor, num: impl Into<Option<isize>>, axis: isize) -> Result<Vec<Tensor>> {
    let (axis, parts) = entries(&Shape::from(x.shape()), num.into(), axis)?;
    let axis = axis as isize;
    (0..parts).map(|i| x.narrow(axis, i..i + 1)?.squeeze(&[axis])).collect()
}

pub(crate) fn unstack_spec((x, dtype): &Spec, num: Option<isize>, axis: isize) -> Result<Vec<Spec>> {
    let (axis, parts) = entries(x, num, axis)?;
    let mut dims = x.dims().to_vec();
    dims.remove(axis);
    Ok(vec![(Shape::new(dims), *dtype); parts])
}

/// The axis that is taken apart and its size, which is `num` where that is given.
fn entries(x: &Shape, num: Option<isize>, axis: isize) -> Result<(usize, usize)> {
    let axis = resolve_axis("unstack", axis, x.rank())?;
    let size = x.dims()[axis];
    let num = num.and_then(|n| usize::try_from(n).ok());
    let parts = match (size, num) {
        (Some(size), Some(num)) if size != num => {
            return Err(Error::argument("unstack", "num", format!("the size of axis {axis}, {size}"), num));
        }
        (size, num) => size.or(num),
    };
    match parts {
        Some(parts) if parts <= MAX_PARTS => Ok((axis, parts)),
        _ => {
            let expected = format!("a known size of at most {MAX_PARTS} on axis {axis}");
            Err(Error::shape("unstack", "x", expected, x))
        }
    }
}
