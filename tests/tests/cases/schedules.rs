//! Learning rate schedules against real Keras.

use crate::support::{chain, json, load};
use crate::{Checked, ensure, named, trial};
use keras_rs::config::IntoConfig;
use keras_rs::optimizers::schedules::LearningRateSchedule;
use libtest_mimic::Trial;
use serde_json::Value;

pub fn trials() -> Vec<Trial> {
    let fixture = json("training/schedules.json");
    let steps: Vec<u64> = serde_json::from_value(fixture["steps"].clone()).unwrap();
    let cases = named(&fixture["cases"]).into_iter();
    cases
        .map(|(name, case)| {
            let steps = steps.clone();
            trial(&format!("schedules::{name}"), move || check(&case, &steps))
        })
        .collect()
}

fn check(case: &Value, steps: &[u64]) -> Checked {
    let schedule: LearningRateSchedule = load(&case["object"]).map_err(|e| chain(&e))?;
    // As text, which holds the order of the entries, too.
    let (config, wanted) = (schedule.to_config().to_string(), case["object"].to_string());
    ensure(config == wanted, || format!("configuration {config}, expected {wanted}"))?;
    let values: Vec<f64> = serde_json::from_value(case["values"].clone()).unwrap();
    let largest = values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    for (&step, want) in steps.iter().zip(values) {
        let got = schedule.call(step).map_err(|e| chain(&e))?;
        // Near the end of a cosine all digits cancel; what is left is compared with the largest rate.
        let near = (got - want).abs() <= 1e-6 * want.abs() + 1e-7 * largest;
        ensure(near, || format!("step {step}: {got}, expected {want}"))?;
    }
    Ok(())
}
