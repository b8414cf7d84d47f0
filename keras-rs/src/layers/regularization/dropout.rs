//! Dropout.

use super::seeds;
use crate::backend::Device;
use crate::config::{ConfigReader, FromConfig, KerasConfig, Number};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::shape::Shape;
use crate::tensor::{Tensor, TensorData};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// In training, sets a random part of the values to zero and scales the others up. Keras' `Dropout`;
/// Srivastava et al., 2014.
///
/// Shapes: the output is shaped as the input. At inference the input passes unchanged. A layer with
/// a seed draws the same sequence of masks in every process; one without draws from
/// [`random::next_seed`](crate::random::next_seed).
///
/// ```
/// use keras_rs::prelude::*;
/// use keras_rs::layers::ForwardPass;
///
/// let layer = Dropout::new(0.5).seed(7).shared();
/// let x = Tensor::ones([1, 1000], DType::F32)?;
/// assert_eq!(layer.call(&[x.clone()])?[0].to_vec::<f32>()?, [1.0; 1000]);
///
/// let y = layer.call_with(&[x], &mut ForwardPass::new(true))?;
/// let kept = y[0].to_vec::<f32>()?.into_iter().filter(|&v| v == 2.0).count();
/// assert!((400..600).contains(&kept));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check)]
pub struct Dropout {
    base: LayerBase,
    /// Part of the values that is dropped: 0 to 1.
    #[keras(new, read_with = rate)]
    rate: Number,
    /// Seed (default: none).
    seed: Option<u64>,
    /// Shape of the mask (default: the input's), which is repeated along axes of size one; `None` stands for
    /// the input's size.
    noise_shape: Option<Vec<Option<usize>>>,
    /// Masks drawn so far, which tells those of one seed apart.
    #[keras(skip)]
    drawn: Arc<AtomicU64>,
}

impl Dropout {
    fn check(&self, context: &str) -> Result<()> {
        if !(0.0..=1.0).contains(&self.rate.get()) {
            return Err(Error::argument(context, "rate", "a number from 0 to 1", self.rate.get()));
        }
        if self.noise_shape.iter().flatten().any(|size| *size == Some(0)) {
            return Err(Error::argument(context, "noise_shape", "sizes of at least 1", "0"));
        }
        Ok(())
    }

    /// The mask's shape for an input, checked to repeat to the input's.
    fn mask_shape(&self, context: &str, input: &[usize]) -> Result<Vec<usize>> {
        let Some(noise) = &self.noise_shape else { return Ok(input.to_vec()) };
        let sizes: Option<Vec<usize>> =
            noise.iter().enumerate().map(|(i, size)| size.or_else(|| input.get(i).copied())).collect();
        let fits = |sizes: &Vec<usize>| {
            sizes.len() <= input.len()
                && sizes.iter().rev().zip(input.iter().rev()).all(|(s, i)| *s == 1 || s == i)
        };
        sizes.filter(fits).ok_or_else(|| {
            let expected = format!("a shape that repeats to {}", tuple(input));
            Error::argument(context, "noise_shape", expected, Shape::new(noise.as_slice()))
        })
    }
}

/// A tensor that is zero with probability `rate`, which is below 1, and `1 / (1 - rate)` otherwise.
fn mask(shape: Vec<usize>, rate: f64, seed: u64, dtype: DType, device: &Device) -> Result<Tensor> {
    let kept = (1.0 / (1.0 - rate)) as f32;
    let below = (rate * 2.0_f64.powi(32)) as u64;
    let count: usize = shape.iter().product();
    // Two values a step: drawing is on the way of every training step.
    let mut values = Vec::with_capacity(count + 1);
    let mut state = seed;
    while values.len() < count {
        let random = seeds::mix(state);
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        for half in [random >> 32, random & 0xffff_ffff] {
            values.push(if half < below { 0.0 } else { kept });
        }
    }
    values.truncate(count);
    Tensor::from_data_on(TensorData::from_values(&values, shape)?, device)?.cast(dtype)
}

/// A tensor of which a part is zero and the rest scaled up, by a mask of a shape that repeats to its own.
pub(in crate::layers) fn dropped(
    x: &Tensor,
    shape: Vec<usize>,
    rate: f64,
    seed: impl FnOnce() -> u64,
) -> Result<Tensor> {
    if rate == 1.0 {
        return x.full_like(x.shape(), 0.0);
    }
    let dtype = if x.dtype().is_float() { x.dtype() } else { DType::F32 };
    x.mul(&mask(shape, rate, seed(), dtype, x.device())?)
}

impl Layer for Dropout {
    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())
    }

    fn draws(&self) -> Option<&AtomicU64> {
        self.seed.map(|_| &*self.drawn)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let (x, rate) = (inputs.into_single()?, self.rate.get());
        if !context.training() || rate == 0.0 {
            return Ok(x.into());
        }
        let shape = self.mask_shape(context.layer(), x.shape())?;
        Ok(dropped(&x, shape, rate, || seeds::next(self.seed, &self.drawn))?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![inputs.single()?.clone()])
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

/// A rate of a file, which must be a share.
fn rate(c: &mut ConfigReader<'_>, key: &str) -> Result<Number> {
    let written = c.take_value(key)?;
    let rate = Number::from_value(written).filter(|rate| (0.0..=1.0).contains(&rate.get()));
    rate.ok_or_else(|| c.reject(key, "a number from 0 to 1", written))
}
