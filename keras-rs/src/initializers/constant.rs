//! Initializers without randomness.

use super::Initialize;
use crate::backend::Device;
use crate::config::{FromConfig, IntoConfig, KerasConfig, Number};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::{Tensor, TensorData};
use serde_json::Value;

/// Zeros everywhere. Keras' `Zeros`.
///
/// ```
/// use keras_rs::initializers::{Initialize, Zeros};
/// use keras_rs::{DType, backend::default_device};
///
/// let zeros = Zeros.call(&[2], DType::F32, &default_device()?, 0)?;
/// assert_eq!(zeros.to_vec::<f32>()?, [0.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, KerasConfig)]
#[keras(module = "keras.initializers", ignore("dtype"))]
pub struct Zeros;

impl Initialize for Zeros {
    fn call(&self, shape: &[usize], dtype: DType, device: &Device, _seed: u64) -> Result<Tensor> {
        Tensor::full_on(shape, 0.0, dtype, device)
    }
}

/// Ones everywhere. Keras' `Ones`.
///
/// ```
/// use keras_rs::initializers::{Initialize, Ones};
/// use keras_rs::{DType, backend::default_device};
///
/// let ones = Ones.call(&[2], DType::F32, &default_device()?, 0)?;
/// assert_eq!(ones.to_vec::<f32>()?, [1.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, KerasConfig)]
#[keras(module = "keras.initializers", ignore("dtype"))]
pub struct Ones;

impl Initialize for Ones {
    fn call(&self, shape: &[usize], dtype: DType, device: &Device, _seed: u64) -> Result<Tensor> {
        Tensor::full_on(shape, 1.0, dtype, device)
    }
}

/// One value everywhere, or values that broadcast. Keras' `Constant`.
///
/// ```
/// use keras_rs::initializers::{Constant, Initialize};
/// use keras_rs::{DType, backend::default_device};
///
/// let values = Constant::new(-1.25).call(&[2], DType::F32, &default_device()?, 0)?;
/// assert_eq!(values.to_vec::<f32>()?, [-1.25, -1.25]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(module = "keras.initializers", ignore("dtype"), no_new)]
pub struct Constant {
    #[keras(default = Number::from(0.0).into(), no_setter)]
    value: Values,
}

impl Constant {
    /// With a value, by default 0 in Keras.
    pub fn new(value: impl Into<Number>) -> Self {
        Self { value: value.into().into() }
    }
}

/// One number or an array, and its form in files.
#[derive(Clone, Debug, PartialEq)]
struct Values {
    config_value: Value,
    values: Vec<f64>,
    shape: Vec<usize>,
}

impl From<Number> for Values {
    fn from(value: Number) -> Self {
        Self { config_value: value.to_config(), values: vec![value.get()], shape: Vec::new() }
    }
}

impl IntoConfig for Values {
    fn to_config(&self) -> Value {
        self.config_value.clone()
    }
}

impl FromConfig for Values {
    const EXPECTED: &'static str = "a number, or lists of numbers of equal lengths";

    fn from_value(value: &Value) -> Option<Self> {
        // NumPy arrays come as {"class_name": "__numpy__", "config": {"value", "dtype"}}.
        let plain = value.get("config").and_then(|config| config.get("value")).unwrap_or(value);
        let (mut values, mut shape) = (Vec::new(), Vec::new());
        let is_array = flatten(plain, 0, &mut shape, &mut values);
        (is_array && shape.iter().product::<usize>() == values.len()).then(|| Self {
            config_value: value.clone(),
            values,
            shape,
        })
    }
}

/// Flattens nested lists in row-major order; `false` if an element is not a number or lengths differ.
fn flatten(value: &Value, depth: usize, shape: &mut Vec<usize>, values: &mut Vec<f64>) -> bool {
    let Some(items) = value.as_array() else {
        return depth == shape.len() && f64::from_value(value).map(|v| values.push(v)).is_some();
    };
    if depth == shape.len() {
        if !values.is_empty() {
            return false;
        }
        shape.push(items.len());
    }
    shape[depth] == items.len() && items.iter().all(|item| flatten(item, depth + 1, shape, values))
}

impl Initialize for Constant {
    fn call(&self, shape: &[usize], dtype: DType, device: &Device, _seed: u64) -> Result<Tensor> {
        let Values { values, shape: own, .. } = &self.value;
        if let ([value], []) = (values.as_slice(), own.as_slice()) {
            return Tensor::full_on(shape, *value, dtype, device);
        }
        let data = TensorData::from_f64(values, own.clone(), dtype)?;
        Tensor::from_data_on(data, device)?.broadcast_to(shape)
    }
}

/// Ones, or `gain`, on the diagonal of a matrix, zeros elsewhere. Keras' `Identity`.
///
/// Configurations do not hold the gain: Keras 3.15.1 does not write it.
///
/// ```
/// use keras_rs::initializers::{Identity, Initialize};
/// use keras_rs::{DType, backend::default_device};
///
/// let matrix = Identity::new().gain(0.5).call(&[2, 3], DType::F32, &default_device()?, 0)?;
/// assert_eq!(matrix.to_vec::<f32>()?, [0.5, 0.0, 0.0, 0.0, 0.5, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, KerasConfig)]
#[keras(module = "keras.initializers", ignore("dtype"))]
pub struct Identity {
    /// Value on the diagonal (default 1).
    #[keras(default = 1.0, no_write)]
    gain: f64,
}

impl Initialize for Identity {
    fn call(&self, shape: &[usize], dtype: DType, device: &Device, _seed: u64) -> Result<Tensor> {
        let [rows, columns] = *shape else {
            return Err(Error::shape("Identity", "shape", "two axes", tuple(shape)));
        };
        let mut values = vec![0.0; rows * columns];
        values.iter_mut().step_by(columns + 1).take(rows.min(columns)).for_each(|v| *v = self.gain);
        Tensor::from_data_on(TensorData::from_f64(&values, shape.to_vec(), dtype)?, device)
    }
}
