//! Time of one `train_on_batch` on one batch, over and over. Prints one line of JSON.
//!
//! usage: train_step [MODEL...]     (mlp, cnn; all without arguments)

use keras_rs::Result;
use keras_rs::data::Batch;
use keras_rs::losses::SparseCategoricalCrossentropy;
use keras_rs::optimizers::Adam;
use keras_rs::prelude::*;
use std::time::Instant;

const BATCH: usize = 128;
const STEPS: usize = 60;

/// The networks of the table in the design, as the rivals' scripts have them.
fn model(name: &str) -> Result<(Model, Vec<usize>)> {
    match name {
        "mlp" => {
            let model = Sequential::new()
                .add(Input::new([784]))
                .add(Dense::new(512).activation("relu"))
                .add(Dense::new(512).activation("relu"))
                .add(Dense::new(10))
                .build()?;
            Ok((model, vec![784]))
        }
        _ => {
            let model = Sequential::new()
                .add(Input::new([28, 28, 1]))
                .add(Conv2D::new(32, 3).activation("relu"))
                .add(MaxPooling2D::new(2))
                .add(Conv2D::new(64, 3).activation("relu"))
                .add(MaxPooling2D::new(2))
                .add(Flatten::new())
                .add(Dense::new(10))
                .build()?;
            Ok((model, vec![28, 28, 1]))
        }
    }
}

/// Milliseconds of each step of one epoch, after as many that warm up.
fn measure(name: &str) -> Result<Vec<f64>> {
    let (model, shape) = model(name)?;
    let loss = SparseCategoricalCrossentropy::new().from_logits(true);
    model.compile(Adam::new(1e-3), loss, ())?;
    let mut dims = vec![BATCH];
    dims.extend(&shape);
    let count: usize = dims.iter().product();
    let x: Vec<f32> = (0..count).map(|i| (i as f32 * 0.37).sin().abs()).collect();
    let y: Vec<i32> = (0..BATCH).map(|i| (i % 10) as i32).collect();
    let batch = Batch::new(Tensor::from_vec(x, dims)?, Tensor::from_vec(y, [BATCH])?);
    let mut times = Vec::with_capacity(STEPS);
    // The first round warms up.
    for _ in 0..2 {
        times.clear();
        for _ in 0..STEPS {
            let start = Instant::now();
            model.train_on_batch(&batch)?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

fn main() -> Result<()> {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    if names.is_empty() {
        names = ["mlp", "cnn"].map(String::from).into();
    }
    let mut results = serde_json::Map::new();
    for name in names {
        let times = measure(&name)?;
        results.insert(name, serde_json::json!({ "min_ms": times[0], "median_ms": times[times.len() / 2] }));
    }
    println!("{}", serde_json::Value::Object(results));
    Ok(())
}
