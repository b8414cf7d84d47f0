//! tests
pub mod application_arguments;
pub mod hostile;

/// Runs the examples of the page for Keras' users as tests; they use the applications, too.
#[cfg(doctest)]
#[doc = include_str!(concat!(env!("OUT_DIR"), "/from-keras.md"))]
pub struct FromKerasPage;

/// Runs the examples of the page on Burn as tests.
#[cfg(doctest)]
#[doc = include_str!(concat!(env!("OUT_DIR"), "/burn.md"))]
pub struct BurnPage;

/// Runs the example of the page on backends as a test: both backends for CPUs are there.
#[cfg(doctest)]
#[doc = include_str!(concat!(env!("OUT_DIR"), "/backends.md"))]
pub struct BackendsPage;
