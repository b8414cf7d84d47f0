//! Numbers of the fixtures of metrics.

use super::Tensors;
use keras_rs::metrics::Metric;
use keras_rs::{DType, Device, Result, Tensor, TensorData};
use serde_json::Value;

pub fn data(array: &Value) -> Option<TensorData> {
    let dtype: DType = array.get("dtype")?.as_str()?.parse().unwrap();
    let number = |v: &Value| match v {
        Value::Bool(b) => f64::from(u8::from(*b)),
        _ => v.as_f64().unwrap_or_else(|| v.as_str().unwrap().parse().unwrap()),
    };
    let values: Vec<f64> = array["values"].as_array().unwrap().iter().map(number).collect();
    let shape: Vec<usize> = serde_json::from_value(array["shape"].clone()).unwrap();
    Some(TensorData::from_f64(&values, shape, dtype).unwrap())
}

pub fn tensor(array: &Value, device: &Device) -> Option<Tensor> {
    data(array).map(|d| Tensor::from_data_on(d, device).unwrap())
}

pub fn update(metric: &Metric, batch: &Value, device: &Device) -> Result<Tensor> {
    let part = |name: &str| tensor(&batch[name], device);
    let y_pred = part("y_pred").unwrap();
    let y_true = part("y_true").unwrap_or_else(|| y_pred.clone());
    metric.update_masked(&y_true, &y_pred, part("sample_weight").as_ref(), part("mask").as_ref())?;
    metric.result()
}

/// Adds a batch of a file's tensors.
pub fn update_from(metric: &Metric, tensors: &Tensors, batch: &str, device: &Device) -> Result<()> {
    let part = |name: &str| {
        let data = tensors.get(&format!("{batch}/{name}"));
        data.map(|data| Tensor::from_data_on(data, device).expect("the device has the data type"))
    };
    metric.update_state(&part("y_true").unwrap(), &part("y_pred").unwrap(), part("weight").as_ref())
}
