//! A Keras model in a training loop of Burn: its optimizer, its gradients, its records; then saved as a Keras file.
//!
//! Run with `cargo run --example keras_model_in_burn [FILE.keras]`.

use burn::module::Module;
use burn::tensor::Device;
use burn_optim::{AdamConfig, GradientsParams};
use keras_rs::prelude::*;

/// What training and saving came to.
pub struct Outcome {
    /// Loss of the first and of the last step.
    pub losses: [f32; 2],
    /// Largest difference between Burn's outputs and those of the saved Keras file.
    pub difference: f64,
}

/// Trains a model by Burn's Adam and writes it.
pub fn run(path: &std::path::Path, steps: usize) -> Result<Outcome> {
    let device = Device::flex();
    let samples = 256;
    let values: Vec<f32> = (0..samples * 2).map(|i| ((i * 37 % 101) as f32) / 50.0 - 1.0).collect();
    let targets: Vec<f32> = values.chunks(2).map(|row| row[0] * row[1]).collect();
    let x = burn::Tensor::<1>::from_floats(values.as_slice(), &device).reshape([samples, 2]);
    let y = burn::Tensor::<1>::from_floats(targets.as_slice(), &device).reshape([samples, 1]);

    let model = Sequential::new()
        .add(Input::new([2]))
        .add(Dense::new(32).activation("tanh"))
        .add(BatchNormalization::new())
        .add(Dense::new(1))
        .build()?;

    let mut module = model.into_module()?.train();
    let mut optimizer = AdamConfig::new().init();
    let mut losses = Vec::new();
    for _ in 0..steps {
        let predicted: burn::Tensor<2> = module.forward(x.clone())?;
        let loss = (predicted - y.clone()).square().mean();
        losses.push(loss.clone().into_scalar::<f32>());
        let gradients = GradientsParams::from_grads(loss.backward(), &module);
        module = optimizer.step(1e-2, module, gradients);
    }

    let trained: burn::Tensor<2> = module.valid().forward(x.clone())?;
    module.into_model()?.save(path)?;
    let x = Tensor::from_burn(x, Backend::Flex)?;
    let again = keras_rs::load_model(path)?.predict(&x)?;
    let difference =
        again.sub(&Tensor::from_burn(trained, Backend::Flex)?)?.abs()?.max(&[], false)?.to_scalar()?;
    Ok(Outcome { losses: [losses[0], losses[losses.len() - 1]], difference })
}

#[allow(dead_code, reason = "tests call `run`")]
fn main() -> Result<()> {
    let path = std::env::args().nth(1).map_or_else(|| std::env::temp_dir().join("product.keras"), Into::into);
    let outcome = run(&path, 200)?;
    println!("loss {:.4} to {:.4}", outcome.losses[0], outcome.losses[1]);
    println!("largest difference between Burn and the file: {}", outcome.difference);
    Ok(())
}
