//! Activations, initializers, regularizers, constraints and policies against real Keras.

use crate::support::objects::{floats, shape, tensor};
use crate::support::{chain, devices, json, load};
use crate::{Checked, ensure, named, on_backends, trial};
use keras_rs::activations::{self, Activation};
use keras_rs::config::{FromConfig, IntoConfig};
use keras_rs::constraints::Constraint;
use keras_rs::initializers::{Identity, Initializer};
use keras_rs::regularizers::Regularizer;
use keras_rs::{DType, DTypePolicy, DTypePolicyMap, Device, Result, Tensor};
use libtest_mimic::Trial;
use serde_json::Value;
use std::sync::Arc;

pub fn trials() -> Vec<Trial> {
    let fixture = json("objects/objects.json");
    let input = Arc::new(fixture["activation_input"].clone());
    let mut trials = Vec::new();
    for (name, case) in named(&fixture["activations"]) {
        let arguments = case["kwargs"].as_object().unwrap().iter().map(|(k, v)| format!("_{k}_{v}"));
        let full = format!("objects::activations::{name}{}", arguments.collect::<String>());
        for dtype in [DType::F32, DType::F64] {
            let (case, input) = (case.clone(), input.clone());
            trials.extend(on_backends(&format!("{full}::{}", dtype.name()), &[dtype], move |device| {
                activation(&case, &input, dtype, device)
            }));
        }
    }
    for (name, case) in named(&fixture["initializers"]) {
        trials.push(trial(&format!("objects::initializers::{name}"), move || initializer(&case)));
    }
    for (name, case) in named(&fixture["regularizers"]) {
        trials.extend(on_backends(&format!("objects::regularizers::{name}"), &[], move |d| {
            regularizer(&case, d)
        }));
    }
    for (name, case) in named(&fixture["constraints"]) {
        trials.extend(on_backends(&format!("objects::constraints::{name}"), &[], move |d| {
            constraint(&case, d)
        }));
    }
    for (name, case) in named(&fixture["policies"]) {
        trials.push(trial(&format!("objects::policies::{name}"), move || policy(&case)));
    }
    for (name, case) in named(&fixture["policy_maps"]) {
        trials.push(trial(&format!("objects::policy_maps::{name}"), move || policy_map(&case)));
    }
    trials
}

fn configuration(object: &impl IntoConfig, wanted: &Value) -> Checked {
    let config = object.to_config();
    ensure(config == *wanted, || format!("configuration {config}, expected {wanted}"))
}

fn activation(case: &Value, input: &Value, dtype: DType, device: &Device) -> Checked {
    let x = tensor(input, device).cast(dtype).unwrap();
    let want = &case[dtype.name()];
    let y = apply(case["name"].as_str().unwrap(), &case["kwargs"], &x).map_err(|e| chain(&e))?;
    let dims = shape(&want["shape"]);
    ensure(y.shape() == dims, || format!("shape {:?}, expected {dims:?}", y.shape()))?;
    ensure(y.dtype() == dtype, || format!("data type {}", y.dtype()))?;
    let tolerance = if dtype == DType::F64 { 1e-12 } else { 1e-6 };
    close(&y, &floats(&want["values"]), tolerance)
}

fn initializer(case: &Value) -> Checked {
    let mut initializer: Initializer = load(&case["object"]).map_err(|e| chain(&e))?;
    configuration(&initializer, &case["object"])?;
    if case["name"] == "Identity_gain" {
        // Keras does not write the gain.
        initializer = Identity::new().gain(0.5).into();
    }
    for wanted in case["shapes"].as_array().unwrap() {
        let dims = shape(&wanted["shape"]);
        let made: Vec<Tensor> =
            devices().iter().map(|d| initializer.call(&dims, DType::F32, d, 11).unwrap()).collect();
        let values = made[0].to_f64_vec().unwrap();
        for other in &made {
            ensure(other.shape() == dims, || format!("shape {:?}, expected {dims:?}", other.shape()))?;
            ensure(other.to_f64_vec().unwrap() == values, || "one seed gave two results".into())?;
        }
        if let Some(exact) = wanted.get("values") {
            close(&made[0], &floats(exact), 1e-6)?;
            continue;
        }
        let fixed = case["object"]["config"]["seed"].is_number();
        let other = initializer.call(&dims, DType::F32, &devices()[0], 12).unwrap();
        ensure((other.to_f64_vec().unwrap() == values) == fixed, || "its own seed does not win".into())?;
        match wanted["orthogonal"].as_f64() {
            Some(gain) => check_orthogonal(&made[0], gain)?,
            None => check_distribution(case["name"].as_str().unwrap(), &values, wanted),
        }
    }
    Ok(())
}

