//! Regularizers: penalties on values that training adds to the loss.
//!
//! Invalid factors are reported when the regularizer is first used.

mod norms;
mod orthogonal;

pub use norms::{L1, L1L2, L2};
pub use orthogonal::OrthogonalRegularizer;

use crate::config::{ClassTable, KerasConfig, object_handle};
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use std::fmt;

/// Computes a penalty.
pub trait Regularize: KerasConfig + fmt::Debug + Send + Sync {
    /// The penalty of a value, a scalar.
    ///
    /// # Errors
    /// [`Error::Shape`] for shapes that the regularizer is not defined for.
    fn call(&self, value: &Tensor) -> Result<Tensor>;
}

object_handle! {
    /// A shared regularizer of any class, made from an object or a Keras name.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::regularizers::Regularizer;
    ///
    /// let penalty = Regularizer::try_from("l2")?.call(&Tensor::from_vec(vec![3.0_f64, 4.0], [2])?)?;
    /// assert_eq!(penalty.to_scalar()?, 0.25);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Regularizer, Regularize
}

/// Checks a factor of a penalty.
fn factor(class: &str, argument: &str, value: f64) -> Result<f64> {
    if value.is_finite() && value >= 0.0 {
        return Ok(value);
    }
    Err(Error::argument(class, argument, "a number that is not negative", value))
}

crate::config::registered!(Regularizer, "regularizer");

crate::config::custom_object! {
    /// Adds a regularizer class.
    regularizer: Regularizer
}

/// Adds Keras' classes.
fn register(table: &mut ClassTable<Regularizer>) {
    table.class::<L1>(&["L1", "l1"]);
    table.class::<L2>(&["L2", "l2"]);
    table.class::<L1L2>(&["L1L2", "l1l2"]);
    table.add(&["l1_l2"], |c| Ok(norms::l1_l2(c)?.into()));
    table.class::<OrthogonalRegularizer>(&["OrthogonalRegularizer", "orthogonal_regularizer"]);
}
