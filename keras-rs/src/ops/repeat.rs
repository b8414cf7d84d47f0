//! Repeating elements, and putting others around them.

use super::arguments::Integers;
use super::shapes::along;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, TensorData, resolve_axis};
use keras_rs_derive::operation;

/// Repeats each element along an axis. Keras' `ops.repeat`.
///
/// Without an axis the flattened elements are repeated.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, and for repeats that are not one number of at least 0.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// assert_eq!(ops::repeat(&x, 2, 0)?.to_vec::<f32>()?, [1.0, 1.0, 2.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn repeat(x: &Tensor, repeats: impl Into<Integers>, axis: impl Into<Option<isize>>) -> Result<Tensor> {
    let repeats = times(&repeats.into())?;
    let (x, axis) = along("repeat", x, axis.into())?;
    x.repeat(axis as isize, repeats)
}

pub(crate) fn repeat_spec((x, dtype): &Spec, repeats: Integers, axis: Option<isize>) -> Result<Spec> {
    let repeats = times(&repeats)?;
    let dims = match axis {
        Some(axis) => {
            let axis = resolve_axis("repeat", axis, x.rank())?;
            let mut dims = x.dims().to_vec();
            dims[axis] = dims[axis].map(|d| d.saturating_mul(repeats));
            dims
        }
        None => vec![x.dims().iter().try_fold(repeats, |n, d| n.checked_mul((*d)?))],
    };
    Ok((Shape::new(dims), *dtype))
}

fn times(repeats: &Integers) -> Result<usize> {
    match repeats.at_least(0, "repeat", "repeats")?.as_slice() {
        [one] => Ok(*one),
        many => Err(Error::argument("repeat", "repeats", "one number", format!("{many:?}"))),
    }
}

/// Repeats the whole tensor along axes. Keras' `ops.tile`.
///
/// One number for each axis, the last ones where there are fewer; where there are more, `x` gets axes of size
/// one in front.
///
/// # Errors
/// [`Error::Argument`] for negative numbers, [`Error::TooLarge`] where the result takes too much memory.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// assert_eq!(ops::tile(&x, [2, 3])?.shape(), [2, 6]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn tile(x: &Tensor, repeats: impl Into<Integers>) -> Result<Tensor> {
    let (added, repeats) = tiles(x.rank(), &repeats.into())?;
    let mut y = x.reshape([vec![1; added], x.shape().to_vec()].concat())?;
    for (axis, times) in repeats.into_iter().enumerate().filter(|(_, times)| *times != 1) {
        y = y.tile(axis as isize, times)?;
    }
    Ok(y)
}

pub(crate) fn tile_spec((x, dtype): &Spec, repeats: Integers) -> Result<Spec> {
    let (added, repeats) = tiles(x.rank(), &repeats)?;
    let dims = std::iter::repeat_n(&Some(1), added).chain(x.dims());
    let dims: Vec<_> = dims.zip(repeats).map(|(d, n)| d.map(|d| d.saturating_mul(n))).collect();
    Ok((Shape::new(dims), *dtype))
}

/// How many axes of size one are added in front, and the repeats of each axis.
fn tiles(rank: usize, repeats: &Integers) -> Result<(usize, Vec<usize>)> {
    let given = repeats.at_least(0, "tile", "repeats")?;
    let added = given.len().saturating_sub(rank);
    let mut repeats = vec![1; rank.saturating_sub(given.len())];
    repeats.extend(given);
    Ok((added, repeats))
}

/// What [`pad`] puts around a tensor.
///
/// ```
/// use keras_rs::ops::PadMode;
///
/// assert_eq!(PadMode::try_from("edge")?, PadMode::Edge);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PadMode {
    /// One number.
    #[default]
    Constant,
    /// The elements mirrored at the outermost one, which is not repeated.
    Reflect,
    /// The elements mirrored at the border.
    Symmetric,
    /// The outermost element.
    Edge,
    /// The elements from the other end.
    Wrap,
}

impl PadMode {
    const ALL: [(&'static str, Self); 5] = [
        ("constant", Self::Constant),
        ("reflect", Self::Reflect),
        ("symmetric", Self::Symmetric),
        ("edge", Self::Edge),
        ("wrap", Self::Wrap),
    ];

    /// Keras' name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, mode)| *mode == self).map_or("constant", |(name, _)| *name)
    }

