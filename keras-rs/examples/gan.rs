//! A generative adversarial network with a training loop of one's own.
//!
//! The generator learns to put points on a circle; the discriminator to tell them from real ones.
//! Each has its own optimizer, and each step trains the one with the other held still: gradients are
//! asked for by variables, so nothing needs to be frozen.
//!
//! usage: cargo run --example gan

use keras_rs::losses::{BinaryCrossentropy, ComputeLoss};
use keras_rs::prelude::*;
use keras_rs::{backend, random};

const BATCH: usize = 64;
const LATENT: usize = 4;

fn generator() -> Result<Model> {
    Sequential::new()
        .add(Input::new([LATENT]))
        .add(Dense::new(32).activation("relu"))
        .add(Dense::new(32).activation("relu"))
        .add(Dense::new(2))
        .build()
}

fn discriminator() -> Result<Model> {
    Sequential::new()
        .add(Input::new([2]))
        .add(Dense::new(32).activation("leaky_relu"))
        .add(Dense::new(32).activation("leaky_relu"))
        .add(Dense::new(1))
        .build()
}

/// Numbers in [0, 1).
fn uniform(count: usize, seed: u64) -> Result<Vec<f64>> {
    let device = keras_rs::backend::default_device()?;
    random::uniform(&[count], 0.0, 1.0, DType::F64, &device, seed)?.to_vec()
}

/// Points on the unit circle, `(points, 2)`.
fn real(points: usize) -> Result<Tensor> {
    let angles = uniform(points, random::next_seed())?;
    let angles = angles.iter().map(|turn| turn * std::f64::consts::TAU);
    let values: Vec<f32> = angles.flat_map(|angle| [angle.cos() as f32, angle.sin() as f32]).collect();
    Tensor::from_vec(values, [points, 2])
}

fn noise(points: usize) -> Result<Tensor> {
    let device = backend::default_device()?;
    random::normal(&[points, LATENT], 0.0, 1.0, DType::F32, &device, random::next_seed())
}

/// Generator, discriminator and what they are trained with.
pub struct Gan {
    generator: Model,
    discriminator: Model,
    for_generator: Optimizer,
    for_discriminator: Optimizer,
    loss: BinaryCrossentropy,
}

impl Gan {
    fn new() -> Result<Self> {
        Ok(Self {
            generator: generator()?,
            discriminator: discriminator()?,
            for_generator: Adam::new(1e-3).beta_1(0.5).shared(),
            for_discriminator: Adam::new(1e-3).beta_1(0.5).shared(),
            loss: BinaryCrossentropy::new().from_logits(true),
        })
    }

    /// One update of each; gives the losses of the discriminator and of the generator.
    fn step(&self) -> Result<(f64, f64)> {
        let (ones, zeros) = (Tensor::ones([BATCH, 1], DType::F32)?, Tensor::zeros([BATCH, 1], DType::F32)?);
        let truth = Tensor::concat(&[ones.clone(), zeros], 0)?;

        let made = self.generator.call(&[noise(BATCH)?])?.remove(0);
        let points = Tensor::concat(&[real(BATCH)?, made], 0)?;
        let variables = self.discriminator.trainable_weights();
        let (told, gradients) = GradientTape::gradients(&variables, |run| {
            let scores = self.discriminator.call_with(&[points], run)?;
            self.loss.compute(&truth, &scores[0], None)
        })?;
        self.for_discriminator.apply_gradients(&gradients, &variables)?;

        let latent = noise(BATCH)?;
        let variables = self.generator.trainable_weights();
        let (fooled, gradients) = GradientTape::gradients(&variables, |run| {
            let made = self.generator.call_with(&[latent], run)?;
            let scores = self.discriminator.call_with(&made, run)?;
            self.loss.compute(&ones, &scores[0], None)
        })?;
        self.for_generator.apply_gradients(&gradients, &variables)?;
        Ok((told.to_scalar()?, fooled.to_scalar()?))
    }

    /// Mean distance of made points from the circle.
    fn error(&self) -> Result<f64> {
        let made = self.generator.call(&[noise(1000)?])?.remove(0);
        let radius = made.square()?.sum(&[-1], false)?.sqrt()?;
        radius.add_scalar(-1.0)?.abs()?.mean(&[], false)?.to_scalar()
    }
}

/// The example at any size; gives the mean distance from the circle before and after training.
pub fn run(steps: usize, verbose: bool) -> Result<(f64, f64)> {
    random::set_seed(7);
    let gan = Gan::new()?;
    let before = gan.error()?;
    for step in 0..steps {
        let (told, fooled) = gan.step()?;
        if verbose && step % 250 == 0 {
            println!(
                "step {step}: discriminator {told:.3}, generator {fooled:.3}, error {:.3}",
                gan.error()?
            );
        }
    }
    Ok((before, gan.error()?))
}

#[allow(dead_code, reason = "the tests call `run`")]
fn main() -> Result<()> {
    let (before, after) = run(2000, true)?;
    println!("mean distance from the circle: {before:.3} before, {after:.3} after");
    Ok(())
}
