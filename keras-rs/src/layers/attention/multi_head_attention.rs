//! Attention with several heads.

use super::heads::{
    self, Attended, HeadCall, HeadLayers, Heads, ProjectedHeads, Projections, check_dropout, check_operands,
    operands,
};
use super::masks::expanded;
use crate::config::{Config, ConfigReader, FromConfig, IntoConfig, KerasConfig, Number};
use crate::constraints::{Axes, Constraint};
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{
    BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs, Signature,
};
use crate::layers::arguments::{optional_size, size};
use crate::ops;
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::resolve_axis;

/// Attention of queries to keys by several heads, each with projections of its own. Keras'
/// `MultiHeadAttention`; Vaswani et al., 2017.
///
/// A call takes `query`, `value` and, where it is not the value, `key`, and by keyword `attention_mask`,
/// `use_causal_mask`, `query_mask`, `value_mask`, `key_mask` and `return_attention_scores`. Masks that travel with
/// the inputs count; as in Keras, that of the query counts only if it travels, and is the output's.
///
/// Shapes: `(batch, queries, features)` and twice `(batch, keys, features)` to `(batch, queries, features)`, or
/// with the sizes of `output_shape` at the end; scores are `(batch, heads, queries, keys)`. There may be more axes
/// before the features; `attention_axes` says over which of them queries look.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = MultiHeadAttention::new(2, 4).shared();
/// let x = Tensor::ones([1, 3, 6], DType::F32)?;
/// let y = layer.call(&[x.clone(), x])?;
/// assert_eq!(y[0].shape(), [1, 3, 6]);
///
/// let (query, value) = (Input::new([3, 6]), Input::new([5, 6]));
/// let call = Call::new().use_causal_mask(true).return_attention_scores(true);
/// let [y, scores] = layer.apply_many_with([&query, &value], call)?.try_into().expect("two outputs");
/// assert_eq!(scores.shape().to_string(), "(None, 2, 3, 5)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check, write_also = Self::write_value_dim)]
pub struct MultiHeadAttention {
    #[keras(read_with = heads::without_penalty)]
    base: LayerBase,
    /// Number of heads; at least one.
    #[keras(new, read_with = size)]
    num_heads: usize,
    /// Size of queries and keys of a head; at least one.
    #[keras(new, read_with = size)]
    key_dim: usize,
    /// Size of values of a head; at least one (default: that of keys).
    #[keras(read_with = optional_size)]
    value_dim: Option<usize>,
    /// Part of the probabilities that is dropped in training: 0 to 1 (default 0).
    #[keras(default = 0.0)]
    dropout: Number,
    /// Whether the projections have biases (default `true`).
    #[keras(default = true)]
    use_bias: bool,
    /// Whether the heads' results are multiplied by a gate, the sigmoid of a projection of the queries
    /// (default `false`); Qiu et al., 2025.
    #[keras(default = false)]
    use_gate: bool,
    /// Sizes of the output's last axes (default: the query's features).
    #[keras(no_setter, read_with = sizes)]
    output_shape: Option<Vec<usize>>,
    /// Axes over which queries look at keys, an axis or a list of them (default: all but the batch and the
    /// features).
    #[keras(normalize = as_list)]
    attention_axes: Option<Axes>,
    /// How many positions a query sees to either side, its own included (default: all).
    #[keras(read_with = optional_size)]
    sliding_window: Option<usize>,
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
    /// Penalty on the outputs of the projections (default: none).
    activity_regularizer: Option<Regularizer>,
    /// Projection of the kernels (default: none).
    kernel_constraint: Option<Constraint>,
    /// Projection of the biases (default: none).
    bias_constraint: Option<Constraint>,
    /// Seed of the dropout (default: none).
    seed: Option<u64>,
    #[keras(skip, sublayer = "")]
    heads: Heads,
}

/// Sizes that Keras takes as one number or several.
fn sizes(c: &mut ConfigReader<'_>, key: &str) -> Result<Option<Vec<usize>>> {
    let value = c.take_value(key)?;
    if value.is_null() {
        return Ok(None);
    }
    let one = || usize::from_value(value).map(|size| vec![size]);
    let sizes = Vec::from_value(value).or_else(one).filter(|sizes| !sizes.is_empty());
    sizes.map(Some).ok_or_else(|| c.reject(key, "a size or a list of sizes", value))
}

/// Keras keeps one axis as a tuple.
fn as_list(axes: Option<Axes>) -> Option<Axes> {
    axes.map(|axes| axes.as_slice().to_vec().into())
}

/// Letters for axes.
fn letters(count: usize) -> Vec<char> {
    ('a'..='z').chain('A'..='Z').take(count).collect()
}

