//! A module that a Burn user wrote as a layer of a Keras model: trained by our optimizer, saved under its Burn names,
//! loaded back, and opened by real Keras with a Python class of the same name (`tests/python/burn_module.py`).
//!
//! Run with `cargo run --example burn_module_as_layer [FILE.keras]`.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::tanh;
use keras_rs::prelude::*;

/// A residual block, as Burn's users write modules.
#[derive(Module, Debug)]
struct Residual {
    inner: Linear,
    outer: Linear,
}

impl Residual {
    fn forward(&self, x: burn::Tensor<2>) -> burn::Tensor<2> {
        x.clone() + self.outer.forward(tanh(self.inner.forward(x)))
    }
}

/// What a file holds to make the block again.
#[derive(burn::config::Config, Debug)]
struct ResidualConfig {
    features: usize,
    hidden: usize,
}

/// The block as a layer.
fn residual(config: ResidualConfig) -> BurnModule {
    let device = Default::default();
    let module = Residual {
        inner: LinearConfig::new(config.features, config.hidden).init(&device),
        outer: LinearConfig::new(config.hidden, config.features).init(&device),
    };
    BurnModule::new(module, Residual::forward).module_config(&config).class("examples>Residual")
}

/// What training and saving came to.
pub struct Outcome {
    /// Loss of the first and of the last epoch.
    pub losses: [f64; 2],
    /// Largest difference of predictions after loading the file back.
    pub difference: f64,
    /// Paths of the variables.
    pub weights: Vec<String>,
}

/// Trains a model, writes it and loads it back.
pub fn run(path: &std::path::Path, epochs: usize) -> Result<Outcome> {
    let (samples, features) = (256, 4);
    let x: Vec<f32> = (0..samples * features).map(|i| ((i * 37 % 101) as f32) / 50.0 - 1.0).collect();
    let y: Vec<f32> = x.chunks(features).map(|row| row[0] * row[1] + row[2]).collect();
    let (x, y) = (Tensor::from_vec(x, [samples, features])?, Tensor::from_vec(y, [samples, 1])?);

    let input = Input::new([features]);
    let hidden = residual(ResidualConfig::new(features, 16)).name("first").apply(&input)?;
    let hidden = residual(ResidualConfig::new(features, 16)).name("second").apply(&hidden)?;
    let model = Model::new(&input, &Dense::new(1).apply(&hidden)?)?;
    model.compile(Adam::new(1e-2), "mse", ())?;
    let history = model.fit(&x, &y, Fit::new().epochs(epochs).verbose(0))?;
    let loss = &history["loss"];

    model.save(path)?;
    let custom = CustomObjects::new().layer("examples>Residual", BurnModule::loader(residual));
    let again = keras_rs::load_model_with(path, &custom)?;
    let difference = model.predict(&x)?.sub(&again.predict(&x)?)?.abs()?.max(&[], false)?.to_scalar()?;
    let weights = again.weights().iter().map(|weight| weight.path()).collect();
    Ok(Outcome { losses: [loss[0], loss[loss.len() - 1]], difference, weights })
}

#[allow(dead_code, reason = "tests call `run`")]
fn main() -> Result<()> {
    let path =
        std::env::args().nth(1).map_or_else(|| std::env::temp_dir().join("residual.keras"), Into::into);
    let outcome = run(&path, 30)?;
    println!("loss {:.4} to {:.4}", outcome.losses[0], outcome.losses[1]);
    println!("weights: {}", outcome.weights.join(", "));
    println!("largest difference after loading: {}", outcome.difference);
    Ok(())
}
