//! Core layers.

mod dense;
mod einsum_dense;
mod einsum_equation;
mod embedding;
mod identity;
mod input_layer;
mod lambda;
mod lambda_function;
mod masking;
mod reversible_embedding;
mod wrapper;

pub use dense::Dense;
pub use einsum_dense::EinsumDense;
pub use embedding::Embedding;
pub use identity::Identity;
pub use input_layer::{Input, InputLayer};
pub use lambda::Lambda;
pub use lambda_function::LambdaFunction;
pub use masking::Masking;
pub use reversible_embedding::ReversibleEmbedding;
pub use wrapper::Wrapper;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<InputLayer>(&["InputLayer"]);
    table.class::<Dense>(&["Dense"]);
    table.class::<EinsumDense>(&["EinsumDense"]);
    table.class::<Embedding>(&["Embedding"]);
    table.class::<Identity>(&["Identity"]);
    table.add(&["Lambda"], Lambda::read);
    table.class::<Masking>(&["Masking"]);
    table.class::<ReversibleEmbedding>(&["ReversibleEmbedding"]);
    table.class::<Wrapper>(&["Wrapper"]);
}
