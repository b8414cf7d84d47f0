//! How the two directions of a sequence become one output.

use crate::config::{FromConfig, IntoConfig, Value};
use crate::error::{Error, Result};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// How the outputs of two directions become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MergeMode {
    /// One behind the other along the last axis.
    #[default]
    Concat,
    /// Their sum.
    Sum,
    /// Their product.
    Mul,
    /// Their mean.
    Ave,
    /// They stay two outputs; Keras' `None`.
    Apart,
}

impl MergeMode {
    /// The outputs of both directions merged: one tensor, or two.
    pub(super) fn merge(self, forward: Tensor, backward: Tensor) -> Result<Vec<Tensor>> {
        Ok(match self {
            Self::Concat => vec![Tensor::concat(&[forward, backward], -1)?],
            Self::Sum => vec![forward.add(&backward)?],
            Self::Mul => vec![forward.mul(&backward)?],
            Self::Ave => vec![forward.add(&backward)?.div_scalar(2.0)?],
            Self::Apart => vec![forward, backward],
        })
    }

    /// The shapes of what [`merge`](Self::merge) gives.
    pub(super) fn shapes(self, layer: &str, forward: Shape, backward: Shape) -> Result<Vec<Shape>> {
        match self {
            Self::Concat => {
                let mut dims = forward.dims().to_vec();
                if let (Some(last), Some(other)) = (dims.last_mut(), backward.dims().last()) {
                    *last = last.zip(*other).map(|(last, other)| last.saturating_add(other));
                }
                Ok(vec![dims.into()])
            }
            Self::Apart => Ok(vec![forward, backward]),
            _ if forward == backward => Ok(vec![forward]),
            _ => {
                let expected = format!("outputs shaped {forward}, as those of the forward layer");
                Err(Error::shape(layer, "backward_layer", expected, backward))
            }
        }
    }
}

impl TryFrom<&str> for MergeMode {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        let modes = [("concat", Self::Concat), ("sum", Self::Sum), ("mul", Self::Mul), ("ave", Self::Ave)];
        let found = modes.into_iter().find(|(known, _)| *known == name).map(|(_, mode)| mode);
        found.ok_or_else(|| Error::argument("Bidirectional", "merge_mode", Self::EXPECTED, name))
    }
}

impl From<Option<Self>> for MergeMode {
    /// `None` keeps the outputs apart, as in Keras.
    fn from(mode: Option<Self>) -> Self {
        mode.unwrap_or(Self::Apart)
    }
}

impl IntoConfig for MergeMode {
    fn to_config(&self) -> Value {
        match self {
            Self::Concat => "concat".into(),
            Self::Sum => "sum".into(),
            Self::Mul => "mul".into(),
            Self::Ave => "ave".into(),
            Self::Apart => Value::Null,
        }
    }
}

impl FromConfig for MergeMode {
    const EXPECTED: &'static str = "concat, sum, mul, ave or none";

    fn from_value(value: &Value) -> Option<Self> {
        if value.is_null() { Some(Self::Apart) } else { Self::try_from(value.as_str()?).ok() }
    }
}
