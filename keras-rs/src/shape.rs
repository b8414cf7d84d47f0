//! Shapes with sizes that may be unknown, such as the batch.

use crate::dtype::DType;
use crate::error::{Error, Result};
use std::fmt;

/// A shape whose sizes may be unknown; `None` is the unknown size, as in Keras.
///
/// ```
/// use keras_rs::Shape;
///
/// let batch_of_images = Shape::from([None, Some(28), Some(28), Some(1)]);
/// assert_eq!(batch_of_images.to_string(), "(None, 28, 28, 1)");
/// assert!(batch_of_images.accepts(&[32, 28, 28, 1]));
/// assert!(!batch_of_images.accepts(&[32, 28, 28, 3]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Shape(Vec<Option<usize>>);

impl Shape {
    /// From sizes, outermost axis first.
    pub fn new(dims: impl Into<Vec<Option<usize>>>) -> Self {
        Self(dims.into())
    }

    /// A shape in which every size is known.
    pub fn known(dims: &[usize]) -> Self {
        Self(dims.iter().copied().map(Some).collect())
    }

    /// Sizes, outermost axis first.
    pub fn dims(&self) -> &[Option<usize>] {
        &self.0
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The sizes, where all are known.
    pub fn to_known(&self) -> Option<Vec<usize>> {
        self.0.iter().copied().collect()
    }

    /// Whether a tensor of this shape fits.
    pub fn accepts(&self, shape: &[usize]) -> bool {
        self.rank() == shape.len() && self.0.iter().zip(shape).all(|(d, s)| d.is_none_or(|d| d == *s))
    }

    /// The size of an axis that must be known; negative axes count from the end.
    ///
    /// # Errors
    /// [`Error::Shape`] where the axis is missing or its size unknown.
    pub fn known_dim(&self, context: &str, axis: isize) -> Result<usize> {
        let resolved = if axis < 0 { axis + self.rank() as isize } else { axis };
        usize::try_from(resolved)
            .ok()
            .and_then(|a| self.0.get(a).copied().flatten())
            .ok_or_else(|| Error::shape(context, "input", format!("a known size of axis {axis}"), self))
    }

    /// Checks the number of axes.
    ///
    /// # Errors
    /// [`Error::Shape`] where it differs.
    pub fn require_rank(&self, context: &str, rank: usize) -> Result<()> {
        if self.rank() == rank {
            return Ok(());
        }
        Err(Error::shape(context, "input", format!("{rank} axes"), self))
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dims: Vec<String> = self.0.iter().map(|d| d.map_or("None".into(), |d| d.to_string())).collect();
        match dims.as_slice() {
            [one] => write!(f, "({one},)"),
            many => write!(f, "({})", many.join(", ")),
        }
    }
}

impl<const N: usize> From<[Option<usize>; N]> for Shape {
    fn from(dims: [Option<usize>; N]) -> Self {
        Self(dims.to_vec())
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(dims: [usize; N]) -> Self {
        Self::known(&dims)
    }
}

impl From<Vec<Option<usize>>> for Shape {
    fn from(dims: Vec<Option<usize>>) -> Self {
        Self(dims)
    }
}

impl From<&[usize]> for Shape {
    fn from(dims: &[usize]) -> Self {
        Self::known(dims)
    }
}

/// Shape and data type of a tensor without data.
pub type Spec = (Shape, DType);

/// Things that name a tensor's full shape: arrays, slices and vectors of sizes.
pub trait IntoDims {
    /// The sizes, outermost axis first.
    fn into_dims(self) -> Vec<usize>;
}

impl<const N: usize> IntoDims for [usize; N] {
    fn into_dims(self) -> Vec<usize> {
        self.to_vec()
    }
}

impl IntoDims for &[usize] {
    fn into_dims(self) -> Vec<usize> {
        self.to_vec()
    }
}

impl IntoDims for &Vec<usize> {
    fn into_dims(self) -> Vec<usize> {
        self.clone()
    }
}

impl IntoDims for Vec<usize> {
    fn into_dims(self) -> Vec<usize> {
        self
    }
}
