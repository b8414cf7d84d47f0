//! Initializers whose variance depends on the number of input and output units.

use super::{Initialize, Seed};
use crate::backend::Device;
use crate::config::{KerasConfig, Number};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::random;
use crate::tensor::{Tensor, resolve_axis};

/// Standard deviation of a standard normal distribution truncated at ±2.
const TRUNCATED_STDDEV: f64 = 0.879_625_661_034_239_8;

const MODES: [&str; 3] = ["fan_in", "fan_out", "fan_avg"];
const DISTRIBUTIONS: [&str; 3] = ["truncated_normal", "untruncated_normal", "uniform"];

/// Values of variance `scale / n`, where `n` is the number of input units, of output units, or their mean.
/// Keras' `VarianceScaling`.
///
/// Invalid arguments are reported when the initializer is first used.
///
/// ```
/// use keras_rs::initializers::{Initialize, VarianceScaling};
/// use keras_rs::{DType, backend::default_device};
///
/// let draw = VarianceScaling::new().scale(2.0).mode("fan_out").distribution("uniform").seed(3);
/// let values = draw.call(&[100, 50], DType::F32, &default_device()?, 0)?;
/// assert!((values.variance(&[], false)?.to_scalar()? - 2.0 / 50.0).abs() < 0.002);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(module = "keras.initializers", ignore("dtype"), check = |made, _| made.check())]
pub struct VarianceScaling {
    /// Seed: the same one gives the same values.
    #[keras(default = Seed::Unset)]
    seed: Seed,
    /// Variance times the number of units (default 1); positive.
    #[keras(default = 1.0)]
    scale: Number,
    /// Which units are counted: `fan_in` (default), `fan_out` or `fan_avg`.
    #[keras(default = "fan_in")]
    mode: String,
    /// Distribution: `truncated_normal` (default; or `normal`), `untruncated_normal` or `uniform`.
    #[keras(default = "truncated_normal", normalize = known_distribution)]
    distribution: String,
    /// Axes of the input units; they have an effect only together with `output_axes`.
    input_axes: Option<Vec<isize>>,
    /// Axes of the output units; they have an effect only together with `input_axes`.
    output_axes: Option<Vec<isize>>,
}

fn known_distribution(name: String) -> String {
    let lower = name.to_lowercase();
    if lower == "normal" { "truncated_normal".into() } else { lower }
}

/// How values are drawn: what is fixed for some classes, and what every class here has.
struct Rule<'a> {
    class: &'a str,
    scale: f64,
    mode: &'a str,
    distribution: &'a str,
    seed: &'a Seed,
    axes: (&'a Option<Vec<isize>>, &'a Option<Vec<isize>>),
}

impl Rule<'_> {
    /// Numbers of input and output units of a kernel. By default the last two axes are input and output
    /// channels, and those before them the positions that a kernel spans.
    fn count(&self, shape: &[usize]) -> Result<(f64, f64)> {
        if let (Some(inputs), Some(outputs)) = self.axes {
            let product = |axes: &[isize]| -> Result<f64> {
                axes.iter().map(|&a| Ok(shape[resolve_axis(self.class, a, shape.len())?] as f64)).product()
            };
            return Ok((product(inputs)?, product(outputs)?));
        }
        Ok(match shape {
            [] => (1.0, 1.0),
            [n] => (*n as f64, *n as f64),
            [field @ .., input, output] => {
                let field: f64 = field.iter().map(|&d| d as f64).product();
                (field * *input as f64, field * *output as f64)
            }
        })
    }

    fn draw(&self, shape: &[usize], dtype: DType, device: &Device, seed: u64) -> Result<Tensor> {
        let (fan_in, fan_out) = self.count(shape)?;
        let units = match self.mode {
            "fan_in" => fan_in,
            "fan_out" => fan_out,
            _ => (fan_in + fan_out) / 2.0,
        };
        let stddev = (self.scale / units.max(1.0)).sqrt();
        let seed = self.seed.next(seed);
        match self.distribution {
            "truncated_normal" => {
                random::truncated_normal(shape, 0.0, stddev / TRUNCATED_STDDEV, dtype, device, seed)
            }
            "untruncated_normal" => random::normal(shape, 0.0, stddev, dtype, device, seed),
            _ => {
                let limit = 3.0_f64.sqrt() * stddev;
                random::uniform(shape, -limit, limit, dtype, device, seed)
            }
        }
    }
}

