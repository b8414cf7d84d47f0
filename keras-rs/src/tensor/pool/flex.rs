//! Poolings of images of `float32`, channels last, as one operation of the backend `flex` with a gradient of its own.

use crate::tensor::flex::{Flat, sizes, tensor, values};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use keras_rs_kernels::{self as kernels, View, ViewMut, Window};

#[backend_extension(Flex, Autodiff)]
pub(super) trait ChannelsLast: Backend {
    /// The largest number, or the average, of each window over `(batch, rows, columns, channels)`.
    fn pool_channels_last(x: FloatTensor<Self>, window: Window, largest: bool) -> FloatTensor<Self>;
}

impl ChannelsLast for Flex {
    fn pool_channels_last(x: Flat, window: Window, largest: bool) -> Flat {
        let [batch, height, width, channels] = sizes(&x);
        let [rows, columns] = window.output([height, width]);
        let mut y = kernels::zeros(batch * rows * columns * channels);
        let pool = if largest { kernels::max_pool } else { kernels::average_pool };
        let (x, output) = (values(&x), ViewMut::dense(&mut y, channels));
        pool(window, batch, [height, width], channels, View::dense(&x, channels), output);
        tensor(y, [batch, rows, columns, channels])
    }
}

/// Shape of the inputs, the windows, and inputs and outputs where the largest numbers were taken.
type Kept = ([usize; 4], Window, Option<[Flat; 2]>);

#[derive(Debug)]
struct PoolBackward;

impl Backward<Flex, 1> for PoolBackward {
    type State = Kept;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (shape, window, kept) = ops.state;
        let gradient = grads.consume::<Flex>(&ops.node);
        let [Some(node)] = ops.parents else { return };
        let [batch, height, width, channels] = shape;
        let mut made = kernels::zeros(batch * height * width * channels);
        let gradient = values(&gradient);
        let (outputs, to) = (View::dense(&gradient, channels), ViewMut::dense(&mut made, channels));
        match &kept {
            Some([x, y]) => {
                let (x, y) = (values(x), values(y));
                let views = [View::dense(&x, channels), View::dense(&y, channels), outputs];
                kernels::max_pool_gradient(window, batch, [height, width], channels, views, to);
            }
            None => kernels::average_pool_gradient(window, batch, [height, width], channels, outputs, to),
        }
        grads.register::<Flex>(node.id, tensor(made, shape));
    }
}

impl<C: CheckpointStrategy> ChannelsLast for Autodiff<Flex, C> {
    fn pool_channels_last(x: FloatTensor<Self>, window: Window, largest: bool) -> FloatTensor<Self> {
        let node = x.node();
        let x = x.into_primitive();
        match PoolBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => {
                let y = Flex::pool_channels_last(x.clone(), window, largest);
                prepared.finish((sizes(&x), window, largest.then(|| [x, y.clone()])), y)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(Flex::pool_channels_last(x, window, largest)),
        }
    }
}
