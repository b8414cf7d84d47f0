//! Initializers: how variables get their first values.

mod constant;
mod random;

pub use constant::{Ones, Zeros};
pub use random::GlorotUniform;

use crate::backend::Device;
use crate::dtype::DType;
use crate::error::Result;
use crate::serialization::{Config, Registry, object_handle};
use crate::tensor::Tensor;
use std::fmt;

/// Makes the first value of a variable.
pub trait Initialize: fmt::Debug + Send + Sync {
    /// Keras' class name.
    fn class_name(&self) -> &str;

    /// Python module that the class is written under in files.
    fn module(&self) -> Option<&str> {
        Some("keras.initializers")
    }

    /// `package>name` of classes that users register.
    fn registered_name(&self) -> Option<String> {
        None
    }

    /// Constructor arguments.
    fn config(&self) -> Config;

    /// Makes a value. `seed` is used where the initializer has none of its own.
    ///
    /// # Errors
    /// Where the shape does not suit the initializer.
    fn call(&self, shape: &[usize], dtype: DType, device: &Device, seed: u64) -> Result<Tensor>;
}

object_handle! {
    /// A shared initializer of any class, made from an object or a Keras name.
    ///
    /// ```
    /// use keras_rs::initializers::Initializer;
    ///
    /// let initializer = Initializer::try_from("glorot_uniform")?;
    /// assert_eq!(initializer.class_name(), "GlorotUniform");
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Initializer, Initialize
}

impl Initializer {
    /// [`Zeros`].
    pub fn zeros() -> Self {
        Zeros.into()
    }

    /// [`Ones`].
    pub fn ones() -> Self {
        Ones.into()
    }

    /// [`GlorotUniform`] without a seed, Keras' default for kernels.
    pub fn glorot_uniform() -> Self {
        GlorotUniform::new().into()
    }
}

/// Adds Keras' initializers.
pub(crate) fn register(registry: &mut Registry) {
    let table = &mut registry.initializers;
    table.add(&["Zeros", "zeros"], |_| Ok(Zeros.into()));
    table.add(&["Ones", "ones"], |_| Ok(Ones.into()));
    table.add(&["GlorotUniform", "glorot_uniform"], |c| Ok(GlorotUniform::from_config(c)?.into()));
}
