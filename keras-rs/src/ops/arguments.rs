//! Arguments that Keras takes in several forms.

use crate::error::{Error, Result};
use crate::tensor::resolve_axis;

/// Axes of a tensor: all of them (Keras' `None`), one, or several; negative ones count from the end.
///
/// ```
/// use keras_rs::ops::Axes;
///
/// assert_eq!(Axes::from(-1), Axes::These(vec![-1]));
/// assert_eq!(Axes::from([0, 2]), Axes::These(vec![0, 2]));
/// assert_eq!(Axes::from(()), Axes::All);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Axes {
    /// Every axis.
    #[default]
    All,
    /// These axes; an empty list is no axis.
    These(Vec<isize>),
}

impl Axes {
    /// The numbers of the axes of a tensor with `rank` axes.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis, or one is named twice.
    pub(crate) fn resolve(&self, context: &str, rank: usize) -> Result<Vec<usize>> {
        let Self::These(axes) = self else { return Ok((0..rank).collect()) };
        let axes = axes.iter().map(|&axis| resolve_axis(context, axis, rank)).collect::<Result<Vec<_>>>()?;
        if axes.iter().enumerate().any(|(i, axis)| axes[..i].contains(axis)) {
            return Err(Error::argument(context, "axis", "each axis once", format!("{axes:?}")));
        }
        Ok(axes)
    }

    /// As [`Axes::resolve`], as the methods of tensors take them.
    pub(super) fn signed(&self, context: &str, rank: usize) -> Result<Vec<isize>> {
        Ok(self.resolve(context, rank)?.into_iter().map(|axis| axis as isize).collect())
    }
}

impl From<()> for Axes {
    fn from((): ()) -> Self {
        Self::All
    }
}

impl From<isize> for Axes {
    fn from(axis: isize) -> Self {
        Self::These(vec![axis])
    }
}

impl<const N: usize> From<[isize; N]> for Axes {
    fn from(axes: [isize; N]) -> Self {
        Self::These(axes.to_vec())
    }
}

impl From<&[isize]> for Axes {
    fn from(axes: &[isize]) -> Self {
        Self::These(axes.to_vec())
    }
}

impl From<Vec<isize>> for Axes {
    fn from(axes: Vec<isize>) -> Self {
        Self::These(axes)
    }
}

impl From<Option<isize>> for Axes {
    fn from(axis: Option<isize>) -> Self {
        axis.map_or(Self::All, Self::from)
    }
}

/// One whole number or several, where Keras takes an `int` or a tuple: sizes, repeats, steps.
///
/// ```
/// use keras_rs::ops::Integers;
///
/// assert_eq!(Integers::from(2).as_slice(), [2]);
/// assert_eq!(Integers::from([-1, 3]).as_slice(), [-1, 3]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integers {
    values: Vec<isize>,
    single: bool,
}

impl Integers {
    /// The numbers.
    pub fn as_slice(&self) -> &[isize] {
        &self.values
    }

    /// Whether one number was given, not a list.
    pub fn is_single(&self) -> bool {
        self.single
    }

    /// From sizes; those beyond what a tensor can have count as the largest number.
    pub(crate) fn sizes(sizes: &[usize]) -> Self {
        sizes.iter().map(|&n| isize::try_from(n).unwrap_or(isize::MAX)).collect::<Vec<_>>().into()
    }

    /// The numbers, none of which may be below `least`.
    ///
    /// # Errors
    /// [`Error::Argument`] in the name of the function and the argument.
    pub(crate) fn at_least(&self, least: usize, context: &str, argument: &str) -> Result<Vec<usize>> {
        let numbers = self.values.iter().map(|&n| usize::try_from(n).ok().filter(|n| *n >= least));
        let refused = || {
            let expected = format!("whole numbers of at least {least}");
            Error::argument(context, argument, expected, format!("{:?}", self.values))
        };
        numbers.collect::<Option<Vec<_>>>().ok_or_else(refused)
    }
}

impl From<isize> for Integers {
    fn from(value: isize) -> Self {
        Self { values: vec![value], single: true }
    }
}

impl<const N: usize> From<[isize; N]> for Integers {
    fn from(values: [isize; N]) -> Self {
        Self { values: values.to_vec(), single: false }
    }
}

impl From<&[isize]> for Integers {
    fn from(values: &[isize]) -> Self {
        Self { values: values.to_vec(), single: false }
    }
}

impl From<Vec<isize>> for Integers {
    fn from(values: Vec<isize>) -> Self {
        Self { values, single: false }
    }
}
