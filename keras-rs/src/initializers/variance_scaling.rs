//! Initializers whose variance depends on the number of input and output units.

use super::{Initialize, Seed};
use crate::backend::Device;
use crate::config::{Config, ConfigExt, ConfigReader, Number};
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
#[derive(Clone, Debug, PartialEq)]
pub struct VarianceScaling {
    scale: Number,
    mode: String,
    distribution: String,
    fans: Fans,
}

/// Arguments that every class here has: a seed, and the axes of input and output units.
#[derive(Clone, Debug, Default, PartialEq)]
struct Fans {
    seed: Seed,
    input_axes: Option<Vec<isize>>,
    output_axes: Option<Vec<isize>>,
}

impl Fans {
    fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        c.ignore(&["dtype"]);
        Ok(Self {
            seed: c.take_or("seed", Seed::Unset)?,
            input_axes: c.take_or("input_axes", None)?,
            output_axes: c.take_or("output_axes", None)?,
        })
    }

    /// Numbers of input and output units of a kernel. By default the last two axes are input and output
    /// channels, and those before them the positions that a kernel spans.
    fn count(&self, class: &str, shape: &[usize]) -> Result<(f64, f64)> {
        if let (Some(inputs), Some(outputs)) = (&self.input_axes, &self.output_axes) {
            let product = |axes: &[isize]| -> Result<f64> {
                axes.iter().map(|&a| Ok(shape[resolve_axis(class, a, shape.len())?] as f64)).product()
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

    fn draw(
        &self,
        (class, scale, mode, distribution): (&str, f64, &str, &str),
        shape: &[usize],
        dtype: DType,
        device: &Device,
        seed: u64,
    ) -> Result<Tensor> {
        let (fan_in, fan_out) = self.count(class, shape)?;
        let units = match mode {
            "fan_in" => fan_in,
            "fan_out" => fan_out,
            _ => (fan_in + fan_out) / 2.0,
        };
        let stddev = (scale / units.max(1.0)).sqrt();
        let seed = self.seed.next(seed);
        match distribution {
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

    fn to_config(&self, class_arguments: Config) -> Config {
        let mut config = Config::new().with("seed", &self.seed);
        config.extend(class_arguments);
        config.with("input_axes", &self.input_axes).with("output_axes", &self.output_axes)
    }
}

/// Setters of the arguments that every class here has.
macro_rules! fan_setters {
    () => {
        /// Sets the seed: the same one gives the same values.
        #[must_use]
        pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
            self.fans.seed = seed.into();
            self
        }

        /// Sets the axes of the input units; has an effect only together with `output_axes`.
        #[must_use]
        pub fn input_axes(mut self, axes: impl Into<Vec<isize>>) -> Self {
            self.fans.input_axes = Some(axes.into());
            self
        }

        /// Sets the axes of the output units; has an effect only together with `input_axes`.
        #[must_use]
        pub fn output_axes(mut self, axes: impl Into<Vec<isize>>) -> Self {
            self.fans.output_axes = Some(axes.into());
            self
        }
    };
}

impl Default for VarianceScaling {
    fn default() -> Self {
        Self {
            scale: 1.0.into(),
            mode: "fan_in".into(),
            distribution: "truncated_normal".into(),
            fans: Fans::default(),
        }
    }
}

impl VarianceScaling {
    /// With Keras' defaults: scale 1, `fan_in`, a truncated normal distribution.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the variance times the number of units; positive.
    #[must_use]
    pub fn scale(mut self, scale: impl Into<Number>) -> Self {
        self.scale = scale.into();
        self
    }

    /// Sets which units are counted: `fan_in`, `fan_out` or `fan_avg`.
    #[must_use]
    pub fn mode(mut self, mode: impl Into<String>) -> Self {
        self.mode = mode.into();
        self
    }

    /// Sets the distribution: `truncated_normal` (or `normal`), `untruncated_normal` or `uniform`.
    #[must_use]
    pub fn distribution(mut self, distribution: impl Into<String>) -> Self {
        let lower = distribution.into().to_lowercase();
        self.distribution = if lower == "normal" { "truncated_normal".into() } else { lower };
        self
    }

    fan_setters!();

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::default();
        let made = Self {
            scale: c.take_or("scale", d.scale)?,
            mode: c.take_or("mode", d.mode)?,
            fans: Fans::from_config(c)?,
            distribution: String::new(),
        }
        .distribution(c.take_or("distribution", d.distribution)?);
        made.check()?;
        Ok(made)
    }

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
    fn class_name(&self) -> &str {
        "VarianceScaling"
    }

    fn config(&self) -> Config {
        self.fans.to_config(
            Config::new()
                .with("scale", self.scale)
                .with("mode", &self.mode)
                .with("distribution", &self.distribution),
        )
    }

    fn call(&self, shape: &[usize], dtype: DType, device: &Device, seed: u64) -> Result<Tensor> {
        self.check()?;
        let rule = (self.class_name(), self.scale.get(), self.mode.as_str(), self.distribution.as_str());
        self.fans.draw(rule, shape, dtype, device, seed)
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
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name {
            fans: Fans,
        }

        impl $name {
            /// Without a seed.
            pub fn new() -> Self {
                Self::default()
            }

            fan_setters!();

            pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
                Ok(Self { fans: Fans::from_config(c)? })
            }
        }

        impl Initialize for $name {
            fn class_name(&self) -> &str {
                stringify!($name)
            }

            fn config(&self) -> Config {
                self.fans.to_config(Config::new())
            }

            fn call(&self, shape: &[usize], dtype: DType, device: &Device, seed: u64) -> Result<Tensor> {
                let rule = (stringify!($name), $scale, $mode, $distribution);
                self.fans.draw(rule, shape, dtype, device, seed)
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
