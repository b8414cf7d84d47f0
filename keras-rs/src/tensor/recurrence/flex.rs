//! All steps of a recurrent layer as one operation of the backend `flex`, with a gradient of its own.

use crate::tensor::flat::{Flat, tensor, values};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use burn::tensor::Shape;
use keras_rs_kernels::{self as kernels, GruState, LstmState, Sequence};
use std::sync::Arc;

#[backend_extension(Flex, Autodiff)]
pub(super) trait Recurrence: Backend {
    fn lstm(
        inputs: FloatTensor<Self>,
        h: FloatTensor<Self>,
        c: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        sequence: Sequence,
    ) -> FloatTensor<Self>;

    fn gru(
        inputs: FloatTensor<Self>,
        h: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        sequence: Sequence,
    ) -> FloatTensor<Self>;
}

fn lstm_steps(inputs: [&Flat; 4], sequence: &Sequence, keep: Option<&mut LstmState>) -> Flat {
    let [x, h, c, recurrent] = inputs.map(values);
    let states = kernels::lstm(sequence, &x, [&h, &c], &recurrent, keep);
    tensor(states, [sequence.steps + 2, sequence.batch, sequence.units])
}

fn gru_steps(inputs: [&Flat; 4], sequence: &Sequence, keep: Option<&mut GruState>) -> Flat {
    let [x, h, recurrent, bias] = inputs.map(values);
    let states = kernels::gru(sequence, &x, &h, &recurrent, &bias, keep);
    tensor(states, [sequence.steps + 1, sequence.batch, sequence.units])
}

/// The gradient of a recurrent kernel: the states before each step, transposed, times the gradients of their products.
fn kernel_gradient(sequence: &Sequence, states: &Flat, products: Flat) -> Flat {
    let before = states.narrow(0, 0, sequence.steps);
    let before = before.reshape(Shape::from(vec![sequence.steps * sequence.batch, sequence.units]));
    Flex::float_matmul(before.transpose(0, 1), products)
}

impl Recurrence for Flex {
    fn lstm(inputs: Flat, h: Flat, c: Flat, recurrent: Flat, sequence: Sequence) -> Flat {
        lstm_steps([&inputs, &h, &c, &recurrent], &sequence, None)
    }

    fn gru(inputs: Flat, h: Flat, recurrent: Flat, bias: Flat, sequence: Sequence) -> Flat {
        gru_steps([&inputs, &h, &recurrent, &bias], &sequence, None)
    }
}

/// What the backward passes need of the forward pass.
#[derive(Clone, Debug)]
struct Kept<T> {
    sequence: Sequence,
    state: Arc<T>,
    states: Flat,
    recurrent: Flat,
}

#[derive(Debug)]
struct LstmBackward;

impl Backward<Flex, 4> for LstmBackward {
    type State = Kept<LstmState>;

    fn backward(self, ops: Ops<Self::State, 4>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let Kept { sequence, state, states, recurrent } = ops.state;
        let gradient = grads.consume::<Flex>(&ops.node);
        let made = kernels::lstm_backward(&sequence, &state, &values(&recurrent), &values(&gradient));
        let (rows, columns) = (sequence.steps * sequence.batch, 4 * sequence.units);
        let inputs = tensor(made.inputs, [rows, columns]);
        let [for_inputs, for_h, for_c, for_recurrent] = ops.parents;
        if let Some(node) = for_recurrent {
            // States come in the order of the steps, the gradients of the inputs lie where those are.
            let products = if sequence.backwards {
                let by_step = inputs.reshape(Shape::from(vec![sequence.steps, sequence.batch * columns]));
                Flex::float_flip(by_step, &[0]).reshape(Shape::from(vec![rows, columns]))
            } else {
                inputs.clone()
            };
            grads.register::<Flex>(node.id, kernel_gradient(&sequence, &states, products));
        }
        let state = [sequence.batch, sequence.units];
        for (node, values) in [(for_h, made.h), (for_c, made.c)] {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, tensor(values, state));
            }
        }
        if let Some(node) = for_inputs {
            grads.register::<Flex>(node.id, inputs);
        }
    }
}

#[derive(Debug)]
struct GruBackward;

impl Backward<Flex, 4> for GruBackward {
    type State = Kept<GruState>;

    fn backward(self, ops: Ops<Self::State, 4>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let Kept { sequence, state, states, recurrent } = ops.state;
        let gradient = grads.consume::<Flex>(&ops.node);
        let made = kernels::gru_backward(
            &sequence,
            &state,
            &values(&states),
            &values(&recurrent),
            &values(&gradient),
        );
        let (rows, columns) = (sequence.steps * sequence.batch, 3 * sequence.units);
        let products = tensor(made.products, [rows, columns]);
        let [for_inputs, for_h, for_recurrent, for_bias] = ops.parents;
        if let Some(node) = for_bias {
            let sum = Flex::float_sum_dim(products.clone(), 0).reshape(Shape::from(vec![columns]));
            grads.register::<Flex>(node.id, sum);
        }
        if let Some(node) = for_recurrent {
            grads.register::<Flex>(node.id, kernel_gradient(&sequence, &states, products));
        }
        if let Some(node) = for_h {
            grads.register::<Flex>(node.id, tensor(made.h, [sequence.batch, sequence.units]));
        }
        if let Some(node) = for_inputs {
            grads.register::<Flex>(node.id, tensor(made.inputs, [rows, columns]));
        }
    }
}

impl<C: CheckpointStrategy> Recurrence for Autodiff<Flex, C> {
    fn lstm(
        inputs: FloatTensor<Self>,
        h: FloatTensor<Self>,
        c: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        sequence: Sequence,
    ) -> FloatTensor<Self> {
        let nodes = [inputs.node(), h.node(), c.node(), recurrent.node()];
        let recurrent = recurrent.into_primitive();
        let all = [&inputs.into_primitive(), &h.into_primitive(), &c.into_primitive(), &recurrent];
        match LstmBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => {
                let mut state = LstmState::default();
                let states = lstm_steps(all, &sequence, Some(&mut state));
                let state = Arc::new(state);
                prepared.finish(Kept { sequence, state, states: states.clone(), recurrent }, states)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(lstm_steps(all, &sequence, None)),
        }
    }

    fn gru(
        inputs: FloatTensor<Self>,
        h: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        sequence: Sequence,
    ) -> FloatTensor<Self> {
        let nodes = [inputs.node(), h.node(), recurrent.node(), bias.node()];
        let recurrent = recurrent.into_primitive();
        let all = [&inputs.into_primitive(), &h.into_primitive(), &recurrent, &bias.into_primitive()];
        match GruBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => {
                let mut state = GruState::default();
                let states = gru_steps(all, &sequence, Some(&mut state));
                let state = Arc::new(state);
                prepared.finish(Kept { sequence, state, states: states.clone(), recurrent }, states)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(gru_steps(all, &sequence, None)),
        }
    }
}