/// The equation of a projection of `free` axes and `bound` ones to `free` and `output` ones, and the output's
/// letters at the end.
fn projection(free: usize, bound: usize, output: usize) -> (String, String) {
    let letters = letters(free + bound + output);
    let text =
        |range: std::ops::Range<usize>| letters.get(range).unwrap_or_default().iter().collect::<String>();
    let (start, middle, end) = (text(0..free), text(free..free + bound), text(free + bound..letters.len()));
    (format!("{start}{middle},{middle}{end}->{start}{end}"), end)
}

/// The equations of scores and of means of values, for heads with `rank` axes.
fn equations(rank: usize, axes: &[usize]) -> (String, String) {
    let queries = letters(rank);
    let mut others = letters(2 * rank).split_off(rank).into_iter();
    let batch: Vec<usize> = (0..rank.saturating_sub(1)).filter(|i| !axes.contains(i)).collect();
    let keys: String = (0..rank)
        .map(|i| if i + 1 == rank || batch.contains(&i) { queries[i] } else { others.next().unwrap_or('?') })
        .collect();
    let of_keys: Vec<char> = keys.chars().collect();
    let scores: String = batch
        .iter()
        .map(|i| queries[*i])
        .chain(axes.iter().map(|i| queries[*i]))
        .chain(axes.iter().map(|i| of_keys[*i]))
        .collect();
    let queries: String = queries.into_iter().collect();
    (format!("{keys},{queries}->{scores}"), format!("{scores},{keys}->{queries}"))
}

impl MultiHeadAttention {
    /// Sets the sizes of the output's last axes (default: the query's features).
    #[must_use]
    pub fn output_shape(mut self, sizes: impl Into<Shape>) -> Self {
        let sizes = sizes.into();
        match sizes.to_known().filter(|known| !known.is_empty()) {
            Some(known) => self.output_shape = Some(known),
            None => {
                let error = Error::argument("MultiHeadAttention", "output_shape", "known sizes", sizes);
                self.base.defer(error);
            }
        }
        self
    }

    fn check(&self, context: &str) -> Result<()> {
        let sizes = [
            ("num_heads", Some(self.num_heads)),
            ("key_dim", Some(self.key_dim)),
            ("value_dim", self.value_dim),
            ("sliding_window", self.sliding_window),
        ];
        if let Some((argument, _)) = sizes.iter().find(|(_, size)| *size == Some(0)) {
            return Err(Error::argument(context, *argument, "at least 1", 0));
        }
        check_dropout(context, self.dropout, self.flash_attention)
    }

    fn value_dim_or_key_dim(&self) -> usize {
        self.value_dim.unwrap_or(self.key_dim)
    }

    /// Keras writes the size that it takes.
    fn write_value_dim(&self, config: &mut Config) {
        config.insert("value_dim".into(), self.value_dim_or_key_dim().to_config());
    }

