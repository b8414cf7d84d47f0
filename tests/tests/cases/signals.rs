//! Convolutions, cross-entropies, Fourier transforms of windows and connectionist temporal classification against calls by
//! real Keras, with gradients.

use crate::support::{compare, json};
use crate::{Checked, ensure, on_backends};
use keras_rs::ops::{self, CtcDecoding, CtcStrategy, DataFormat, Integers, Padding, SignalWindow, Window};
use keras_rs::{DType, Device, GradientTape, Result, Tensor, TensorData};
use libtest_mimic::Trial;
use serde_json::Value;
use std::collections::HashMap;

const TOLERANCE: f64 = 1e-5;
const GRADIENT_TOLERANCE: f64 = 1e-4;

pub fn trials() -> Vec<Trial> {
    let calls = json("ops/signals.json");
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut trials = Vec::new();
    for call in calls.as_array().unwrap() {
        let function = call["function"].as_str().unwrap().to_string();
        let number = seen.entry(function.clone()).or_default();
        let name = format!("signals::{function}::{number}");
        *number += 1;
        let dtypes: Vec<DType> =
            call["tensors"].as_array().unwrap().iter().map(|tensor| dtype(&tensor["dtype"])).collect();
        let call = call.clone();
        trials.extend(on_backends(&name, &dtypes, move |device| check(&call, device)));
    }
    trials
}

fn dtype(name: &Value) -> DType {
    name.as_str().unwrap().parse().unwrap()
}

fn data(value: &Value) -> TensorData {
    let number = |v: &Value| v.as_f64().or_else(|| v.as_str()?.parse().ok()).unwrap_or(f64::NAN);
    let values: Vec<f64> = value["values"].as_array().unwrap().iter().map(number).collect();
    let shape = value["shape"].as_array().unwrap().iter().map(|d| d.as_u64().unwrap() as usize).collect();
    TensorData::from_f64(&values, shape, dtype(&value["dtype"])).unwrap()
}

/// The sum of the outputs' elements, each times a number of its own.
fn weighted(outputs: &[Tensor]) -> Result<Option<Tensor>> {
    let mut sum: Option<Tensor> = None;
    for y in outputs.iter().filter(|y| y.dtype().is_float()) {
        let weights: Vec<f64> = (0..y.len()).map(|i| ((i * 37 + 11) % 101) as f64 / 101.0).collect();
        let weights =
            Tensor::from_data_on(TensorData::from_f64(&weights, y.shape().to_vec(), y.dtype())?, y.device())?;
        let part = y.mul(&weights)?.sum(&[], false)?;
        sum = Some(match sum {
            Some(sum) => sum.add(&part)?,
            None => part,
        });
    }
    Ok(sum)
}

fn check(call: &Value, device: &Device) -> Checked {
    let text = |e: keras_rs::Error| crate::support::chain(&e);
    let at =
        || call["tensors"].as_array().unwrap().iter().map(|x| Tensor::from_data_on(data(x), device).unwrap());
    let got = run(call, &at().collect::<Vec<_>>()).map_err(text)?;
    let want = call["results"].as_array().unwrap();
    ensure(got.len() == want.len(), || format!("{} results, expected {}", got.len(), want.len()))?;
    for (index, (got, want)) in got.iter().zip(want).enumerate() {
        let want = data(want);
        ensure(got.dtype() == want.dtype(), || format!("{}, expected {}", got.dtype(), want.dtype()))?;
        let tolerance = if want.dtype() == DType::F16 { 2e-3 } else { TOLERANCE };
        compare(&format!("result {index}"), got, &want, tolerance)?;
    }
    let slopes = call["gradients"].as_array().unwrap();
    if slopes.iter().all(Value::is_null) {
        return Ok(());
    }
    let mut tape = GradientTape::new(&[]).map_err(text)?;
    let mut watched = Vec::new();
    let mut inputs = Vec::new();
    for (x, slope) in at().zip(slopes) {
        let x = if slope.is_null() { x } else { tape.watch(&x).map_err(text)? };
        if !slope.is_null() {
            watched.push(slope);
        }
        inputs.push(x);
    }
    let outputs = run(call, &inputs).map_err(text)?;
    let gradients = match weighted(&outputs).map_err(text)? {
        Some(sum) => tape.gradient(&sum).map_err(text)?,
        None => return Err("no output that is a float".into()),
    };
    for (index, (got, want)) in gradients.iter().zip(watched).enumerate() {
        let want = data(want);
        let zeros = || {
            Tensor::from_data_on(
                TensorData::from_f64(&vec![0.0; want.len()], want.shape().to_vec(), DType::F32)?,
                device,
            )
        };
        let got = match got {
            Some(got) => got.clone(),
            None => zeros().map_err(text)?,
        };
        compare(&format!("gradient {index}"), &got, &want, GRADIENT_TOLERANCE)?;
    }
    Ok(())
}

/// Arguments of a call by name.
struct Named<'a>(&'a Value);