    /// The element to take at a position, which may be outside of `0..n`, of an axis of `n` elements.
    fn source(self, i: i64, n: i64) -> i64 {
        match self {
            Self::Constant | Self::Edge => i.clamp(0, n - 1),
            Self::Wrap => i.rem_euclid(n),
            Self::Reflect => {
                let i = i.rem_euclid((2 * (n - 1)).max(1));
                if i < n { i } else { 2 * (n - 1) - i }
            }
            Self::Symmetric => {
                let i = i.rem_euclid(2 * n);
                if i < n { i } else { 2 * n - 1 - i }
            }
        }
    }
}

impl TryFrom<&str> for PadMode {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|(known, _)| *known == name);
        let unknown = || Error::unknown_name("padding mode", name, Self::ALL.map(|(known, _)| known));
        found.map(|(_, mode)| mode).ok_or_else(unknown)
    }
}

/// Puts elements before and after axes. Keras' `ops.pad`.
///
/// `pad_width` has one pair of numbers for each axis, or one for all. `constant_values` goes with
/// [`PadMode::Constant`]; `None` is 0.
///
/// # Errors
/// [`Error::Argument`] where there is not one pair an axis, and for `constant_values` with another mode;
/// [`Error::Shape`] where another mode has no elements to pad with; [`Error::TooLarge`] where the result takes
/// too much memory.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// let y = ops::pad(&x, &[(1, 2)], ops::PadMode::Reflect, None)?;
/// assert_eq!(y.to_vec::<f32>()?, [2.0, 1.0, 2.0, 1.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation(keyword(constant_values))]
pub fn pad(
    x: &Tensor,
    pad_width: &[(usize, usize)],
    mode: PadMode,
    constant_values: impl Into<Option<f64>>,
) -> Result<Tensor> {
    let widths = widths(x.rank(), pad_width)?;
    match (mode, constant_values.into()) {
        (PadMode::Constant, value) => x.pad(&widths, value.unwrap_or(0.0)),
        (_, Some(value)) => Err(Error::argument(
            "pad",
            "constant_values",
            "none with this mode",
            format!("{value} with {mode:?}"),
        )),
        (mode, None) => widths
            .into_iter()
            .enumerate()
            .try_fold(x.clone(), |x, (axis, width)| extend(&x, axis, width, mode)),
    }
}

pub(crate) fn pad_spec((x, dtype): &Spec, pad_width: &[(usize, usize)]) -> Result<Spec> {
    let widths = widths(x.rank(), pad_width)?;
    let grown =
        |(d, (a, b)): (&Option<usize>, (usize, usize))| d.map(|d| d.saturating_add(a).saturating_add(b));
    Ok((Shape::new(x.dims().iter().zip(widths).map(grown).collect::<Vec<_>>()), *dtype))
}

/// Elements before and after each axis.
fn widths(rank: usize, pad_width: &[(usize, usize)]) -> Result<Vec<(usize, usize)>> {
    match pad_width {
        [one] => Ok(vec![*one; rank]),
        many if many.len() == rank => Ok(many.to_vec()),
        other => {
            Err(Error::argument("pad", "pad_width", format!("one pair, or {rank}"), format!("{other:?}")))
        }
    }
}

/// Pads an axis with elements of the tensor itself.
fn extend(x: &Tensor, axis: usize, (before, after): (usize, usize), mode: PadMode) -> Result<Tensor> {
    let size = x.shape()[axis];
    let mut shape = x.shape().to_vec();
    shape[axis] = size.saturating_add(before).saturating_add(after);
    crate::limits::check_shape("pad", x.dtype(), &shape)?;
    if (before, after) == (0, 0) {
        return Ok(x.clone());
    }
    if size == 0 {
        return Err(Error::shape("pad", "x", "elements to pad with", Shape::from(x.shape())));
    }
    let positions = (0..shape[axis] as i64).map(|i| mode.source(i - before as i64, size as i64) as i32);
    let positions = TensorData::from_values(&positions.collect::<Vec<_>>(), vec![shape[axis]])?;
    x.take(&Tensor::from_data_on(positions, x.device())?, axis as isize)
}
