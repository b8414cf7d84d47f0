//! Batches of arrays in memory.

use super::prefetch::Make;
use crate::backend::Device;
use crate::data::Batch;
use crate::error::Result;
use crate::tensor::{Tensor, TensorData};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use std::sync::Arc;

/// All samples, checked to agree in number.
pub(super) struct Arrays {
    all: Batch,
    samples: usize,
}

impl Arrays {
    pub(super) fn new(all: Batch) -> Result<Self> {
        let samples = all.num_samples()?;
        Ok(Self { all, samples })
    }

    pub(super) fn samples(&self) -> usize {
        self.samples
    }

    pub(super) fn num_batches(&self, batch_size: usize, drop_remainder: bool) -> usize {
        match batch_size {
            0 => 0,
            size if drop_remainder => self.samples / size,
            size => self.samples.div_ceil(size),
        }
    }

    /// The first `count` batches, of the samples as they lie or in another order.
    pub(super) fn batches(self: Arc<Self>, size: usize, count: usize, order: Option<Vec<usize>>) -> Make {
        Arc::new(move |step| {
            if step >= count {
                return None;
            }
            let range = step * size..self.samples.min((step + 1) * size);
            Some(match &order {
                None => self.all.narrow(range),
                Some(order) => self.all.pick(&order[range]),
            })
        })
    }
}

/// Numbers of samples as a tensor, made once for each device in turn.
pub(in crate::data) struct Index<'a> {
    numbers: &'a [usize],
    made: Option<Tensor>,
}

impl<'a> Index<'a> {
    pub(in crate::data) fn new(numbers: &'a [usize]) -> Self {
        Self { numbers, made: None }
    }

    pub(in crate::data) fn on(&mut self, device: &Device) -> Result<&Tensor> {
        let tensor = match self.made.take() {
            Some(tensor) if tensor.device() == device => tensor,
            _ => {
                let shape = vec![self.numbers.len()];
                let narrow: Option<Vec<i32>> = self.numbers.iter().map(|&n| i32::try_from(n).ok()).collect();
                let data = match narrow {
                    Some(numbers) => TensorData::from_values(&numbers, shape)?,
                    None => {
                        let numbers: Vec<i64> = self.numbers.iter().map(|&n| n as i64).collect();
                        TensorData::from_values(&numbers, shape)?
                    }
                };
                Tensor::from_data_on(data, device)?
            }
        };
        Ok(self.made.insert(tensor))
    }
}

/// The numbers below `count` in an order that follows from the seed and the epoch alone.
pub(super) fn permutation(count: usize, seed: u64, epoch: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(&mut StdRng::seed_from_u64(scrambled(seed ^ scrambled(epoch as u64))));
    order
}

/// A one-to-one function without pattern, so that neighbouring seeds and epochs share no order:
/// the finalizer of SplitMix64.
fn scrambled(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
