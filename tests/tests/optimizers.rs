//! Optimizers against real Keras, step by step, with all that they remember.

use crate::support::{devices, json};
use keras_rs::config::{CustomObjects, IntoConfig, Loading, Registered, Registry};
use keras_rs::constraints::Constraint;
use keras_rs::layers::{Conv2D, Dense, Embedding, LayerExt};
use keras_rs::optimizers::schedules::ExponentialDecay;
use keras_rs::optimizers::{Adam, AdamW, Optimizer, OptimizerExt, SGD};
use keras_rs::{DType, Device, Error, Result, Shape, Tensor, TensorData, Variable};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The parts of `fixtures/training/optimizers/generate.py` that are there.
const PARTS: [&str; 2] = ["basic", "more"];

/// `VARIABLES` of the generator.
const VARIABLES: [(&str, &[usize]); 4] = [
    ("dense/kernel", &[2, 3]),
    ("dense/bias", &[3]),
    ("conv2d/kernel", &[2, 2, 1, 2]),
    ("embedding/embeddings", &[4, 2]),
];

fn parts() -> Vec<Value> {
    let paths = PARTS.iter().map(|part| format!("training/optimizers/{part}.json"));
    paths.filter(|path| crate::support::fixture(path).exists()).map(|path| json(&path)).collect()
}

fn cases() -> Vec<Value> {
    parts().iter().flat_map(|part| part["cases"].as_array().unwrap().clone()).collect()
}

fn load<T: Registered>(object: &Value) -> Result<T> {
    let custom = CustomObjects::new();
    Loading { registry: Registry::keras(), custom: &custom }.object(object, "case", "object")
}

fn dtype(value: &Value) -> DType {
    value.as_str().unwrap().parse().unwrap()
}

fn count(shape: &[usize]) -> usize {
    shape.iter().product()
}

fn tensor(values: &[f64], shape: &[usize], dtype: DType, device: &Device) -> Tensor {
    let data = TensorData::from_f64(values, shape.to_vec(), dtype).unwrap();
    Tensor::from_data_on(data, device).unwrap()
}

fn initial(number: usize, shape: &[usize]) -> Vec<f64> {
    (0..count(shape)).map(|i| ((i * 37 + number * 11) % 101) as f64 / 64.0 - 50.0 / 64.0).collect()
}

fn gradient(step: usize, number: usize, shape: &[usize]) -> Vec<f64> {
    let at = |i: usize| ((i * 29 + number * 13 + step * 17) % 97) as f64 - 48.0;
    (0..count(shape)).map(|i| at(i) / 64.0 * (number + 1) as f64).collect()
}

/// The variables of layers, so that they are called as in a model.
fn variables(dtype: DType, device: &Device, constraints: &Value) -> Vec<Variable> {
    let constraint = |number: &str| constraints.get(number).map(|c| load::<Constraint>(c).unwrap());
    let mut dense = Dense::new(3).name("dense").dtype(dtype);
    if let Some(constraint) = constraint("0") {
        dense = dense.kernel_constraint(constraint);
    }
    let mut embedding = Embedding::new(4, 2).name("embedding").dtype(dtype);
    if let Some(constraint) = constraint("3") {
        embedding = embedding.embeddings_constraint(constraint);
    }
    let (dense, embedding) = (dense.shared(), embedding.shared());
    let conv = Conv2D::new(2, 2).use_bias(false).name("conv2d").dtype(dtype).shared();
    dense.build(&[Shape::from([None, Some(2)])]).unwrap();
    conv.build(&[Shape::from([None, Some(4), Some(4), Some(1)])]).unwrap();
    embedding.build(&[Shape::from([None, Some(1)])]).unwrap();
    let all: Vec<Variable> = [dense, conv, embedding].iter().flat_map(|layer| layer.variables()).collect();
    for (number, (variable, (path, shape))) in all.iter().zip(VARIABLES).enumerate() {
        assert_eq!((variable.path().as_str(), variable.shape()), (path, shape));
        variable.to_device(device).unwrap();
        variable.assign(&tensor(&initial(number, shape), shape, dtype, device)).unwrap();
    }
    all
}

fn numbers(values: &Value) -> Vec<f64> {
    serde_json::from_value(values.clone()).unwrap()
}

