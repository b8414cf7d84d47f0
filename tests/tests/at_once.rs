//! What the CPU computes at once in `float32`, all steps of a recurrent layer and attention without all scores, beside
//! the same in `float64`, step by step and with all scores.

use keras_rs::ops::Attention;
use keras_rs::prelude::*;
use keras_rs::{GradientTape, ops};

/// Numbers up to one; with zeros for the whole first steps of some samples.
fn sequence(shape: [usize; 3]) -> Tensor {
    let [batch, steps, features] = shape;
    let number = |i: usize| {
        let (sample, step) = (i / (steps * features), i / features % steps);
        if step < sample { 0.0 } else { (i as f32 * 0.7 + 0.3).sin() }
    };
    Tensor::from_vec((0..batch * steps * features).map(number).collect(), shape).unwrap()
}

fn numbers(shape: [usize; 4], step: f32) -> Tensor {
    Tensor::from_vec((0..shape.iter().product()).map(|i: usize| (i as f32 * step).sin()).collect(), shape)
        .unwrap()
}

fn near(got: &Tensor, expected: &Tensor, tolerance: f64, what: &str) {
    assert_eq!(got.shape(), expected.shape(), "{what}");
    let values = |x: &Tensor| x.cast(DType::F64).unwrap().to_vec::<f64>().unwrap();
    let finite = values(expected).into_iter().filter(|x| x.is_finite());
    let scale = finite.fold(1.0, |a: f64, b| a.max(b.abs()));
    for (a, b) in values(got).into_iter().zip(values(expected)) {
        let same = a == b || (a.is_nan() && b.is_nan());
        assert!(same || (a - b).abs() <= tolerance * scale, "{what}: {a} is not {b}");
    }
}

/// The sum of the squares of all outputs.
fn loss(outputs: &[Tensor]) -> Tensor {
    let squares = outputs.iter().map(|y| y.mul(y).unwrap().sum(&[], false).unwrap());
    squares.reduce(|a, b| a.add(&b).unwrap()).unwrap()
}

/// Outputs, and the gradients of weights and input.
fn passed(model: &Model, x: &Tensor) -> [Vec<Tensor>; 2] {
    let mut tape = GradientTape::new(&model.trainable_weights()).unwrap();
    let x = tape.watch(x).unwrap();
    let outputs = model.call_with(&[x], tape.pass()).unwrap();
    let gradients = tape.gradient(&loss(&outputs)).unwrap();
    [outputs, gradients.into_iter().map(Option::unwrap).collect()]
}

fn model(dtype: &str, with_mask: bool, layer: LayerRef) -> Model {
    let x = Input::new([5, 3]).dtype(dtype.parse::<DType>().unwrap());
    let outputs = if with_mask {
        layer.apply_many(Masking::new().dtype(dtype).apply(&x).unwrap()).unwrap()
    } else {
        layer.apply_many(&x).unwrap()
    };
    Model::new([&x], outputs.iter().collect::<Vec<_>>()).unwrap()
}