fn regularizer(case: &Value, device: &Device) -> Checked {
    let regularizer: Regularizer = load(&case["object"]).map_err(|e| chain(&e))?;
    configuration(&regularizer, &case["object"])?;
    if let Some(short) = case["name"].as_str().unwrap().strip_prefix("name_") {
        let named = Regularizer::try_from(short).map_err(|e| chain(&e))?;
        ensure(named == regularizer, || format!("{short} is {named:?}"))?;
    }
    let loss = regularizer.call(&tensor(&case["input"], device)).map_err(|e| chain(&e))?;
    ensure(loss.shape().is_empty(), || format!("a scalar has shape {:?}", loss.shape()))?;
    close(&loss, &[case["loss"].as_f64().unwrap()], 1e-6)
}

fn constraint(case: &Value, device: &Device) -> Checked {
    let constraint: Constraint = load(&case["object"]).map_err(|e| chain(&e))?;
    configuration(&constraint, &case["object"])?;
    for pair in case["inputs"].as_array().unwrap() {
        let y = constraint.call(&tensor(&pair["input"], device)).map_err(|e| chain(&e))?;
        let dims = shape(&pair["output"]["shape"]);
        ensure(y.shape() == dims, || format!("shape {:?}, expected {dims:?}", y.shape()))?;
        close(&y, &floats(&pair["output"]["values"]), 1e-6)?;
    }
    Ok(())
}

fn policy(case: &Value) -> Checked {
    let policy = DTypePolicy::from_value(&case["object"]).ok_or("no policy")?;
    configuration(&policy, &case["object"])?;
    let dtypes = [policy.compute_dtype().name(), policy.variable_dtype().name()];
    let wanted = [&case["compute_dtype"], &case["variable_dtype"]];
    ensure(dtypes == wanted.map(|w| w.as_str().unwrap()), || format!("{dtypes:?}, expected {wanted:?}"))
}

fn policy_map(case: &Value) -> Checked {
    policy(case)?;
    let map = DTypePolicyMap::from_value(&case["object"]).ok_or("no map")?;
    configuration(&map, &case["object"])?;
    let name = DTypePolicy::from(map.clone()).name();
    ensure(case["policy"] == *name, || format!("{name}, expected {}", case["policy"]))?;
    for (path, wanted) in case["paths"].as_object().unwrap() {
        match (map.get(path), wanted.as_str()) {
            (Ok(policy), Some(wanted)) => {
                ensure(policy.name() == wanted, || {
                    format!("{path:?}: {}, expected {wanted}", policy.name())
                })?;
            }
            (Err(_), None) => {}
            (found, wanted) => return Err(format!("{path:?}: {found:?}, expected {wanted:?}")),
        }
    }
    Ok(())
}

/// Checks each element: `got` may be off by `tolerance` of the wanted value, or of 1 where that is less.
fn close(got: &Tensor, want: &[f64], tolerance: f64) -> Checked {
    let got = got.to_f64_vec().unwrap();
    ensure(got.len() == want.len(), || format!("{} values, expected {}", got.len(), want.len()))?;
    for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
        let near = g == w || (g - w).abs() <= tolerance * w.abs().max(1.0);
        ensure(near, || format!("element {i} is {g}, expected {w}"))?;
    }
    Ok(())
}

