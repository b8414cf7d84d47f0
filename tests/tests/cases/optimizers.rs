//! Optimizers against real Keras, step by step, with all that they remember.

use crate::support::variables::{VARIABLES, dtype, gradient, parts, tensor, variables};
use crate::support::{chain, load};
use crate::{Checked, ensure, named, on_backends};
use keras_rs::optimizers::Optimizer;
use keras_rs::{DType, Device, Tensor, Variable};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::collections::HashMap;

pub fn trials() -> Vec<Trial> {
    let cases: Vec<_> = parts().iter().flat_map(|part| named(&part["cases"])).collect();
    assert!(cases.len() > 90, "{} cases", cases.len());
    cases
        .into_iter()
        .flat_map(|(name, case)| {
            let needed = ["dtype", "gradient_dtype"].map(|key| dtype(&case[key]));
            on_backends(&format!("optimizers::{name}"), &needed, move |device| check(&case, device))
        })
        .collect()
}

fn check(case: &Value, device: &Device) -> Checked {
    // `bfloat16` has 8 bits.
    let tolerance = match dtype(&case["dtype"]) {
        DType::F64 => 1e-12,
        DType::F32 => 2e-6,
        _ => 1.0 / 128.0,
    };
    let (off, what) = run(case, device)?;
    ensure(off <= tolerance, || format!("off by {off:e}: {what}"))
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
fn run(case: &Value, device: &Device) -> Result<(f64, String), String> {
    let name = case["name"].as_str().unwrap();
    let (kind, gradient_kind) = (dtype(&case["dtype"]), dtype(&case["gradient_dtype"]));
    let variables = variables(kind, device, &case["constraints"]);
    let optimizer = exclude(load(&case["object"]).map_err(|e| chain(&e))?, case, &variables);
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
        optimizer.apply_gradients(&gradients, &variables).map_err(|e| chain(&e))?;
        let Some(want) = wanted.iter().find(|want| want["after"] == step) else { continue };
        assert_eq!(optimizer.iterations(), want["iterations"], "{name}: iterations after {step}");
        match want["rate"].as_f64() {
            Some(rate) => {
                let rate = f64::from(rate as f32);
                let off = (optimizer.learning_rate().unwrap() - rate).abs() / rate.max(f64::MIN_POSITIVE);
                hold(off, format!("rate after {step}"));
            }
            None => assert!(optimizer.learning_rate().is_err(), "{name}"),
        }
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
    Ok(worst)
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
