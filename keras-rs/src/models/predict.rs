//! Running a model on data, batch by batch.

use super::Model;
use crate::error::{Error, GraphProblem, Result, tuple};
use crate::layer::{ForwardPass, MaskedTensor};
use crate::shape::Shape;
use crate::tensor::Tensor;
use indexmap::IndexMap;

/// Samples in a batch where none is named, as in Keras.
pub const DEFAULT_BATCH_SIZE: usize = 32;

/// Data for a model's inputs: one tensor, several in the model's order, or several by name.
pub trait AsTensors {
    /// The tensors in the order of the model's inputs.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is no input, [`Error::Graph`] for a wrong number.
    fn tensors(&self, model: &Model) -> Result<Vec<Tensor>>;
}

impl AsTensors for &Tensor {
    fn tensors(&self, _model: &Model) -> Result<Vec<Tensor>> {
        Ok(vec![(*self).clone()])
    }
}

impl<const N: usize> AsTensors for [&Tensor; N] {
    fn tensors(&self, _model: &Model) -> Result<Vec<Tensor>> {
        Ok(self.iter().map(|t| (*t).clone()).collect())
    }
}

impl AsTensors for &[Tensor] {
    fn tensors(&self, _model: &Model) -> Result<Vec<Tensor>> {
        Ok(self.to_vec())
    }
}

impl AsTensors for &Vec<Tensor> {
    fn tensors(&self, _model: &Model) -> Result<Vec<Tensor>> {
        Ok((*self).clone())
    }
}

impl AsTensors for &IndexMap<String, Tensor> {
    fn tensors(&self, model: &Model) -> Result<Vec<Tensor>> {
        let names = model.input_names()?;
        if let Some(unknown) = self.keys().find(|k| !names.contains(k)) {
            return Err(Error::unknown_name("input", unknown, names));
        }
        names
            .iter()
            .map(|n| {
                self.get(n).cloned().ok_or_else(|| Error::argument(model.name(), n, "a tensor", "nothing"))
            })
            .collect()
    }
}

impl Model {
    /// Names of the inputs: dictionary keys, or those of the input layers.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] for a `Sequential` that has not seen its input's shape.
    pub fn input_names(&self) -> Result<Vec<String>> {
        Ok(self.require_wiring()?.input_names())
    }

    /// Names of the outputs: dictionary keys, or those of the layers that make them.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] for a `Sequential` that has not seen its input's shape.
    pub fn output_names(&self) -> Result<Vec<String>> {
        let wiring = self.require_wiring()?;
        let layers = || wiring.graph.outputs.iter().map(|t| t.layer().name()).collect();
        Ok(wiring.outputs.keys().unwrap_or_else(layers))
    }

    /// The only output for every sample, in inference mode, computed in batches of 32.
    ///
    /// Inputs are `(samples, ...)`. Keras' `predict`.
    ///
    /// # Errors
    /// What a layer reports, with its path; [`Error::Shape`] for inputs that do not fit;
    /// [`Error::Graph`] where the model has several outputs: use [`Model::predict_all`].
    pub fn predict(&self, inputs: impl AsTensors) -> Result<Tensor> {
        let mut outputs = self.predict_all(inputs)?;
        match outputs.len() {
            1 => Ok(outputs.swap_remove(0)),
            got => Err(Error::Graph {
                model: self.name(),
                problem: GraphProblem::Arity { what: "outputs (see predict_all)", expected: 1, got },
            }),
        }
    }

    /// Every output for every sample, in inference mode, computed in batches of 32.
    ///
    /// # Errors
    /// As [`Model::predict`].
    pub fn predict_all(&self, inputs: impl AsTensors) -> Result<Vec<Tensor>> {
        self.predict_batches(inputs, DEFAULT_BATCH_SIZE)
    }

