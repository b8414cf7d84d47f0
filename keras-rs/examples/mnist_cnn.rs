//! A convolutional network for images of digits, trained as one trains on MNIST.
//!
//! usage: cargo run --example mnist_cnn [mnist.npz]
//!
//! `mnist.npz` is the file of `keras.datasets.mnist`, with `x_train`, `y_train`, `x_test`, `y_test`.
//! Without it, digits as on a pocket calculator are drawn, shifted and strewn with noise.

use keras_rs::prelude::*;
use keras_rs::{npz, random};

/// Numbers in [0, 1).
fn uniform(count: usize, seed: u64) -> Result<Vec<f64>> {
    let device = keras_rs::backend::default_device()?;
    random::uniform(&[count], 0.0, 1.0, DType::F64, &device, seed)?.to_vec()
}

/// The segments of each digit: top, upper left, upper right, middle, lower left, lower right, bottom.
const SEGMENTS: [&str; 10] =
    ["012456", "25", "02346", "02356", "1235", "01356", "013456", "025", "0123456", "012356"];

/// Whether a digit has ink in a cell of its 5 by 9 grid.
fn has_ink(digit: usize, row: usize, column: usize) -> bool {
    SEGMENTS[digit].chars().any(|segment| match segment {
        '0' => row == 0,
        '1' => column == 0 && row <= 4,
        '2' => column == 4 && row <= 4,
        '3' => row == 4,
        '4' => column == 0 && row >= 4,
        '5' => column == 4 && row >= 4,
        _ => row == 8,
    })
}

/// Images `(samples, 28, 28, 1)` with values in [0, 1] and their labels.
fn drawn(samples: usize, seed: u64) -> Result<Batch> {
    let noise = uniform(samples * 28 * 28, seed)?;
    let shifts = uniform(samples * 2, seed ^ 1)?;
    let mut pixels: Vec<f32> = noise.iter().map(|v| 0.3 * *v as f32).collect();
    let mut labels = Vec::with_capacity(samples);
    for sample in 0..samples {
        let digit = sample % 10;
        let (down, right) = ((shifts[2 * sample] * 5.0) as usize, (shifts[2 * sample + 1] * 7.0) as usize);
        for (row, column) in (0..18).flat_map(|row| (0..10).map(move |column| (row, column))) {
            if has_ink(digit, row / 2, column / 2) {
                pixels[(sample * 28 + 4 + down + row) * 28 + 8 + right + column] += 0.7;
            }
        }
        labels.push(digit as i32);
    }
    Ok(Batch::new(Tensor::from_vec(pixels, [samples, 28, 28, 1])?, Tensor::from_vec(labels, [samples])?))
}

/// Images and labels of a file like MNIST's.
fn read(path: &str) -> Result<(Batch, Batch)> {
    let arrays = npz::read(path)?;
    let part = |name: &str| {
        let array = |name: String| {
            let data = arrays.get(&name).cloned();
            Tensor::from_data(data.ok_or_else(|| keras_rs::Error::argument(path, name, "an array", "none"))?)
        };
        let x = array(format!("x_{name}"))?.cast(DType::F32)?.div_scalar(255.0)?.expand_dims(-1)?;
        Ok::<_, keras_rs::Error>(Batch::new(x, array(format!("y_{name}"))?))
    };
    Ok((part("train")?, part("test")?))
}

/// Trains on one batch of samples and evaluates on another.
pub fn train(training: Batch, test: Batch, epochs: usize, verbose: i32) -> Result<Logs> {
    let model = Sequential::new()
        .add(Input::new([28, 28, 1]))
        .add(Conv2D::new(16, 3).activation("relu"))
        .add(MaxPooling2D::new(2))
        .add(Conv2D::new(32, 3).activation("relu"))
        .add(MaxPooling2D::new(2))
        .add(Flatten::new())
        .add(Dropout::new(0.25))
        .add(Dense::new(10).activation("softmax"))
        .build()?;
    model.compile(Adam::new(3e-3), "sparse_categorical_crossentropy", ["accuracy"])?;
    let options = Fit::new().epochs(epochs).batch_size(32).validation_split(0.1).verbose(verbose);
    let history = model.fit(training.x, training.y, options)?;
    if verbose > 0 {
        println!("validation accuracy, epoch by epoch: {:.3?}", &history["val_accuracy"]);
    }
    model.evaluate(test.x, test.y, Evaluate::new().verbose(0))
}

/// The example at any size; the seed makes it the same every time.
pub fn run(samples: usize, epochs: usize, verbose: i32) -> Result<Logs> {
    random::set_seed(1);
    train(drawn(samples, 2)?, drawn(samples / 4, 3)?, epochs, verbose)
}

#[allow(dead_code, reason = "the tests call `run`")]
fn main() -> Result<()> {
    let logs = match std::env::args().nth(1) {
        Some(path) => {
            let (training, test) = read(&path)?;
            train(training, test, 3, 1)?
        }
        None => run(4000, 3, 1)?,
    };
    println!("test accuracy: {:.3}", logs["accuracy"]);
    Ok(())
}
