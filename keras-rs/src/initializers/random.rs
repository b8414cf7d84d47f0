//! Initializers that draw from a distribution.

use super::Initialize;
use crate::backend::Device;
use crate::dtype::DType;
use crate::error::Result;
use crate::serialization::{Config, ConfigExt, ConfigReader};
use crate::tensor::Tensor;

/// Uniform in ±sqrt(6 / (fan_in + fan_out)). Keras' `GlorotUniform`; Glorot and Bengio, 2010.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GlorotUniform {
    seed: Option<u64>,
}

impl GlorotUniform {
    /// Without a seed of its own.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn from_config(config: &mut ConfigReader<'_>) -> Result<Self> {
        config.ignore(&["input_axes", "output_axes", "dtype"]);
        let seed: Option<i64> = config.take_or("seed", None)?;
        Ok(Self { seed: seed.map(|s| s as u64) })
    }
}

impl Initialize for GlorotUniform {
    fn class_name(&self) -> &str {
        "GlorotUniform"
    }

    fn config(&self) -> Config {
        Config::new()
            .with("seed", self.seed)
            .with("input_axes", None::<usize>)
            .with("output_axes", None::<usize>)
    }

    fn call(&self, shape: &[usize], dtype: DType, device: &Device, seed: u64) -> Result<Tensor> {
        let (fan_in, fan_out) = fans(shape);
        let limit = (6.0 / (fan_in + fan_out).max(1.0)).sqrt();
        crate::random::uniform(shape, -limit, limit, dtype, device, self.seed.unwrap_or(seed))
    }
}

/// Units in and out of a kernel whose last two axes are input and output channels.
fn fans(shape: &[usize]) -> (f64, f64) {
    match shape {
        [] => (1.0, 1.0),
        [n] => (*n as f64, *n as f64),
        [field @ .., input, output] => {
            let field: f64 = field.iter().map(|&d| d as f64).product();
            (field * *input as f64, field * *output as f64)
        }
    }
}
