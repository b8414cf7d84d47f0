//! Times forward passes and training steps on one batch. Reads lines `CASE forward|train SECONDS` and answers each
//! with a line of JSON; `benches/rivals/README.md` has the cases.

use keras_rs::Result;
use keras_rs::data::Batch;
use keras_rs::losses::{BinaryCrossentropy, SparseCategoricalCrossentropy};
use keras_rs::optimizers::Adam;
use keras_rs::prelude::*;
use std::collections::HashMap;
use std::io::BufRead;
use std::time::{Duration, Instant};

const LEAST_STEPS: usize = 5;
const WARM: usize = 3;

/// A compiled model and a batch for it, as the rivals' scripts have them.
fn prepare(case: &str) -> Result<(Model, Batch)> {
    let logits = SparseCategoricalCrossentropy::new().from_logits(true);
    let tokens =
        || Sequential::new().add(Input::new([200]).dtype(DType::I32)).add(Embedding::new(10_000, 64));
    let binary = |model: Sequential| -> Result<(Model, Batch)> {
        let model = model.add(Dense::new(1).activation("sigmoid")).build()?;
        model.compile(Adam::new(1e-3), BinaryCrossentropy::new(), ())?;
        let x = (0..32 * 200).map(|i| i * 7919 % 10_000).collect();
        let y = (0..32).map(|i| (i % 2) as f32).collect();
        Ok((model, Batch::new(Tensor::from_vec::<i32>(x, [32, 200])?, Tensor::from_vec(y, [32, 1])?)))
    };
    let (model, shape): (Model, &[usize]) = match case {
        "lstm" => return binary(tokens().add(LSTM::new(64))),
        "gru" => return binary(tokens().add(GRU::new(64))),
        "mha" => {
            let x = Input::new([128, 256]);
            let y = MultiHeadAttention::new(8, 64).apply([&x, &x])?;
            let y = Dense::new(10).apply(&GlobalAveragePooling1D::new().apply(&y)?)?;
            (Model::new(&x, &y)?, &[32, 128, 256])
        }
        "mlp" => {
            let model = Sequential::new()
                .add(Input::new([784]))
                .add(Dense::new(512).activation("relu"))
                .add(Dense::new(512).activation("relu"))
                .add(Dense::new(10));
            (model.build()?, &[128, 784])
        }
        _ => {
            let model = Sequential::new()
                .add(Input::new([28, 28, 1]))
                .add(Conv2D::new(32, 3).activation("relu"))
                .add(MaxPooling2D::new(2))
                .add(Conv2D::new(64, 3).activation("relu"))
                .add(MaxPooling2D::new(2))
                .add(Flatten::new())
                .add(Dense::new(10));
            (model.build()?, &[128, 28, 28, 1])
        }
    };
    model.compile(Adam::new(1e-3), logits, ())?;
    let x: Vec<f32> = (0..shape.iter().product()).map(|i: usize| (i as f32 * 0.37).sin().abs()).collect();
    let y: Vec<i32> = (0..shape[0]).map(|i| (i % 10) as i32).collect();
    Ok((model, Batch::new(Tensor::from_vec(x, shape)?, Tensor::from_vec(y, [shape[0]])?)))
}

fn step(model: &Model, batch: &Batch, kind: &str) -> Result<()> {
    if kind == "train" {
        model.train_on_batch(batch)?;
    } else {
        // The backends compute at once: what comes back is there.
        model.predict_on_batch(batch.x.clone())?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let mut ready: HashMap<String, (Model, Batch)> = HashMap::new();
    for line in std::io::stdin().lock().lines().map_while(std::io::Result::ok) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[case, kind, seconds] = words.as_slice() else { continue };
        let key = format!("{case} {kind}");
        if !ready.contains_key(&key) {
            let (model, batch) = prepare(case)?;
            for _ in 0..WARM {
                step(&model, &batch, kind)?;
            }
            ready.insert(key.clone(), (model, batch));
        }
        let (model, batch) = &ready[&key];
        let end = Instant::now() + Duration::from_secs_f64(seconds.parse().unwrap_or(0.0));
        let mut took = Vec::new();
        while Instant::now() < end || took.len() < LEAST_STEPS {
            let start = Instant::now();
            step(model, batch, kind)?;
            took.push(start.elapsed().as_secs_f64() * 1e3);
        }
        took.sort_by(f64::total_cmp);
        let median = took[took.len() / 2];
        println!("{}", serde_json::json!({ "min_ms": took[0], "median_ms": median, "steps": took.len() }));
    }
    Ok(())
}
