//! Rescaling of values.

use crate::config::{FromConfig, IntoConfig, KerasConfig, Value};
use crate::dtype::DType;
use crate::error::Result;
use crate::layer::{CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::shape::Shape;
use crate::tensor::{Tensor, TensorData};

/// A number, or numbers that broadcast against the input's last axes: an argument of [`Rescaling`].
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

impl FromConfig for Factor {
    const EXPECTED: &'static str = "a number, a list of numbers or an array";

    /// Arrays come as `{"class_name": "__numpy__", "config": {"value": [...]}}`, tuples with `items`.
    fn from_value(value: &Value) -> Option<Self> {
        let array = value.get("config").and_then(|c| c.get("value"));
        let items = array.or_else(|| value.get("items")).unwrap_or(value);
        let mut values = Vec::new();
        let shape = flatten(items, &mut values)?;
        (!values.is_empty()).then(|| Self { values, shape, written: value.clone() })
    }
}

impl IntoConfig for Factor {
    fn to_config(&self) -> Value {
        self.written.clone()
    }
}

impl Factor {
    /// The number, where it is one alone.
    fn number(&self) -> Option<f64> {
        if self.shape.is_empty() { self.values.first().copied() } else { None }
    }

    fn tensor(&self, like: &Tensor) -> Result<Tensor> {
        let data = TensorData::from_f64(&self.values, self.shape.clone(), like.dtype())?;
        Tensor::from_data_on(data, like.device())
    }
}

/// `inputs * scale + offset`. Keras' `Rescaling`.
///
/// Shapes: the output is shaped as the input, of the type that the layer computes in; images of
/// whole numbers become floats.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let image = Tensor::from_vec(vec![0_u8, 255], [1, 2])?;
/// let y = Rescaling::new(1.0 / 127.5).offset(-1.0).shared().call(&[image])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [-1.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Rescaling {
    base: LayerBase,
    /// What values are multiplied by: a number, or one number a channel.
    #[keras(new)]
    scale: Factor,
    /// What is added after scaling (default 0).
    #[keras(default = 0.0)]
    offset: Factor,
}

impl Layer for Rescaling {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let compute: DType = self.base.dtype.compute_dtype();
        let x = inputs.into_single()?;
        let x = if x.dtype() == compute { x } else { x.cast(compute)? };
        match (self.scale.number(), self.offset.number()) {
            (Some(scale), Some(offset)) => Ok(x.into_scaled(scale)?.into_shifted(offset)?.into()),
            _ => Ok(x.mul(&self.scale.tensor(&x)?)?.add(&self.offset.tensor(&x)?)?.into()),
        }
    }

    fn form(&self) -> Option<Form> {
        // More axes would have to broadcast.
        let one_axis = self.scale.shape.len() <= 1 && self.offset.shape.len() <= 1;
        let (scale, offset) = (self.scale.values.clone(), self.offset.values.clone());
        one_axis.then_some(Form::Rescaling { scale, offset })
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![inputs.single()?.clone()])
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