/// Calls a function by its Keras name and keyword arguments.
pub fn apply(name: &str, kwargs: &Value, x: &Tensor) -> Result<Tensor> {
    let number = |key: &str| kwargs[key].as_f64();
    let axis = kwargs["axis"].as_i64().map(|a| a as isize);
    match name {
        "relu" if number("threshold").is_some() => activations::relu_with(
            x,
            number("negative_slope").unwrap(),
            number("max_value"),
            number("threshold").unwrap(),
        ),
        "threshold" => {
            activations::threshold(x, number("threshold").unwrap(), number("default_value").unwrap())
        }
        "celu" if number("alpha").is_some() => activations::celu_with(x, number("alpha").unwrap()),
        "elu" if number("alpha").is_some() => activations::elu_with(x, number("alpha").unwrap()),
        "gelu" if kwargs["approximate"] == true => activations::gelu_with(x, true),
        "hard_shrink" if number("threshold").is_some() => {
            activations::hard_shrink_with(x, number("threshold").unwrap())
        }
        "soft_shrink" if number("threshold").is_some() => {
            activations::soft_shrink_with(x, number("threshold").unwrap())
        }
        "leaky_relu" if number("negative_slope").is_some() => {
            activations::leaky_relu_with(x, number("negative_slope").unwrap())
        }
        "squareplus" if number("b").is_some() => activations::squareplus_with(x, number("b").unwrap()),
        "glu" if axis.is_some() => activations::glu_with(x, axis.unwrap()),
        "softmax" if axis.is_some() => activations::softmax_with(x, axis.unwrap()),
        "log_softmax" if axis.is_some() => activations::log_softmax_with(x, axis.unwrap()),
        "sparsemax" if axis.is_some() => activations::sparsemax_with(x, axis.unwrap()),
        _ => Activation::try_from(name)?.call(x),
    }
}

fn check_orthogonal(q: &Tensor, gain: f64) -> Checked {
    let columns = *q.shape().last().unwrap();
    let rows = q.len() / columns;
    let q = q.reshape([rows, columns]).unwrap();
    let t = q.transpose().unwrap();
    let (product, size) = if rows < columns { (q.matmul(&t), rows) } else { (t.matmul(&q), columns) };
    let mut identity = vec![0.0; size * size];
    identity.iter_mut().step_by(size + 1).for_each(|v| *v = gain * gain);
    close(&product.unwrap(), &identity, 1e-5)
}

/// Mean, spread, bounds and the weight of the tails.
fn check_distribution(name: &str, values: &[f64], wanted: &Value) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let moment = |k: i32| values.iter().map(|v| (v - mean).powi(k)).sum::<f64>() / n;
    let (std, kurtosis) = (moment(2).sqrt(), moment(4) / moment(2).powi(2));
    let (want_mean, want_std) = (wanted["mean"].as_f64().unwrap(), wanted["std"].as_f64().unwrap());
    assert!(
        (mean - want_mean).abs() < 5.0 * want_std / n.sqrt(),
        "{name}: mean {mean}, expected {want_mean}"
    );
    assert!((std / want_std - 1.0).abs() < 5.0 / n.sqrt(), "{name}: deviation {std}, expected {want_std}");
    if let (Some(min), Some(max)) = (wanted["min"].as_f64(), wanted["max"].as_f64()) {
        let slack = 1e-5 * (max - min);
        let within = values.iter().all(|v| (min - slack..=max + slack).contains(v));
        assert!(within, "{name}: values outside {min}..={max}");
        let widest = values.iter().fold(f64::MIN, |m, v| m.max(*v));
        assert!(widest > max - 0.1 * (max - min), "{name}: nothing near {max}, at most {widest}");
    }
    let want_kurtosis = match wanted["kind"].as_str().unwrap() {
        "uniform" => 1.8,
        "truncated_normal" => 2.366,
        _ => 3.0,
    };
    assert!((kurtosis - want_kurtosis).abs() < 0.4, "{name}: kurtosis {kurtosis}, expected {want_kurtosis}");
}
