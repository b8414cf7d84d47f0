//! Initializers without randomness.

use super::Initialize;
use crate::backend::Device;
use crate::dtype::DType;
use crate::error::Result;
use crate::serialization::Config;
use crate::tensor::Tensor;

/// Zeros everywhere. Keras' `Zeros`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zeros;

impl Initialize for Zeros {
    fn class_name(&self) -> &str {
        "Zeros"
    }

    fn config(&self) -> Config {
        Config::new()
    }

    fn call(&self, shape: &[usize], dtype: DType, device: &Device, _seed: u64) -> Result<Tensor> {
        Tensor::full_on(shape, 0.0, dtype, device)
    }
}

/// Ones everywhere. Keras' `Ones`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ones;

impl Initialize for Ones {
    fn class_name(&self) -> &str {
        "Ones"
    }

    fn config(&self) -> Config {
        Config::new()
    }

    fn call(&self, shape: &[usize], dtype: DType, device: &Device, _seed: u64) -> Result<Tensor> {
        Tensor::full_on(shape, 1.0, dtype, device)
    }
}
