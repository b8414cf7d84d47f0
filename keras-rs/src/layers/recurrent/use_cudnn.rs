//! The argument that says whether Keras uses kernels of cuDNN.

use crate::config::{FromConfig, IntoConfig, Value};
use crate::error::{Error, Result};

/// Whether Keras uses kernels of cuDNN: where it can, always or never. It changes no numbers, and files do not hold
/// it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UseCudnn {
    /// Where it can.
    #[default]
    Auto,
    /// Always, or never.
    Always(bool),
}

impl From<bool> for UseCudnn {
    fn from(always: bool) -> Self {
        Self::Always(always)
    }
}

impl TryFrom<&str> for UseCudnn {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        let refused = || Error::argument("layer", "use_cudnn", "auto, true or false", name);
        if name == "auto" { Ok(Self::Auto) } else { Err(refused()) }
    }
}

impl IntoConfig for UseCudnn {
    fn to_config(&self) -> Value {
        match self {
            Self::Auto => "auto".into(),
            Self::Always(always) => (*always).into(),
        }
    }
}

impl FromConfig for UseCudnn {
    const EXPECTED: &'static str = "auto, true or false";

    fn from_value(value: &Value) -> Option<Self> {
        match value.as_bool() {
            Some(always) => Some(Self::Always(always)),
            None => Self::try_from(value.as_str()?).ok(),
        }
    }
}
