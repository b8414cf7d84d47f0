//! Initializers: how variables get their initial values.

mod constant;
mod orthogonal;
mod random;
mod seed;
mod stft;
mod variance_scaling;
mod windows;

pub use constant::{Constant, Identity, Ones, Zeros};
pub use orthogonal::Orthogonal;
pub use random::{RandomNormal, RandomUniform, TruncatedNormal};
pub use seed::Seed;
pub use stft::STFT;
pub use variance_scaling::{
    GlorotNormal, GlorotUniform, HeNormal, HeUniform, LecunNormal, LecunUniform, VarianceScaling,
};

use crate::backend::Device;
use crate::config::{ClassTable, Config, ConfigReader, object_handle};
use crate::dtype::DType;
use crate::error::Result;
use crate::tensor::Tensor;
use std::fmt;

/// Makes the initial value of a variable.
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

    /// Makes a value. `seed` is used if the initializer has no seed.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) for shapes that the initializer is not defined for.
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

/// An initializer without arguments. Old files have its data type, which now belongs to the variable.
fn without_arguments(config: &mut ConfigReader<'_>, initializer: impl Initialize + 'static) -> Initializer {
    config.ignore(&["dtype"]);
    initializer.into()
}

crate::config::registered!(Initializer, "initializer");

crate::config::custom_object! {
    /// Adds an initializer class.
    initializer: Initializer
}

/// Adds Keras' initializers.
fn register(table: &mut ClassTable<Initializer>) {
    table.add(&["Zeros", "zeros", "zero"], |c| Ok(without_arguments(c, Zeros)));
    table.add(&["Ones", "ones", "one"], |c| Ok(without_arguments(c, Ones)));
    table.add(&["Constant", "constant"], |c| Ok(Constant::from_config(c)?.into()));
    table.add(&["Identity", "identity", "IdentityInitializer"], |c| Ok(Identity::from_config(c)?.into()));
    table.add(&["Orthogonal", "orthogonal", "OrthogonalInitializer"], |c| {
        Ok(Orthogonal::from_config(c)?.into())
    });
    table.add(&["STFT", "stft", "STFTInitializer"], |c| Ok(STFT::from_config(c)?.into()));
    table.add(&["RandomNormal", "random_normal", "normal"], |c| Ok(RandomNormal::from_config(c)?.into()));
    table.add(&["RandomUniform", "random_uniform", "uniform"], |c| Ok(RandomUniform::from_config(c)?.into()));
    table.add(&["TruncatedNormal", "truncated_normal"], |c| Ok(TruncatedNormal::from_config(c)?.into()));
    table.add(&["VarianceScaling", "variance_scaling"], |c| Ok(VarianceScaling::from_config(c)?.into()));
    table.add(&["GlorotNormal", "glorot_normal"], |c| Ok(GlorotNormal::from_config(c)?.into()));
    table.add(&["GlorotUniform", "glorot_uniform"], |c| Ok(GlorotUniform::from_config(c)?.into()));
    table.add(&["HeNormal", "he_normal"], |c| Ok(HeNormal::from_config(c)?.into()));
    table.add(&["HeUniform", "he_uniform"], |c| Ok(HeUniform::from_config(c)?.into()));
    table.add(&["LecunNormal", "lecun_normal"], |c| Ok(LecunNormal::from_config(c)?.into()));
    table.add(&["LecunUniform", "lecun_uniform"], |c| Ok(LecunUniform::from_config(c)?.into()));
}
