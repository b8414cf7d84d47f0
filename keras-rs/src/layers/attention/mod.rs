//! Attention.

mod additive_attention;
mod dot_product;
mod group_query_attention;
mod heads;
mod masks;
mod multi_head_attention;
mod scores;

pub use additive_attention::AdditiveAttention;
pub use dot_product::Attention;
pub use group_query_attention::GroupQueryAttention;
pub use multi_head_attention::MultiHeadAttention;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<AdditiveAttention>(&["AdditiveAttention"]);
    table.class::<Attention>(&["Attention"]);
    table.class::<GroupQueryAttention>(&["GroupQueryAttention", "GroupedQueryAttention"]);
    table.class::<MultiHeadAttention>(&["MultiHeadAttention"]);
}
