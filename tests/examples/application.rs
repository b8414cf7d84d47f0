//! An application with arguments and weights from outside, for `tests/python/applications_all.py`.
//!
//! ```sh
//! cargo run -p keras-rs-tests --example application -- NAME ARGUMENTS WEIGHTS INPUT.npy OUTPUT.npz
//! ```
//!
//! ARGUMENTS is a JSON object of Keras' keyword arguments. The output array is `y`; what the model consists of is
//! printed as JSON.

use keras_rs::training::Predict;
use keras_rs::{Tensor, npz};
use keras_rs_applications::Application;
use keras_rs_tests::application_arguments::with_arguments;
use serde_json::{Value, json};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [name, arguments, weights, input, output] = given.as_slice() else {
        return Err("usage: application NAME ARGUMENTS WEIGHTS INPUT.npy OUTPUT.npz".into());
    };
    let arguments: Value = serde_json::from_str(arguments)?;
    let arguments = arguments.as_object().ok_or("ARGUMENTS is no JSON object")?;
    let application = with_arguments(Application::by_name(name)?, arguments)?;
    let model = application.weights(weights.as_str()).build()?;

    let x = Tensor::from_data(npz::read_npy(input)?)?;
    // As a user predicts, with the kernels of `predict`.
    let y = model.predict_with(x, Predict::new().verbose(0))?;
    npz::write(output, &[("y".to_owned(), y.to_data()?)].into())?;

    let count = |shape: &[usize]| shape.iter().product::<usize>();
    let weights: Vec<String> = model
        .weights()
        .iter()
        .map(|v| {
            let dims: Vec<String> = v.shape().iter().map(ToString::to_string).collect();
            format!("{} {}", v.path(), dims.join(","))
        })
        .collect();
    let description = json!({
        "name": model.name(),
        "layers": model.layers().iter().map(|layer| layer.name()).collect::<Vec<_>>(),
        "weights": weights,
        "total": model.count_params(),
        "trainable": model.trainable_weights().iter().map(|v| count(v.shape())).sum::<usize>(),
    });
    println!("{description}");
    Ok(())
}
