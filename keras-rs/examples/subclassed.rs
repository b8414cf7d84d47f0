//! A model that a user wrote: a loop in its `call`, layers in its fields. It is trained, saved, loaded back, and
//! opened by real Keras with a Python class of the same name (`tests/python/subclassed.py`).
//!
//! Run with `cargo run --example subclassed [FILE.keras]`.

use keras_rs::prelude::*;

/// Refines a state in `steps` rounds of one shared layer, each added to the last.
#[derive(Clone, Debug, KerasConfig)]
#[keras(package = "examples")]
struct Refiner {
    base: LayerBase,
    /// Size of the state; at least one.
    #[keras(new)]
    units: usize,
    /// Number of rounds.
    #[keras(new)]
    steps: usize,
    #[keras(skip = Dense::new(units).activation("tanh").name("encode").shared())]
    encode: LayerRef,
    #[keras(skip = Dense::new(units).activation("tanh").name("refine").shared())]
    refine: LayerRef,
    #[keras(skip = Dense::new(1).name("decode").shared())]
    decode: LayerRef,
}

impl Layer for Refiner {
    fn role(&self) -> Role {
        Role::Model
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let mut state = context.apply(&self.encode, inputs.into_single()?)?;
        for _ in 0..self.steps {
            state = state.add(&context.apply(&self.refine, &state)?)?;
        }
        Ok(context.apply(&self.decode, state)?.into())
    }
}

/// What training and saving came to.
pub struct Outcome {
    /// Loss of the first and of the last epoch.
    pub losses: [f64; 2],
    /// Largest difference of predictions after loading the file back.
    pub difference: f64,
    /// Number of values in the weights.
    pub params: usize,
}

/// Trains a model, writes it and loads it back.
pub fn run(path: &std::path::Path, epochs: usize) -> Result<Outcome> {
    let (samples, features) = (256, 4);
    let x: Vec<f32> = (0..samples * features).map(|i| ((i * 37 % 101) as f32) / 50.0 - 1.0).collect();
    let y: Vec<f32> = x.chunks(features).map(|row| row[0] * row[1] + row[2]).collect();
    let (x, y) = (Tensor::from_vec(x, [samples, features])?, Tensor::from_vec(y, [samples, 1])?);

    let model = Model::subclassed(Refiner::new(8, 3));
    model.compile(Adam::new(1e-2), "mse", ())?;
    let history = model.fit(&x, &y, Fit::new().epochs(epochs).verbose(0))?;
    let loss = &history["loss"];

    model.save(path)?;
    let custom = CustomObjects::new().layer("examples>Refiner", Refiner::from_config);
    let again = keras_rs::load_model_with(path, &custom)?;
    let difference = model.predict(&x)?.sub(&again.predict(&x)?)?.abs()?.max(&[], false)?.to_scalar()?;
    Ok(Outcome { losses: [loss[0], loss[loss.len() - 1]], difference, params: again.count_params() })
}

#[allow(dead_code, reason = "tests call `run`")]
fn main() -> Result<()> {
    let path = std::env::args().nth(1).map_or_else(|| std::env::temp_dir().join("refiner.keras"), Into::into);
    let outcome = run(&path, 30)?;
    println!("loss {:.4} to {:.4}, {} parameters", outcome.losses[0], outcome.losses[1], outcome.params);
    println!("largest difference after loading: {}", outcome.difference);
    Ok(())
}