/// Largest difference, as a share of the largest wanted value.
fn off(got: &Variable, want: &[f64]) -> f64 {
    // The fixture holds the shortest text of a `float32`.
    let as_stored = |v: f64| if got.dtype() == DType::F64 { v } else { f64::from(v as f32) };
    let want: Vec<f64> = want.iter().copied().map(as_stored).collect();
    let got = got.value().unwrap().to_f64_vec().unwrap();
    assert_eq!(got.len(), want.len());
    let scale = want.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    let worst = got.iter().zip(want).map(|(g, w)| (g - w).abs()).fold(0.0, f64::max);
    if worst == 0.0 { 0.0 } else { worst / scale }
}

/// Runs a case; the largest difference, and where it is.
fn run(case: &Value, device: &Device) -> (f64, String) {
    let name = case["name"].as_str().unwrap();
    let (kind, gradient_kind) = (dtype(&case["dtype"]), dtype(&case["gradient_dtype"]));
    let variables = variables(kind, device, &case["constraints"]);
    let optimizer = exclude(load(&case["object"]).unwrap(), case, &variables);
    let missing: HashMap<String, usize> =
        serde_json::from_value(case.get("missing").cloned().unwrap_or(json!({}))).unwrap();
    let scale = case.get("scale").map_or(1.0, |scale| scale.as_f64().unwrap());
    let mut worst = (0.0, String::new());
    let mut hold = |off: f64, what: String| {
        if off > worst.0 || off.is_nan() {
            worst = (off, what);
        }
    };
    let wanted = case["steps"].as_array().unwrap();
    let last = wanted.last().unwrap()["after"].as_u64().unwrap() as usize;
    for step in 1..=last {
        let gradients: Vec<Option<Tensor>> = VARIABLES
            .iter()
            .enumerate()
            .map(|(number, (_, shape))| {
                let every = missing.get(&number.to_string());
                let absent = every.is_some_and(|&every| every == 1 || step % every == 1);
                let mut values: Vec<f64> = gradient(step, number, shape).iter().map(|v| v * scale).collect();
                let odd = &case["nonfinite"][step.to_string()];
                if odd[0] == number {
                    values[odd[1].as_u64().unwrap() as usize] = odd[2].as_str().unwrap().parse().unwrap();
                }
                (!absent).then(|| tensor(&values, shape, gradient_kind, device))
            })
            .collect();
        optimizer.apply_gradients(&gradients, &variables).unwrap();
        let Some(want) = wanted.iter().find(|want| want["after"] == step) else { continue };
        assert_eq!(optimizer.iterations(), want["iterations"], "{name}: iterations after {step}");
        let rate = f64::from(want["rate"].as_f64().unwrap() as f32);
        hold(
            (optimizer.learning_rate().unwrap() - rate).abs() / rate.max(f64::MIN_POSITIVE),
            format!("rate after {step}"),
        );
        let state = optimizer.variables().unwrap();
        let listed = case["state"].as_array().unwrap();
        assert_eq!(state.len(), listed.len(), "{name}");
        for (variable, listed) in state.iter().zip(listed) {
            assert_eq!(variable.path(), listed["path"].as_str().unwrap(), "{name}");
            assert_eq!(json!(variable.shape()), listed["shape"], "{name}: {}", variable.path());
            // Keras' `int` depends on its backend.
            if dtype(&listed["dtype"]).is_float() {
                assert_eq!(variable.dtype(), dtype(&listed["dtype"]), "{name}: {}", variable.path());
            }
        }
        for (part, all) in [("variables", &variables), ("state", &state)] {
            for (variable, values) in all.iter().zip(want[part].as_array().unwrap()) {
                hold(off(variable, &numbers(values)), format!("{} after {step}", variable.path()));
            }
        }
    }
    optimizer.finalize_variable_values().unwrap();
    if let Some(finalized) = case.get("finalized") {
        for (variable, values) in variables.iter().zip(finalized.as_array().unwrap()) {
            hold(off(variable, &numbers(values)), format!("{} in the end", variable.path()));
        }
    }
    worst
}

/// The optimizer with what no configuration holds.
fn exclude(optimizer: Optimizer, case: &Value, variables: &[Variable]) -> Optimizer {
    if case.get("exclude_names").is_none() {
        return optimizer;
    }
    let names: Vec<String> = serde_json::from_value(case["exclude_names"].clone()).unwrap();
    let excluded: Vec<usize> = serde_json::from_value(case["exclude_variables"].clone()).unwrap();
    let excluded: Vec<Variable> = excluded.iter().map(|&number| variables[number].clone()).collect();
    optimizer.exclude_from_weight_decay(names, &excluded).unwrap();
    optimizer
}

