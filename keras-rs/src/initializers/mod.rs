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
use crate::config::{ClassTable, KerasConfig, object_handle};
use crate::dtype::DType;
use crate::error::Result;
use crate::tensor::Tensor;
use std::fmt;

/// Makes the initial value of a variable.
pub trait Initialize: KerasConfig + fmt::Debug + Send + Sync {
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

    /// [`Orthogonal`] without a seed, Keras' default for kernels of states.
    pub fn orthogonal() -> Self {
        Orthogonal::new().into()
    }

    /// [`GlorotUniform`] without a seed, Keras' default for kernels.
    pub fn glorot_uniform() -> Self {
        GlorotUniform::new().into()
    }
}

crate::config::registered!(Initializer, "initializer");

crate::config::custom_object! {
    /// Adds an initializer class.
    initializer: Initializer
}

/// Adds Keras' initializers.
fn register(table: &mut ClassTable<Initializer>) {
    table.class::<Zeros>(&["Zeros", "zeros", "zero"]);
    table.class::<Ones>(&["Ones", "ones", "one"]);
    table.class::<Constant>(&["Constant", "constant"]);
    table.class::<Identity>(&["Identity", "identity", "IdentityInitializer"]);
    table.class::<Orthogonal>(&["Orthogonal", "orthogonal", "OrthogonalInitializer"]);
    table.class::<STFT>(&["STFT", "stft", "STFTInitializer"]);
    table.class::<RandomNormal>(&["RandomNormal", "random_normal", "normal"]);
    table.class::<RandomUniform>(&["RandomUniform", "random_uniform", "uniform"]);
    table.class::<TruncatedNormal>(&["TruncatedNormal", "truncated_normal"]);
    table.class::<VarianceScaling>(&["VarianceScaling", "variance_scaling"]);
    table.class::<GlorotNormal>(&["GlorotNormal", "glorot_normal"]);
    table.class::<GlorotUniform>(&["GlorotUniform", "glorot_uniform"]);
    table.class::<HeNormal>(&["HeNormal", "he_normal"]);
    table.class::<HeUniform>(&["HeUniform", "he_uniform"]);
    table.class::<LecunNormal>(&["LecunNormal", "lecun_normal"]);
    table.class::<LecunUniform>(&["LecunUniform", "lecun_uniform"]);
}
