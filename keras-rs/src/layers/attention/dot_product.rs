//! Attention without projections.

use super::scores::{self, Scored};
use crate::config::{KerasConfig, Number};
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{
    BuildScope, CallContext, InputShapes, Inputs, KerasTensor, Layer, LayerBase, Outputs, Signature,
    SymbolicInputs,
};
use crate::shape::Shape;
use crate::tensor::Tensor;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// How queries and keys are scored.
const MODES: [&str; 2] = ["dot", "concat"];

/// Means of values, weighted by the softmax of `query . key`, or of `sum(tanh(query + key))`. Keras' `Attention`;
/// Luong et al., 2015.
///
/// Called with `[query, value]` or `[query, value, key]`, and by keyword with `mask`, a list of the masks of query
/// and value, `use_causal_mask` and `return_attention_scores`. Where the query's mask is false, the output is zero.
///
/// Shapes: `(batch, queries, size)` and twice `(batch, keys, size)` to `(batch, queries, size of values)`; scores
/// are `(batch, queries, keys)`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Attention::new().shared();
/// let query = Tensor::from_vec(vec![0.0_f32], [1, 1, 1])?;
/// let value = Tensor::from_vec(vec![1.0_f32, 3.0], [1, 2, 1])?;
/// assert_eq!(layer.call(&[query, value])?[0].to_vec::<f32>()?, [2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check)]
pub struct Attention {
    base: LayerBase,
    /// Whether scores are multiplied by a trained number (default `false`).
    #[keras(default = false)]
    use_scale: bool,
    /// How queries and keys are scored: `dot` (default) or `concat`, which has a trained factor.
    #[keras(default = "dot")]
    score_mode: String,
    /// Part of the weights that is dropped in training: 0 to 1 (default 0).
    #[keras(default = 0.0)]
    dropout: Number,
    /// Seed of the dropout (default: none).
    seed: Option<u64>,
    /// How often it drew, which tells the masks of one seed apart.
    #[keras(skip)]
    drawn: Arc<AtomicU64>,
}

impl Attention {
    fn check(&self, context: &str) -> Result<()> {
        if MODES.contains(&self.score_mode.as_str()) {
            return Ok(());
        }
        Err(Error::argument(context, "score_mode", MODES.join(" or "), &self.score_mode))
    }

    fn concatenates(&self) -> bool {
        self.score_mode == "concat"
    }

    fn scores(&self, query: &Tensor, key: &Tensor, context: &CallContext<'_>) -> Result<Tensor> {
        let scale = self.use_scale.then(|| context.weight("scale")).transpose()?;
        if self.concatenates() {
            let sums = scores::sums(query, key)?;
            let sums = scale.map_or(Ok(sums.clone()), |scale| sums.mul(&scale))?.tanh()?.sum(&[-1], false)?;
            return sums.mul(&context.weight("concat_score_weight")?);
        }
        let last = key.rank() - 1;
        let mut axes: Vec<usize> = (0..key.rank()).collect();
        axes.swap(last - 1, last);
        let scores = query.matmul(&key.permute(&axes)?)?;
        scale.map_or(Ok(scores.clone()), |scale| scores.mul(&scale))
    }
}

impl Layer for Attention {
    fn signature(&self) -> Signature {
        scores::SIGNATURE
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())?;
        scores::operands(scope.name(), &inputs.list())?;
        if self.use_scale {
            scope.weight("scale", &[], &Initializer::ones()).add()?;
        }
        if self.concatenates() {
            scope.weight("concat_score_weight", &[], &Initializer::ones()).add()?;
        }
        Ok(())
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let call = Scored::of(&inputs, self.dropout, self.seed, &self.drawn)?;
        let scores = self.scores(&call.query, &call.key, context)?;
        call.outputs(scores, context)
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
