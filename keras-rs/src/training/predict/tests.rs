//! Every form of data, and the arguments.

#![allow(clippy::unwrap_used, clippy::panic)]

use crate::data::npz;
use crate::prelude::*;
use crate::{Result, TensorData};
use indexmap::IndexMap;
use ndarray::{Array2, Array3, ArrayD, array};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The sum of each row, of each sample.
fn sums() -> Model {
    Sequential::new().add(Input::new([2])).add(Dense::new(1).kernel_initializer("ones")).build().unwrap()
}

/// Ten times the sum of `image`, `(2, 2)`, and the sum of `words`, `(3)`.
fn two_inputs() -> Model {
    let image = Input::new([2, 2]).name("image");
    let words = Input::new([3]).name("words");
    let dense = |name: &str| Dense::new(1).kernel_initializer("ones").name(name);
    let a = dense("a").apply(Flatten::new().apply(&image).unwrap()).unwrap();
    let b = dense("b").apply(&words).unwrap();
    Model::new([&image, &words], (&(&a * 10.0).unwrap() + &b).unwrap()).unwrap()
}

fn numbers(y: Result<Tensor>) -> Vec<f64> {
    y.unwrap().to_f64_vec().unwrap()
}

#[test]
fn one_input_in_every_form() {
    let model = sums();
    let expected = [3.0, 7.0, 11.0];
    let x = array![[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]];
    // `array!` of numbers without a suffix is of `f64`.
    let doubles: Array2<f64> = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
    let integers = array![[1_i64, 2], [3, 4], [5, 6]];
    let tensor = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).unwrap();
    assert_eq!(numbers(model.predict(&x)), expected);
    assert_eq!(numbers(model.predict(x.clone())), expected);
    assert_eq!(numbers(model.predict(x.view())), expected);
    assert_eq!(numbers(model.predict(x.slice(ndarray::s![1.., ..]))), expected[1..]);
    assert_eq!(numbers(model.predict(x.clone().into_dyn())), expected);
    assert_eq!(numbers(model.predict(&doubles)), expected);
    assert_eq!(numbers(model.predict(&integers)), expected);
    assert_eq!(numbers(model.predict(&tensor)), expected);
    assert_eq!(numbers(model.predict(vec![&tensor])), expected);
    assert_eq!(numbers(model.predict([("anything", &tensor)])), expected);
    assert_eq!(numbers(model.predict([("anything", &x)])), expected);
    assert_eq!(numbers(model.predict(tensor.to_data().unwrap())), expected);
    assert_eq!(numbers(model.predict_on_batch(&x).map(|mut y| y.remove(0))), expected);
}

#[test]
fn several_inputs_in_every_form() {
    let model = two_inputs();
    let image: Array3<f32> = array![[[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 1.0]]];
    let words: Array2<f64> = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    let expected = [106.0, 25.0];
    let tensors = (Tensor::from_ndarray(&image).unwrap(), Tensor::from_ndarray(&words).unwrap());
    let (a, b) = (&tensors.0, &tensors.1);
    // Tensors: in order, by name.
    assert_eq!(numbers(model.predict([a, b])), expected);
    assert_eq!(numbers(model.predict((a, b))), expected);
    assert_eq!(numbers(model.predict(vec![a, b])), expected);
    assert_eq!(numbers(model.predict(&[a, b][..])), expected);
    assert_eq!(numbers(model.predict([("words", b), ("image", a)])), expected);
    assert_eq!(numbers(model.predict(vec![("words", b), ("image", a)])), expected);
    assert_eq!(numbers(model.predict(vec![("words", b.clone()), ("image", a.clone())])), expected);
    assert_eq!(numbers(model.predict(HashMap::from([("words", b), ("image", a)]))), expected);
    // Arrays of different numbers of axes and types, and of one.
    assert_eq!(numbers(model.predict((&image, &words))), expected);
    assert_eq!(numbers(model.predict((image.clone(), words.clone()))), expected);
    assert_eq!(numbers(model.predict((("words", &words), ("image", &image)))), expected);
    let dynamic: [ArrayD<f32>; 2] = [image.clone().into_dyn(), words.mapv(|v| v as f32).into_dyn()];
    assert_eq!(numbers(model.predict([&dynamic[0], &dynamic[1]])), expected);
    assert_eq!(numbers(model.predict([("words", &dynamic[1]), ("image", &dynamic[0])])), expected);
    assert_eq!(numbers(model.predict(dynamic.to_vec())), expected);
    assert_eq!(numbers(model.predict(dynamic)), expected);
}

