//! Calling single layers: all that the cases know of the call protocol's types.

use super::load;
use keras_rs::layer::IoStructure;
use keras_rs::layer::{Argument, Arguments, Spec};
use keras_rs::layers::{ForwardPass, Layer, LayerRef, MaskedTensor};
use keras_rs::{Device, GradientTape, Model, Result, Shape, Tensor, Variable};
use serde_json::{Value, json};

/// Makes a layer from its configuration.
pub fn load_layer(object: &Value) -> Result<LayerRef> {
    load::<Box<dyn Layer>>(object).map(LayerRef::from_box)
}

pub fn shapes_of(tensors: &[Tensor]) -> Vec<Shape> {
    tensors.iter().map(|t| Shape::from(t.shape())).collect()
}

/// Makes the variables of a layer, or of a model that has them already, on a device.
pub fn build_on(layer: &LayerRef, inputs: &[Tensor], device: &Device) -> Result<()> {
    layer.build_for(&shapes_of(inputs), device)?;
    layer.weights().iter().try_for_each(|variable| variable.to_device(device))
}

/// How the outputs of a model are nested, as numbers of outputs; `None` for other layers.
pub fn output_structure(layer: &LayerRef) -> Option<Value> {
    fn plain(structure: &IoStructure) -> Value {
        match structure {
            IoStructure::One(index) => json!(index),
            IoStructure::List(items) => items.iter().map(plain).collect(),
            IoStructure::Dict(entries) => {
                entries.iter().map(|(key, entry)| (key.clone(), plain(entry))).collect()
            }
        }
    }
    let model = Model::from_layer(layer)?;
    model.wiring().map(|wiring| plain(&wiring.outputs))
}

/// What a layer is called with.
#[derive(Clone, Default)]
pub struct Call {
    pub inputs: Vec<Tensor>,
    masks: Vec<Option<Tensor>>,
    keyword: Vec<(String, Argument<Tensor>)>,
    /// Plain data among the positional arguments, by position.
    positional: Vec<(usize, Value)>,
    training: bool,
}

/// What a call gives.
pub struct Outcome {
    pub outputs: Vec<Tensor>,
    pub masks: Vec<Option<Tensor>>,
    /// Losses that layers added, without those of the variables' regularizers.
    pub losses: Vec<Tensor>,
}

impl Call {
    pub fn new(inputs: Vec<Tensor>) -> Self {
        Self { inputs, ..Self::default() }
    }

    pub fn inputs(mut self, inputs: Vec<Tensor>) -> Self {
        self.inputs = inputs;
        self
    }

    /// Sets the masks that travel with the inputs.
    pub fn masks(mut self, masks: Vec<Option<Tensor>>) -> Self {
        self.masks = masks;
        self
    }

    pub fn training(mut self, training: bool) -> Self {
        self.training = training;
        self
    }

    /// Adds a keyword argument that is plain data.
    pub fn data(mut self, name: &str, value: Value) -> Self {
        self.keyword.push((name.into(), Argument::Data(value)));
        self
    }

    /// Adds plain data among the positional arguments.
    pub fn positional(mut self, index: usize, value: Value) -> Self {
        self.positional.push((index, value));
        self
    }

    /// Adds a keyword argument that is a tensor.
    pub fn tensor(mut self, name: &str, tensor: Tensor) -> Self {
        self.keyword.push((name.into(), Argument::Tensor(tensor)));
        self
    }

    /// Adds a keyword argument that is a list of tensors.
    pub fn tensors(mut self, name: &str, tensors: Vec<Tensor>) -> Self {
        let list = tensors.into_iter().map(Argument::Tensor).collect();
        self.keyword.push((name.into(), Argument::List(list)));
        self
    }

    /// The tensors among the keyword arguments, in order.
    pub fn keyword_tensors(&mut self) -> Vec<&mut Tensor> {
        fn add<'a>(argument: &'a mut Argument<Tensor>, found: &mut Vec<&'a mut Tensor>) {
            match argument {
                Argument::Tensor(tensor) => found.push(tensor),
                Argument::List(items) => items.iter_mut().for_each(|item| add(item, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        self.keyword.iter_mut().for_each(|(_, argument)| add(argument, &mut found));
        found
    }

    /// The call's arguments around its inputs.
    fn arguments<T>(&self, layer: &LayerRef, inputs: Vec<T>, leaf: impl Fn(&Tensor) -> T) -> Arguments<T> {
        let mut arguments = layer.arguments(inputs);
        let mut positional = self.positional.clone();
        positional.sort_by_key(|(index, _)| *index);
        for (index, value) in positional {
            let index = index.min(arguments.positional.len());
            arguments.positional.insert(index, Argument::Data(value));
        }
        for (name, argument) in &self.keyword {
            let argument = argument.try_map(&mut |tensor| Ok(leaf(tensor)));
            arguments.keyword.insert(name.clone(), argument.expect("no leaf fails"));
        }
        arguments
    }

    /// Calls the layer.
    pub fn run(&self, layer: &LayerRef) -> Result<Outcome> {
        self.forward(layer, &mut ForwardPass::new(self.training))
    }

    /// Calls the layer while gradients are recorded.
    pub fn record(&self, layer: &LayerRef, tape: &mut GradientTape) -> Result<Outcome> {
        tape.pass().training = self.training;
        self.forward(layer, tape.pass())
    }

    fn forward(&self, layer: &LayerRef, pass: &mut ForwardPass) -> Result<Outcome> {
        let masks = self.masks.iter().cloned().chain(std::iter::repeat(None));
        let inputs = self.inputs.iter().cloned().zip(masks);
        let inputs = inputs.map(|(tensor, mask)| MaskedTensor::new(tensor, mask)).collect();
        let outputs = layer.run(self.arguments(layer, inputs, |tensor| MaskedTensor::from(tensor)), pass)?;
        let (outputs, masks) = outputs.0.into_iter().map(MaskedTensor::into_parts).unzip();
        Ok(Outcome { outputs, masks, losses: pass.losses.clone() })
    }

    /// Shapes and data types of the outputs for inputs of these, without data.
    pub fn output_spec(&self, layer: &LayerRef, inputs: &[Spec]) -> Result<Vec<Spec>> {
        fn leaf(tensor: &Tensor) -> Spec {
            (Shape::from(tensor.shape()), tensor.dtype())
        }
        layer.compute_output_spec(self.arguments(layer, inputs.to_vec(), leaf))
    }
}

/// A variable's value as the tape records it.
pub fn recorded(tape: &mut GradientTape, variable: &Variable) -> Result<Tensor> {
    tape.pass().value(variable)
}
