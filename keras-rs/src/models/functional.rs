//! Wiring a functional model.

use super::Model;
use super::graph_model::Kind;
use super::naming;
use crate::error::Result;
use crate::graph::{Graph, Wiring, input_layer};
use crate::layer::{IoStructure, KerasTensor, LayerBase, LayerRef, ModelIo};
use crate::layers::InputLayer;

impl Model {
    /// A functional model from its inputs to its outputs. Keras' `keras.Model(inputs, outputs)`.
    ///
    /// Layers on the way become part of the model together with their variables, so that models
    /// made from the same layers share weights. Inputs may be outputs of layers: the model then
    /// starts there.
    ///
    /// # Errors
    /// [`Error::Graph`](crate::Error::Graph) where an output does not lead back to the inputs or
    /// two layers share a name.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let x = Input::new([4]);
    /// let h = Dense::new(3).activation("relu").name("hidden").apply(&x)?;
    /// let y = Dense::new(2).apply(&h)?;
    /// let model = Model::new(&x, &y)?;
    /// assert_eq!(model.count_params(), 4 * 3 + 3 + 3 * 2 + 2);
    ///
    /// let hidden = Model::new(&x, model.layer("hidden")?.output()?)?;
    /// assert_eq!(hidden.predict(&Tensor::ones([5, 4], DType::F32)?)?.shape(), [5, 3]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn new(inputs: impl ModelIo, outputs: impl ModelIo) -> Result<Self> {
        Self::functional(LayerBase::default(), inputs, outputs)
    }

    /// As [`Model::new`], with a name.
    ///
    /// # Errors
    /// As [`Model::new`].
    pub fn named(name: &str, inputs: impl ModelIo, outputs: impl ModelIo) -> Result<Self> {
        Self::functional(LayerBase::named(name), inputs, outputs)
    }

    pub(crate) fn functional(base: LayerBase, inputs: impl ModelIo, outputs: impl ModelIo) -> Result<Self> {
        Self::from_ends(base, inputs.tensors()?, outputs.tensors()?)
    }

    /// A functional model from tensors and how they are grouped.
    pub(super) fn from_ends(
        base: LayerBase,
        (inputs, input_structure): (Vec<KerasTensor>, IoStructure),
        (outputs, output_structure): (Vec<KerasTensor>, IoStructure),
    ) -> Result<Self> {
        let name = base.name.clone().unwrap_or_else(|| "functional".into());
        let mut graph = Graph::new(&name, inputs, outputs)?;
        add_placeholders(&mut graph);
        let wiring = Wiring { graph, inputs: input_structure, outputs: output_structure };
        let layers = wiring.graph.layers.clone();
        let model = Self::wired(base, Kind::Functional(wiring));
        naming::assign(&model.as_layer(), &layers, false);
        if let Some(wiring) = model.wiring() {
            wiring.graph.check_names(&model.name())?;
        }
        model.as_layer().build(&[])?;
        Ok(model)
    }
}

/// Lists a placeholder for each input that is the output of a layer outside the model.
pub(super) fn add_placeholders(graph: &mut Graph) {
    let inner: Vec<&KerasTensor> = graph.inputs.iter().filter(|t| input_layer(t).is_none()).collect();
    let placeholders: Vec<LayerRef> =
        inner.into_iter().map(|t| LayerRef::new(InputLayer::new(t.shape().clone(), t.dtype()))).collect();
    graph.layers.splice(0..0, placeholders);
}
