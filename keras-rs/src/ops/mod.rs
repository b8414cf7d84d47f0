//! Keras' operations that layers, losses and users share. Each heavy operation has one place here,
//! where a fused kernel can take over.

mod pool;
mod resize;

pub use pool::{Windows, average_pool, global_average_pool, global_max_pool, max_pool};
pub use resize::{Interpolation, resize};
