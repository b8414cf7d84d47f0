//! What all file formats share: writing that survives a crash, ZIP members, element types.

pub(crate) mod atomic;
pub(crate) mod elements;
pub(crate) mod members;
