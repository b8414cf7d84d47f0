//! Merging layers as functions, as Keras has them.

use super::{Add, Average, Concatenate, Dot, DotAxes, Maximum, Minimum, Multiply, Subtract};
use crate::error::Result;
use crate::layer::{AsInputs, KerasTensor, LayerExt};

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident: $class:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// As [`LayerRef::apply`](crate::layer::LayerRef::apply).
        ///
        /// ```
        /// use keras_rs::layers;
        /// use keras_rs::prelude::*;
        ///
        /// let (a, b) = (Input::new([2]), Input::new([2]));
        #[doc = concat!("let model = Model::new([&a, &b], layers::", stringify!($name), "([&a, &b])?)?;")]
        #[doc = concat!("assert_eq!(model.layers()[2].class_name(), \"", stringify!($class), "\");")]
        /// # Ok::<(), keras_rs::Error>(())
        /// ```
        pub fn $name(inputs: impl AsInputs) -> Result<KerasTensor> {
            $class::new().apply(inputs)
        }
    )*};
}

functions! {
    /// The sum of a list of symbolic tensors: an [`Add`] layer. Keras' `layers.add`.
    add: Add;
    /// The mean of a list of symbolic tensors: an [`Average`] layer. Keras' `layers.average`.
    average: Average;
    /// The largest of a list of symbolic tensors: a [`Maximum`] layer. Keras' `layers.maximum`.
    maximum: Maximum;
    /// The smallest of a list of symbolic tensors: a [`Minimum`] layer. Keras' `layers.minimum`.
    minimum: Minimum;
    /// The product of a list of symbolic tensors: a [`Multiply`] layer. Keras' `layers.multiply`.
    multiply: Multiply;
    /// The difference of two symbolic tensors: a [`Subtract`] layer. Keras' `layers.subtract`.
    subtract: Subtract;
}

/// A list of symbolic tensors joined along an axis, which Keras has as -1 by default: a [`Concatenate`] layer.
/// Keras' `layers.concatenate`.
///
/// # Errors
/// As [`LayerRef::apply`](crate::layer::LayerRef::apply).
///
/// ```
/// use keras_rs::layers;
/// use keras_rs::prelude::*;
///
/// let (a, b) = (Input::new([2]), Input::new([3]));
/// assert_eq!(layers::concatenate((&a, &b), -1)?.shape().to_string(), "(None, 5)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn concatenate(inputs: impl AsInputs, axis: isize) -> Result<KerasTensor> {
    Concatenate::new().axis(axis).apply(inputs)
}

/// Dot products of the samples of two symbolic tensors, brought to length 1 first with `normalize`: a [`Dot`] layer.
/// Keras' `layers.dot`.
///
/// # Errors
/// As [`LayerRef::apply`](crate::layer::LayerRef::apply).
///
/// ```
/// use keras_rs::layers;
/// use keras_rs::prelude::*;
///
/// let (a, b) = (Input::new([2]), Input::new([2]));
/// assert_eq!(layers::dot((&a, &b), 1, false)?.shape().to_string(), "(None, 1)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn dot(inputs: impl AsInputs, axes: impl Into<DotAxes>, normalize: bool) -> Result<KerasTensor> {
    Dot::new(axes).normalize(normalize).apply(inputs)
}
