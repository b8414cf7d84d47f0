//! A recurrent layer over any cell.

use super::kept_states::KeptStates;
use super::recurrence::{self, Recurrence, Run};
use super::stacked_rnn_cells::{StackedRNNCells, call_cell};
use super::walk::by_step;
use crate::config::KerasConfig;
use crate::error::Result;
use crate::layer::{
    BuildScope, CallContext, InputShapes, Inputs, KerasTensor, Layer, LayerBase, LayerRef, Outputs,
    Signature, SymbolicInputs,
};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Goes through the time steps of a sequence with a cell: one of Keras', several stacked, or a user's. Keras' `RNN`.
///
/// Shapes: `(batch, steps, ...)` to what the cell makes of one step, or with `return_sequences` the outputs of all
/// steps along a second axis; with `return_state` the cell's states follow, those of stacked cells in order.
///
/// A cell is a layer with [`Layer::cell`]; see [`Cell`](crate::layer::Cell). A list of cells is stacked.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = RNN::new([GRUCell::new(4), GRUCell::new(2)]).return_sequences(true).shared();
/// let y = layer.call(&[Tensor::ones([2, 3, 5], DType::F32)?])?;
/// assert_eq!(y[0].shape(), [2, 3, 2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
///
/// A call may have `initial_state`, and `constants`, which the cell sees at every step under that name.
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct RNN {
    #[keras(read_with = recurrence::read_base)]
    base: LayerBase,
    /// Whether the outputs of all steps are given, or the last one's (default `false`).
    #[keras(default = false)]
    return_sequences: bool,
    /// Whether the states at the end are outputs, too (default `false`).
    #[keras(default = false)]
    return_state: bool,
    /// Whether the last step comes first; outputs are in the order in which they were computed (default `false`).
    #[keras(default = false)]
    go_backwards: bool,
    /// Whether a call starts from the states that the last one left, sample by sample, until
    /// [`reset_state`](LayerRef::reset_state) (default `false`). The batch must then be known.
    #[keras(default = false)]
    stateful: bool,
    /// Whether Keras makes a graph of all steps in place of a loop (default `false`); it changes nothing.
    #[keras(default = false)]
    unroll: bool,
    /// Whether steps that the mask takes out give zeros, or the state before them (default `false`).
    #[keras(default = false)]
    zero_output_for_mask: bool,
    /// The cell.
    #[keras(new, sublayer)]
    cell: LayerRef,
    /// How many tensors of a call's list are constants, as Keras 2 wrote it.
    #[keras(no_setter, only_set)]
    num_constants: Option<usize>,
    #[keras(skip)]
    kept: KeptStates,
}

impl RNN {
    fn recurrence(&self) -> Recurrence<'_> {
        Recurrence {
            base: &self.base,
            cell: &self.cell,
            kept: &self.kept,
            return_sequences: self.return_sequences,
            return_state: self.return_state,
            go_backwards: self.go_backwards,
            stateful: self.stateful,
            zero_output_for_mask: self.zero_output_for_mask,
            num_constants: self.num_constants,
            rank: None,
        }
    }
}

impl Layer for RNN {
    fn signature(&self) -> Signature {
        recurrence::SIGNATURE
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.recurrence().build(scope, inputs)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        self.recurrence().call(inputs, context, |run, context| {
            let Run { sequences, states, constants, walk } = run;
            let x = by_step(&sequences)?;
            let layer = context.layer().to_string();
            walk.run(&layer, &x, states, |x, states| {
                let (output, states) = call_cell(&self.cell, x, states, &constants, context)?;
                Ok((Some(output), states))
            })
        })
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        self.recurrence().output_shapes(inputs)
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_mask(&self, inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        Ok(self.recurrence().mask(inputs))
    }

    fn compute_symbolic_mask(&self, inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
        Ok(self.recurrence().mask(inputs))
    }

    fn reset_state(&self) -> Result<()> {
        self.kept.reset()
    }
}

impl<const N: usize> From<[LayerRef; N]> for LayerRef {
    /// Cells as one.
    fn from(cells: [LayerRef; N]) -> Self {
        StackedRNNCells::new(cells).into()
    }
}

impl From<Vec<LayerRef>> for LayerRef {
    /// Cells as one.
    fn from(cells: Vec<LayerRef>) -> Self {
        StackedRNNCells::new(cells).into()
    }
}

impl<L: Layer, const N: usize> From<[L; N]> for LayerRef {
    /// Cells as one.
    fn from(cells: [L; N]) -> Self {
        StackedRNNCells::new(cells.map(LayerRef::new)).into()
    }
}
