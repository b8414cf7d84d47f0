//! Random numbers: the process' seed, and tensors of drawn values.
//!
//! Values are drawn on the host from a seeded generator, so that one seed gives the same numbers
//! on every backend. They are not Keras' numbers: Keras' own differ between its backends.

mod distributions;

pub use distributions::{beta, binomial, categorical, dropout, gamma, randint, shuffle};

use crate::backend::Device;
use crate::dtype::DType;
use crate::error::Result;
use crate::tensor::{Tensor, TensorData};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::{Mutex, PoisonError};

static SEEDS: Mutex<Option<Stream>> = Mutex::new(None);

/// The process' stream of seeds.
struct Stream {
    rng: StdRng,
    state: RandomState,
}

impl Stream {
    fn new(seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), state: RandomState { seed, drawn: 0 } }
    }

    fn next(&mut self) -> u64 {
        self.state.drawn += 1;
        self.rng.random()
    }
}

/// The state of the process' stream of seeds: its seed, and the number of seeds drawn.
///
/// ```
/// use keras_rs::random;
///
/// random::set_seed(7);
/// let state = random::state();
/// let a = random::next_seed();
/// random::set_state(state);
/// assert_eq!(random::next_seed(), a);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomState {
    /// Seed of the stream.
    pub seed: u64,
    /// How many seeds were drawn from it.
    pub drawn: u64,
}

/// Makes all later random numbers reproducible, as `keras.utils.set_random_seed`.
///
/// ```
/// use keras_rs::random;
///
/// random::set_seed(7);
/// let a = random::next_seed();
/// random::set_seed(7);
/// assert_eq!(random::next_seed(), a);
/// ```
pub fn set_seed(seed: u64) {
    *SEEDS.lock().unwrap_or_else(PoisonError::into_inner) = Some(Stream::new(seed));
}

/// Draws a seed from the process' stream.
pub fn next_seed() -> u64 {
    let mut seeds = SEEDS.lock().unwrap_or_else(PoisonError::into_inner);
    seeds.get_or_insert_with(|| Stream::new(rand::random())).next()
}

/// The current state of the process' stream of seeds.
pub fn state() -> RandomState {
    let mut seeds = SEEDS.lock().unwrap_or_else(PoisonError::into_inner);
    seeds.get_or_insert_with(|| Stream::new(rand::random())).state
}

/// Sets the state of the process' stream of seeds; draws and drops all seeds before it.
pub fn set_state(state: RandomState) {
    let mut stream = Stream::new(state.seed);
    while stream.state.drawn < state.drawn {
        stream.next();
    }
    *SEEDS.lock().unwrap_or_else(PoisonError::into_inner) = Some(stream);
}

/// Values from the standard normal distribution, by the Box-Muller transform.
pub(crate) fn standard_normal(rng: &mut StdRng) -> f64 {
    let u: f64 = 1.0 - rng.random::<f64>();
    let v: f64 = rng.random();
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// Draws values by a function of the generator, as `float64` in host memory.
pub fn draw(count: usize, seed: u64, mut one: impl FnMut(&mut StdRng) -> f64) -> Vec<f64> {
    let mut rng = StdRng::seed_from_u64(seed);
    (0..count).map(|_| one(&mut rng)).collect()
}

/// A tensor of drawn values, which never are in memory as `float64` all at once.
fn drawn(
    shape: &[usize],
    dtype: DType,
    device: &Device,
    seed: u64,
    mut one: impl FnMut(&mut StdRng) -> f64,
) -> Result<Tensor> {
    let mut rng = StdRng::seed_from_u64(seed);
    let count = shape.iter().product();
    let values = (0..count).map(|_| one(&mut rng));
    Tensor::from_data_on(TensorData::from_numbers(values, shape.to_vec(), dtype)?, device)
}

/// Uniform values in `low..high`.
///
/// # Errors
/// As [`Tensor::from_data_on`].
pub fn uniform(
    shape: &[usize],
    low: f64,
    high: f64,
    dtype: DType,
    device: &Device,
    seed: u64,
) -> Result<Tensor> {
    drawn(shape, dtype, device, seed, |rng| low + (high - low) * rng.random::<f64>())
}

/// Normally distributed values.
///
/// # Errors
/// As [`Tensor::from_data_on`].
pub fn normal(
    shape: &[usize],
    mean: f64,
    stddev: f64,
    dtype: DType,
    device: &Device,
    seed: u64,
) -> Result<Tensor> {
    drawn(shape, dtype, device, seed, |rng| mean + stddev * standard_normal(rng))
}

/// Normally distributed values of which those further than two standard deviations from the mean
/// are drawn again.
///
/// # Errors
/// As [`Tensor::from_data_on`].
pub fn truncated_normal(
    shape: &[usize],
    mean: f64,
    stddev: f64,
    dtype: DType,
    device: &Device,
    seed: u64,
) -> Result<Tensor> {
    drawn(shape, dtype, device, seed, |rng| {
        loop {
            let value = standard_normal(rng);
            if value.abs() <= 2.0 {
                return mean + stddev * value;
            }
        }
    })
}
