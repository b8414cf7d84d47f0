//! The layers inside attention with heads: projections to and from heads, softmax and dropout.

use super::masks::Masks;
use crate::activations::Activation;
use crate::config::{BaseConfig, ConfigReader, Number};
use crate::constraints::Constraint;
use crate::dtype::{DType, DTypePolicy};
use crate::error::{Error, Result, tuple};
use crate::initializers::Initializer;
use crate::layer::{
    Argument, Arguments, BoundArguments, BuildScope, CallContext, Form, Inputs, LayerBase, LayerExt,
    LayerRef, MaskedTensor, Outputs, Signature, Sublayers,
};
use crate::layers::{Dropout, EinsumDense, Softmax};
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::Tensor;
use std::sync::{Arc, PoisonError, RwLock};

/// The layers inside, which are made once the shapes of the inputs are known. A copy has none.
#[derive(Debug, Default)]
pub(super) struct Heads(RwLock<Option<Arc<HeadLayers>>>);

impl Clone for Heads {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// The layers inside by what they are for.
#[derive(Debug)]
pub(super) struct HeadLayers {
    pub(super) query: LayerRef,
    pub(super) key: LayerRef,
    pub(super) gate: Option<LayerRef>,
    pub(super) value: LayerRef,
    pub(super) softmax: LayerRef,
    pub(super) dropout: LayerRef,
    pub(super) output: LayerRef,
}

impl Heads {
    /// The layers, which [`Heads::make`] has made.
    pub(super) fn layers(&self, layer: &str) -> Result<Arc<HeadLayers>> {
        let made = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        made.ok_or_else(|| Error::NotBuilt { layer: layer.into(), hint: "build it or call it on data first" })
    }

    /// Keeps layers and builds the projections for the shapes of query, value and key.
    pub(super) fn make(
        &self,
        scope: &mut BuildScope<'_>,
        layers: HeadLayers,
        [query, value, key]: [&Shape; 3],
    ) -> Result<()> {
        scope.build_child(&layers.query, std::slice::from_ref(query))?;
        scope.build_child(&layers.key, std::slice::from_ref(key))?;
        if let Some(gate) = &layers.gate {
            scope.build_child(gate, std::slice::from_ref(query))?;
        }
        scope.build_child(&layers.value, std::slice::from_ref(value))?;
        // With the heads of the values, whose size may be another than that of queries.
        let mut heads = layers.query.compute_output_shape(std::slice::from_ref(query))?;
        let of_values = layers.value.compute_output_shape(std::slice::from_ref(value))?;
        if let (Some(heads), Some(size)) =
            (heads.first_mut(), of_values.first().and_then(|s| s.dims().last()))
        {
            let mut dims = heads.dims().to_vec();
            if let Some(last) = dims.last_mut() {
                *last = *size;
            }
            *heads = dims.into();
        }
        scope.build_child(&layers.output, &heads)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(layers));
        Ok(())
    }
}

impl Heads {
    /// Attention over one axis with the projections, where nothing else is computed.
    pub(super) fn form(&self, [heads, key_heads]: [usize; 2], size: usize) -> Option<Form> {
        let layers = self.layers("").ok().filter(|layers| layers.gate.is_none())?;
        let projections = [&layers.query, &layers.key, &layers.value, &layers.output].map(Clone::clone);
        let scale = 1.0 / (size as f64).sqrt();
        Some(Form::Attention { projections: Box::new(projections), heads, key_heads, scale })
    }
}

impl Sublayers for Heads {
    /// `name` stands before the attributes that Keras keeps the projections under.
    fn sublayers(&self, name: &str) -> Vec<(String, LayerRef)> {
        let Some(layers) = self.0.read().unwrap_or_else(PoisonError::into_inner).clone() else {
            return Vec::new();
        };
        let named = |attribute: &str, layer: &LayerRef| (attribute.to_string(), layer.clone());
        let dense = |role: &str, layer: &LayerRef| (format!("{name}{role}_dense"), layer.clone());
        let mut all = vec![dense("query", &layers.query), dense("key", &layers.key)];
        all.extend(layers.gate.iter().map(|gate| named("_gate_dense", gate)));
        all.push(dense("value", &layers.value));
        all.push(named("_softmax", &layers.softmax));
        all.push(named("_dropout_layer", &layers.dropout));
        all.push(dense("output", &layers.output));
        all
    }
}

