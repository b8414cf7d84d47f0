//! A model with two inputs and two outputs: numbers and words about a house give its price and kind.
//!
//! usage: cargo run --example two_inputs

use keras_rs::prelude::*;
use keras_rs::random;

const WORDS: usize = 20;
const LENGTH: usize = 6;

/// Numbers in [0, 1).
fn uniform(count: usize, seed: u64) -> Result<Vec<f64>> {
    let device = keras_rs::backend::default_device()?;
    random::uniform(&[count], 0.0, 1.0, DType::F64, &device, seed)?.to_vec()
}

/// Area and age, six words each, price and kind of houses.
fn houses(count: usize) -> Result<[Tensor; 4]> {
    let numbers = uniform(count * 2, 1)?;
    let words = uniform(count * LENGTH, 2)?;
    let words: Vec<i32> = words.iter().map(|v| (v * WORDS as f64) as i32).collect();
    let (mut price, mut kind) = (Vec::new(), Vec::new());
    for house in 0..count {
        let (area, age) = (numbers[2 * house], numbers[2 * house + 1]);
        let kinds = words[house * LENGTH..][..LENGTH].iter().filter(|&&word| word < 5).count();
        price.push((2.0 * area - age + 0.2 * kinds as f64) as f32);
        kind.push(kinds.min(2) as i32);
    }
    let numbers: Vec<f32> = numbers.iter().map(|v| *v as f32).collect();
    Ok([
        Tensor::from_vec(numbers, [count, 2])?,
        Tensor::from_vec(words, [count, LENGTH])?,
        Tensor::from_vec(price, [count, 1])?,
        Tensor::from_vec(kind, [count])?,
    ])
}

/// Ends the training once the price is known well enough.
#[derive(Debug)]
struct GoodEnough(f64);

impl Callback for GoodEnough {
    fn on_epoch_end(&mut self, _epoch: usize, logs: &mut Logs, training: &mut Training) -> Result<()> {
        if logs["price_mae"] < self.0 {
            training.stop_training();
        }
        Ok(())
    }

    fn uses_batch_logs(&self) -> bool {
        false
    }
}

/// The example at any size; the seed makes it the same every time.
pub fn run(samples: usize, epochs: usize, verbose: i32) -> Result<History> {
    random::set_seed(1);
    let numbers = Input::new([2]).name("numbers");
    let words = Input::new([LENGTH]).dtype(DType::I32).name("words");
    let seen = Embedding::new(WORDS, 8).apply(&words)?;
    let seen = GlobalAveragePooling1D::new().apply(&seen)?;
    let both = Concatenate::new().apply((&numbers, &seen))?;
    let both = Dense::new(32).activation("relu").apply(&both)?;
    let price = Dense::new(1).name("price").apply(&both)?;
    let kind = Dense::new(3).activation("softmax").name("kind").apply(&both)?;
    let model = Model::new([&numbers, &words], [&price, &kind])?;

    model.compile_with(
        Compile::new()
            .optimizer(Adam::new(1e-2))
            .loss([("price", "mse"), ("kind", "sparse_categorical_crossentropy")])
            .loss_weights([("price", 1.0), ("kind", 0.5)])
            .metrics([("price", "mae"), ("kind", "accuracy")]),
    )?;
    let [x_numbers, x_words, y_price, y_kind] = houses(samples)?;
    model.fit(
        [("numbers", &x_numbers), ("words", &x_words)],
        [("price", &y_price), ("kind", &y_kind)],
        Fit::new().epochs(epochs).validation_split(0.2).callback(GoodEnough(0.02)).verbose(verbose),
    )
}

#[allow(dead_code, reason = "the tests call `run`")]
fn main() -> Result<()> {
    let history = run(2000, 20, 2)?;
    println!("mean error of the price: {:.3}", history["val_price_mae"].last().unwrap_or(&f64::NAN));
    println!("accuracy of the kind: {:.3}", history["val_kind_accuracy"].last().unwrap_or(&f64::NAN));
    Ok(())
}
