//! Attention by sums.

use super::scores::{self, Scored};
use crate::config::{KerasConfig, Number};
use crate::error::Result;
use crate::initializers::Initializer;
use crate::layer::{
    BuildScope, CallContext, InputShapes, Inputs, KerasTensor, Layer, LayerBase, Outputs, Signature,
    SymbolicInputs,
};
use crate::shape::Shape;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Means of values, weighted by the softmax of `sum(scale * tanh(query + key))`. Keras' `AdditiveAttention`;
/// Bahdanau et al., 2015.
///
/// Called as [`Attention`](super::Attention); `scale` has a number for each feature.
///
/// Shapes: `(batch, queries, size)` and twice `(batch, keys, size)` to `(batch, queries, size of values)`; scores
/// are `(batch, queries, keys)`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = AdditiveAttention::new().use_scale(false).shared();
/// let query = Tensor::from_vec(vec![100.0_f32], [1, 1, 1])?;
/// let value = Tensor::from_vec(vec![1.0_f32, 3.0], [1, 2, 1])?;
/// assert_eq!(layer.call(&[query, value])?[0].to_vec::<f32>()?, [2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct AdditiveAttention {
    base: LayerBase,
    /// Whether features are multiplied by trained numbers (default `true`).
    #[keras(default = true)]
    use_scale: bool,
    /// Part of the weights that is dropped in training: 0 to 1 (default 0).
    #[keras(default = 0.0)]
    dropout: Number,
    /// Seed of the dropout (default: none).
    seed: Option<u64>,
    /// How often it drew, which tells the masks of one seed apart.
    #[keras(skip)]
    drawn: Arc<AtomicU64>,
}

impl Layer for AdditiveAttention {
    fn signature(&self) -> Signature {
        scores::SIGNATURE
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let [query, ..] = scores::operands(scope.name(), &inputs.list())?;
        if !self.use_scale {
            return Ok(());
        }
        let size = query.known_dim(scope.name(), -1)?;
        scope.weight("scale", &[size], &Initializer::glorot_uniform()).add()
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let call = Scored::of(&inputs, self.dropout, self.seed, &self.drawn)?;
        let mut sums = scores::sums(&call.query, &call.key)?.tanh()?;
        if self.use_scale {
            sums = sums.mul(&context.weight("scale")?)?;
        }
        call.outputs(sums.sum(&[-1], false)?, context)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        scores::shapes(self.class_name(), inputs)
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_symbolic_mask(&self, inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
        scores::symbolic_mask(inputs)
    }

    fn draws(&self) -> Option<&AtomicU64> {
        self.seed.map(|_| &*self.drawn)
    }
}
