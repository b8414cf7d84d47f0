//! Initializers that draw from a distribution that does not depend on the shape.

use super::{Initialize, Seed};
use crate::backend::Device;
use crate::config::{KerasConfig, Number};
use crate::dtype::DType;
use crate::error::Result;
use crate::random;
use crate::tensor::Tensor;

/// Makes a class of two numbers and a seed.
macro_rules! distribution {
    ($(#[$doc:meta])* $name:ident, $a:ident = $a_default:expr, $b:ident = $b_default:expr, $draw:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, KerasConfig)]
        #[keras(module = "keras.initializers", ignore("dtype"))]
        pub struct $name {
            /// Seed: the same one gives the same values.
            #[keras(default = Seed::Unset)]
            seed: Seed,
            #[doc = concat!("`", stringify!($a), "` (default ", stringify!($a_default), ").")]
            #[keras(default = $a_default)]
            $a: Number,
            #[doc = concat!("`", stringify!($b), "` (default ", stringify!($b_default), ").")]
            #[keras(default = $b_default)]
            $b: Number,
        }

        impl Initialize for $name {
            fn call(&self, shape: &[usize], dtype: DType, device: &Device, seed: u64) -> Result<Tensor> {
                $draw(shape, self.$a.get(), self.$b.get(), dtype, device, self.seed.next(seed))
            }
        }
    };
}

distribution! {
    /// Normally distributed values. Keras' `RandomNormal`.
    ///
    /// ```
    /// use keras_rs::initializers::{Initialize, RandomNormal};
    /// use keras_rs::{DType, backend::default_device};
    ///
    /// let draw = RandomNormal::new().mean(2.0).stddev(0.1).seed(3);
    /// let values = draw.call(&[100, 100], DType::F32, &default_device()?, 0)?;
    /// assert!((values.mean(&[], false)?.to_scalar()? - 2.0).abs() < 0.01);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    RandomNormal, mean = 0.0, stddev = 0.05, random::normal
}

distribution! {
    /// Uniformly distributed values between two bounds. Keras' `RandomUniform`.
    ///
    /// ```
    /// use keras_rs::initializers::{Initialize, RandomUniform};
    /// use keras_rs::{DType, backend::default_device};
    ///
    /// let draw = RandomUniform::new().minval(0.0).maxval(0.5).seed(3);
    /// let values = draw.call(&[100, 100], DType::F32, &default_device()?, 0)?;
    /// assert!(values.to_vec::<f32>()?.iter().all(|v| (0.0..=0.5).contains(v)));
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    RandomUniform, minval = -0.05, maxval = 0.05, random::uniform
}

distribution! {
    /// Normally distributed values within two standard deviations. Keras' `TruncatedNormal`.
    ///
    /// ```
    /// use keras_rs::initializers::{Initialize, TruncatedNormal};
    /// use keras_rs::{DType, backend::default_device};
    ///
    /// let draw = TruncatedNormal::new().stddev(0.5).seed(3);
    /// let values = draw.call(&[100, 100], DType::F32, &default_device()?, 0)?;
    /// assert!(values.to_vec::<f32>()?.iter().all(|v| v.abs() <= 1.0));
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    TruncatedNormal, mean = 0.0, stddev = 0.05, random::truncated_normal
}