impl HeadLayers {
    /// The output of one of the layers inside.
    pub(super) fn call(context: &mut CallContext<'_>, layer: &LayerRef, x: &Tensor) -> Result<Tensor> {
        let outputs = context.call_child(layer, vec![x.into()])?;
        Ok(Self::first(context, outputs)?.tensor)
    }

    /// Softmax of scores, zero where a mask is false; the mask travels with it.
    pub(super) fn probabilities(
        &self,
        context: &mut CallContext<'_>,
        scores: Tensor,
        mask: Option<Tensor>,
    ) -> Result<MaskedTensor> {
        let mut arguments = Arguments::one(Argument::Tensor(MaskedTensor::from(scores)));
        if let Some(mask) = mask {
            arguments = arguments.with("mask", Argument::Tensor(mask.into()));
        }
        let outputs = context.call_child_with(&self.softmax, arguments)?;
        Self::first(context, outputs)
    }

    fn first(context: &CallContext<'_>, mut outputs: Outputs) -> Result<MaskedTensor> {
        match outputs.0.len() {
            1 => Ok(outputs.0.remove(0)),
            got => Err(Error::argument(context.layer(), "outputs", "one tensor", got)),
        }
    }
}

/// Arguments that the projections of a layer share.
pub(super) struct Projections<'a> {
    pub(super) dtype: DTypePolicy,
    pub(super) use_bias: bool,
    pub(super) kernel_initializer: &'a Initializer,
    pub(super) bias_initializer: &'a Initializer,
    pub(super) kernel_regularizer: &'a Option<Regularizer>,
    pub(super) bias_regularizer: &'a Option<Regularizer>,
    pub(super) activity_regularizer: &'a Option<Regularizer>,
    pub(super) kernel_constraint: &'a Option<Constraint>,
    pub(super) bias_constraint: &'a Option<Constraint>,
}

impl Projections<'_> {
    /// A projection; the last letters of the output are those of the bias.
    pub(super) fn dense(
        &self,
        name: &str,
        equation: &str,
        output: Vec<Option<usize>>,
        bias: &str,
    ) -> LayerRef {
        self.activated(name, equation, output, bias, Activation::linear())
    }

    /// The gate: a projection with a sigmoid.
    pub(super) fn gate(&self, equation: &str, output: Vec<Option<usize>>, bias: &str) -> Result<LayerRef> {
        Ok(self.activated("gate", equation, output, bias, Activation::try_from("sigmoid")?))
    }

    fn activated(
        &self,
        name: &str,
        equation: &str,
        output: Vec<Option<usize>>,
        bias: &str,
        activation: Activation,
    ) -> LayerRef {
        let mut layer = EinsumDense::new(equation, output);
        layer.base = LayerBase::named(name);
        layer.base.dtype = self.dtype.clone();
        layer.activation = activation;
        layer.bias_axes = self.use_bias.then(|| bias.to_string());
        layer.kernel_initializer = self.kernel_initializer.clone();
        layer.bias_initializer = self.bias_initializer.clone();
        layer.kernel_regularizer.clone_from(self.kernel_regularizer);
        layer.bias_regularizer.clone_from(self.bias_regularizer);
        layer.activity_regularizer.clone_from(self.activity_regularizer);
        layer.kernel_constraint.clone_from(self.kernel_constraint);
        layer.bias_constraint.clone_from(self.bias_constraint);
        layer.shared()
    }

    /// Softmax over axes.
    pub(super) fn softmax(&self, axes: Vec<isize>) -> LayerRef {
        Softmax::new().axis(axes).dtype(self.dtype.clone()).shared()
    }

    /// Dropout of scores.
    pub(super) fn dropout(&self, rate: Number, seed: Option<u64>) -> LayerRef {
        let layer = Dropout::new(rate).dtype(self.dtype.clone());
        seed.map_or_else(|| layer.clone(), |seed| layer.clone().seed(seed)).shared()
    }
}

