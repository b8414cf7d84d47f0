//! Activation functions.

use crate::error::{Error, Result};
use crate::serialization::{FromConfig, IntoConfig};
use crate::tensor::Tensor;
use serde_json::Value;

/// An activation: one of Keras' functions.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation(Function);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Function {
    Linear,
    Relu,
}

impl Activation {
    /// The identity.
    pub fn linear() -> Self {
        Self(Function::Linear)
    }

    /// Applies the function.
    ///
    /// # Errors
    /// Where the data type does not suit the function.
    pub fn call(&self, x: &Tensor) -> Result<Tensor> {
        match self.0 {
            Function::Linear => Ok(x.clone()),
            Function::Relu => x.relu(),
        }
    }
}

impl TryFrom<&str> for Activation {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        match name {
            "linear" => Ok(Self::linear()),
            "relu" => Ok(Self(Function::Relu)),
            other => Err(Error::unknown_name("activation", other, ["linear", "relu"])),
        }
    }
}

impl IntoConfig for Activation {
    fn to_config(&self) -> Value {
        match self.0 {
            Function::Linear => "linear".into(),
            Function::Relu => "relu".into(),
        }
    }
}

impl FromConfig for Activation {
    const EXPECTED: &'static str = "the name of an activation";

    fn from_value(value: &Value) -> Option<Self> {
        if value.is_null() { Some(Self::linear()) } else { Self::try_from(value.as_str()?).ok() }
    }
}