impl VarianceScaling {
    fn check(&self) -> Result<()> {
        let refuse = |argument: &str, expected: String, got: String| {
            Err(Error::argument("VarianceScaling", argument, expected, got))
        };
        if self.scale.get().is_nan() || self.scale.get() <= 0.0 {
            return refuse("scale", "a positive number".into(), self.scale.get().to_string());
        }
        if !MODES.contains(&self.mode.as_str()) {
            return refuse("mode", MODES.join(", "), self.mode.clone());
        }
        if !DISTRIBUTIONS.contains(&self.distribution.as_str()) {
            return refuse("distribution", DISTRIBUTIONS.join(", "), self.distribution.clone());
        }
        Ok(())
    }
}

impl Initialize for VarianceScaling {
    fn call(&self, shape: &[usize], dtype: DType, device: &Device, seed: u64) -> Result<Tensor> {
        self.check()?;
        let rule = Rule {
            class: "VarianceScaling",
            scale: self.scale.get(),
            mode: &self.mode,
            distribution: &self.distribution,
            seed: &self.seed,
            axes: (&self.input_axes, &self.output_axes),
        };
        rule.draw(shape, dtype, device, seed)
    }
}

/// Makes a class that is [`VarianceScaling`] with fixed arguments.
macro_rules! scaled {
    ($name:ident, $doc:literal, $stddev:literal, $scale:literal, $mode:literal, $distribution:literal) => {
        #[doc = $doc]
        ///
        /// ```
        #[doc = concat!("use keras_rs::initializers::{Initialize, ", stringify!($name), "};")]
        /// use keras_rs::{DType, backend::default_device};
        ///
        #[doc = concat!("let draw = ", stringify!($name), "::new().seed(3);")]
        /// let values = draw.call(&[150, 50], DType::F32, &default_device()?, 0)?;
        #[doc = concat!("let stddev = ", $stddev, "_f64;")]
        /// assert!((values.variance(&[], false)?.to_scalar()?.sqrt() / stddev - 1.0).abs() < 0.03);
        /// # Ok::<(), keras_rs::Error>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, KerasConfig)]
        #[keras(module = "keras.initializers", ignore("dtype"))]
        pub struct $name {
            /// Seed: the same one gives the same values.
            #[keras(default = Seed::Unset)]
            seed: Seed,
            /// Axes of the input units; they have an effect only together with `output_axes`.
            input_axes: Option<Vec<isize>>,
            /// Axes of the output units; they have an effect only together with `input_axes`.
            output_axes: Option<Vec<isize>>,
        }

        impl Initialize for $name {
            fn call(&self, shape: &[usize], dtype: DType, device: &Device, seed: u64) -> Result<Tensor> {
                let rule = Rule {
                    class: stringify!($name),
                    scale: $scale,
                    mode: $mode,
                    distribution: $distribution,
                    seed: &self.seed,
                    axes: (&self.input_axes, &self.output_axes),
                };
                rule.draw(shape, dtype, device, seed)
            }
        }
    };
}

scaled!(
    GlorotUniform,
    "Uniform in ±sqrt(6 / (units in + out)). Keras' `GlorotUniform`; Glorot and Bengio, 2010.",
    "0.1",
    1.0,
    "fan_avg",
    "uniform"
);
scaled!(
    GlorotNormal,
    "Truncated normal of variance 2 / (units in + out). Keras' `GlorotNormal`; Glorot and Bengio, 2010.",
    "0.1",
    1.0,
    "fan_avg",
    "truncated_normal"
);
scaled!(
    HeUniform,
    "Uniform in ±sqrt(6 / units in). Keras' `HeUniform`; He et al., 2015.",
    "0.1154701",
    2.0,
    "fan_in",
    "uniform"
);
scaled!(
    HeNormal,
    "Truncated normal of variance 2 / units in. Keras' `HeNormal`; He et al., 2015.",
    "0.1154701",
    2.0,
    "fan_in",
    "truncated_normal"
);
scaled!(
    LecunUniform,
    "Uniform in ±sqrt(3 / units in). Keras' `LecunUniform`; LeCun et al., 1998.",
    "0.0816497",
    1.0,
    "fan_in",
    "uniform"
);
scaled!(
    LecunNormal,
    "Truncated normal of variance 1 / units in. Keras' `LecunNormal`; LeCun et al., 1998.",
    "0.0816497",
    1.0,
    "fan_in",
    "truncated_normal"
);
