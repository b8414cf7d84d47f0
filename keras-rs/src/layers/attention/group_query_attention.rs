//! Attention in which several heads of queries share one head of keys and values.

use super::heads::{
    self, Attended, HeadCall, HeadLayers, Heads, ProjectedHeads, Projections, check_dropout, check_operands,
    operands,
};
use super::masks::expanded;
use crate::config::{KerasConfig, Number};
use crate::constraints::Constraint;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{
    BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs, Signature,
};
use crate::layers::arguments::{optional_size, size};
use crate::ops;
use crate::regularizers::Regularizer;
use crate::shape::Shape;

/// Attention by several heads, of which groups share keys and values. Keras' `GroupQueryAttention`; Ainslie et
/// al., 2023.
///
/// One head of keys and values for each head of queries is multi-head attention, one for all is multi-query
/// attention. A call takes the arguments of [`MultiHeadAttention`](super::MultiHeadAttention); a `query_mask` that
/// the call names counts, too.
///
/// Shapes: `(batch, queries, features)` and twice `(batch, keys, features)` to `(batch, queries, features)`;
/// scores are `(batch, query heads, queries, keys)`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = GroupQueryAttention::new(8, 4, 2).shared();
/// let x = Tensor::ones([1, 3, 6], DType::F32)?;
/// let y = layer.call(&[x.clone(), x])?;
/// assert_eq!(y[0].shape(), [1, 3, 6]);
/// assert_eq!(layer.weights()[2].shape(), [6, 2, 8]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check)]
pub struct GroupQueryAttention {
    base: LayerBase,
    /// Size of queries, keys and values of a head; at least one.
    #[keras(new, read_with = size)]
    head_dim: usize,
    /// Number of heads of queries; a multiple of that of keys and values.
    #[keras(new, read_with = size)]
    num_query_heads: usize,
    /// Number of heads of keys and values; at least one.
    #[keras(new, read_with = size)]
    num_key_value_heads: usize,
    /// Whether the projections have biases (default `true`).
    #[keras(default = true)]
    use_bias: bool,
    /// Whether the heads' results are multiplied by a gate, the sigmoid of a projection of the queries
    /// (default `false`); Qiu et al., 2025.
    #[keras(default = false)]
    use_gate: bool,
    /// How many positions a query sees to either side, its own included (default: all).
    #[keras(read_with = optional_size)]
    sliding_window: Option<usize>,
    /// Part of the probabilities that is dropped in training: 0 to 1 (default 0).
    #[keras(default = 0.0)]
    dropout: Number,
    /// Whether Keras computes attention without keeping all scores. It changes no number, and `true` refuses dropout and
    /// scores as outputs, as in Keras (default: left to Keras). On `flex` in `float32` all scores are kept only where
    /// they are outputs or dropped from.
    #[keras(nullable, no_write)]
    flash_attention: Option<bool>,
    /// Initializer of the kernels (default `glorot_uniform`).
    #[keras(default = Initializer::glorot_uniform())]
    kernel_initializer: Initializer,
    /// Initializer of the biases (default `zeros`).
    #[keras(default = Initializer::zeros())]
    bias_initializer: Initializer,
    /// Penalty on the kernels (default: none).
    kernel_regularizer: Option<Regularizer>,
    /// Penalty on the biases (default: none).
    bias_regularizer: Option<Regularizer>,
    /// Penalty on the outputs of the projections and of the layer (default: none).
    activity_regularizer: Option<Regularizer>,
    /// Projection of the kernels (default: none).
    kernel_constraint: Option<Constraint>,
    /// Projection of the biases (default: none).
    bias_constraint: Option<Constraint>,
    /// Seed of the dropout (default: none).
    seed: Option<u64>,
    #[keras(skip, sublayer = "_")]
    heads: Heads,
}

impl GroupQueryAttention {
    fn check(&self, context: &str) -> Result<()> {
        let sizes = [
            ("head_dim", Some(self.head_dim)),
            ("num_query_heads", Some(self.num_query_heads)),
            ("num_key_value_heads", Some(self.num_key_value_heads)),
            ("sliding_window", self.sliding_window),
        ];
        if let Some((argument, _)) = sizes.iter().find(|(_, size)| *size == Some(0)) {
            return Err(Error::argument(context, *argument, "at least 1", 0));
        }
        if !self.num_query_heads.is_multiple_of(self.num_key_value_heads) {
            let expected =
                format!("a multiple of num_key_value_heads, which is {}", self.num_key_value_heads);
            return Err(Error::argument(context, "num_query_heads", expected, self.num_query_heads));
        }
        check_dropout(context, self.dropout, self.flash_attention)
    }

