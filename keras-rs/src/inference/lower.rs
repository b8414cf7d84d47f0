//! From the plan of a graph to a network: what has a kernel becomes an operation, everything else a call.

use super::network::{Network, Node, Operation, Value, ValueId};
use super::{MAX_CALLS, Nested, attention, forms};
use crate::dtype::{DType, DTypePolicy};
use crate::graph::{Graph, PlannedCall, Wiring, disconnected};
use crate::layer::{Argument, Arguments, Form, LayerRef, Role};
use crate::shape::Shape;
use indexmap::IndexMap;
use std::collections::HashSet;

/// The network of a wired model for inputs of these shapes; `None` where the shape of a tensor is not known.
pub(super) fn lower(wiring: &Wiring, inputs: &[(Vec<usize>, DType)], nested: Nested) -> Option<Network> {
    if wiring.graph.calls > MAX_CALLS {
        return None;
    }
    // Steps do not hand masks on. Most layers that count one have it as an argument, but some look for it at the tensor.
    let [without, with] =
        [false, true].map(|keeps_masks| move || attempt(wiring, inputs, nested, keeps_masks));
    without().or_else(with)
}

fn attempt(
    wiring: &Wiring,
    inputs: &[(Vec<usize>, DType)],
    nested: Nested,
    keeps_masks: bool,
) -> Option<Network> {
    let lost = HashSet::new();
    let mut lowering = Lowering { network: Network::default(), nested, keeps_masks, lost };
    for (shape, dtype) in inputs {
        let value = Value { shape: shape.clone(), dtype: *dtype, masked: false };
        let value = lowering.network.add_value(value);
        lowering.network.inputs.push(value);
    }
    let inputs = lowering.network.inputs.clone();
    lowering.network.outputs = lowering.graph(&wiring.graph, inputs)?;
    Some(lowering.network)
}

pub(super) struct Lowering {
    pub(super) network: Network,
    nested: Nested,
    /// Whether all that a mask travels with is a call of a layer.
    keeps_masks: bool,
    /// Values of steps that a mask travels with in the graph.
    lost: HashSet<ValueId>,
}

impl Lowering {
    /// Lowers the calls of a graph; gives its outputs.
    fn graph(&mut self, graph: &Graph, inputs: Vec<ValueId>) -> Option<Vec<ValueId>> {
        let mut slots: Vec<Option<ValueId>> = vec![None; graph.slots];
        for ((slot, placeholder), input) in slots.iter_mut().zip(&graph.inputs).zip(inputs) {
            *slot = Some(self.fitted(input, placeholder.shape(), &placeholder.layer().name())?);
        }
        for call in &graph.steps {
            let arguments = call.arguments.try_map(|used| {
                let value = slots.get(used.slot).copied().flatten();
                value.ok_or_else(|| disconnected(call.node.layer()))
            });
            let outputs = self.call(call, arguments.ok()?)?;
            for (output, slot) in outputs.into_iter().zip(&call.outputs) {
                if let Some(slot) = slot.and_then(|slot| slots.get_mut(slot)) {
                    *slot = output;
                }
            }
        }
        graph.output_slots.iter().map(|slot| slots.get(*slot).copied().flatten()).collect()
    }

    /// An input with the axis of size one that its placeholder has and it lacks, or has too many.
    fn fitted(&mut self, input: ValueId, placeholder: &Shape, name: &str) -> Option<ValueId> {
        let shape = self.network.values.get(input)?.shape.clone();
        let mut fitted = shape.clone();
        if shape.len() + 1 == placeholder.rank() {
            fitted.push(1);
        } else if shape.len() == placeholder.rank() + 1 {
            fitted.pop();
        }
        if fitted == shape { Some(input) } else { self.view(input, fitted, name) }
    }

