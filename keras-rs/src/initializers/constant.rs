//! Initializers without randomness.

use super::Initialize;
use crate::backend::Device;
use crate::config::{Config, ConfigExt, ConfigReader, FromConfig, Number};
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
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Zeros;

impl Initialize for Zeros {
    fn class_name(&self) -> &str {
        "Zeros"
    }

    fn config(&self) -> Config {
        Config::new()
    }

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
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ones;

impl Initialize for Ones {
    fn class_name(&self) -> &str {
        "Ones"
    }

    fn config(&self) -> Config {
        Config::new()
    }

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
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    config_value: Value,
    values: Vec<f64>,
    shape: Vec<usize>,
}

impl Constant {
    /// With a value, by default 0 in Keras.
    pub fn new(value: impl Into<Number>) -> Self {
        let value: Number = value.into();
        let config_value = crate::config::IntoConfig::to_config(&value);
        Self { config_value, values: vec![value.get()], shape: Vec::new() }
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        c.ignore(&["dtype"]);
        let config_value: Value = c.take_or("value", 0.0.into())?;
        // NumPy arrays come as {"class_name": "__numpy__", "config": {"value", "dtype"}}.
        let list = config_value.get("config").and_then(|config| config.get("value")).unwrap_or(&config_value);
        let (mut values, mut shape) = (Vec::new(), Vec::new());
        if !flatten(list, 0, &mut shape, &mut values) || shape.iter().product::<usize>() != values.len() {
            return Err(c.reject("value", "a number, or lists of numbers of equal lengths", &config_value));
        }
        Ok(Self { config_value, values, shape })
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
    fn class_name(&self) -> &str {
        "Constant"
    }

    fn config(&self) -> Config {
        Config::new().with("value", &self.config_value)
    }

    fn call(&self, shape: &[usize], dtype: DType, device: &Device, _seed: u64) -> Result<Tensor> {
        if let ([value], []) = (self.values.as_slice(), self.shape.as_slice()) {
            return Tensor::full_on(shape, *value, dtype, device);
        }
        let data = TensorData::from_f64(&self.values, self.shape.clone(), dtype)?;
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Identity {
    gain: f64,
}

impl Default for Identity {
    fn default() -> Self {
        Self { gain: 1.0 }
    }
}

impl Identity {
    /// With gain 1.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value on the diagonal.
    #[must_use]
    pub fn gain(mut self, gain: f64) -> Self {
        self.gain = gain;
        self
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        c.ignore(&["dtype"]);
        Ok(Self { gain: c.take_or("gain", 1.0)? })
    }
}

impl Initialize for Identity {
    fn class_name(&self) -> &str {
        "Identity"
    }

    fn config(&self) -> Config {
        Config::new()
    }

    fn call(&self, shape: &[usize], dtype: DType, device: &Device, _seed: u64) -> Result<Tensor> {
        let [rows, columns] = *shape else {
            return Err(Error::shape("Identity", "shape", "two axes", tuple(shape)));
        };
        let mut values = vec![0.0; rows * columns];
        values.iter_mut().step_by(columns + 1).take(rows.min(columns)).for_each(|v| *v = self.gain);
        Tensor::from_data_on(TensorData::from_f64(&values, shape.to_vec(), dtype)?, device)
    }
}
