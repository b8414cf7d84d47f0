//! Constraints: projections that training applies after each update.

mod axes;
mod norms;
mod sign;

pub use axes::Axes;
pub use norms::{MaxNorm, MinMaxNorm, UnitNorm};
pub use sign::NonNeg;

use crate::config::{ClassTable, KerasConfig, object_handle};
use crate::error::Result;
use crate::tensor::Tensor;
use std::fmt;

/// Projects values onto the allowed set.
pub trait Constrain: KerasConfig + fmt::Debug + Send + Sync {
    /// The allowed value nearest to this one.
    ///
    /// # Errors
    /// [`Error`](crate::Error) for shapes that the constraint is not defined for.
    fn call(&self, value: &Tensor) -> Result<Tensor>;
}

object_handle! {
    /// A shared constraint of any class, made from an object or a Keras name.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::constraints::Constraint;
    ///
    /// let allowed = Constraint::try_from("non_neg")?.call(&Tensor::from_vec(vec![-1.0_f32, 2.0], [2])?)?;
    /// assert_eq!(allowed.to_vec::<f32>()?, [0.0, 2.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Constraint, Constrain
}

crate::config::registered!(Constraint, "constraint");

crate::config::custom_object! {
    /// Adds a constraint class.
    constraint: Constraint
}

/// Adds Keras' classes.
fn register(table: &mut ClassTable<Constraint>) {
    table.class::<MaxNorm>(&["MaxNorm", "max_norm", "maxnorm"]);
    table.class::<MinMaxNorm>(&["MinMaxNorm", "min_max_norm"]);
    table.class::<NonNeg>(&["NonNeg", "non_neg", "nonneg"]);
    table.class::<UnitNorm>(&["UnitNorm", "unit_norm", "unitnorm"]);
}