    fn projections(&self) -> Projections<'_> {
        Projections {
            dtype: self.base.dtype.clone(),
            use_bias: self.use_bias,
            kernel_initializer: &self.kernel_initializer,
            bias_initializer: &self.bias_initializer,
            kernel_regularizer: &self.kernel_regularizer,
            bias_regularizer: &self.bias_regularizer,
            activity_regularizer: &self.activity_regularizer,
            kernel_constraint: &self.kernel_constraint,
            bias_constraint: &self.bias_constraint,
        }
    }

    /// The axes over which queries look at keys, for inputs with `rank` axes.
    fn axes(&self, context: &str, rank: usize) -> Result<Vec<usize>> {
        let Some(axes) = &self.attention_axes else { return Ok((1..rank.saturating_sub(1)).collect()) };
        let axes: Vec<usize> =
            axes.as_slice().iter().map(|axis| resolve_axis(context, *axis, rank)).collect::<Result<_>>()?;
        let twice = axes.iter().enumerate().any(|(i, axis)| axes[..i].contains(axis));
        if axes.is_empty() || twice || axes.contains(&(rank - 1)) {
            let expected = "at least one axis, each once and none the features'";
            return Err(Error::argument(context, "attention_axes", expected, format!("{axes:?}")));
        }
        Ok(axes)
    }

    /// The layers inside for the shapes of query, value and key.
    fn layers(&self, context: &str, [query, value, key]: [&Shape; 3]) -> Result<HeadLayers> {
        let make = self.projections();
        let heads = |shape: &Shape, size: usize| -> (String, Vec<Option<usize>>, String) {
            let (equation, bias) = projection(shape.rank() - 1, 1, 2);
            let mut output = vec![None; shape.rank() - 2];
            output.extend([Some(self.num_heads), Some(size)]);
            (equation, output, bias)
        };
        let dense = |name: &str, shape: &Shape, size: usize| {
            let (equation, output, bias) = heads(shape, size);
            make.dense(name, &equation, output, &bias)
        };
        let gate = || {
            let (equation, output, bias) = heads(query, self.value_dim_or_key_dim());
            make.gate(&equation, output, &bias)
        };
        let output = match &self.output_shape {
            Some(sizes) => sizes.clone(),
            None => vec![query.known_dim(context, -1)?],
        };
        let (equation, bias) = projection(query.rank() - 1, 2, output.len());
        let mut output_shape = vec![None; query.rank() - 2];
        output_shape.extend(output.into_iter().map(Some));
        let over = self.axes(context, value.rank())?.len() as isize;
        Ok(HeadLayers {
            query: dense("query", query, self.key_dim),
            key: dense("key", key, self.key_dim),
            gate: self.use_gate.then(gate).transpose()?,
            value: dense("value", value, self.value_dim_or_key_dim()),
            softmax: make.softmax((-over..0).collect()),
            dropout: make.dropout(self.dropout, self.seed),
            output: make.dense("attention_output", &equation, output_shape, &bias),
        })
    }

    /// Means of values, and the probabilities where they are asked for or dropout needs them.
    fn attend(
        &self,
        layers: &HeadLayers,
        heads: &ProjectedHeads,
        context: &mut CallContext<'_>,
    ) -> Result<Attended> {
        let ProjectedHeads { query, key, value, .. } = heads;
        let axes = self.axes(context.layer(), value.rank() - 1)?;
        let scale = 1.0 / (self.key_dim as f64).sqrt();
        if !heads.keeps_scores {
            let mask = heads.mask.as_ref().map(|mask| expanded(mask, 4, 2 * axes.len())).transpose()?;
            let mut options = ops::Attention::new().scale(scale).is_causal(heads.is_causal);
            options.mask = mask.as_ref();
            return Ok((ops::dot_product_attention(query, key, value, options)?, None));
        }
        let rank = value.rank() - 1 + axes.len();
        let mask = heads.mask.as_ref().map(|mask| expanded(mask, rank, 2 * axes.len())).transpose()?;
        if axes == [1]
            && let Some(means) = heads.undropped(scale, mask.as_ref())?
        {
            return Ok((means, None));
        }
        let (of_scores, of_means) = equations(value.rank(), &axes);
        let scores = ops::einsum(&of_scores, &[key, &query.mul_scalar(scale)?])?;
        let scores = layers.probabilities(context, scores, mask)?;
        let kept = HeadLayers::call(context, &layers.dropout, &scores.tensor)?;
        Ok((ops::einsum(&of_means, &[&kept, value])?, Some(scores)))
    }
}

impl Layer for MultiHeadAttention {
    fn signature(&self) -> Signature {
        heads::SIGNATURE
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())?;
        let shapes = operands(inputs)?;
        check_operands(scope.name(), shapes)?;
        let layers = self.layers(scope.name(), shapes)?;
        self.heads.make(scope, layers, shapes)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let mut call = HeadCall::of(&inputs, self.sliding_window, self.dropout, self.flash_attention)?;
        // Keras takes the query's mask from the query alone, whatever the call says.
        call.masks.query = call.query.mask();
        call.take_masks_off();
        call.run(&self.heads, context, |layers, heads, context| self.attend(layers, heads, context))
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let shapes = operands(inputs)?;
        let [query, value, _] = shapes;
        check_operands(self.class_name(), shapes)?;
        let mut output = query.dims().to_vec();
        if let Some(sizes) = &self.output_shape {
            output.pop();
            output.extend(sizes.iter().copied().map(Some));
        }
        let mut outputs = vec![Shape::from(output)];
        if inputs.flag("return_attention_scores", false)? {
            let axes = self.axes(self.class_name(), value.rank())?;
            let along = |shape: &Shape| axes.iter().map(|i| shape.dims()[*i]).collect::<Vec<_>>();
            let batch = (0..query.rank() - 1).filter(|i| !axes.contains(i)).map(|i| query.dims()[i]);
            let mut scores: Vec<Option<usize>> = batch.collect();
            scores.push(Some(self.num_heads));
            scores.extend(along(query));
            scores.extend(along(value));
            outputs.push(scores.into());
        }
        Ok(outputs)
    }

    fn form(&self) -> Option<Form> {
        let over_positions = self.attention_axes.as_ref().is_none_or(|axes| axes.as_slice() == [1]);
        if !over_positions || self.sliding_window.is_some() {
            return None;
        }
        self.heads.form([self.num_heads; 2], self.key_dim)
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
