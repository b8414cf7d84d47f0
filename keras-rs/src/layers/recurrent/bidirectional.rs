//! A recurrent layer in both directions.

use super::merge_mode::MergeMode;
use super::recurrence;
use crate::config::{
    Config, ConfigReader, CustomObjects, FromConfig, IntoConfig, KerasConfig, Loading, Value,
};
use crate::error::{Error, Result};
use crate::layer::{
    Argument, Arguments, BoundArguments, BuildScope, CallContext, CarriesMask, Form, InputShapes, Inputs,
    KerasTensor, Layer, LayerBase, LayerRef, MaskedTensor, NamedAfter, Outputs, Signature, SymbolicInputs,
};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// A recurrent layer that goes through a sequence, another one that goes through it backwards, and their outputs
/// merged. Keras' `Bidirectional`; Schuster and Paliwal, 1997.
///
/// Shapes: those of the layer, with the last axis twice as long with [`MergeMode::Concat`]; with `return_state` the
/// states of the forward layer follow, then those of the backward layer. `initial_state` has both in that order.
///
/// As in Keras the layer that is handed over is a pattern: both directions are made from its configuration, so they
/// start from variables of their own. The pattern's class must be Keras'; a layer over a user's cell needs its
/// [`backward_layer`](Self::backward_layer).
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Input::new([5, 3]);
/// let y = Bidirectional::new(GRU::new(4).return_sequences(true)).merge_mode("sum").apply(&x)?;
/// assert_eq!(y.shape().to_string(), "(None, 5, 4)");
///
/// let y = Bidirectional::new(LSTM::new(4)).backward_layer(LSTM::new(2).go_backwards(true)).apply(&x)?;
/// assert_eq!(y.layer().weights().len(), 6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check, write_also = Self::write_layers, ignore("weights"))]
pub struct Bidirectional {
    base: LayerBase,
    /// How the outputs become one: `concat`, `sum`, `mul`, `ave`, or [`MergeMode::Apart`] for Keras' `None` (default
    /// `concat`).
    #[keras(default = MergeMode::Concat)]
    merge_mode: MergeMode,
    /// The layer that both directions are made from.
    #[keras(new, rename = "layer", no_write, untracked)]
    pattern: LayerRef,
    #[keras(skip = direction(&pattern, "forward_", None).unwrap_or_else(|_| pattern.clone()), sublayer = "forward_layer")]
    forward: LayerRef,
    /// The layer that goes backwards, where it is given.
    #[keras(no_setter, no_write, rename = "backward_layer", read_with = read_backward, untracked)]
    given: Option<LayerRef>,
    #[keras(skip = given.clone().or_else(|| direction(&pattern, "backward_", Some(true)).ok()), sublayer = "backward_layer")]
    backward: Option<LayerRef>,
}

/// The value of an argument of a recurrent layer.
fn flag(layer: &LayerRef, argument: &str) -> bool {
    layer.layer().config().get(argument).and_then(Value::as_bool).unwrap_or(false)
}

/// Whether masked steps give something else than zeros where all outputs are given.
fn lacks_zeros(layer: &LayerRef) -> bool {
    let config = layer.layer().config();
    config.contains_key("zero_output_for_mask")
        && config.get("zero_output_for_mask") != config.get("return_sequences")
}

fn read_backward(c: &mut ConfigReader<'_>, key: &str) -> Result<Option<LayerRef>> {
    Ok(c.take::<Option<LayerRef>>(key)?.map(|layer| with_zeros(&layer)))
}

/// A copy of a layer of Keras': the same arguments but for some, with variables of its own. Masked steps give zeros
/// where all outputs are given, whatever the layer says.
fn copy(layer: &LayerRef, change: impl FnOnce(&mut Config)) -> Result<LayerRef> {
    let mut envelope = layer.to_json();
    if let Some(config) = envelope.get_mut("config").and_then(Value::as_object_mut) {
        change(config);
        if config.contains_key("zero_output_for_mask") {
            let zeros = config.get("return_sequences").cloned().unwrap_or_default();
            config.insert("zero_output_for_mask".into(), zeros);
        }
    }
    let custom = CustomObjects::new();
    LayerRef::from_config(&envelope, "Bidirectional", "layer", &Loading::new(&custom))
}

/// The layer itself where masked steps give what they should, else a copy.
fn with_zeros(layer: &LayerRef) -> LayerRef {
    let copied = if lacks_zeros(layer) { copy(layer, |_| {}).ok() } else { None };
    copied.unwrap_or_else(|| layer.clone())
}

/// One direction, made from the pattern.
fn direction(pattern: &LayerRef, prefix: &str, backwards: Option<bool>) -> Result<LayerRef> {
    let name = pattern.name();
    copy(pattern, |config| {
        config
            .insert("name".into(), format!("{prefix}{}", name.strip_prefix(prefix).unwrap_or(&name)).into());
        if let Some(backwards) = backwards {
            config.insert("go_backwards".into(), backwards.into());
        }
    })
}

impl Bidirectional {
    /// The layer that goes backwards, in place of one that is made from the forward layer.
    #[must_use]
    pub fn backward_layer(mut self, layer: impl Into<LayerRef>) -> Self {
        let layer = with_zeros(&layer.into());
        (self.given, self.backward) = (Some(layer.clone()), Some(layer));
        self
    }

    fn backward(&self, context: &str) -> Result<&LayerRef> {
        let missing =
            || Error::argument(context, "backward_layer", "a layer, as this class is a user's", "none");
        self.backward.as_ref().ok_or_else(missing)
    }

