//! tests
pub mod hostile;
