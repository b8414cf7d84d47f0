//! Tensors without elements: operations and a model compute what real Keras does.

use crate::support::{devices, json};
use keras_rs::ops::{self, Index, PadMode, Window};
use keras_rs::{DType, Device, Result, Tensor, TensorData};
use serde_json::Value;

fn filled(shape: &[usize], value: impl Fn(usize) -> f64, dtype: DType, device: &Device) -> Tensor {
    let values: Vec<f64> = (0..shape.iter().product()).map(value).collect();
    Tensor::from_data_on(TensorData::from_f64(&values, shape.to_vec(), dtype).unwrap(), device).unwrap()
}

/// The cases of `generate.py`, by name.
fn compute(name: &str, device: &Device) -> Result<Tensor> {
    let floats = |shape: &[usize], value: f64| filled(shape, |_| value, DType::F32, device);
    let whole = |shape: &[usize]| filled(shape, |_| 0.0, DType::I32, device);
    let (rows, columns) = (floats(&[0, 3], 0.0), floats(&[2, 0], 0.0));
    let full = filled(&[2, 3], |i| i as f64, DType::F32, device);
    match name {
        "sum" => ops::sum(&columns, -1, false),
        "sum all" => ops::sum(&columns, (), false),
        "sum rows" => ops::sum(&rows, -1, false),
        "prod" => ops::prod(&columns, -1, false, None),
        "mean" => ops::mean(&columns, -1, false),
        "var" => ops::var(&columns, -1, false),
        "std" => ops::std(&columns, -1, false),
        "max" => ops::max(&columns, -1, false, None),
        "max rows" => ops::max(&rows, -1, false, None),
        "max initial" => ops::max(&columns, -1, false, 2.0),
        "min" => ops::min(&columns, -1, false, None),
        "any" => ops::any(&columns, -1, false),
        "all" => ops::all(&columns, -1, false),
        "argmax" => ops::argmax(&columns, -1, false),
        "argmax rows" => ops::argmax(&rows, -1, false),
        "count_nonzero" => ops::count_nonzero(&columns, -1),
        "cumsum" => ops::cumsum(&columns, -1, None),
        "sort" => ops::sort(&columns, -1),
        "argsort" => ops::argsort(&columns, -1),
        "top_k" => Ok(ops::top_k(&full, 0, true)?.0),
        "softmax" => ops::softmax(&columns, -1),
        "add" => ops::add(&columns, &floats(&[2, 1], 1.0)),
        "exp" => ops::exp(&columns),
        "equal" => ops::equal(&rows, &floats(&[1, 3], 0.0)),
        "where" => ops::where_(&ops::greater(&rows, &floats(&[], 0.0))?, &rows, &floats(&[], 1.0)),
        "concatenate" => ops::concatenate(&[&full, &columns], -1),
        "concatenate nothing" => ops::concatenate(&[&columns, &columns], -1),
        "stack" => ops::stack(&[&columns, &columns], 0),
        "append" => ops::append(&full, &columns, None),
        "matmul" => ops::matmul(&columns, &rows),
        "matmul rows" => ops::matmul(&rows, &floats(&[3, 2], 1.0)),
        "einsum" => ops::einsum("ij,jk->ki", &[&columns, &rows]),
        "dot" => ops::dot(&columns, &rows),
        "outer" => ops::outer(&columns, &full),
        "tensordot" => ops::tensordot(&columns, &rows, 1),
        "norm" => ops::norm(&columns, None, -1, false),
        "reshape" => ops::reshape(&columns, [0, 7]),
        "reshape open" => ops::reshape(&columns, [-1, 7]),
        "transpose" => ops::transpose(&columns, ()),
        "flip" => ops::flip(&columns, 0),
        "roll" => ops::roll(&columns, 1, 1),
        "get_item" => ops::get_item(&full, &[Index::Ellipsis, Index::from(3..)]),
        "get_item beyond" => {
            ops::get_item(&full, &[Index::from(5..), Index::Range { start: None, stop: None, step: -1 }])
        }
        "slice" => ops::slice(&full, [1, 0], [0, 3]),
        "take" => ops::take(&full, &whole(&[0]), 1),
        "take_along_axis" => ops::take_along_axis(&full, &whole(&[2, 0]), 1),
        "repeat" => ops::repeat(&full, 0, 1),
        "tile" => ops::tile(&full, [1, 0]),
        "pad" => ops::pad(&columns, &[(0, 0), (1, 1)], PadMode::Constant, None),
        "pad edge" => ops::pad(&columns, &[(0, 0), (1, 1)], PadMode::Edge, None),
        "split" => Ok(ops::split(&full, [0], 1)?.swap_remove(0)),
        "diff" => ops::diff(&full, 3, -1),
        "diagonal" => ops::diagonal(&columns, 0, 0, 1),
        "trace" => ops::trace(&columns, 0, 0, 1),
        "one_hot" => ops::one_hot(&whole(&[0]), 3, -1, None),
        "multi_hot" => ops::multi_hot(&whole(&[2, 0]), 3, -1, None),
        "conv" => ops::conv(&floats(&[0, 4, 1], 0.0), &floats(&[2, 1, 3], 1.0), Window::default()),
        "layer_normalization" => ops::layer_normalization(&rows, None, None, -1, None),
        other => panic!("{other} has no case here"),
    }
}

/// What is wrong with a result, if anything; an expected `null` is an error.
fn difference(got: Result<Tensor>, want: &Value) -> Option<String> {
    let got = match (got, want.is_null()) {
        (Err(_), true) => return None,
        (Err(error), false) => return Some(error.to_string()),
        (Ok(got), true) => return Some(format!("{got:?} in place of an error")),
        (Ok(got), false) => got,
    };
    let shape: Vec<usize> = serde_json::from_value(want["shape"].clone()).unwrap();
    let values: Vec<String> = serde_json::from_value(want["values"].clone()).unwrap();
    let values: Vec<f64> = values.iter().map(|v| v.parse().unwrap()).collect();
    let same = |(a, b): (f64, &f64)| a == *b || (a.is_nan() && b.is_nan());
    let fits = got.shape() == shape
        && got.dtype().to_string() == want["dtype"]
        && got.to_f64_vec().unwrap().into_iter().zip(&values).all(same);
    (!fits).then(|| format!("{got:?} in place of {want}"))
}

#[test]
fn operations_on_empty_tensors_are_those_of_keras() {
    let fixture = json("empty/empty.json");
    let cases = fixture["cases"].as_object().unwrap();
    assert!(cases.len() > 50);
    let mut wrong = Vec::new();
    for device in devices() {
        for (name, want) in cases {
            if let Some(difference) = difference(compute(name, &device), want) {
                wrong.push(format!("{name} on {}: {difference}", device.backend()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn models_compute_with_empty_slices() {
    let fixture = json("empty/empty.json");
    let model = keras_rs::model_from_json(&fixture["model"]["model"].to_string()).unwrap();
    let x = filled(&[2, 3, 1], |i| i as f64, DType::F32, &keras_rs::backend::default_device().unwrap());
    let outputs = model.predict_all(&x).unwrap();
    let wanted = fixture["model"]["outputs"].as_object().unwrap();
    assert_eq!(outputs.len(), wanted.len());
    for (got, (name, want)) in outputs.into_iter().zip(wanted) {
        assert_eq!(difference(Ok(got), want), None, "{name}");
    }
}
