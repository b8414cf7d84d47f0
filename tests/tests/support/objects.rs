//! Arrays of the fixtures of objects.

use keras_rs::{DType, Device, Tensor, TensorData};
use serde_json::Value;

pub fn floats(values: &Value) -> Vec<f64> {
    // The fixture writes numbers that JSON lacks as text.
    values
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap_or_else(|| v.as_str().unwrap().parse().unwrap()))
        .collect()
}

pub fn shape(value: &Value) -> Vec<usize> {
    serde_json::from_value(value.clone()).unwrap()
}

pub fn tensor(array: &Value, device: &Device) -> Tensor {
    let dtype: DType = array["dtype"].as_str().unwrap().parse().unwrap();
    let data = TensorData::from_f64(&floats(&array["values"]), shape(&array["shape"]), dtype).unwrap();
    Tensor::from_data_on(data, device).unwrap()
}

/// Checks each element: `got` may be off by `tolerance` of the wanted value, or of 1 where that is less.
pub fn close(what: &str, got: &Tensor, want: &[f64], tolerance: f64) {
    let got = got.to_f64_vec().unwrap();
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
        let fits = g == w || (g - w).abs() <= tolerance * w.abs().max(1.0);
        assert!(fits, "{what}: element {i} is {g}, expected {w}");
    }
}
