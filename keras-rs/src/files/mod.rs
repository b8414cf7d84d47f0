//! What all file formats share: writing that survives a crash, reading within limits, ZIP members,
//! element types.

pub(crate) mod atomic;
pub(crate) mod elements;
pub(crate) mod members;
pub(crate) mod until_failure;
pub(crate) mod whole;