/// The arguments of a call of attention with heads.
pub(super) const SIGNATURE: Signature = Signature::new(&[
    "query",
    "value",
    "key",
    "query_mask",
    "value_mask",
    "key_mask",
    "attention_mask",
    "return_attention_scores",
    "training",
    "use_causal_mask",
])
.built_from(&["query", "value", "key"]);

/// Query, value and key; the value where there is no key.
pub(super) fn operands<T>(inputs: &BoundArguments<T>) -> Result<[&T; 3]> {
    let required = |name: &str| {
        let missing = || Error::argument(inputs.layer(), name, "a tensor", "nothing");
        inputs.tensor(name)?.ok_or_else(missing)
    };
    let (query, value) = (required("query")?, required("value")?);
    Ok([query, value, inputs.tensor("key")?.unwrap_or(value)])
}

/// Refuses keys and values of different lengths, and operands of different ranks.
pub(super) fn check_operands(context: &str, [query, value, key]: [&Shape; 3]) -> Result<()> {
    if query.rank() < 3 || value.rank() != query.rank() {
        return Err(Error::shape(
            context,
            "value",
            format!("as many axes as {query}, and at least 3"),
            value,
        ));
    }
    let positions = |shape: &Shape| shape.dims().get(1..shape.rank() - 1).map(<[_]>::to_vec);
    if key.rank() != value.rank() || positions(value) != positions(key) {
        let expected = format!("the sizes of the value {value} but for batch and features");
        return Err(Error::shape(context, "key", expected, key));
    }
    Ok(())
}

/// Refuses dropout where all scores are asked not to be kept.
pub(super) fn check_dropout(context: &str, dropout: Number, flash: Option<bool>) -> Result<()> {
    if flash == Some(true) && dropout.get() > 0.0 {
        return Err(Error::argument(context, "dropout", "0 with flash_attention", dropout.get()));
    }
    Ok(())
}

/// Reads what every layer has without a penalty on the outputs: it is for the projections alone.
pub(super) fn without_penalty(base: LayerBase, c: &mut ConfigReader<'_>) -> Result<LayerBase> {
    let mut base = BaseConfig::read(base, c)?;
    base.activity_regularizer = None;
    Ok(base)
}

/// One call: its operands and masks.
pub(super) struct HeadCall {
    pub(super) query: MaskedTensor,
    value: MaskedTensor,
    key: MaskedTensor,
    pub(super) masks: Masks,
    with_scores: bool,
    keeps_scores: bool,
    /// Whether scores are kept for dropout alone.
    for_dropout: bool,
}

/// What attention is computed from.
pub(super) struct ProjectedHeads {
    /// `(batch, queries, heads, size)`, or with more axes of queries.
    pub(super) query: Tensor,
    /// `(batch, keys, heads, size)`, or with more axes of keys.
    pub(super) key: Tensor,
    /// As the key.
    pub(super) value: Tensor,
    /// Which query sees which key, where that is more than positions say.
    pub(super) mask: Option<Tensor>,
    /// Whether a query sees no key after its own position.
    pub(super) is_causal: bool,
    /// Whether all scores are computed at once: they are asked for, dropped from, or over several axes.
    pub(super) keeps_scores: bool,
    /// Whether they are kept for dropout alone, in a pass that drops nothing.
    undropped: bool,
}

impl ProjectedHeads {
    /// What attention that keeps scores for dropout gives in a pass that drops nothing, where the backend has an
    /// operation for it: queries that see nothing get zeros.
    pub(super) fn undropped(&self, scale: f64, mask: Option<&Tensor>) -> Result<Option<Tensor>> {
        if !self.undropped {
            return Ok(None);
        }
        let mask = mask.map(|mask| mask.cast(DType::Bool)).transpose()?;
        Tensor::attention([&self.query, &self.key, &self.value], scale, false, mask.as_ref(), true)
    }

