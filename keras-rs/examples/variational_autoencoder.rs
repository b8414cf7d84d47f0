//! A variational autoencoder as a model that a user wrote: a sampling layer, the Kullback-Leibler loss added inside
//! it, a metric of its own in the logs, and layers in lists.
//!
//! It learns points of eight numbers that two hidden ones decide, and makes new ones. Real Keras opens the file with
//! Python classes of the same names (`tests/python/subclassed.py`).
//!
//! Run with `cargo run --example variational_autoencoder [FILE.keras]`.

use keras_rs::metrics::Mean;
use keras_rs::prelude::*;
use keras_rs::{ops, random};

/// Draws from the normal distributions that it is given, and adds to the loss how far they are from the standard one.
///
/// At inference it gives the means.
#[derive(Debug, KerasConfig)]
#[keras(package = "examples")]
struct Sampling {
    base: LayerBase,
    /// Weight of the added loss.
    #[keras(default = 1.0)]
    beta: f64,
    #[keras(skip = Mean::new().name("kl"))]
    kl: Mean,
}

impl Layer for Sampling {
    fn signature(&self) -> Signature {
        Signature::tensors(&["mean", "log_var"])
    }

    fn call(&self, mut inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let missing = |argument: &str| Error::argument("Sampling", argument, "a tensor", "nothing");
        let mean = inputs.take("mean")?.ok_or_else(|| missing("mean"))?;
        let log_var = inputs.take("log_var")?.ok_or_else(|| missing("log_var"))?;
        // -1/2 sum(1 + log_var - mean^2 - exp(log_var)), the mean over the samples.
        let kl = log_var.add_scalar(1.0)?.sub(&mean.square()?)?.sub(&log_var.exp()?)?;
        let kl = kl.sum(&[-1], false)?.mul_scalar(-0.5)?.mean(&[], false)?;
        self.kl.update_state(&kl.detach(), None)?;
        context.add_loss(kl.mul_scalar(self.beta)?);
        if !context.training() {
            return Ok(mean.into());
        }
        let noise = random::normal(mean.shape(), 0.0, 1.0, mean.dtype(), mean.device(), random::next_seed())?;
        Ok(mean.add(&noise.mul(&log_var.mul_scalar(0.5)?.exp()?)?)?.into())
    }
}

/// Encoder, sampling, decoder.
#[derive(Debug, KerasConfig)]
#[keras(package = "examples")]
struct VariationalAutoencoder {
    base: LayerBase,
    /// Numbers in a point.
    #[keras(new)]
    features: usize,
    /// Numbers in its code.
    #[keras(new)]
    latent: usize,
    #[keras(skip = vec![relu(32), relu(16)])]
    encoder: Vec<LayerRef>,
    #[keras(skip = Dense::new(latent).shared())]
    mean: LayerRef,
    #[keras(skip = Dense::new(latent).shared())]
    log_var: LayerRef,
    #[keras(skip = Sampling::new().beta(0.05).shared())]
    sampling: LayerRef,
    #[keras(skip = vec![relu(16), relu(32), Dense::new(features).shared()])]
    decoder: Vec<LayerRef>,
}

fn relu(units: usize) -> LayerRef {
    Dense::new(units).activation("relu").shared()
}

impl Layer for VariationalAutoencoder {
    fn role(&self) -> Role {
        Role::Model
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let mut x = inputs.into_single()?;
        for layer in &self.encoder {
            x = context.apply(layer, x)?;
        }
        let (mean, log_var) = (context.apply(&self.mean, &x)?, context.apply(&self.log_var, &x)?);
        x = context.apply(&self.sampling, [mean, log_var])?;
        for layer in &self.decoder {
            x = context.apply(layer, x)?;
        }
        Ok(x.into())
    }
}

/// Points on a bent surface, `(points, 8)`.
fn surface(points: usize) -> Result<Tensor> {
    let (device, seed) = (keras_rs::backend::default_device()?, 7);
    let hidden: Vec<f32> = random::uniform(&[points * 2], -1.0, 1.0, DType::F32, &device, seed)?.to_vec()?;
    let values = hidden.chunks(2).flat_map(|h| {
        let (a, b) = (h[0], h[1]);
        [a, b, a * b, a * a, b * b, (2.0 * a).sin(), (2.0 * b).cos(), a - b]
    });
    Tensor::from_vec(values.collect(), [points, 8])
}

/// What training and saving came to.
pub struct Outcome {
    /// Loss of each epoch.
    pub loss: Vec<f64>,
    /// The Kullback-Leibler divergence of each epoch.
    pub kl: Vec<f64>,
    /// Mean squared error of the points that the trained model gives back.
    pub error: f64,
    /// The same of a model that always gives the mean point.
    pub spread: f64,
    /// Largest difference of predictions after loading the file back.
    pub difference: f64,
    /// New points, `(4, 8)`.
    pub made: Tensor,
}

/// Trains a model, writes it, loads it back, and makes new points from codes.
pub fn run(path: &std::path::Path, epochs: usize) -> Result<Outcome> {
    let x = surface(512)?;
    let model = Model::subclassed(VariationalAutoencoder::new(8, 2));
    model.compile(Adam::new(1e-2), "mse", ())?;
    let history = model.fit(&x, &x, Fit::new().epochs(epochs).batch_size(64).verbose(0))?;

    let y = model.predict(&x)?;
    let error = y.sub(&x)?.square()?.mean(&[], false)?.to_scalar()?;
    let spread = x.sub(&x.mean(&[0], true)?)?.square()?.mean(&[], false)?.to_scalar()?;

    model.save(path)?;
    let custom = CustomObjects::new()
        .layer("examples>Sampling", Sampling::from_config)
        .layer("examples>VariationalAutoencoder", VariationalAutoencoder::from_config);
    let again = keras_rs::load_model_with(path, &custom)?;
    let difference = y.sub(&again.predict(&x)?)?.abs()?.max(&[], false)?.to_scalar()?;

    // The decoder alone: the layers behind `sampling`.
    let layers = model.layers();
    let mut made = Tensor::from_vec(vec![-1.0_f32, 0.0, 1.0, 0.0, 0.0, -1.0, 0.0, 1.0], [4, 2])?;
    for layer in &layers[5..] {
        made = layer.call(&[made])?.remove(0);
    }
    Ok(Outcome {
        loss: history["loss"].to_vec(),
        kl: history["kl"].to_vec(),
        error,
        spread,
        difference,
        made,
    })
}

#[allow(dead_code, reason = "tests call `run`")]
fn main() -> Result<()> {
    let path = std::env::args().nth(1).map_or_else(|| std::env::temp_dir().join("vae.keras"), Into::into);
    let outcome = run(&path, 40)?;
    for (epoch, (loss, kl)) in outcome.loss.iter().zip(&outcome.kl).enumerate().step_by(5) {
        println!("epoch {:2}: loss {loss:.4}, kl {kl:.4}", epoch + 1);
    }
    println!("error {:.4}, of the mean point {:.4}", outcome.error, outcome.spread);
    println!("new points:\n{:?}", ops::round(&outcome.made, 2)?);
    Ok(())
}