    /// The outputs of one call; `None` for those that nothing needs.
    fn call(&mut self, call: &PlannedCall, arguments: Arguments<ValueId>) -> Option<Vec<Option<ValueId>>> {
        let layer = call.node.layer();
        let inputs: Vec<ValueId> = arguments.tensors().into_iter().copied().collect();
        let plain = says_nothing(&arguments.keyword)
            && inputs.iter().all(|input| !self.network.values[*input].masked);
        if let (Some(wiring), true) = ((self.nested)(layer), plain)
            && let Some(inputs) = self.nested_inputs(wiring, &arguments)
        {
            return Some(self.graph(&wiring.graph, inputs)?.into_iter().map(Some).collect());
        }
        let value = |id: &ValueId| &self.network.values[*id];
        let specs = arguments.try_map(|id| Ok((Shape::known(&value(id).shape), value(id).dtype))).ok()?;
        let outputs = layer.compute_output_spec(specs).ok()?;
        let mut values = Vec::with_capacity(outputs.len());
        let any_masked = inputs.iter().any(|id| value(id).masked);
        for (index, (shape, dtype)) in outputs.into_iter().enumerate() {
            // Operations hand masks on, and nested models do what their layers do.
            let masked = match layer.layer().role() {
                Role::Layer => call.node.has_mask(index),
                _ => any_masked,
            };
            let shape = shape.to_known().or_else(|| self.product_shape(layer, &inputs))?;
            values.push(Value { shape, dtype, masked });
        }
        let before = (self.network.nodes.len(), self.network.values.len());
        if let [output] = values.as_slice()
            && !(self.keeps_masks && (any_masked || output.masked))
            && let Some(made) = self.lowered(layer, &arguments, &inputs, output)
        {
            if output.masked {
                self.lost.insert(made);
            }
            return Some(vec![Some(made)]);
        }
        // What was made until something turned out to have no kernel.
        self.network.nodes.truncate(before.0);
        self.network.values.truncate(before.1);
        let loses = inputs.iter().any(|input| self.lost.contains(input));
        let operation = layer.layer().role() == Role::Operation;
        if loses && !operation && mask_of(&arguments).is_none() {
            return None;
        }
        let mut outputs = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            let needed = call.outputs.get(index).is_some_and(Option::is_some);
            outputs.push(needed.then(|| self.network.add_value(value)));
        }
        if loses && operation {
            self.lost.extend(outputs.iter().flatten());
        }
        self.network.nodes.push(Node {
            operation: Operation::Call { layer: layer.clone(), arguments },
            inputs,
            outputs: outputs.clone(),
            name: layer.name(),
        });
        Some(outputs)
    }

    /// The shape of a product over several axes, whose layer names sizes of its own and may leave some open.
    fn product_shape(&self, layer: &LayerRef, inputs: &[ValueId]) -> Option<Vec<usize>> {
        let (Some(Form::Product { inner, .. }), &[input]) = (layer.layer().form(), inputs) else {
            return None;
        };
        let (input, kernel) = (&self.network.values[input].shape, layer.variable("kernel").ok()?);
        let kept = input.get(..input.len().checked_sub(inner)?)?;
        Some([kept, kernel.shape().get(inner..)?].concat())
    }

    /// The output of a layer that has kernels.
    fn lowered(
        &mut self,
        layer: &LayerRef,
        arguments: &Arguments<ValueId>,
        inputs: &[ValueId],
        output: &Value,
    ) -> Option<ValueId> {
        let form = layer.layer().form().filter(|_| !inputs.is_empty())?;
        let mask = mask_of(arguments);
        let (operands, masks) = inputs.split_at(inputs.len() - usize::from(mask.is_some()));
        let masked = operands.iter().any(|input| self.network.values[*input].masked);
        if self.is_plain(layer) && matches!(form, Form::Attention { .. }) && !masked {
            return self.are_single(inputs).then(|| attention::lower(self, layer, arguments, output))?;
        }
        let layers = self.is_plain(layer)
            && tensors_only(arguments)
            && (matches!(form, Form::Embedding) || self.are_single(operands));
        if !says_nothing(&arguments.keyword) && mask.is_none() {
            return None;
        }
        if !layers {
            let form = self.operation(form, layer, arguments, output)?;
            return forms::lower(self, form, layer, operands, output);
        }
        let takes_mask = layer.layer().signature().takes_mask();
        let read = match form {
            // The only one whose numbers depend on the masks that travel with its inputs.
            Form::Multiply if masked => return None,
            // Counts at most in training.
            Form::Normalization { .. } => operands,
            Form::Recurrent { .. } | Form::Bidirectional { .. } | Form::GlobalAveragePooling
                if takes_mask && self.are_flags(masks, operands) =>
            {
                inputs
            }
            _ if mask.is_some() || masked && takes_mask => return None,
            _ => operands,
        };
        forms::lower(self, form, layer, read, output)
    }

    /// Whether there is a mask with one flag for each step of a sequence.
    fn are_flags(&self, masks: &[ValueId], sequences: &[ValueId]) -> bool {
        let ([mask], [sequence]) = (masks, sequences) else { return false };
        let (mask, sequence) = (&self.network.values[*mask], &self.network.values[*sequence]);
        mask.dtype == DType::Bool && sequence.shape.len() == 3 && mask.shape == sequence.shape[..2]
    }

    /// Whether values are of `float32`.
    fn are_single(&self, values: &[ValueId]) -> bool {
        values.iter().all(|value| self.network.values[*value].dtype == DType::F32)
    }

    /// Whether a layer computes in `float32`.
    pub(super) fn is_plain(&self, layer: &LayerRef) -> bool {
        layer.layer().role() == Role::Layer
            && layer.layer().base().dtype == DTypePolicy::Plain(DType::F32)
            && layer.is_built()
    }

    /// What an operation computes of one value of `float32` and maybe a number, or of two values of as many axes, one of
    /// the output's shape.
    fn operation(
        &self,
        form: Form,
        layer: &LayerRef,
        arguments: &Arguments<ValueId>,
        output: &Value,
    ) -> Option<Form> {
        let value = |id: &ValueId| &self.network.values[*id];
        let single = |id: &ValueId| value(id).dtype == DType::F32;
        let same = |id: &ValueId| single(id) && value(id).shape == output.shape;
        if layer.layer().role() != Role::Operation || output.dtype != DType::F32 {
            return None;
        }
        let affine =
            |scale: f64, offset: f64| Some(Form::Rescaling { scale: vec![scale], offset: vec![offset] });
        match arguments.positional.as_slice() {
            [Argument::Tensor(x)] if same(x) => matches!(form, Form::Function(_)).then_some(form),
            [Argument::Tensor(a), Argument::Tensor(b)] if single(a) && single(b) => match form {
                Form::Add if same(a) && same(b) => Some(form),
                Form::Multiply if value(a).shape.len() == value(b).shape.len() && (same(a) || same(b)) => {
                    Some(form)
                }
                _ => None,
            },
            [Argument::Tensor(x), Argument::Data(number)] if same(x) => match (form, number.as_f64()?) {
                (Form::Add, number) => affine(1.0, number),
                (Form::Subtract, number) => affine(1.0, -number),
                (Form::Multiply, number) => affine(number, 0.0),
                (Form::Divide, number) => affine(1.0 / number, 0.0),
                _ => None,
            },
            [Argument::Data(number), Argument::Tensor(x)] if same(x) => match (form, number.as_f64()?) {
                (Form::Add, number) => affine(1.0, number),
                (Form::Subtract, number) => affine(-1.0, number),
                (Form::Multiply, number) => affine(number, 0.0),
                _ => None,
            },
            _ => None,
        }
    }

    /// The inputs of a nested model in its order, where it takes them as they are.
    fn nested_inputs(&self, wiring: &Wiring, arguments: &Arguments<ValueId>) -> Option<Vec<ValueId>> {
        let [argument] = arguments.positional.as_slice() else { return None };
        let inputs = wiring.in_order(argument.clone());
        let fits = inputs.len() == wiring.graph.inputs.len()
            && inputs.iter().zip(&wiring.graph.inputs).all(|(input, placeholder)| {
                let value = &self.network.values[*input];
                let mut sizes = placeholder.shape().dims().iter().zip(&value.shape).skip(1);
                value.dtype == placeholder.dtype()
                    && value.shape.len() == placeholder.shape().rank()
                    && sizes.all(|(expected, size)| expected.is_none_or(|expected| expected == *size))
            });
        fits.then_some(inputs)
    }

    /// The same numbers in another shape.
    pub(super) fn view(&mut self, input: ValueId, shape: Vec<usize>, name: &str) -> Option<ValueId> {
        let value = Value { shape, ..self.network.values.get(input)?.clone() };
        if value.len() != self.network.values[input].len() {
            return None;
        }
        Some(self.add(Operation::View, vec![input], value, name))
    }

    /// Adds an operation with one output.
    pub(super) fn add(
        &mut self,
        operation: Operation,
        inputs: Vec<ValueId>,
        output: Value,
        name: &str,
    ) -> ValueId {
        let output = self.network.add_value(output);
        self.network.nodes.push(Node { operation, inputs, outputs: vec![Some(output)], name: name.into() });
        output
    }
}

/// The mask that a call names and that is all that it names.
fn mask_of(arguments: &Arguments<ValueId>) -> Option<ValueId> {
    let named = |argument: &Argument<ValueId>| !matches!(argument, Argument::Data(serde_json::Value::Null));
    let mut named = arguments.keyword.iter().filter(|(_, argument)| named(argument));
    match (named.next(), named.next()) {
        (Some((name, Argument::Tensor(mask))), None) if name == "mask" => Some(*mask),
        _ => None,
    }
}

/// Whether keywords are all `null`: files of Keras hold `mask` so where a layer takes one and there is none.
fn says_nothing(keyword: &IndexMap<String, Argument<ValueId>>) -> bool {
    keyword.values().all(|argument| matches!(argument, Argument::Data(serde_json::Value::Null)))
}

/// Whether the only argument is a tensor or a list of tensors.
fn tensors_only(arguments: &Arguments<ValueId>) -> bool {
    match arguments.positional.as_slice() {
        [Argument::Tensor(_)] => true,
        [Argument::List(items)] => items.iter().all(|item| item.tensor().is_some()),
        _ => false,
    }
}
