//! Constraints: projections that training applies after each update.

use crate::error::Result;
use crate::serialization::{Config, Registry, object_handle};
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
    /// Where the shape does not suit the object.
    fn call(&self, value: &Tensor) -> Result<Tensor>;
}

object_handle! {
    /// A shared object of any class, made from an object or a Keras name.
    Constraint, Constrain
}

/// Adds Keras' classes.
pub(crate) fn register(_registry: &mut Registry) {}
