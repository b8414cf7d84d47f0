//! What the layers that drop values share: their rate, the shape of their masks, and drawing.

use super::seeds;
use crate::backend::Device;
use crate::config::{ConfigReader, FromConfig, Number};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::Shape;
use crate::tensor::{Tensor, TensorData};

/// Refuses what is no share.
pub(super) fn check_rate(context: &str, rate: Number) -> Result<()> {
    if (0.0..=1.0).contains(&rate.get()) {
        return Ok(());
    }
    Err(Error::argument(context, "rate", "a number from 0 to 1", rate.get()))
}

/// Refuses masks of no size.
pub(super) fn check_noise_shape(context: &str, noise: Option<&[Option<usize>]>) -> Result<()> {
    if noise.into_iter().flatten().any(|size| *size == Some(0)) {
        return Err(Error::argument(context, "noise_shape", "sizes of at least 1", "0"));
    }
    Ok(())
}

/// A rate of a file, which must be a share.
pub(super) fn read_rate(c: &mut ConfigReader<'_>, key: &str) -> Result<Number> {
    let written = c.take_value(key)?;
    let rate = Number::from_value(written).filter(|rate| (0.0..=1.0).contains(&rate.get()));
    rate.ok_or_else(|| c.reject(key, "a number from 0 to 1", written))
}

/// The mask's shape for an input, checked to repeat to the input's.
pub(super) fn mask_shape(
    context: &str,
    noise: Option<&[Option<usize>]>,
    input: &[usize],
) -> Result<Vec<usize>> {
    let Some(noise) = noise else { return Ok(input.to_vec()) };
    let sizes: Option<Vec<usize>> =
        noise.iter().enumerate().map(|(i, size)| size.or_else(|| input.get(i).copied())).collect();
    let fits = |sizes: &Vec<usize>| {
        sizes.len() <= input.len()
            && sizes.iter().rev().zip(input.iter().rev()).all(|(s, i)| *s == 1 || s == i)
    };
    sizes.filter(fits).ok_or_else(|| {
        let expected = format!("a shape that repeats to {}", tuple(input));
        Error::argument(context, "noise_shape", expected, Shape::new(noise))
    })
}

/// A tensor that is zero with probability `rate` and `kept` otherwise.
pub(in crate::layers) fn mask(
    shape: Vec<usize>,
    (rate, kept): (f64, f64),
    seed: u64,
    dtype: DType,
    device: &Device,
) -> Result<Tensor> {
    let kept = kept as f32;
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

/// `x` with values set to zero by a mask of a shape, and the others scaled up. A rate of 1 draws nothing.
pub(in crate::layers) fn dropped(
    x: &Tensor,
    rate: f64,
    shape: Vec<usize>,
    seed: impl FnOnce() -> u64,
) -> Result<Tensor> {
    if rate == 1.0 {
        return x.full_like(x.shape(), 0.0);
    }
    let dtype = if x.dtype().is_float() { x.dtype() } else { DType::F32 };
    x.mul(&mask(shape, (rate, 1.0 / (1.0 - rate)), seed(), dtype, x.device())?)
}
