//! Bounds of `float32` as one operation of the backend `flex`, with a gradient of its own.

use crate::tensor::flex::{Flat, values, values_mut};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use keras_rs_kernels::{self as kernels, Activation};

#[backend_extension(Flex, Autodiff)]
pub(super) trait Bounded: Backend {
    /// Numbers from the first to the second bound.
    fn bounded(x: FloatTensor<Self>, bounds: [f32; 2]) -> FloatTensor<Self>;
}

impl Bounded for Flex {
    fn bounded(mut x: Flat, [low, high]: [f32; 2]) -> Flat {
        kernels::activate(Activation::Clip { low, high }, values_mut(&mut x));
        x
    }
}

#[derive(Debug)]
struct BoundedBackward;

impl Backward<Flex, 1> for BoundedBackward {
    type State = (Flat, [f32; 2]);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (y, bounds) = ops.state;
        let mut gradient = grads.consume::<Flex>(&ops.node);
        if let [Some(node)] = ops.parents {
            kernels::clip_gradient(&values(&y), bounds, values_mut(&mut gradient));
            grads.register::<Flex>(node.id, gradient);
        }
    }
}

impl<C: CheckpointStrategy> Bounded for Autodiff<Flex, C> {
    fn bounded(x: FloatTensor<Self>, bounds: [f32; 2]) -> FloatTensor<Self> {
        let node = x.node();
        let y = Flex::bounded(x.into_primitive(), bounds);
        match BoundedBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish((y.clone(), bounds), y),
            OpsKind::UnTracked(prepared) => prepared.finish(y),
        }
    }
}
