//! Constraints: projections that training applies after each update.

mod axes;
mod norms;
mod sign;

pub use axes::Axes;
pub use norms::{MaxNorm, MinMaxNorm, UnitNorm};
pub use sign::NonNeg;

use crate::config::{ClassTable, Config, object_handle};
use crate::error::Result;
use crate::tensor::Tensor;
use std::fmt;

/// Projects values onto the allowed set.
pub trait Constrain: fmt::Debug + Send + Sync {
    /// Keras' class name.
    fn class_name(&self) -> &str;

    /// Python module that the class is written under in files.
    fn module(&self) -> Option<&str> {
        Some("keras.constraints")
    }

    /// `package>name` of classes that users register.
    fn registered_name(&self) -> Option<String> {
        None
    }

    /// Constructor arguments.
    fn config(&self) -> Config;

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
    table.add(&["MaxNorm", "max_norm", "maxnorm"], |c| Ok(MaxNorm::from_config(c)?.into()));
    table.add(&["MinMaxNorm", "min_max_norm"], |c| Ok(MinMaxNorm::from_config(c)?.into()));
    table.add(&["NonNeg", "non_neg", "nonneg"], |_| Ok(NonNeg.into()));
    table.add(&["UnitNorm", "unit_norm", "unitnorm"], |c| Ok(UnitNorm::from_config(c)?.into()));
}
