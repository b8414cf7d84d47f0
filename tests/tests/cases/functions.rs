//! Functions of `keras.ops` that files do not name, against calls by real Keras.

use crate::linear_algebra;
use crate::support::{compare, json};
use crate::{Checked, on_backends};
use keras_rs::ops::{self, QuantileMethod, ScatterReduction, Unique};
use keras_rs::{DType, Device, GradientTape, Result, Tensor, TensorData};
use libtest_mimic::Trial;
use serde_json::Value;
use std::collections::HashMap;

const TOLERANCE: f64 = 1e-5;
const GRADIENT_TOLERANCE: f64 = 1e-4;

pub fn trials() -> Vec<Trial> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut trials = Vec::new();
    let (calls, more) = (json("ops/functions.json"), json("ops/linalg.json"));
    for call in calls.as_array().unwrap().iter().chain(more.as_array().unwrap()) {
        let function = call["function"].as_str().unwrap().to_string();
        let number = seen.entry(function.clone()).or_default();
        let name = format!("functions::{function}::{number}");
        *number += 1;
        let types = [DType::F32, DType::I32];
        if call["gradients"].is_array() {
            let call = call.clone();
            let name = name.replacen("functions", "function_gradients", 1);
            trials.extend(on_backends(&name, &types, move |device| check_gradients(&call, device)));
        }
        let call = call.clone();
        trials.extend(on_backends(&name, &types, move |device| check(&call, device)));
    }
    trials
}

/// Gradients of the sum of the results' elements, each times a number of its own, as the generator computes them.
fn check_gradients(call: &Value, device: &Device) -> Checked {
    let text = |e: keras_rs::Error| crate::support::chain(&e);
    let gradients = call["gradients"].as_array().unwrap();
    let mut tape = GradientTape::new(&[]).map_err(text)?;
    let mut tensors = Vec::new();
    for (value, gradient) in call["tensors"].as_array().unwrap().iter().zip(gradients) {
        let x = Tensor::from_data_on(data(value), device).map_err(text)?;
        tensors.push(if gradient.is_null() { x } else { tape.watch(&x).map_err(text)? });
    }
    let tensors: Vec<&Tensor> = tensors.iter().collect();
    let results = run(call["function"].as_str().unwrap(), &tensors, call["arguments"].as_array().unwrap())
        .map_err(text)?;
    for (index, (got, want)) in results.iter().zip(call["results"].as_array().unwrap()).enumerate() {
        compare(&format!("recorded result {index}"), &got.detach(), &data(want), TOLERANCE)?;
    }
    let sum = weighted(&results).map_err(text)?;
    let got = tape.gradient(&sum).map_err(text)?;
    let want = gradients.iter().filter(|gradient| !gradient.is_null());
    for (index, (got, want)) in got.iter().zip(want).enumerate() {
        let want = data(want);
        let zeros = || Tensor::full_on(want.shape(), 0.0, DType::F32, device).unwrap();
        compare(&format!("gradient {index}"), &got.clone().unwrap_or_else(zeros), &want, GRADIENT_TOLERANCE)?;
    }
    Ok(())
}

fn weighted(results: &[Tensor]) -> Result<Tensor> {
    let mut sum = Tensor::scalar(0.0_f32)?.to_device(results[0].device())?;
    for y in results.iter().filter(|y| y.dtype().is_float()) {
        let weights: Vec<f64> = (0..y.len()).map(|i| (i * 7 % 11) as f64 / 11.0).collect();
        let weights = TensorData::from_f64(&weights, y.shape().to_vec(), DType::F32)?;
        sum = sum.add(&y.mul(&Tensor::from_data_on(weights, y.device())?)?.sum(&[], false)?)?;
    }
    Ok(sum)
}

/// A tensor of the fixture.
fn data(value: &Value) -> TensorData {
    let number = |v: &Value| {
        v.as_f64()
            .or_else(|| v.as_bool().map(|b| f64::from(u8::from(b))))
            .or_else(|| v.as_str()?.parse().ok())
            .unwrap_or(f64::NAN)
    };
    let values: Vec<f64> = value["values"].as_array().unwrap().iter().map(number).collect();
    let shape = value["shape"].as_array().unwrap().iter().map(|d| d.as_u64().unwrap() as usize).collect();
    let dtype = match value["dtype"].as_str().unwrap() {
        "int64" | "int32" => DType::I32,
        "float64" | "float32" => DType::F32,
        "bool" => DType::Bool,
        other => panic!("the fixture has no {other}"),
    };
    TensorData::from_f64(&values, shape, dtype).unwrap()
}

