//! Numbers among the arguments of layers.

use crate::config::{FromConfig, IntoConfig, Value};
use crate::error::Result;
use crate::tensor::{Tensor, TensorData};

/// A number, or numbers that broadcast against the input's last axes: an argument of
/// [`Rescaling`](super::Rescaling) and [`Normalization`](super::Normalization).
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [2, 2])?;
/// let y = Rescaling::new([10.0, 0.5]).shared().call(&[x])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [10.0, 1.0, 30.0, 2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    values: Vec<f64>,
    shape: Vec<usize>,
    /// As a file has it: whole numbers and NumPy arrays stay what they are.
    written: Value,
}

impl From<f64> for Factor {
    fn from(value: f64) -> Self {
        Self { values: vec![value], shape: Vec::new(), written: value.into() }
    }
}

impl From<Vec<f64>> for Factor {
    fn from(values: Vec<f64>) -> Self {
        Self { shape: vec![values.len()], written: values.clone().into(), values }
    }
}

impl<const N: usize> From<[f64; N]> for Factor {
    fn from(values: [f64; N]) -> Self {
        values.to_vec().into()
    }
}

/// The numbers of a nested list in C order, and its shape; `None` where it is ragged.
fn flatten(value: &Value, values: &mut Vec<f64>) -> Option<Vec<usize>> {
    let Some(items) = value.as_array() else {
        values.push(value.as_f64()?);
        return Some(Vec::new());
    };
    let mut shape: Option<Vec<usize>> = None;
    for item in items {
        let inner = flatten(item, values)?;
        if shape.get_or_insert_with(|| inner.clone()) != &inner {
            return None;
        }
    }
    Some([vec![items.len()], shape.unwrap_or_default()].concat())
}

/// The nested list of an entry: arrays come as `{"class_name": "__numpy__", "config": {"value": [...]}}`, tuples with
/// `items`.
fn items(value: &Value) -> &Value {
    let array = value.get("config").and_then(|c| c.get("value"));
    array.or_else(|| value.get("items")).unwrap_or(value)
}

impl FromConfig for Factor {
    const EXPECTED: &'static str = "a number, a list of numbers or an array";

    fn from_value(value: &Value) -> Option<Self> {
        let mut values = Vec::new();
        let shape = flatten(items(value), &mut values)?;
        (!values.is_empty()).then(|| Self { values, shape, written: value.clone() })
    }
}

impl IntoConfig for Factor {
    fn to_config(&self) -> Value {
        self.written.clone()
    }
}

impl Factor {
    /// The numbers in C order.
    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The shape that they have in the file; none for one number.
    pub(super) fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number, where it is one alone.
    pub(super) fn number(&self) -> Option<f64> {
        if self.shape.is_empty() { self.values.first().copied() } else { None }
    }

    /// As a number or a nested list, whatever the file wrapped it in.
    pub(super) fn list(&self) -> Value {
        items(&self.written).clone()
    }

    /// In its own shape, of the type and on the device of another tensor.
    pub(super) fn tensor(&self, like: &Tensor) -> Result<Tensor> {
        self.shaped(self.shape.clone(), like)
    }

    /// In another shape of as many numbers.
    pub(super) fn shaped(&self, shape: Vec<usize>, like: &Tensor) -> Result<Tensor> {
        let data = TensorData::from_f64(&self.values, shape, like.dtype())?;
        Tensor::from_data_on(data, like.device())
    }
}