#[test]
fn arrays_of_files() {
    let model = two_inputs();
    let path = std::env::temp_dir().join(format!("keras-rs-predict-{}.npz", std::process::id()));
    let data = |shape: [usize; 2]| Tensor::ones(shape, DType::F32).unwrap();
    let written = IndexMap::from([
        ("words".to_string(), data([2, 3]).to_data().unwrap()),
        ("image".to_string(), data([2, 4]).reshape([2, 2, 2]).unwrap().to_data().unwrap()),
    ]);
    npz::write(&path, &written).unwrap();
    let arrays: IndexMap<String, TensorData> = npz::read(&path).unwrap();
    std::fs::remove_file(&path).ok();
    let (image, words) = (&arrays["image"], &arrays["words"]);
    let expected = [43.0, 43.0];
    assert_eq!(numbers(model.predict(&arrays)), expected);
    assert_eq!(numbers(model.predict((image, words))), expected);
    assert_eq!(numbers(model.predict([image, words])), expected);
    assert_eq!(numbers(model.predict(vec![image.clone(), words.clone()])), expected);
    assert_eq!(numbers(model.predict([("words", words), ("image", image)])), expected);
    assert_eq!(numbers(model.predict((("words", words), ("image", image)))), expected);
    let options = Predict::new().batch_size(1).verbose(0);
    assert_eq!(numbers(model.predict_with(arrays, options)), expected);
}

#[test]
fn training_takes_the_same_forms() {
    let model = two_inputs();
    model.compile("sgd", "mse", ()).unwrap();
    let image: Array3<f32> = Array3::ones([4, 2, 2]);
    let (words, y): (Array2<f64>, Array2<f64>) = (Array2::ones([4, 3]), Array2::zeros([4, 1]));
    let weights = array![1.0_f32, 0.0, 1.0, 0.5];
    let options = Fit::new().epochs(2).verbose(0).sample_weight(&weights);
    let history =
        model.fit((("words", &words), ("image", &image)), &y, options.validation_data((&image, &words), &y));
    assert_eq!(history.unwrap()["val_loss"].len(), 2);
    let evaluated =
        model.evaluate((&image, &words), &y, Evaluate::new().verbose(0).sample_weight(&weights)).unwrap();
    assert!(evaluated["loss"].is_finite());
}

#[test]
fn batches_are_of_the_size_that_is_asked_for() {
    let model = sums();
    let x = Array2::<f32>::ones([5, 2]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    let watch = crate::callbacks::LambdaCallback::new().on_predict_batch_end(move |_, outputs, _| {
        noted.lock().unwrap().push(outputs[0].shape()[0]);
        Ok(())
    });
    let options = Predict::new().batch_size(2).verbose(0).callback(watch);
    assert_eq!(model.predict_with(&x, options).unwrap().shape(), [5, 1]);
    assert_eq!(*seen.lock().unwrap(), [2, 2, 1]);
    for verbose in [0, 1, 2] {
        assert_eq!(model.predict_with(&x, Predict::new().verbose(verbose)).unwrap().shape(), [5, 1]);
    }
    let refused = |options: Predict<'_>| model.predict_with(&x, options).unwrap_err().to_string();
    assert!(refused(Predict::new().batch_size(0)).contains("batch_size"));
    assert!(refused(Predict::new().verbose(7)).contains("verbose"));
    assert!(model.predict_batches(&x, 0).unwrap_err().to_string().contains("batch_size"));
}

#[test]
fn wrong_data_is_refused_by_name() {
    let model = two_inputs();
    let (image, words) = (Array3::<f32>::ones([2, 2, 2]), Array2::<f32>::ones([2, 3]));
    let refused = |y: Result<Tensor>| y.unwrap_err().to_string();
    let text = refused(model.predict((("image", &image), ("word", &words))));
    assert!(text.contains("word") && text.contains("words"), "{text}");
    assert!(refused(model.predict([("image", &image)])).contains("words"));
    assert!(refused(model.predict(&image)).contains("inputs"));
    let three = Array2::<f32>::ones([3, 3]);
    assert!(refused(model.predict((&image, &three))).contains("2 samples"));
}