    /// As [`Model::predict_all`], with the number of samples in a batch.
    ///
    /// # Errors
    /// As [`Model::predict`]; [`Error::Argument`] for a batch size of zero.
    pub fn predict_batches(&self, inputs: impl AsTensors, batch_size: usize) -> Result<Vec<Tensor>> {
        if batch_size == 0 {
            return Err(Error::argument("predict", "batch_size", "at least 1", 0));
        }
        if !self.is_built() {
            let first = inputs.tensors(self)?;
            let shapes: Vec<Shape> = first.iter().map(|t| Shape::from(t.shape())).collect();
            self.as_layer().build(&shapes)?;
        }
        let tensors = inputs.tensors(self)?;
        let samples = samples(&tensors)?;
        let mut batches: Vec<Vec<Tensor>> = Vec::new();
        for start in (0..samples).step_by(batch_size) {
            let end = samples.min(start + batch_size);
            let batch = tensors.iter().map(|t| t.narrow(0, start..end)).collect::<Result<Vec<_>>>()?;
            batches.push(self.predict_step(&batch)?);
        }
        if batches.len() == 1 {
            return Ok(batches.swap_remove(0));
        }
        let outputs = batches.first().map_or(0, Vec::len);
        (0..outputs)
            .map(|i| Tensor::concat(&batches.iter().map(|b| b[i].clone()).collect::<Vec<_>>(), 0))
            .collect()
    }

    /// The outputs for one batch, as [`Model::predict`] computes them: by the model's own
    /// [`predict_step`](crate::layer::Steps::predict_step) where it has one.
    pub(crate) fn predict_step(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let layer = self.as_layer();
        match layer.layer().steps() {
            Some(steps) => steps.predict_step(&layer, inputs),
            None => self.call(inputs),
        }
    }

    /// The outputs for one batch, in inference mode.
    ///
    /// # Errors
    /// As [`Model::predict`].
    pub fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        self.call_with(inputs, &mut ForwardPass::default())
    }

    /// The outputs for one batch within a forward pass, which says whether layers behave as in training.
    ///
    /// # Errors
    /// As [`Model::predict`].
    pub fn call_with(&self, inputs: &[Tensor], pass: &mut ForwardPass) -> Result<Vec<Tensor>> {
        let outputs = self.forward(inputs.to_vec(), pass)?;
        Ok(outputs.into_iter().map(|output| output.tensor).collect())
    }

    /// The outputs with their masks for inputs in the model's order.
    pub(crate) fn forward(&self, inputs: Vec<Tensor>, pass: &mut ForwardPass) -> Result<Vec<MaskedTensor>> {
        let layer = self.as_layer();
        let arguments = layer.arguments(inputs.into_iter().map(MaskedTensor::from).collect());
        Ok(layer.run(arguments, pass)?.0)
    }

    /// Names of this many outputs: those of a wired model, or numbered ones of a model that a user wrote.
    pub(crate) fn output_names_of(&self, count: usize) -> Result<Vec<String>> {
        match self.wiring() {
            Some(_) => self.output_names(),
            None => Ok((1..=count).map(|i| format!("output_{i}")).collect()),
        }
    }

    /// Shapes of the outputs for inputs of these shapes, whose rank a forward pass would mend.
    pub(crate) fn output_shapes_for(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let Some(wiring) = self.wiring() else { return self.as_layer().compute_output_shape(inputs) };
        let batch = inputs.first().and_then(|s| s.dims().first().copied().flatten());
        let mut shapes = Vec::with_capacity(inputs.len());
        for placeholder in &wiring.graph.inputs {
            let mut dims = placeholder.shape().dims().to_vec();
            let given = inputs.get(shapes.len()).map_or(&[][..], Shape::dims);
            for (i, dim) in dims.iter_mut().enumerate().filter(|(_, dim)| dim.is_none()) {
                *dim = given.get(i).copied().flatten();
            }
            if let (Some(first), Some(_)) = (dims.first_mut(), batch) {
                *first = batch;
            }
            shapes.push(Shape::new(dims));
        }
        wiring.graph.output_shapes(&shapes)
    }
}

/// The number of samples that all inputs agree on.
fn samples(tensors: &[Tensor]) -> Result<usize> {
    let mut count = None;
    for tensor in tensors {
        let Some(&n) = tensor.shape().first() else {
            return Err(Error::shape("predict", "inputs", "an axis of samples", tuple(tensor.shape())));
        };
        if n == 0 {
            return Err(Error::shape("predict", "inputs", "at least one sample", tuple(tensor.shape())));
        }
        if *count.get_or_insert(n) != n {
            return Err(Error::shape(
                "predict",
                "inputs",
                format!("{} samples in each", count.unwrap_or(n)),
                tuple(tensor.shape()),
            ));
        }
    }
    count.ok_or_else(|| Error::argument("predict", "inputs", "at least one tensor", "none"))
}