    /// Puts the keys and values of earlier positions before those of this call.
    fn with_cached(&mut self, masks: &mut Masks, context: &mut CallContext<'_>) -> Result<()> {
        if self.query.rank() != 4 {
            let expected = "inputs of 3 axes with a cache";
            return Err(Error::shape(context.layer(), "query", expected, tuple(self.query.shape())));
        }
        let seen = match (masks.value.take(), masks.key.take()) {
            (Some(value), Some(key)) => Some(value.cast(DType::Bool)?.logical_and(&key.cast(DType::Bool)?)?),
            (one, other) => one.or(other).map(|mask| mask.cast(DType::Bool)).transpose()?,
        };
        let (key, value, seen) = context.with_cached(self.key.clone(), self.value.clone(), seen)?;
        (self.key, self.value, masks.value) = (key, value, seen);
        Ok(())
    }
}

/// Means of values, and the probabilities where all are computed.
pub(super) type Attended = (Tensor, Option<MaskedTensor>);

impl HeadCall {
    pub(super) fn of(
        inputs: &Inputs,
        window: Option<usize>,
        dropout: Number,
        flash: Option<bool>,
    ) -> Result<Self> {
        let with_scores = inputs.flag("return_attention_scores", false)?;
        if with_scores && flash == Some(true) {
            let expected = "false with flash_attention";
            return Err(Error::argument(inputs.layer(), "return_attention_scores", expected, true));
        }
        let [query, value, key] = operands(inputs)?.map(Clone::clone);
        let for_dropout = !with_scores && query.tensor.rank() == 3;
        let keeps_scores = dropout.get() > 0.0 || !for_dropout;
        let masks = Masks::of(inputs, window)?;
        Ok(Self { masks, query, value, key, with_scores, keeps_scores, for_dropout })
    }

    /// Takes the masks off query, value and key, wherever else these tensors go: Keras does so in every call with
    /// values, as the masks have had their say.
    pub(super) fn take_masks_off(&self) {
        [&self.query, &self.value, &self.key].into_iter().for_each(|operand| operand.set_mask(None));
    }

    /// Projects to heads, attends, and projects back.
    pub(super) fn run(
        self,
        heads: &Heads,
        context: &mut CallContext<'_>,
        attend: impl FnOnce(&HeadLayers, &ProjectedHeads, &mut CallContext<'_>) -> Result<Attended>,
    ) -> Result<Outputs> {
        let layers = heads.layers(context.layer())?;
        let Self { query, value, key, mut masks, with_scores, keeps_scores, for_dropout } = self;
        let gate =
            layers.gate.as_ref().map(|gate| HeadLayers::call(context, gate, &query.tensor)).transpose()?;
        let mut projected = ProjectedHeads {
            query: HeadLayers::call(context, &layers.query, &query.tensor)?,
            key: HeadLayers::call(context, &layers.key, &key.tensor)?,
            value: HeadLayers::call(context, &layers.value, &value.tensor)?,
            mask: None,
            is_causal: false,
            keeps_scores,
            undropped: for_dropout && !context.training(),
        };
        let mut first = 0;
        if masks.causal && context.is_cached() {
            first = context.position();
            projected.with_cached(&mut masks, context)?;
        }
        projected.is_causal = masks.only_causal() && !keeps_scores && first == 0;
        let positions = (query.tensor.dim(1)?, projected.value.dim(1)?);
        if !projected.is_causal {
            projected.mask = masks.joined(positions, first, &query.tensor)?;
        }
        let (mut y, scores) = attend(&layers, &projected, context)?;
        if let Some(gate) = gate {
            y = y.mul(&gate)?;
        }
        let mut outputs = vec![MaskedTensor::from(HeadLayers::call(context, &layers.output, &y)?)];
        outputs.extend(scores.filter(|_| with_scores));
        Ok(Outputs(outputs))
    }
}
