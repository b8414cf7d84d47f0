//! Data for training: columns of tensors, batches of them, and where batches come from.
//!
//! Everything that trains, evaluates or predicts reads a [`Batches`]: arrays in memory, a
//! [`Dataset`] with random access (Keras' `PyDataset`), or iterators. Background threads make
//! batches ahead of their use, in order.

mod batch;
mod batches;
mod columns;
mod dataset;
mod directory;
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
pub use npz_columns::npz_columns;
pub use samples::Samples;
pub use timeseries::{TimeseriesDatasetFromArray, timeseries_dataset_from_array};
