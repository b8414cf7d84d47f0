//! The fixtures of losses.

use super::{Tensors, compare, floats, json};
use keras_rs::{Tensor, TensorData};
use serde_json::Value;

pub const FAMILIES: [&str; 9] = [
    "regression",
    "hinge",
    "probabilistic",
    "binary",
    "categorical",
    "sparse",
    "segmentation",
    "circle",
    "ctc",
];

/// The tensors and the cases of a family.
pub fn open(family: &str) -> (Tensors, Value) {
    let tensors = Tensors::open(&format!("training/losses/{family}.safetensors"));
    let cases = json(&format!("training/losses/{family}.json"));
    (tensors, cases["cases"].clone())
}

/// Whether values are equal to a share of the largest.
pub fn near(what: &str, got: &Tensor, want: &TensorData, tolerance: f64) -> Result<(), String> {
    compare(what, got, want, tolerance)?;
    let wanted = floats(want);
    let scale = wanted.iter().fold(1e-2, |m: f64, v| m.max(v.abs()));
    for (g, w) in got.to_f64_vec().unwrap().into_iter().zip(wanted) {
        if (g - w).abs() > tolerance * scale || g.is_nan() {
            return Err(format!("{what}: {g}, expected {w} (scale {scale})"));
        }
    }
    Ok(())
}
