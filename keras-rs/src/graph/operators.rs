//! Python's operators on symbolic tensors as methods, those included that Rust has no operator for.

use crate::error::Result;
use crate::layer::{KerasTensor, Symbolic};
use crate::ops::{self, IntoKey, Joined, Operand};

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident: $function:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
        fn $name<R: Operand>(&self, other: R) -> Result<Joined<KerasTensor, R>> {
            ops::$function(&self.keras_tensor()?, &other)
        }
    )*};
}

macro_rules! reflected {
    ($($(#[$doc:meta])* $name:ident: $function:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
        fn $name<R: Operand>(&self, other: R) -> Result<Joined<R, KerasTensor>> {
            ops::$function(&other, &self.keras_tensor()?)
        }
    )*};
}

/// Python's operators on symbolic tensors as methods. Shapes broadcast, data types are promoted; the other side is a
/// symbolic tensor, a tensor, which becomes a constant of the model, or a number.
///
/// `&x + &y`, `2.0 * &x` and `-&x` are the same; all give a `Result`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Input::new([3]);
/// let y = x.mul(2.0)?.add(1)?.add(&x)?; // and 1 - x is x.rsub(1)
/// let model = Model::new(&x, &y)?;
/// let data = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0], [1, 3])?;
/// assert_eq!(model.predict(&data)?.to_vec::<f32>()?, [4.0, 7.0, 10.0]);
///
/// let again = keras_rs::model_from_json(&model.to_json())?;
/// assert_eq!(again.predict(&data)?.to_vec::<f32>()?, [4.0, 7.0, 10.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub trait Operators: Symbolic + Sized {
    binary! {
        /// `self + other`
        add: add;
        /// `self - other`
        sub: subtract;
        /// `self * other`
        mul: multiply;
        /// `self / other`; integers give floats.
        div: true_divide;
        /// `self ** other`
        pow: power;
        /// The larger of both.
        maximum: maximum;
        /// The smaller of both.
        minimum: minimum;
    }

    reflected! {
        /// `other - self`
        rsub: subtract;
        /// `other / self`; integers give floats.
        rdiv: true_divide;
        /// `other ** self`
        rpow: power;
    }

    /// `-self`
    ///
    /// # Errors
    /// Where making the placeholder of an input fails.
    fn neg(&self) -> Result<KerasTensor> {
        ops::negative(&self.keras_tensor()?)
    }

    /// `self[key]`: picks elements by numbers, ranges and new axes, as [`Tensor::slice`](crate::Tensor::slice) does.
    ///
    /// # Errors
    /// As [`ops::get_item`].
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let x = Input::new([4, 3]);
    /// let last = x.slice((.., -1))?;
    /// assert_eq!(last.shape().to_string(), "(None, 3)");
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    fn slice(&self, key: impl IntoKey) -> Result<KerasTensor> {
        ops::get_item(&self.keras_tensor()?, &key.into_key())
    }

    /// `abs(self)`
    ///
    /// # Errors
    /// Where making the placeholder of an input fails.
    fn abs(&self) -> Result<KerasTensor> {
        ops::absolute(&self.keras_tensor()?)
    }
}

impl<S: Symbolic> Operators for S {}
