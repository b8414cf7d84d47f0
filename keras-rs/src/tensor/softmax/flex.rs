//! Softmax of `float32` along the last axis as one operation of the backend `flex`, with a gradient of its own.

use crate::tensor::flex::{Flat, tensor, values};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use keras_rs_kernels as kernels;

#[backend_extension(Flex, Autodiff)]
pub(super) trait LastSoftmax: Backend {
    fn last_softmax(x: FloatTensor<Self>, size: usize) -> FloatTensor<Self>;
}

/// A tensor made of the values of another, in their order.
fn changed(x: &Flat, change: impl FnOnce(&mut [f32])) -> Flat {
    let mut values = values(x).into_owned();
    change(&mut values);
    tensor(values, x.layout().shape().to_vec())
}

impl LastSoftmax for Flex {
    fn last_softmax(x: Flat, size: usize) -> Flat {
        changed(&x, |values| kernels::softmax(values, size))
    }
}

#[derive(Debug)]
struct SoftmaxBackward;

impl Backward<Flex, 1> for SoftmaxBackward {
    type State = (Flat, usize);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (y, size) = ops.state;
        let gradient = grads.consume::<Flex>(&ops.node);
        if let [Some(node)] = ops.parents {
            let made =
                changed(&gradient, |values| kernels::softmax_backward(y.storage::<f32>(), values, size));
            grads.register::<Flex>(node.id, made);
        }
    }
}

impl<C: CheckpointStrategy> LastSoftmax for Autodiff<Flex, C> {
    fn last_softmax(x: FloatTensor<Self>, size: usize) -> FloatTensor<Self> {
        let node = x.node();
        let y = Flex::last_softmax(x.into_primitive(), size);
        match SoftmaxBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish((y.clone(), size), y),
            OpsKind::UnTracked(prepared) => prepared.finish(y),
        }
    }
}
