//! Dropout.

use crate::backend::Device;
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, layer_base};
use crate::shape::Shape;
use crate::tensor::{Tensor, TensorData};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
#[derive(Clone, Debug)]
pub struct Dropout {
    base: LayerBase,
    rate: f64,
    /// The rate as a file has it, which may be a whole number.
    written_rate: Value,
    noise_shape: Option<Vec<Option<usize>>>,
    seed: Option<u64>,
    /// Masks drawn so far, which tells those of one seed apart.
    drawn: Arc<AtomicU64>,
}

impl Dropout {
    /// Drops this part of the values: 0 to 1.
    pub fn new(rate: f64) -> Self {
        Self {
            base: LayerBase::default(),
            rate,
            written_rate: rate.into(),
            noise_shape: None,
            seed: None,
            drawn: Arc::default(),
        }
    }

    setters! {
        /// Sets the seed (default: none).
        seed: Option<u64>,
    }

    /// Sets the mask's shape (default: the input's); the mask is repeated along axes of size one,
    /// `None` stands for the input's size.
    #[must_use]
    pub fn noise_shape(mut self, noise_shape: impl Into<Vec<Option<usize>>>) -> Self {
        self.noise_shape = Some(noise_shape.into());
        self
    }

    pub(super) fn from_config(config: &mut ConfigReader<'_>) -> Result<Self> {
        let base = LayerBase::from_config(config)?;
        let written_rate: Value = config.take("rate")?;
        let rate = written_rate
            .as_f64()
            .filter(|rate| (0.0..=1.0).contains(rate))
            .ok_or_else(|| config.reject("rate", "a number from 0 to 1", &written_rate))?;
        let noise_shape: Option<Vec<Option<usize>>> = config.take_or("noise_shape", None)?;
        let seed: Option<usize> = config.take_or("seed", None)?;
        let layer = Self { base, written_rate, noise_shape, seed: seed.map(|s| s as u64), ..Self::new(rate) };
        layer.check(config.object())?;
        Ok(layer)
    }

    fn check(&self, context: &str) -> Result<()> {
        if !(0.0..=1.0).contains(&self.rate) {
            return Err(Error::argument(context, "rate", "a number from 0 to 1", self.rate));
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

    fn next_seed(&self) -> u64 {
        match self.seed {
            None => crate::random::next_seed(),
            Some(seed) => mix(seed ^ mix(self.drawn.fetch_add(1, Ordering::Relaxed).wrapping_add(1))),
        }
    }
}

/// Scrambles a number into one that looks random (SplitMix64; Steele et al., 2014).
fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A tensor that is zero with probability `rate` and `1 / (1 - rate)` otherwise.
fn mask(shape: Vec<usize>, rate: f64, seed: u64, dtype: DType, device: &Device) -> Result<Tensor> {
    let kept = (1.0 / (1.0 - rate)) as f32;
    let below = (rate * 2.0_f64.powi(32)) as u64;
    let count: usize = shape.iter().product();
    // Two values a step: drawing is on the way of every training step.
    let mut values = Vec::with_capacity(count + 1);
    let mut state = seed;
    while values.len() < count {
        let random = mix(state);
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        for half in [random >> 32, random & 0xffff_ffff] {
            values.push(if half < below { 0.0 } else { kept });
        }
    }
    values.truncate(count);
    Tensor::from_data_on(TensorData::from_values(&values, shape)?, device)?.cast(dtype)
}

impl Layer for Dropout {
    layer_base!("Dropout");

    fn config(&self) -> Config {
        Config::new()
            .with("rate", &self.written_rate)
            .with("seed", self.seed)
            .with("noise_shape", self.noise_shape.clone())
    }

    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())
    }

    fn draws(&self) -> Option<&AtomicU64> {
        self.seed.map(|_| &*self.drawn)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = inputs.into_single()?;
        if !context.training() || self.rate == 0.0 {
            return Ok(x.into());
        }
        if self.rate == 1.0 {
            return Ok(x.full_like(x.shape(), 0.0)?.into());
        }
        let shape = self.mask_shape(context.layer(), x.shape())?;
        let dtype = if x.dtype().is_float() { x.dtype() } else { DType::F32 };
        let mask = mask(shape, self.rate, self.next_seed(), dtype, x.device())?;
        Ok(x.mul(&mask)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![inputs.single()?.clone()])
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
