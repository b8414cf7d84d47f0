//! Data for training: columns of tensors, batches of them, and where batches come from.
//!
//! Everything that trains, evaluates or predicts reads a [`Batches`]. It is made from
//!
//! - arrays in memory ([`Batches::from_arrays`]): tensors, `ndarray` arrays, those of an `.npz` file
//!   ([`npz_columns`]);
//! - random access to samples ([`Samples`]) or to batches ([`Dataset`], Keras' `PyDataset`);
//! - iterators, one for each epoch or one stream over all ([`Batches::from_iterator`],
//!   [`Batches::from_generator`]);
//! - directories of images and texts ([`image_dataset_from_directory`],
//!   [`text_dataset_from_directory`]) and series ([`timeseries_dataset_from_array`]);
//! - datasets of `burn::data`, with the cargo feature `dataset` (`Batches::from_burn_dataset`).
//!
//! Background threads make batches ahead of their use, in order.

mod batch;
mod batches;
#[cfg(feature = "dataset")]
mod burn_dataset;
mod columns;
mod dataset;
mod directory;
mod host_arrays;
pub mod image;
pub mod npz;
mod npz_columns;
mod samples;
mod timeseries;

pub use batch::Batch;
pub use batches::{Batches, EpochIter};
pub use columns::Columns;
pub use dataset::Dataset;
pub use directory::*;
pub use host_arrays::HostArray;
pub use npz_columns::npz_columns;
pub use samples::Samples;
pub use timeseries::{TimeseriesDatasetFromArray, timeseries_dataset_from_array};
