//! Transfer learning: a frozen DenseNet121 with a new head.
//!
//! usage: cargo run --example transfer_learning [imagenet]
//!
//! With `imagenet` the published weights are used (downloaded once); without it random ones, which
//! shows the mechanics quickly.

use keras_rs::prelude::*;
use keras_rs::random;
use keras_rs_applications::{DenseNet121, Error};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Numbers in [0, 1).
fn uniform(count: usize, seed: u64) -> Result<Vec<f64>> {
    let device = keras_rs::backend::default_device()?;
    Ok(random::uniform(&[count], 0.0, 1.0, DType::F64, &device, seed)?.to_vec()?)
}

/// Images of two kinds: bright at the top, or bright at the bottom.
fn images(count: usize, size: usize) -> Result<Batch> {
    let noise = uniform(count * size * size * 3, 1)?;
    let mut pixels: Vec<f32> = noise.iter().map(|v| *v as f32).collect();
    let rows = pixels.chunks_mut(size * 3).enumerate();
    for (i, row) in rows {
        let (sample, at) = (i / size, i % size);
        if (at < size / 2) == (sample % 2 == 0) {
            row.iter_mut().for_each(|pixel| *pixel += 1.0);
        }
    }
    let labels: Vec<f32> = (0..count).map(|i| (i % 2) as f32).collect();
    let x = Tensor::from_vec(pixels, [count, size, size, 3])?;
    Ok(Batch::new(x, Tensor::from_vec(labels, [count, 1])?))
}

/// What a run shows.
pub struct Outcome {
    /// Loss of every epoch with the base frozen.
    pub losses: Vec<f64>,
    /// Whether the base's weights stayed as they were.
    pub base_is_unchanged: bool,
    /// Numbers of values that were trained, and of all.
    pub trained: (usize, usize),
}

/// The example at any size.
pub fn run(weights: &str, samples: usize, size: usize, epochs: usize, verbose: i32) -> Result<Outcome> {
    random::set_seed(1);
    let base = DenseNet121::new()
        .include_top(false)
        .pooling("avg")
        .input_shape([size, size, 3])
        .weights(weights)
        .build()?;
    base.set_trainable(false);
    let image = Input::new([size, size, 3]);
    let features = base.apply(&image)?;
    let y = Dense::new(1).activation("sigmoid").name("head").apply(&features)?;
    let model = Model::new(&image, &y)?;
    model.compile(Adam::new(1e-2), "binary_crossentropy", ["accuracy"])?;

    let before: Vec<f64> = checksums(&base)?;
    let data = images(samples, size)?;
    let history = model.fit(data.x, data.y, Fit::new().epochs(epochs).batch_size(8).verbose(verbose))?;
    let trained = model.trainable_weights().iter().map(|v| v.shape().iter().product::<usize>()).sum();
    Ok(Outcome {
        losses: history["loss"].to_vec(),
        base_is_unchanged: checksums(&base)? == before,
        trained: (trained, model.count_params()),
    })
}

fn checksums(model: &Model) -> Result<Vec<f64>> {
    let sum = |v: Variable| Ok(v.value().map_err(Error::from)?.sum(&[], false)?.to_scalar()?);
    model.weights().into_iter().map(sum).collect()
}

#[allow(dead_code, reason = "the tests call `run`")]
fn main() -> Result<()> {
    let weights = std::env::args().nth(1).unwrap_or_else(|| "none".into());
    let outcome = run(&weights, 64, 64, 5, 2)?;
    let (trained, all) = outcome.trained;
    println!("trained {trained} of {all} values; losses {:.3?}", outcome.losses);
    Ok(())
}