#[test]
fn all_steps_of_recurrent_layers() {
    let simple = |activation: &'static str| {
        move |dtype: &str| -> [LayerRef; 2] {
            let layer = || SimpleRNN::new(6).activation(activation).dtype(dtype).return_state(true);
            let other = layer().return_sequences(true).go_backwards(true).zero_output_for_mask(true);
            [layer().shared(), other.shared()]
        }
    };
    let lstm = |dtype: &str| {
        let layer = || LSTM::new(6).dtype(dtype).return_state(true);
        [
            layer().return_sequences(true).shared(),
            layer().go_backwards(true).zero_output_for_mask(true).shared(),
        ]
    };
    let gru = |dtype: &str| {
        let layer = || GRU::new(6).dtype(dtype).return_state(true);
        [
            layer().return_sequences(true).shared(),
            layer().go_backwards(true).zero_output_for_mask(true).shared(),
        ]
    };
    let kinds: [(&str, Box<dyn Fn(&str) -> [LayerRef; 2]>); 6] = [
        ("tanh", Box::new(simple("tanh"))),
        ("relu", Box::new(simple("relu"))),
        ("linear", Box::new(simple("linear"))),
        ("sigmoid", Box::new(simple("sigmoid"))),
        ("LSTM", Box::new(lstm)),
        ("GRU", Box::new(gru)),
    ];
    // Whole steps that nobody counts in, and some that part of the samples counts in.
    let x = sequence([6, 5, 3]);
    for (name, layers) in kinds {
        for (i, with_mask) in [(0, false), (0, true), (1, false), (1, true)] {
            let [single, double] =
                ["float32", "float64"].map(|dtype| model(dtype, with_mask, layers(dtype)[i].clone()));
            for (to, from) in double.weights().iter().zip(single.weights()) {
                to.assign(&from.value().unwrap().cast(DType::F64).unwrap()).unwrap();
            }
            let [outputs, gradients] = passed(&single, &x);
            let [expected, exact] = passed(&double, &x.cast(DType::F64).unwrap());
            let what = format!("{name} {i} {with_mask}");
            outputs.iter().zip(&expected).for_each(|(a, b)| near(a, b, 1e-5, &what));
            assert_eq!(gradients.len(), exact.len());
            gradients.iter().zip(&exact).for_each(|(a, b)| near(a, b, 1e-4, &what));
        }
    }
}

#[test]
fn attention_without_all_scores() {
    let (queries, keys) = (7, 9);
    let mask = |shape: [usize; 4]| {
        // The second query sees nothing.
        let size = shape[3];
        let seen = |i: usize| i % 3 != 1 && (shape[2] == 1 || i / size % shape[2] != 1);
        Tensor::from_vec((0..shape.iter().product()).map(seen).collect::<Vec<bool>>(), shape).unwrap()
    };
    let masks = [
        None,
        Some(mask([2, 1, 1, keys])),
        Some(mask([2, 4, queries, keys])),
        Some(mask([1, 1, queries, 1])),
    ];
    for key_heads in [1, 2, 4] {
        let q = numbers([2, queries, 4, 5], 0.37);
        let (k, v) = (numbers([2, keys, key_heads, 5], 0.73), numbers([2, keys, key_heads, 3], 1.1));
        for (mask, is_causal) in masks.iter().flat_map(|mask| [(mask, false), (mask, true)]) {
            let run = |dtype: DType| {
                let mut tape = GradientTape::new(&[]).unwrap();
                let all = [&q, &k, &v].map(|x| tape.watch(&x.cast(dtype).unwrap()).unwrap());
                let mut options = Attention::new().is_causal(is_causal);
                options.mask = mask.as_ref();
                let y = ops::dot_product_attention(&all[0], &all[1], &all[2], options).unwrap();
                let gradients = tape.gradient(&loss(std::slice::from_ref(&y))).unwrap();
                (y, gradients.into_iter().map(Option::unwrap).collect::<Vec<_>>())
            };
            let ((y, gradients), (expected, exact)) = (run(DType::F32), run(DType::F64));
            let what = format!("{key_heads} {is_causal} {:?}", mask.as_ref().map(Tensor::shape));
            near(&y, &expected, 1e-5, &what);
            gradients.iter().zip(&exact).for_each(|(a, b)| near(a, b, 1e-4, &what));
        }
    }
}

#[test]
fn attention_to_numbers_that_are_not_finite() {
    let [q, k, v] = [0.37, 0.73, 1.1].map(|step| numbers([1, 6, 2, 3], step));
    let with = |x: &Tensor, at: usize, number: f32| {
        let mut values = x.to_vec::<f32>().unwrap();
        values[at] = number;
        Tensor::from_vec(values, [1, 6, 2, 3]).unwrap()
    };
    for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for [q, k, v] in [
            [with(&q, 1, number), k.clone(), v.clone()],
            [q.clone(), with(&k, 30, number), v.clone()],
            [q.clone(), k.clone(), with(&v, 30, number)],
        ] {
            let run = |dtype: DType| {
                let [q, k, v] = [&q, &k, &v].map(|x| x.cast(dtype).unwrap());
                ops::dot_product_attention(&q, &k, &v, Attention::new().is_causal(true)).unwrap()
            };
            near(&run(DType::F32), &run(DType::F64), 1e-5, &number.to_string());
        }
    }
}
