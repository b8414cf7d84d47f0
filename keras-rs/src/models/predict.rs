//! Running a model on one batch.

use super::{GraphModel, Model};
use crate::compile::{Naming, OutputNames};
use crate::error::{Error, Result};
use crate::inference::PlanStep;
use crate::layer::{ForwardPass, KeyValueCache, LayerRef, MaskedTensor};
use crate::shape::Shape;
use crate::tensor::Tensor;

impl Model {
    /// Names of the inputs: dictionary keys, or those of the input layers.
    ///
    /// # Errors
    /// [`Error::NotBuilt`](crate::Error::NotBuilt) for a `Sequential` that has not seen its input's shape, and for a
    /// model that a user wrote without [`Signature::dictionary`](crate::layer::Signature::dictionary).
    pub fn input_names(&self) -> Result<Vec<String>> {
        let keys = self.as_layer().layer().signature().keys();
        if !keys.is_empty() {
            return Ok(keys.iter().map(ToString::to_string).collect());
        }
        Ok(self.require_wiring()?.input_names())
    }

    /// Names of the outputs: dictionary keys, or those of the layers that make them.
    ///
    /// # Errors
    /// [`Error::NotBuilt`](crate::Error::NotBuilt) for a `Sequential` that has not seen its input's shape, and for a
    /// model that a user wrote without [`Layer::output_names`](crate::layer::Layer::output_names).
    pub fn output_names(&self) -> Result<Vec<String>> {
        let layer = self.as_layer();
        let keys = layer.layer().output_names();
        if !keys.is_empty() {
            return Ok(keys.iter().map(ToString::to_string).collect());
        }
        let wiring = self.require_wiring()?;
        let layers = || wiring.graph.outputs.iter().map(|t| t.layer().name()).collect();
        Ok(wiring.outputs.keys().unwrap_or_else(layers))
    }

    /// The outputs for one batch, as [`Model::predict`](Self::predict) computes them: by the model's own
    /// [`predict_step`](crate::layer::Steps::predict_step) where it has one, else by a plan where there is one, unless
    /// the plain graph is asked for.
    pub(crate) fn predict_step(&self, inputs: &[Tensor], exact: bool) -> Result<Vec<Tensor>> {
        let layer: &LayerRef = self.as_ref();
        if let Some(steps) = layer.layer().steps() {
            return steps.predict_step(layer, inputs);
        }
        if let (Some(wiring), false) = (self.wiring(), exact) {
            let planned = self.compilation().plans.predict(wiring, inputs, GraphModel::wiring_of);
            if let Some(outputs) = planned {
                return Ok(outputs);
            }
        }
        self.call(inputs)
    }

    /// The steps in which [`Model::predict`](Self::predict) computes the outputs for one batch, with the time that each
    /// takes; `None` where it calls the layers one by one, as for models that a user wrote, and on graphics processors.
    ///
    /// Shapes: the batch is one that `predict` takes whole; tensors are in the model's order.
    ///
    /// # Errors
    /// As [`Model::predict`].
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let model = Sequential::new().add(Input::new([3])).add(Dense::new(2).activation("relu")).build()?;
    /// let steps = model.profile_predict(&[Tensor::ones([1, 3], DType::F32)?])?;
    /// # if let Some(steps) = steps {
    /// assert_eq!((steps[0].kind, steps.len()), ("dense", 1));
    /// # }
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn profile_predict(&self, inputs: &[Tensor]) -> Result<Option<Vec<PlanStep>>> {
        let wiring = self.require_wiring()?;
        let inputs = wiring.graph.matched(inputs.iter().map(MaskedTensor::from).collect())?;
        let inputs: Vec<Tensor> = inputs.into_iter().map(|input| input.tensor).collect();
        let mut steps = Vec::new();
        let plans = &self.compilation().plans;
        let outputs = plans.watched(wiring, &inputs, GraphModel::wiring_of, Some(&mut steps));
        Ok(outputs.map(|_| steps))
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

    /// The outputs for the next piece of a sequence, in inference mode: attention goes on from the keys and values
    /// in the cache and adds those of the piece, so that a token does not cost a call on all that came before it.
    ///
    /// # Errors
    /// As [`Model::predict`]; the cache is then as it was.
    pub fn call_cached(&self, inputs: &[Tensor], cache: &mut KeyValueCache) -> Result<Vec<Tensor>> {
        self.as_layer().call_cached(inputs, cache)
    }

    /// The outputs with their masks for inputs in the model's order.
    pub(crate) fn forward(&self, inputs: Vec<Tensor>, pass: &mut ForwardPass) -> Result<Vec<MaskedTensor>> {
        let layer = self.as_layer();
        let arguments = layer.arguments(inputs.into_iter().map(MaskedTensor::from).collect());
        Ok(layer.run(arguments, pass)?.0)
    }

    /// Names of this many outputs, and what they are.
    pub(crate) fn output_names_of(&self, count: usize) -> Result<OutputNames> {
        let keys = self.as_layer().layer().output_names().len();
        if self.wiring().is_none() && keys == 0 {
            let names = (1..=count).map(|i| format!("output_{i}")).collect();
            return Ok(OutputNames { names, naming: Naming::Numbers });
        }
        let names = self.output_names()?;
        if self.wiring().is_none() && keys != count {
            let expected = format!("as many as `output_names` has keys ({})", names.join(", "));
            return Err(Error::argument(self.name(), "outputs", expected, count));
        }
        let by_key = keys > 0 || self.wiring().is_some_and(|wiring| wiring.outputs.keys().is_some());
        Ok(OutputNames { names, naming: if by_key { Naming::Keys } else { Naming::Layers } })
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