#[test]
fn every_update_is_that_of_keras() {
    let cases = cases();
    assert!(cases.len() > 90, "{} cases", cases.len());
    let mut failures = Vec::new();
    for device in devices() {
        for case in &cases {
            let kind = dtype(&case["dtype"]);
            if !device.supports(kind) || !device.supports(dtype(&case["gradient_dtype"])) {
                continue;
            }
            let (off, place) = run(case, &device);
            // `bfloat16` has 8 bits.
            let tolerance = match kind {
                DType::F64 => 1e-12,
                DType::F32 => 2e-6,
                _ => 1.0 / 128.0,
            };
            println!("{} on {}: {off:e} ({place})", case["name"], device.backend());
            if off > tolerance || off.is_nan() {
                failures.push(format!("{} on {}: off by {off:e} at {place}", case["name"], device.backend()));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn configurations_are_those_of_keras() {
    for part in parts() {
        for case in part["cases"].as_array().unwrap() {
            let optimizer: Optimizer = load(&case["object"]).unwrap();
            assert_eq!(optimizer.to_config().to_string(), case["object"].to_string(), "{}", case["name"]);
        }
        for (class, object) in part["defaults"].as_object().unwrap() {
            for name in [class.clone(), class.to_lowercase(), class.to_uppercase()] {
                let optimizer = Optimizer::try_from(name.as_str()).unwrap();
                assert_eq!(optimizer.to_config().to_string(), object.to_string(), "{name}");
            }
        }
    }
}

#[test]
fn what_keras_refuses_is_an_error_before_anything_changes() {
    let device = &devices()[0];
    for part in parts() {
        for case in part["refused"].as_array().unwrap() {
            let Ok(optimizer) = load::<Optimizer>(case) else { continue };
            let variables = variables(DType::F32, device, &Value::Null);
            let before = variables[0].value().unwrap().to_f64_vec().unwrap();
            let gradients: Vec<_> = variables.iter().map(|v| Some(v.value().unwrap())).collect();
            assert!(optimizer.apply_gradients(&gradients, &variables).is_err(), "{case}");
            assert_eq!(variables[0].value().unwrap().to_f64_vec().unwrap(), before, "{case}");
        }
    }
}

/// Gradients of a step for all variables.
fn gradients(step: usize, device: &Device) -> Vec<Option<Tensor>> {
    let make = |(n, (_, shape)): (usize, &(&str, &[usize]))| {
        Some(tensor(&gradient(step, n, shape), shape, DType::F32, device))
    };
    VARIABLES.iter().enumerate().map(make).collect()
}

fn values(variables: &[Variable]) -> Vec<Vec<f64>> {
    variables.iter().map(|v| v.value().unwrap().to_f64_vec().unwrap()).collect()
}

#[test]
fn what_was_saved_goes_on_where_it_was() {
    let make = || {
        let base = Adam::new(0.02).amsgrad(true).use_ema(true).gradient_accumulation_steps(2);
        Optimizer::from(base.clipnorm(1.0).weight_decay(0.01))
    };
    for device in devices() {
        let (through, stopped) = (variables(DType::F32, &device, &Value::Null), make());
        let (whole, resumed) = (make(), make());
        for step in 1..=7 {
            whole.apply_gradients(&gradients(step, &device), &through).unwrap();
        }
        let again = variables(DType::F32, &device, &Value::Null);
        (1..=3).for_each(|step| stopped.apply_gradients(&gradients(step, &device), &again).unwrap());
        stopped.set_learning_rate(0.04).unwrap();
        let saved: Vec<TensorData> =
            stopped.variables().unwrap().iter().map(|v| v.value().unwrap().to_data().unwrap()).collect();
        assert!(resumed.set_variables(saved.clone()).is_err(), "nothing is built yet");
        resumed.build(&again).unwrap();
        assert!(resumed.set_variables(saved[1..].to_vec()).is_err());
        resumed.set_variables(saved).unwrap();
        assert_eq!((resumed.iterations(), resumed.learning_rate().unwrap()), (1, f64::from(0.04_f32)));
        resumed.set_learning_rate(0.02).unwrap();
        (4..=7).for_each(|step| resumed.apply_gradients(&gradients(step, &device), &again).unwrap());
        assert_eq!(values(&again), values(&through));
        assert_eq!(values(&resumed.variables().unwrap()), values(&whole.variables().unwrap()));
    }
}

#[test]
fn norms_that_are_no_numbers_spoil_what_keras_spoils() {
    // What real Keras makes of a variable [2, 2] by `SGD(1.0, ...)`, where "nan" stands for NaN.
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let cases = [
        ("clipnorm", [nan, 1.0], [nan, nan]),
        ("clipnorm", [inf, 1.0], [nan, 2.0]),
        ("clipnorm", [0.0, 0.0], [2.0, 2.0]),
        ("global_clipnorm", [nan, 1.0], [nan, nan]),
        ("global_clipnorm", [inf, 1.0], [nan, nan]),
        ("global_clipnorm", [0.0, 0.0], [2.0, 2.0]),
        ("clipvalue", [nan, 1.0], [nan, 1.5]),
        ("clipvalue", [-inf, 1.0], [2.5, 1.5]),
    ];
    for device in devices() {
        for (option, gradient, want) in cases {
            let layer = Dense::new(2).use_bias(false).shared();
            layer.build(&[Shape::from([None, Some(1)])]).unwrap();
            let all = layer.variables();
            all[0].to_device(&device).unwrap();
            all[0].assign(&tensor(&[2.0, 2.0], &[1, 2], DType::F32, &device)).unwrap();
            let sgd = match option {
                "clipnorm" => SGD::new(1.0).clipnorm(0.5),
                "global_clipnorm" => SGD::new(1.0).global_clipnorm(0.5),
                _ => SGD::new(1.0).clipvalue(0.5),
            };
            let gradient = [Some(tensor(&gradient, &[1, 2], DType::F32, &device))];
            Optimizer::from(sgd).apply_gradients(&gradient, &all).unwrap();
            let got = &values(&all)[0];
            let same = got.iter().zip(want).all(|(g, w)| *g == w || (g.is_nan() && w.is_nan()));
            assert!(same, "{option} {gradient:?} on {device:?}: {got:?}");
        }
    }
}

#[test]
fn bad_calls_change_nothing() {
    let device = &devices()[0];
    let all = variables(DType::F32, device, &Value::Null);
    let before = values(&all);
    let optimizer = Optimizer::from(SGD::new(0.1));
    assert!(matches!(optimizer.apply_gradients(&[], &all), Err(Error::Argument { .. })));
    assert!(matches!(
        optimizer.apply_gradients(&[None, None, None, None], &all),
        Err(Error::Argument { .. })
    ));
    optimizer.apply_gradients(&[], &[]).unwrap();
    assert_eq!(optimizer.iterations(), 0);

    // One element would broadcast.
    let mut wrong = gradients(1, device);
    wrong[3] = Some(tensor(&[1.0], &[1], DType::F32, device));
    assert!(matches!(optimizer.apply_gradients(&wrong, &all), Err(Error::Shape { .. })));

    let strangers = variables(DType::F32, device, &Value::Null);
    optimizer.build(&all).unwrap();
    let unknown = [all[0].clone(), strangers[1].clone(), all[2].clone(), all[3].clone()];
    let error = optimizer.apply_gradients(&gradients(1, device), &unknown);
    assert!(matches!(error, Err(Error::UnknownName { .. })));
    assert!(optimizer.exclude_from_weight_decay(["bias"], &[]).is_err(), "it is built");

    let pattern = Optimizer::from(AdamW::new(0.1).exclude_from_weight_decay(["(bias"]));
    let error = pattern.apply_gradients(&gradients(1, device), &all);
    assert!(
        matches!(error, Err(Error::Argument { argument, .. }) if argument == "exclude_from_weight_decay")
    );
    assert_eq!(values(&all), before);
}

#[test]
fn the_learning_rate_may_become_a_schedule_but_not_the_other_way() {
    let optimizer = Optimizer::from(SGD::new(0.1));
    assert!(optimizer.set_learning_rate(f64::NAN).is_err());
    optimizer.set_learning_rate(0.2).unwrap();
    assert_eq!(optimizer.variables().unwrap().len(), 2);
    optimizer.set_learning_rate(ExponentialDecay::new(0.5, 1, 0.5)).unwrap();
    assert_eq!(optimizer.learning_rate().unwrap(), 0.5);
    assert_eq!(optimizer.variables().unwrap().len(), 1);
    assert!(matches!(optimizer.set_learning_rate(0.1), Err(Error::Argument { .. })));
}

#[test]
fn gradients_of_another_type_are_cast() {
    let device = &devices()[0];
    let wide = variables(DType::F64, device, &Value::Null);
    let optimizer = Optimizer::from(Adam::new(0.1));
    optimizer.apply_gradients(&gradients(1, device), &wide).unwrap();
    assert!(wide.iter().all(|v| v.value().unwrap().dtype() == DType::F64));
}
