//! A bias whose forget gate starts from ones.

use crate::backend::Device;
use crate::config::KerasConfig;
use crate::dtype::DType;
use crate::error::Result;
use crate::initializers::{Initialize, Initializer};
use crate::tensor::Tensor;

/// A bias of four gates, of which the second one starts from ones (Jozefowicz et al., 2015) and the others from what
/// another initializer makes.
#[derive(Clone, Debug, KerasConfig)]
pub(super) struct ForgetBias {
    /// The initializer of the other gates.
    #[keras(new)]
    of: Initializer,
}

impl Initialize for ForgetBias {
    fn call(&self, shape: &[usize], dtype: DType, device: &Device, seed: u64) -> Result<Tensor> {
        let units = shape.iter().product::<usize>() / 4;
        let ones = Initializer::ones().call(&[units], dtype, device, seed)?;
        let first = self.of.call(&[units], dtype, device, seed)?;
        let last = self.of.call(&[2 * units], dtype, device, seed)?;
        Tensor::concat(&[first, ones, last], 0)
    }
}
