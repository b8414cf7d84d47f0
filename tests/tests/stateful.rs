//! Stateful recurrent layers over several calls, beside real Keras (`fixtures/stateful`).

use crate::support::fixture;
use keras_rs::load_model;
use keras_rs::prelude::*;
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

#[test]
fn states_go_on_from_call_to_call_until_they_are_reset() {
    let text = std::fs::read_to_string(fixture("stateful/stateful.json")).unwrap();
    let cases: Value = serde_json::from_str(&text).unwrap();
    let mut count = 0;
    for (name, case) in cases.as_object().unwrap().iter().filter(|(_, case)| case.is_object()) {
        let model = load_model(fixture(&format!("stateful/{name}.keras"))).unwrap();
        let shape = model.inputs().unwrap()[0].shape().to_known().unwrap();
        let x = Tensor::from_vec(numbers(&case["x"]), shape).unwrap();
        for (call, expected) in case["calls"].as_array().unwrap().iter().enumerate() {
            if call == 2 {
                model.get_layer(-1).unwrap().reset_state().unwrap();
            }
            let y = model.call(std::slice::from_ref(&x)).unwrap()[0].to_vec::<f32>().unwrap();
            let expected = numbers(expected);
            let scale = expected.iter().fold(0.0_f32, |scale, x| scale.max(x.abs()));
            let near = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-5 * scale;
            assert!(y.len() == expected.len() && y.iter().zip(&expected).all(near), "{name}, call {call}");
        }
        assert_ne!(case["calls"][0], case["calls"][1], "{name}");
        count += 1;
    }
    assert_eq!(count, 12);
}
