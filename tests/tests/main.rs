//! Cases across the crates, with fixtures made by real Keras.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::type_complexity,
    clippy::cloned_ref_to_slice_refs,
    clippy::reversed_empty_ranges,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod allocations;
mod applications;
mod architecture;
mod at_once;
#[cfg(feature = "dataset")]
mod burn_datasets;
mod burn_modules;
mod callbacks;
mod coverage;
mod data;
mod empty;
mod examples;
mod first_steps;
mod functional_forms;
mod grad_cam;
mod hostile;
mod inference;
mod interrupted;
mod key_value_cache;
mod lambda;
mod linear_algebra;
mod losses;
mod masks;
mod metrics;
mod metrics_confusion;
mod mixed;
mod models;
mod multi_optimizer;
mod objects;
mod on_demand;
mod optimizers;
mod optimizers_more;
mod protocol;
mod recurrent;
mod refused;
mod schedules;
mod stateful;
mod subclassing;
mod summary;
mod support;
mod symbolic;
mod training_memory;
mod training_only;
