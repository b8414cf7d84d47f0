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
    table.class::<IoU>(&["IoU", "io_u"]);
    table.class::<BinaryIoU>(&["BinaryIoU", "binary_io_u"]);
    table.class::<MeanIoU>(&["MeanIoU", "mean_io_u"]);
    table.class::<OneHotIoU>(&["OneHotIoU", "one_hot_io_u"]);
    table.class::<OneHotMeanIoU>(&["OneHotMeanIoU", "one_hot_mean_io_u"]);
}
