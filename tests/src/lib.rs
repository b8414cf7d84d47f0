//! tests
pub mod hostile;

/// Runs the examples of the page for Keras' users as tests; they use the applications, too.
#[cfg(doctest)]
#[doc = include_str!("../../docs/from-keras.md")]
pub struct FromKerasPage;
