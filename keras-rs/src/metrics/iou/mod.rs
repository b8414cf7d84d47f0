//! Intersection over union of classes.

mod base;
mod binary;
mod classes;

pub use binary::BinaryIoU;
pub use classes::{IoU, MeanIoU, OneHotIoU, OneHotMeanIoU};

use super::Metric;
use crate::config::ClassTable;

/// Adds Keras' classes.
pub(super) fn register(table: &mut ClassTable<Metric>) {
    table.add(&["IoU", "io_u"], |c| Ok(IoU::from_config(c)?.into()));
    table.add(&["BinaryIoU", "binary_io_u"], |c| Ok(BinaryIoU::from_config(c)?.into()));
    table.add(&["MeanIoU", "mean_io_u"], |c| Ok(MeanIoU::from_config(c)?.into()));
    table.add(&["OneHotIoU", "one_hot_io_u"], |c| Ok(OneHotIoU::from_config(c)?.into()));
    table.add(&["OneHotMeanIoU", "one_hot_mean_io_u"], |c| Ok(OneHotMeanIoU::from_config(c)?.into()));
}
