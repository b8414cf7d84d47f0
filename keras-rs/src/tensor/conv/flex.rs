//! Convolutions of images of `float32`, channels last, as one operation of the backend `flex` with gradients of its own.
//!
//! Burn's are channels first, and compute the gradient of a kernel as a convolution whose kernel is the outputs' gradient,
//! a product with as many columns as the kernel has places.

use crate::tensor::flex::{Flat, sizes, tensor, values};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use keras_rs_kernels::{self as kernels, Convolution, Epilogue, View, ViewMut, Window};

#[backend_extension(Flex, Autodiff)]
pub(super) trait ChannelsLast: Backend {
    /// Convolves `(batch, rows, columns, channels)` with `(rows, columns, channels, filters)`.
    fn conv_channels_last(
        x: FloatTensor<Self>,
        kernel: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self>;
}

impl ChannelsLast for Flex {
    fn conv_channels_last(x: Flat, kernel: Flat, window: Window) -> Flat {
        let ([batch, height, width, channels], [.., filters]) = (sizes(&x), sizes(&kernel));
        let [rows, columns] = window.output([height, width]);
        let mut y = vec![0.0; batch * rows * columns * filters];
        let (input, output) = (values(&x), ViewMut::dense(&mut y, filters));
        let input = View::dense(&input, channels);
        Convolution::new(window, [channels, filters], 1, &values(&kernel)).run(
            batch,
            [height, width],
            input,
            None,
            Epilogue::default(),
            output,
        );
        tensor(y, [batch, rows, columns, filters])
    }
}

#[derive(Debug)]
struct ConvBackward;

impl Backward<Flex, 2> for ConvBackward {
    type State = (Flat, Flat, Window);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (x, kernel, window) = ops.state;
        let gradient = grads.consume::<Flex>(&ops.node);
        let gradient = values(&gradient);
        let ([batch, height, width, channels], [.., filters]) = (sizes(&x), sizes(&kernel));
        let (size, both) = ([height, width], [channels, filters]);
        let outputs = View::dense(&gradient, filters);
        let [for_x, for_kernel] = ops.parents;
        if let Some(node) = for_x {
            let mut made = vec![0.0; batch * height * width * channels];
            let to = ViewMut::dense(&mut made, channels);
            kernels::input_gradient(window, both, batch, size, &values(&kernel), outputs, to);
            grads.register::<Flex>(node.id, tensor(made, sizes(&x)));
        }
        if let Some(node) = for_kernel {
            let mut made = vec![0.0; window.kernel[0] * window.kernel[1] * channels * filters];
            let x = values(&x);
            kernels::kernel_gradient(
                window,
                both,
                batch,
                size,
                View::dense(&x, channels),
                outputs,
                &mut made,
            );
            grads.register::<Flex>(node.id, tensor(made, sizes(&kernel)));
        }
    }
}

impl<C: CheckpointStrategy> ChannelsLast for Autodiff<Flex, C> {
    fn conv_channels_last(
        x: FloatTensor<Self>,
        kernel: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), kernel.node()];
        let (x, kernel) = (x.into_primitive(), kernel.into_primitive());
        match ConvBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => {
                let y = Flex::conv_channels_last(x.clone(), kernel.clone(), window);
                prepared.finish((x, kernel, window), y)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(Flex::conv_channels_last(x, kernel, window)),
        }
    }
}
