//! All steps of a recurrent layer as one operation of the backend `flex`, with a gradient of its own.

use crate::tensor::flex::{Flat, tensor, values};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use burn::tensor::Shape;
use keras_rs_kernels::{self as kernels, Recurrent, RecurrentOperands, Sequence};
use std::sync::Arc;

#[backend_extension(Flex, Autodiff)]
pub(super) trait Steps: Backend {
    fn steps(
        inputs: FloatTensor<Self>,
        h: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        kind: Recurrent,
        sequence: Sequence,
    ) -> FloatTensor<Self>;

    fn steps_with(
        inputs: FloatTensor<Self>,
        h: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        further: FloatTensor<Self>,
        kind: Recurrent,
        sequence: Sequence,
    ) -> FloatTensor<Self>;
}

/// The blocks of states.
fn states<const N: usize>(
    kind: Recurrent,
    operands: &[Flat; N],
    sequence: &Sequence,
    keep: Option<&mut Vec<f32>>,
) -> Flat {
    let all = operands.each_ref().map(values);
    let further = all.get(3).map_or(&[][..], |further| further);
    let operands = RecurrentOperands { inputs: &all[0], h: &all[1], recurrent: &all[2], further };
    let blocks = kernels::recurrent(kind, sequence, &operands, keep);
    let count = blocks.len() / (sequence.batch * sequence.units);
    tensor(blocks, [count, sequence.batch, sequence.units])
}

impl Steps for Flex {
    fn steps(inputs: Flat, h: Flat, recurrent: Flat, kind: Recurrent, sequence: Sequence) -> Flat {
        states(kind, &[inputs, h, recurrent], &sequence, None)
    }

    fn steps_with(
        inputs: Flat,
        h: Flat,
        recurrent: Flat,
        further: Flat,
        kind: Recurrent,
        sequence: Sequence,
    ) -> Flat {
        states(kind, &[inputs, h, recurrent, further], &sequence, None)
    }
}

/// What the backward pass needs of the forward pass.
#[derive(Clone, Debug)]
struct Passed {
    kind: Recurrent,
    sequence: Sequence,
    kept: Arc<Vec<f32>>,
    states: Flat,
    recurrent: Flat,
}

#[derive(Debug)]
struct StepsBackward;

impl<const N: usize> Backward<Flex, N> for StepsBackward {
    type State = Passed;

    fn backward(self, ops: Ops<Self::State, N>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let Passed { kind, sequence, kept, states, recurrent } = ops.state;
        let gradient = grads.consume::<Flex>(&ops.node);
        let made = kernels::recurrent_backward(
            kind,
            &sequence,
            &kept,
            &values(&states),
            &values(&recurrent),
            &values(&gradient),
        );
        let Sequence { steps, batch, units, backwards, .. } = sequence;
        let rows = steps * batch;
        let columns = made.inputs.len() / rows;
        let inputs = tensor(made.inputs, [rows, columns]);
        // States come in the order of the steps, the gradients of the inputs lie where those are.
        let products = if !made.products.is_empty() {
            tensor(made.products, [rows, columns])
        } else if backwards {
            let by_step = inputs.clone().reshape(Shape::from(vec![steps, batch * columns]));
            Flex::float_flip(by_step, &[0]).reshape(Shape::from(vec![rows, columns]))
        } else {
            inputs.clone()
        };
        let mut nodes = ops.parents.into_iter();
        let [for_inputs, for_h, for_recurrent, for_further] = [(); 4].map(|()| nodes.next().flatten());
        if let Some(node) = for_recurrent {
            // The states before each step, transposed, times the gradients of their products.
            let before = states.narrow(0, 0, steps).reshape(Shape::from(vec![rows, units]));
            let made = Flex::float_matmul(before.transpose(0, 1), products.clone());
            grads.register::<Flex>(node.id, made);
        }
        if let Some(node) = for_further {
            let made = match made.c.is_empty() {
                true => Flex::float_sum_dim(products, 0).reshape(Shape::from(vec![columns])),
                false => tensor(made.c, [batch, units]),
            };
            grads.register::<Flex>(node.id, made);
        }
        if let Some(node) = for_h {
            grads.register::<Flex>(node.id, tensor(made.h, [batch, units]));
        }
        if let Some(node) = for_inputs {
            grads.register::<Flex>(node.id, inputs);
        }
    }
}

/// The states, and on the record what the backward pass needs.
fn recorded<C: CheckpointStrategy, const N: usize>(
    kind: Recurrent,
    operands: [FloatTensor<Autodiff<Flex, C>>; N],
    sequence: Sequence,
) -> FloatTensor<Autodiff<Flex, C>> {
    let nodes = operands.each_ref().map(|operand| operand.node());
    let operands = operands.map(|operand| operand.into_primitive());
    match StepsBackward.prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => {
            let mut kept = Vec::new();
            let states = states(kind, &operands, &sequence, Some(&mut kept));
            let (kept, recurrent) = (Arc::new(kept), operands[2].clone());
            prepared.finish(Passed { kind, sequence, kept, states: states.clone(), recurrent }, states)
        }
        OpsKind::UnTracked(prepared) => prepared.finish(states(kind, &operands, &sequence, None)),
    }
}

impl<C: CheckpointStrategy> Steps for Autodiff<Flex, C> {
    fn steps(
        inputs: FloatTensor<Self>,
        h: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        kind: Recurrent,
        sequence: Sequence,
    ) -> FloatTensor<Self> {
        recorded::<C, 3>(kind, [inputs, h, recurrent], sequence)
    }

    fn steps_with(
        inputs: FloatTensor<Self>,
        h: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        further: FloatTensor<Self>,
        kind: Recurrent,
        sequence: Sequence,
    ) -> FloatTensor<Self> {
        recorded::<C, 4>(kind, [inputs, h, recurrent, further], sequence)
    }
}
