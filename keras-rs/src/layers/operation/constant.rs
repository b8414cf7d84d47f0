//! Operands that are no tensors: numbers, and arrays that files hold.

use crate::backend::Device;
use crate::config::json::as_float;
use crate::config::{FromConfig, shorten};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, TensorData};
use serde_json::Value;

/// An operand of plain data.
#[derive(Clone, Debug)]
pub(super) struct Constant {
    values: Vec<f64>,
    shape: Vec<usize>,
    kind: Kind,
}

/// What the data type of a constant depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A Python number, which takes the type of the tensor that it meets.
    Number { whole: bool },
    /// An array with a type of its own.
    Typed(DType),
}

impl Constant {
    /// Reads a number, a truth value, nested lists of them, or an array in Keras' form.
    pub(super) fn parse(class: &str, value: &Value) -> Result<Self> {
        let refused =
            || Error::argument(class, "operand", "a tensor, a number or an array of numbers", shorten(value));
        let array = is_array(value);
        let content = if array { value.pointer("/config/value").ok_or_else(refused)? } else { value };
        let shape = shape_of(content);
        let mut values = Vec::new();
        let (mut whole, mut flags) = (true, true);
        collect(content, &shape, &mut |v| {
            flags &= v.is_boolean();
            whole &= v.is_i64() || v.is_u64() || v.is_boolean();
            let number = v.as_bool().map(|b| f64::from(u8::from(b))).or_else(|| as_float(v));
            number.map(|n| values.push(n)).is_some()
        })
        .ok_or_else(refused)?;
        let written = match value.pointer("/config/dtype").filter(|_| array) {
            Some(name) => Some(DType::from_value(name).ok_or_else(refused)?),
            None => None,
        };
        let kind = match written {
            Some(dtype) => Kind::Typed(dtype),
            None if flags => Kind::Typed(DType::Bool),
            None if shape.is_empty() => Kind::Number { whole },
            None => Kind::Typed(if whole { DType::I32 } else { DType::F32 }),
        };
        Ok(Self { values, shape, kind })
    }

    /// The data type beside tensors of the type `like`.
    fn dtype(&self, like: DType) -> DType {
        match self.kind {
            Kind::Number { whole: true } if like == DType::Bool => DType::I32,
            Kind::Number { whole: false } if !like.is_float() => DType::F32,
            Kind::Number { .. } => like,
            // NumPy's arrays are wide by default; Keras narrows them unless the tensor is wide itself.
            Kind::Typed(DType::F64) if like != DType::F64 => DType::F32,
            Kind::Typed(DType::I64) if like != DType::I64 => DType::I32,
            Kind::Typed(dtype) => dtype,
        }
    }

    /// Shape and data type.
    pub(super) fn spec(&self, like: DType) -> Spec {
        (Shape::known(&self.shape), self.dtype(like))
    }

    /// The constant on a device.
    pub(super) fn tensor(&self, like: DType, device: &Device) -> Result<Tensor> {
        let data = TensorData::from_f64(&self.values, self.shape.clone(), self.dtype(like))?;
        Tensor::from_data_on(data, device)
    }
}

/// Whether it is an array in Keras' form.
pub(super) fn is_array(value: &Value) -> bool {
    matches!(value.get("class_name").and_then(Value::as_str), Some("__numpy__" | "__tensor__"))
}

/// How deep and how long nested lists are, seen from their first items.
fn shape_of(mut value: &Value) -> Vec<usize> {
    let mut shape = Vec::new();
    while let Value::Array(items) = value {
        shape.push(items.len());
        match items.first() {
            Some(first) => value = first,
            None => break,
        }
    }
    shape
}

/// Visits the leaves of nested lists of a shape in order; `None` where one is refused or the lists do
/// not have the shape.
fn collect(value: &Value, shape: &[usize], leaf: &mut impl FnMut(&Value) -> bool) -> Option<()> {
    match (value, shape) {
        (Value::Array(items), [size, rest @ ..]) if items.len() == *size => {
            items.iter().try_for_each(|item| collect(item, rest, leaf))
        }
        (Value::Array(_), _) | (_, [_, ..]) => None,
        (value, []) => leaf(value).then_some(()),
    }
}
