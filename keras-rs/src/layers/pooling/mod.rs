//! Pooling.

mod average_pooling1d;
mod average_pooling2d;
mod average_pooling3d;
mod global;
mod global_average_pooling1d;
mod global_average_pooling2d;
mod global_average_pooling3d;
mod global_max_pooling1d;
mod global_max_pooling2d;
mod global_max_pooling3d;
mod max_pooling1d;
mod max_pooling2d;
mod max_pooling3d;
mod windowed;

pub use average_pooling1d::AveragePooling1D;
pub use average_pooling2d::AveragePooling2D;
pub use average_pooling3d::AveragePooling3D;
pub use global_average_pooling1d::GlobalAveragePooling1D;
pub use global_average_pooling2d::GlobalAveragePooling2D;
pub use global_average_pooling3d::GlobalAveragePooling3D;
pub use global_max_pooling1d::GlobalMaxPooling1D;
pub use global_max_pooling2d::GlobalMaxPooling2D;
pub use global_max_pooling3d::GlobalMaxPooling3D;
pub use max_pooling1d::MaxPooling1D;
pub use max_pooling2d::MaxPooling2D;
pub use max_pooling3d::MaxPooling3D;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    macro_rules! classes {
        ($($class:ident or $alias:literal),* $(,)?) => {$(
            table.add(&[stringify!($class), $alias], |c| {
                Ok(Box::new($class::from_config(c)?) as Box<dyn Layer>)
            });
        )*};
    }
    classes! {
        AveragePooling1D or "AvgPool1D",
        AveragePooling2D or "AvgPool2D",
        AveragePooling3D or "AvgPool3D",
        GlobalAveragePooling1D or "GlobalAvgPool1D",
        GlobalAveragePooling2D or "GlobalAvgPool2D",
        GlobalAveragePooling3D or "GlobalAvgPool3D",
        GlobalMaxPooling1D or "GlobalMaxPool1D",
        GlobalMaxPooling2D or "GlobalMaxPool2D",
        GlobalMaxPooling3D or "GlobalMaxPool3D",
        MaxPooling1D or "MaxPool1D",
        MaxPooling2D or "MaxPool2D",
        MaxPooling3D or "MaxPool3D",
    }
}
