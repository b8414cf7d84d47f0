//! Model files: `.keras`, `.weights.h5`, legacy `.h5`, architecture JSON and safetensors.
//!
//! Everything read is untrusted: sizes are bounded, no code is executed, and whatever is unknown,
//! missing or misshapen is reported at once; a half-loaded model is never returned. Files are
//! written beside their target and renamed, so that a crash leaves the old file whole.

pub(crate) mod archive;
pub(crate) mod hdf5;
mod inspect;
mod legacy;
mod load;
mod optimizer;
pub(crate) mod safetensors;
mod save;
mod training_config;
mod tree;
mod weights;

pub use inspect::{FileContents, FileFormat, FileVariable, inspect};
pub use load::{load_model, load_model_on_demand, load_model_with, model_from_json, model_from_json_with};
pub(crate) use tree::layers_by_path;
pub use weights::LoadWeights;

#[cfg(test)]
mod tests;
