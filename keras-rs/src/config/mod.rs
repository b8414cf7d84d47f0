//! Serialised objects: the envelope that Keras writes around every configuration, reading
//! configurations with typed errors, and the registry of known classes.

mod envelope;
pub(crate) mod json;
mod number;
mod object;
mod reader;
mod registry;
mod snake_case;
mod value;

pub use envelope::{Config, ConfigExt, Envelope, IntoConfig};
#[doc = include_str!("derive.md")]
pub use keras_rs_derive::KerasConfig;
pub use number::Number;
pub use object::{BaseConfig, ConstructorArgument, HasBase, KerasConfig};
pub use reader::{ConfigReader, Loading};
pub(crate) use registry::{
    ClassIdentity, OPERATIONS, custom_object, function_name, object_handle, registered,
};
pub use registry::{ClassTable, CustomObjects, Maker, Registered};
pub use serde_json::Value;
pub use snake_case::snake_case;
pub use value::FromConfig;
pub(crate) use value::{shorten, unexpected};