impl Named<'_> {
    fn flag(&self, name: &str, absent: bool) -> bool {
        self.0.get(name).map_or(absent, |v| v.as_bool().unwrap())
    }

    fn whole(&self, name: &str, absent: isize) -> isize {
        self.0.get(name).map_or(absent, |v| v.as_i64().unwrap() as isize)
    }

    fn count(&self, name: &str) -> usize {
        self.0[name].as_u64().unwrap() as usize
    }

    fn integers(&self, name: &str) -> Integers {
        match &self.0[name] {
            Value::Array(items) => {
                items.iter().map(|v| v.as_i64().unwrap() as isize).collect::<Vec<_>>().into()
            }
            one => (one.as_i64().unwrap() as isize).into(),
        }
    }

    /// A number for each spatial axis; none where the argument is not given.
    fn each(&self, name: &str, rank: usize) -> Vec<usize> {
        match self.0.get(name) {
            None => Vec::new(),
            Some(Value::Array(items)) => items.iter().map(|v| v.as_u64().unwrap() as usize).collect(),
            Some(one) => vec![one.as_u64().unwrap() as usize; rank],
        }
    }

    fn signal_window(&self) -> Result<SignalWindow> {
        match self.0.get("window") {
            None => Ok(SignalWindow::Hann),
            Some(Value::Null) => Ok(SignalWindow::Ones),
            Some(Value::String(name)) => SignalWindow::try_from(name.as_str()),
            Some(values) => {
                Ok(values.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<_>>().into())
            }
        }
    }
}

fn run(call: &Value, x: &[Tensor]) -> Result<Vec<Tensor>> {
    let a = Named(&call["arguments"]);
    let name =
        |key: &str, absent: &'static str| a.0.get(key).map_or(absent, |v| v.as_str().unwrap()).to_string();
    let function = call["function"].as_str().unwrap();
    let rank = x[0].rank().saturating_sub(2);
    let (strides, dilation_rate) = (a.each("strides", rank), a.each("dilation_rate", rank));
    let is_conv = function.contains("conv");
    let window = Window {
        strides: &strides,
        dilation_rate: &dilation_rate,
        padding: Padding::try_from(if is_conv { name("padding", "valid") } else { "valid".into() }.as_str())?,
        data_format: DataFormat::try_from(name("data_format", "channels_last").as_str())?,
    };
    let logits = || a.flag("from_logits", false);
    let lengths = || (a.count("sequence_length"), a.count("sequence_stride"), a.count("fft_length"));
    let one = match function {
        "conv" => ops::conv(&x[0], &x[1], window),
        "depthwise_conv" => ops::depthwise_conv(&x[0], &x[1], window),
        "separable_conv" => ops::separable_conv(&x[0], &x[1], &x[2], window),
        "conv_transpose" => {
            let extra = a.each("output_padding", rank);
            ops::conv_transpose(&x[0], &x[1], (!extra.is_empty()).then_some(extra.as_slice()), window)
        }
        "binary_crossentropy" => ops::binary_crossentropy(&x[0], &x[1], logits()),
        "categorical_crossentropy" => {
            ops::categorical_crossentropy(&x[0], &x[1], logits(), a.whole("axis", -1))
        }
        "sparse_categorical_crossentropy" => {
            ops::sparse_categorical_crossentropy(&x[0], &x[1], logits(), a.whole("axis", -1))
        }
        "psnr" => ops::psnr(&x[0], &x[1], a.0["max_val"].as_f64().unwrap()),
        "unfold" => {
            let [size, dilation, padding, stride] =
                ["kernel_size", "dilation", "padding", "stride"].map(|n| a.integers(n));
            ops::unfold(&x[0], size, dilation, padding, stride)
        }
        "fold" => {
            let [size, dilation, padding, stride] =
                ["kernel_size", "dilation", "padding", "stride"].map(|n| a.integers(n));
            ops::fold(&x[0], a.integers("output_size"), size, dilation, padding, stride)
        }
        "stft" => {
            let (length, stride, fft_length) = lengths();
            return Ok(ops::stft(
                &x[0],
                length,
                stride,
                fft_length,
                a.signal_window()?,
                a.flag("center", true),
            )?
            .into());
        }
        "istft" => {
            let (length, stride, fft_length) = lengths();
            let cut = a.0.get("length").and_then(Value::as_u64).map(|n| n as usize);
            ops::istft(
                [&x[0], &x[1]],
                length,
                stride,
                fft_length,
                cut,
                a.signal_window()?,
                a.flag("center", true),
            )
        }
        "ctc_loss" => ops::ctc_loss(&x[0], &x[1], &x[2], &x[3], a.whole("mask_index", 0)),
        "ctc_decode" => {
            let options = CtcDecoding {
                strategy: CtcStrategy::try_from(name("strategy", "greedy").as_str())?,
                beam_width: a.whole("beam_width", 100) as usize,
                top_paths: a.whole("top_paths", 1) as usize,
                merge_repeated: a.flag("merge_repeated", true),
                mask_index: a.whole("mask_index", 0),
            };
            return Ok(ops::ctc_decode(&x[0], &x[1], options)?.into());
        }
        other => panic!("the test does not call {other}"),
    };
    Ok(vec![one?])
}
