//! Model files.

pub(crate) mod archive;
pub(crate) mod hdf5;
pub(crate) mod json;
pub(crate) mod safetensors;

#[cfg(test)]
mod hostile_tests;
