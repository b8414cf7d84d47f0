//! Pooling.

mod adaptive;
mod adaptive_average_pooling1d;
mod adaptive_average_pooling2d;
mod adaptive_average_pooling3d;
mod adaptive_max_pooling1d;
mod adaptive_max_pooling2d;
mod adaptive_max_pooling3d;
mod average_pooling1d;
mod average_pooling2d;
mod average_pooling3d;
mod base_adaptive_average_pooling;
mod base_adaptive_max_pooling;
mod base_average_pooling;
mod base_global_average_pooling;
mod base_global_max_pooling;
mod base_max_pooling;
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
mod output_size;
mod windowed;

pub use adaptive_average_pooling1d::AdaptiveAveragePooling1D;
pub use adaptive_average_pooling2d::AdaptiveAveragePooling2D;
pub use adaptive_average_pooling3d::AdaptiveAveragePooling3D;
pub use adaptive_max_pooling1d::AdaptiveMaxPooling1D;
pub use adaptive_max_pooling2d::AdaptiveMaxPooling2D;
pub use adaptive_max_pooling3d::AdaptiveMaxPooling3D;
pub use average_pooling1d::AveragePooling1D;
pub use average_pooling2d::AveragePooling2D;
pub use average_pooling3d::AveragePooling3D;
pub use base_adaptive_average_pooling::BaseAdaptiveAveragePooling;
pub use base_adaptive_max_pooling::BaseAdaptiveMaxPooling;
pub use base_average_pooling::BaseAveragePooling;
pub use base_global_average_pooling::BaseGlobalAveragePooling;
pub use base_global_max_pooling::BaseGlobalMaxPooling;
pub use base_max_pooling::BaseMaxPooling;
pub use global_average_pooling1d::GlobalAveragePooling1D;
pub use global_average_pooling2d::GlobalAveragePooling2D;
pub use global_average_pooling3d::GlobalAveragePooling3D;
pub use global_max_pooling1d::GlobalMaxPooling1D;
pub use global_max_pooling2d::GlobalMaxPooling2D;
pub use global_max_pooling3d::GlobalMaxPooling3D;
pub use max_pooling1d::MaxPooling1D;
pub use max_pooling2d::MaxPooling2D;
pub use max_pooling3d::MaxPooling3D;
pub use output_size::OutputSize;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<AdaptiveAveragePooling1D>(&["AdaptiveAveragePooling1D"]);
    table.class::<AdaptiveAveragePooling2D>(&["AdaptiveAveragePooling2D"]);
    table.class::<AdaptiveAveragePooling3D>(&["AdaptiveAveragePooling3D"]);
    table.class::<AdaptiveMaxPooling1D>(&["AdaptiveMaxPooling1D"]);
    table.class::<AdaptiveMaxPooling2D>(&["AdaptiveMaxPooling2D"]);
    table.class::<AdaptiveMaxPooling3D>(&["AdaptiveMaxPooling3D"]);
    table.class::<AveragePooling1D>(&["AveragePooling1D", "AvgPool1D"]);
    table.class::<AveragePooling2D>(&["AveragePooling2D", "AvgPool2D"]);
    table.class::<AveragePooling3D>(&["AveragePooling3D", "AvgPool3D"]);
    table.class::<GlobalAveragePooling1D>(&["GlobalAveragePooling1D", "GlobalAvgPool1D"]);
    table.class::<GlobalAveragePooling2D>(&["GlobalAveragePooling2D", "GlobalAvgPool2D"]);
    table.class::<GlobalAveragePooling3D>(&["GlobalAveragePooling3D", "GlobalAvgPool3D"]);
    table.class::<GlobalMaxPooling1D>(&["GlobalMaxPooling1D", "GlobalMaxPool1D"]);
    table.class::<GlobalMaxPooling2D>(&["GlobalMaxPooling2D", "GlobalMaxPool2D"]);
    table.class::<GlobalMaxPooling3D>(&["GlobalMaxPooling3D", "GlobalMaxPool3D"]);
    table.class::<MaxPooling1D>(&["MaxPooling1D", "MaxPool1D"]);
    table.class::<MaxPooling2D>(&["MaxPooling2D", "MaxPool2D"]);
    table.class::<MaxPooling3D>(&["MaxPooling3D", "MaxPool3D"]);
}