fn check(call: &Value, device: &Device) -> Checked {
    let function = call["function"].as_str().unwrap();
    let tensors: Vec<Tensor> = call["tensors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| Tensor::from_data_on(data(value), device).unwrap())
        .collect();
    let tensors: Vec<&Tensor> = tensors.iter().collect();
    let arguments = call["arguments"].as_array().unwrap();
    let got = run(function, &tensors, arguments).map_err(|e| crate::support::chain(&e))?;
    let want = call["results"].as_array().unwrap();
    if got.len() != want.len() {
        return Err(format!("{} results, expected {}", got.len(), want.len()));
    }
    for (index, (got, want)) in got.iter().zip(want).enumerate() {
        compare(&format!("result {index}"), got, &data(want), TOLERANCE)?;
    }
    Ok(())
}

fn run(function: &str, x: &[&Tensor], a: &[Value]) -> Result<Vec<Tensor>> {
    let number = |i: usize| a[i].as_f64().unwrap();
    let whole = |i: usize| a[i].as_i64().unwrap();
    let text = |i: usize| a[i].as_str().unwrap();
    let count = |i: usize| a[i].as_u64().unwrap() as usize;
    let one = match function {
        "bitwise_and" => ops::bitwise_and(x[0], x[1]),
        "bitwise_or" => ops::bitwise_or(x[0], x[1]),
        "bitwise_xor" => ops::bitwise_xor(x[0], x[1]),
        "bitwise_left_shift" => ops::bitwise_left_shift(x[0], x[1]),
        "bitwise_right_shift" => ops::bitwise_right_shift(x[0], x[1]),
        "bitwise_not" => ops::bitwise_not(x[0]),
        "gcd" => ops::gcd(x[0], x[1]),
        "lcm" => ops::lcm(x[0], x[1]),
        "angle" => ops::angle(x[0]),
        "conj" => ops::conj(x[0]),
        "real" => ops::real(x[0]),
        "imag" => ops::imag(x[0]),
        "isreal" => ops::isreal(x[0]),
        "signbit" => ops::signbit(x[0]),
        "i0" => ops::i0(x[0]),
        "erfinv" => ops::erfinv(x[0]),
        "fmax" => ops::fmax(x[0], x[1]),
        "fmin" => ops::fmin(x[0], x[1]),
        "fmod" => ops::fmod(x[0], x[1]),
        "ldexp" => ops::ldexp(x[0], x[1]),
        "nansum" => ops::nansum(x[0], 1, false),
        "nanprod" => ops::nanprod(x[0], 1, false),
        "nanmean" => ops::nanmean(x[0], 1, false),
        "nanvar" => ops::nanvar(x[0], 1, false),
        "nanstd" => ops::nanstd(x[0], 1, false),
        "nanmax" => ops::nanmax(x[0], 1, false),
        "nanmin" => ops::nanmin(x[0], 1, false),
        "nanmedian" => ops::nanmedian(x[0], 1, false),
        "nancumsum" => ops::nancumsum(x[0], 1, None),
        "nancumprod" => ops::nancumprod(x[0], 1, None),
        "median" => ops::median(x[0], 1, false),
        "quantile" => ops::quantile(x[0], x[1], 1, QuantileMethod::try_from(text(0))?, false),
        "percentile" => ops::percentile(x[0], x[1], 1, QuantileMethod::Linear, false),
        "arange" => ops::arange(number(0), number(1), number(2), None),
        "linspace" => ops::linspace(number(0), number(1), count(2), true, None, 0),
        "logspace" => ops::logspace(number(0), number(1), count(2), true, 10.0, None, 0),
        "geomspace" => ops::geomspace(number(0), number(1), count(2), true, None, 0),
        "eye" => ops::eye(count(0), count(1), whole(2) as isize, DType::F32),
        "tri" => ops::tri(count(0), count(1), whole(2) as isize, DType::F32),
        "diag" => ops::diag(x[0], whole(0) as isize),
        "bartlett" => ops::bartlett(count(0)),
        "blackman" => ops::blackman(count(0)),
        "hamming" => ops::hamming(count(0)),
        "hanning" => ops::hanning(count(0)),
        "kaiser" => ops::kaiser(count(0), number(1)),
        "meshgrid" => return ops::meshgrid(x, text(0)),
        "vander" => ops::vander(x[0], count(0), a[1].as_bool().unwrap()),
        "kron" => ops::kron(x[0], x[1]),
        "cross" => {
            ops::cross(x[0], x[1], -1, -1, -1, a.first().and_then(Value::as_i64).map(|axis| axis as isize))
        }
        "corrcoef" => ops::corrcoef(x[0]),
        "correlate" => ops::correlate(x[0], x[1], text(0)),
        "trapezoid" => ops::trapezoid(x[0], x.get(1).copied(), 1.0, -1),
        "cdist" => ops::cdist(x[0], x[1]),
        "psnr" => ops::psnr(x[0], x[1], number(0)),
        "searchsorted" => ops::searchsorted(x[0], x[1], text(0)),
        "digitize" => ops::digitize(x[0], x[1]),
        "bincount" => ops::bincount(x[0], x.get(1).copied(), count(0)),
        "histogram" => {
            let range =
                a.get(1).and_then(Value::as_array).map(|r| (r[0].as_f64().unwrap(), r[1].as_f64().unwrap()));
            return Ok(ops::histogram(x[0], count(0), range)?.into());
        }
        "isin" => ops::isin(x[0], x[1], false),
        "nonzero" => return ops::nonzero(x[0]),
        "unravel_index" => return ops::unravel_index(x[0], &[3, 4]),
        "slice_update" => ops::slice_update(x[0], [1, 2], x[1]),
        "scatter" => ops::scatter(x[0], x[1], &[3, 2]),
        "scatter_update" => {
            let reduction = a.first().and_then(Value::as_str).map(ScatterReduction::try_from).transpose()?;
            ops::scatter_update(x[0], x[1], x[2], reduction)
        }
        "segment_sum" => ops::segment_sum(x[0], x[1], count(0)),
        "segment_prod" => ops::segment_prod(x[0], x[1], count(0)),
        "segment_max" => ops::segment_max(x[0], x[1], count(0)),
        "segment_min" => ops::segment_min(x[0], x[1], count(0)),
        "fft" => return Ok(ops::fft([x[0], x[1]])?.into()),
        "fft2" => return Ok(ops::fft2([x[0], x[1]])?.into()),
        "ifft2" => return Ok(ops::ifft2([x[0], x[1]])?.into()),
        "rfft" => return Ok(ops::rfft(x[0], a[0].as_u64().map(|n| n as usize))?.into()),
        "irfft" => ops::irfft([x[0], x[1]], a[0].as_u64().map(|n| n as usize)),
        "extract_sequences" => ops::extract_sequences(x[0], count(0), count(1)),
        "binary_crossentropy" => ops::binary_crossentropy(x[0], x[1], a[0].as_bool().unwrap()),
        "categorical_crossentropy" => ops::categorical_crossentropy(x[0], x[1], a[0].as_bool().unwrap(), -1),
        "sparse_categorical_crossentropy" => {
            ops::sparse_categorical_crossentropy(x[0], x[1], a[0].as_bool().unwrap(), -1)
        }
        "nanargmax" => ops::nanargmax(x[0], 1, false),
        "nanargmin" => ops::nanargmin(x[0], 1, false),
        "nanquantile" => ops::nanquantile(x[0], x[1], 1, QuantileMethod::Linear, false),
        "nanpercentile" => ops::nanpercentile(x[0], x[1], 1, QuantileMethod::Linear, false),
        "diagflat" => ops::diagflat(x[0], whole(0) as isize),
        "unique" => return ops::unique(x[0], unique(a)),
        "unfold" => {
            ops::unfold(x[0], count(0) as isize, count(1) as isize, count(2) as isize, count(3) as isize)
        }
        "rearrange" => ops::rearrange(x[0], text(0), &[("c", count(1))]),
        "argpartition" => ops::argpartition(x[0], whole(0) as isize, a[1].as_i64().map(|axis| axis as isize)),
        "empty_like" => ops::zeros_like(&ops::empty_like(x[0], None)?, None),
        "allclose" => ops::allclose(x[0], x[1], number(0), None, false),
        "array" => ops::array(x[0], DType::I32),
        "ndim" => ops::ndim(x[0]),
        "size" => ops::size(x[0]),
        "full" => ops::full([2, 3], x[0], DType::F32),
        "linspace_of_tensors" => {
            ops::linspace(x[0], x[1], count(0), a[1].as_bool().unwrap(), None, whole(2) as isize)
        }
        "logspace_of_tensors" => {
            ops::logspace(x[0], x[1], count(0), a[1].as_bool().unwrap(), 3.0, None, whole(2) as isize)
        }
        "geomspace_of_tensors" => {
            ops::geomspace(x[0], x[1], count(0), a[1].as_bool().unwrap(), None, whole(2) as isize)
        }
        "select" => ops::select(&x[..2], &x[2..], number(0)),
        other => return linear_algebra::run(other, x, a),
    };
    Ok(vec![one?])
}

/// The options of a call of `unique`: what to return, an axis, a size and what to fill with.
fn unique(a: &[Value]) -> Unique {
    let Some(all) = a.first() else { return Unique::new() };
    let all = all.as_bool().unwrap();
    Unique {
        return_index: all,
        return_inverse: all,
        return_counts: all,
        axis: a[1].as_i64().map(|axis| axis as isize),
        size: a[2].as_u64().map(|size| size as usize),
        fill_value: a[3].as_f64(),
    }
}
