//! Several cells as one.

use crate::backend::Device;
use crate::config::KerasConfig;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::{
    Argument, Arguments, BuildScope, CallContext, Cell, InputShapes, Inputs, Layer, LayerBase, LayerRef,
    MaskedTensor, Outputs, Signature,
};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Cells one after the other as one cell: each gets the output of the one before. Keras' `StackedRNNCells`.
///
/// Shapes: the inputs of the first cell and the states of all of them, in order, to the output of the last cell and
/// all new states.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let cells = StackedRNNCells::new([LSTMCell::new(4).shared(), GRUCell::new(2).shared()]);
/// let layer = RNN::new(cells).return_state(true).shared();
/// let y = layer.call(&[Tensor::ones([2, 3, 5], DType::F32)?])?;
/// let sizes: Vec<usize> = y.iter().map(|t| t.shape()[1]).collect();
/// assert_eq!(sizes, [2, 4, 4, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct StackedRNNCells {
    base: LayerBase,
    /// The cells, the first one first.
    #[keras(new, sublayer)]
    cells: Vec<LayerRef>,
}

impl StackedRNNCells {
    fn cells(&self) -> impl Iterator<Item = Result<&dyn Cell>> {
        self.cells.iter().map(|layer| {
            let refused = || Error::argument("StackedRNNCells", "cells", "cells", layer.class_name());
            layer.layer().cell().ok_or_else(refused)
        })
    }

    /// Calls a function with each cell and the shape of its inputs.
    fn each(
        &self,
        inputs: &Shape,
        mut visit: impl FnMut(usize, &dyn Cell, &Shape) -> Result<()>,
    ) -> Result<Shape> {
        let mut shape = inputs.clone();
        for (i, cell) in self.cells().enumerate() {
            let cell = cell?;
            visit(i, cell, &shape)?;
            let output = cell.step_shapes(&shape)?.into_iter().next();
            shape = output
                .ok_or_else(|| Error::argument(cell.class_name(), "step_shapes", "an output", "none"))?;
        }
        Ok(shape)
    }
}

impl Layer for StackedRNNCells {
    fn signature(&self) -> Signature {
        Signature::new(&["inputs", "states", "training", "constants"])
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        if self.cells.is_empty() {
            return Err(Error::argument(scope.name(), "cells", "at least one cell", "none"));
        }
        self.each(inputs.single()?, |i, _, shape| {
            scope.build_child(&self.cells[i], std::slice::from_ref(shape))
        })?;
        Ok(())
    }

    fn call(&self, mut inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let mut states = inputs.take_all("states").into_iter();
        let constants = inputs.take_all("constants");
        let mut output = inputs.into_single()?;
        let mut next = Vec::new();
        for (cell, layer) in self.cells().zip(&self.cells) {
            let count = cell?.state_size().len();
            let own: Vec<Tensor> = states.by_ref().take(count).collect();
            let (out, mut new) = call_cell(layer, output, own, &constants, context)?;
            output = out;
            next.append(&mut new);
        }
        Ok(std::iter::once(output).chain(next).collect::<Vec<_>>().into())
    }

    fn cell(&self) -> Option<&dyn Cell> {
        Some(self)
    }
}

impl Cell for StackedRNNCells {
    fn state_size(&self) -> Vec<usize> {
        self.cells().flatten().flat_map(Cell::state_size).collect()
    }

    fn output_size(&self) -> usize {
        self.cells().flatten().last().map_or(0, Cell::output_size)
    }

    fn step_shapes(&self, inputs: &Shape) -> Result<Vec<Shape>> {
        let mut states = Vec::new();
        let output = self.each(inputs, |_, cell, shape| {
            states.extend(cell.step_shapes(shape)?.into_iter().skip(1));
            Ok(())
        })?;
        Ok(std::iter::once(output).chain(states).collect())
    }

    fn get_initial_state(&self, inputs: &[usize], dtype: DType, device: &Device) -> Result<Vec<Tensor>> {
        let mut states = Vec::new();
        self.each(&Shape::from(inputs), |_, cell, shape| {
            let unknown = || Error::shape("StackedRNNCells", "inputs", "known sizes", shape);
            let step = shape.to_known().ok_or_else(unknown)?;
            states.extend(cell.get_initial_state(&step, dtype, device)?);
            Ok(())
        })?;
        Ok(states)
    }

    fn output_state(&self) -> usize {
        let counts: Vec<usize> = self.cells().flatten().map(|cell| cell.state_size().len()).collect();
        counts.iter().rev().skip(1).sum()
    }
}

/// One step of a cell: its output and the next states.
pub(super) fn call_cell(
    cell: &LayerRef,
    inputs: Tensor,
    states: Vec<Tensor>,
    constants: &[Tensor],
    context: &mut CallContext<'_>,
) -> Result<(Tensor, Vec<Tensor>)> {
    let count = states.len();
    let list = |tensors: Vec<Tensor>| {
        Argument::List(tensors.into_iter().map(|t| Argument::Tensor(MaskedTensor::from(t))).collect())
    };
    let mut arguments = Arguments::one(Argument::Tensor(inputs.into()));
    arguments.positional.push(list(states));
    if !constants.is_empty() {
        arguments = arguments.with("constants", list(constants.to_vec()));
    }
    let mut outputs = context.call_child_with(cell, arguments)?.into_tensors();
    if outputs.len() != count + 1 {
        let expected = format!("an output and {count} states");
        return Err(Error::argument(cell.name(), "outputs", expected, format!("{} tensors", outputs.len())));
    }
    let states = outputs.split_off(1);
    Ok((outputs.remove(0), states))
}