    /// The layers inside, for queries with so many features.
    fn layers(&self, features: usize) -> Result<HeadLayers> {
        let make = Projections {
            dtype: self.base.dtype.clone(),
            use_bias: self.use_bias,
            kernel_initializer: &self.kernel_initializer,
            bias_initializer: &self.bias_initializer,
            kernel_regularizer: &self.kernel_regularizer,
            bias_regularizer: &self.bias_regularizer,
            activity_regularizer: &self.activity_regularizer,
            kernel_constraint: &self.kernel_constraint,
            bias_constraint: &self.bias_constraint,
        };
        let of_queries = || vec![None, Some(self.num_query_heads), Some(self.head_dim)];
        let of_keys = || vec![None, Some(self.num_key_value_heads), Some(self.head_dim)];
        let gate = || make.gate("bqm,muh->bquh", of_queries(), "uh");
        Ok(HeadLayers {
            query: make.dense("query", "bqm,muh->bquh", of_queries(), "uh"),
            key: make.dense("key", "bkm,mvh->bkvh", of_keys(), "vh"),
            gate: self.use_gate.then(gate).transpose()?,
            value: make.dense("value", "bkm,mvh->bkvh", of_keys(), "vh"),
            softmax: make.softmax(vec![-1]),
            dropout: make.dropout(self.dropout, self.seed),
            output: make.dense("attention_output", "bquh,uhm->bqm", vec![None, Some(features)], "m"),
        })
    }

    /// Means of values, and the probabilities where they are asked for or dropout needs them.
    fn attend(
        &self,
        layers: &HeadLayers,
        heads: &ProjectedHeads,
        context: &mut CallContext<'_>,
    ) -> Result<Attended> {
        let scale = 1.0 / (self.head_dim as f64).sqrt();
        let mask = heads.mask.as_ref().map(|mask| expanded(mask, 4, 2)).transpose()?;
        if !heads.keeps_scores {
            let mut options = ops::Attention::new().scale(scale).is_causal(heads.is_causal);
            options.mask = mask.as_ref();
            let y = ops::dot_product_attention(&heads.query, &heads.key, &heads.value, options)?;
            return Ok((y, None));
        }
        if let Some(means) = heads.undropped(scale, mask.as_ref())? {
            return Ok((means, None));
        }
        // Queries by the heads of keys that they look at, `v`, and those that share one, `g`.
        let (served, group) =
            (self.num_key_value_heads, self.num_query_heads / self.num_key_value_heads.max(1));
        let query = heads.query.mul_scalar(scale)?;
        let (batch, queries, keys) = (query.shape()[0], query.shape()[1], heads.key.shape()[1]);
        let query = query.reshape([batch, queries, served, group, self.head_dim])?;
        let scores = ops::einsum("bqvgh,bkvh->bvgqk", &[&query, &heads.key])?;
        let scores = scores.reshape([batch, self.num_query_heads, queries, keys])?;
        let scores = layers.probabilities(context, scores, mask)?;
        let kept = HeadLayers::call(context, &layers.dropout, &scores.tensor)?;
        let kept = kept.reshape([batch, served, group, queries, keys])?;
        let means = ops::einsum("bvgqk,bkvh->bqvgh", &[&kept, &heads.value])?;
        Ok((means.reshape([batch, queries, self.num_query_heads, self.head_dim])?, Some(scores)))
    }
}

impl Layer for GroupQueryAttention {
    fn signature(&self) -> Signature {
        heads::SIGNATURE
    }

    fn python_class(&self) -> &str {
        "GroupedQueryAttention"
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())?;
        let shapes = operands(inputs)?;
        check_operands(scope.name(), shapes)?;
        self.heads.make(scope, self.layers(shapes[0].known_dim(scope.name(), -1)?)?, shapes)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let call = HeadCall::of(&inputs, self.sliding_window, self.dropout, self.flash_attention)?;
        call.run(&self.heads, context, |layers, heads, context| self.attend(layers, heads, context))
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let shapes = operands(inputs)?;
        let [query, value, _] = shapes;
        query.require_rank(self.class_name(), 3)?;
        check_operands(self.class_name(), shapes)?;
        if query.dims()[2] != value.dims()[2] {
            let expected = format!("as many features as the query {query}");
            return Err(Error::shape(self.class_name(), "value", expected, value));
        }
        let mut outputs = vec![query.clone()];
        if inputs.flag("return_attention_scores", false)? {
            let [query, value] = [query.dims(), value.dims()];
            outputs.push([query[0], Some(self.num_query_heads), query[1], value[1]].into());
        }
        Ok(outputs)
    }

    fn form(&self) -> Option<Form> {
        if self.sliding_window.is_some() {
            return None;
        }
        self.heads.form([self.num_query_heads, self.num_key_value_heads], self.head_dim)
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn activity_regularizer(&self) -> Option<&Regularizer> {
        self.activity_regularizer.as_ref()
    }
}