    fn write_layers(&self, config: &mut Config) {
        config.insert("layer".into(), self.forward.to_config());
        config.insert("backward_layer".into(), self.backward.to_config());
    }

    /// Whether the two directions go together.
    fn check(&self, context: &str) -> Result<()> {
        self.pattern.layer().base().deferred()?;
        let backward = self.backward(context)?;
        for layer in [&self.forward, backward] {
            if lacks_zeros(layer) {
                let expected = "true, as `return_sequences` is; a layer over a user's cell cannot be changed";
                return Err(Error::argument(context, "zero_output_for_mask", expected, false));
            }
        }
        for argument in ["stateful", "return_sequences", "return_state"] {
            let (forward, other) = (flag(&self.forward, argument), flag(backward, argument));
            if forward != other {
                return Err(Error::argument(
                    context,
                    argument,
                    format!("{forward} in both directions"),
                    other,
                ));
            }
        }
        let forwards = flag(&self.forward, "go_backwards");
        if forwards != flag(backward, "go_backwards") {
            return Ok(());
        }
        Err(Error::argument(context, "go_backwards", "one direction forwards, one backwards", forwards))
    }
}

impl Bidirectional {
    /// Masks of the outputs.
    fn masks<T: CarriesMask>(&self, inputs: &BoundArguments<T>) -> Vec<Option<T::Mask>> {
        if !flag(&self.forward, "return_sequences") {
            return Vec::new();
        }
        vec![recurrence::mask(inputs); if self.merge_mode == MergeMode::Apart { 2 } else { 1 }]
    }
}

impl Layer for Bidirectional {
    fn signature(&self) -> Signature {
        recurrence::SIGNATURE
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())?;
        let sequence = recurrence::sequence(inputs)?;
        scope.build_child(&self.forward, std::slice::from_ref(sequence))?;
        scope.build_child(self.backward(scope.name())?, std::slice::from_ref(sequence))
    }

    fn call(&self, mut inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let mask = recurrence::mask_of_call(&inputs);
        let mut forward_states = inputs.take_all("initial_state");
        let constants = inputs.take_all("constants");
        let missing = || Error::argument("Bidirectional", "sequences", "a tensor", "none");
        let x = inputs.take("sequences")?.ok_or_else(missing)?;
        let backward_states = forward_states.split_off(forward_states.len() / 2);
        let mut run = |layer: &LayerRef, states: Vec<Tensor>| {
            let mut arguments = Arguments::one(Argument::Tensor(MaskedTensor::from(&x)));
            let lists = [("initial_state", states), ("constants", constants.clone())];
            for (name, tensors) in lists.into_iter().filter(|(_, tensors)| !tensors.is_empty()) {
                let list = tensors.into_iter().map(|t| Argument::Tensor(t.into())).collect();
                arguments = arguments.with(name, Argument::List(list));
            }
            if let Some(mask) = &mask {
                arguments = arguments.with("mask", Argument::Tensor(mask.into()));
            }
            context.call_child_with(layer, arguments).map(Outputs::into_tensors)
        };
        let mut y = run(&self.forward, forward_states)?;
        let mut backward = run(self.backward("Bidirectional")?, backward_states)?;
        let compute = self.base.dtype.compute_dtype();
        let mut states = y.split_off(1);
        states.extend(backward.split_off(1));
        let (y, mut backward) = (y.remove(0).cast(compute)?, backward.remove(0).cast(compute)?);
        if flag(&self.forward, "return_sequences") {
            backward = backward.flip(&[1])?;
        }
        let mut outputs = self.merge_mode.merge(y, backward)?;
        outputs.append(&mut states);
        Ok(outputs.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let sequence = std::slice::from_ref(recurrence::sequence(inputs)?);
        let mut shapes = self.forward.compute_output_shape(sequence)?;
        let mut backward = self.backward(inputs.layer())?.compute_output_shape(sequence)?;
        let states = [shapes.split_off(1), backward.split_off(1)];
        let mut outputs = self.merge_mode.shapes(inputs.layer(), shapes.remove(0), backward.remove(0))?;
        outputs.extend(states.into_iter().flatten());
        Ok(outputs)
    }

    fn form(&self) -> Option<Form> {
        let merge = match self.merge_mode {
            MergeMode::Concat => Form::Concatenate(-1),
            MergeMode::Sum => Form::Add,
            MergeMode::Mul => Form::Multiply,
            MergeMode::Ave => Form::Average,
            MergeMode::Apart => return None,
        };
        let layers = [self.forward.clone(), self.backward.clone()?];
        Some(Form::Bidirectional { layers, merge: Box::new(merge) })
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_mask(&self, inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        Ok(self.masks(inputs))
    }

    fn compute_symbolic_mask(&self, inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
        Ok(self.masks(inputs))
    }

    fn named_after(&self) -> Vec<NamedAfter> {
        if !self.pattern.is_auto_named() || self.pattern.same(&self.forward) {
            return Vec::new();
        }
        let named = |layer: &LayerRef, prefix| NamedAfter {
            layer: layer.clone(),
            after: self.pattern.clone(),
            prefix,
        };
        let made = self.backward.as_ref().filter(|_| self.given.is_none());
        std::iter::once(named(&self.forward, "forward_"))
            .chain(made.map(|layer| named(layer, "backward_")))
            .collect()
    }
}
