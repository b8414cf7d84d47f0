//! Convolutions of images of `float32`, channels last, and products of rows with a matrix as one operation of the backend
//! `flex` with gradients of its own, with the bias and the `relu` that follow.
//!
//! Burn's are channels first, and compute the gradient of a kernel as a convolution whose kernel is the outputs' gradient,
//! a product with as many columns as the kernel has places.

use crate::tensor::flex::{Flat, images, tensor, values, values_mut};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use keras_rs_kernels::{
    self as kernels, Activation, Convolution, ConvolutionGradients, Depthwise, Epilogue, View, ViewMut,
    Window,
};

#[backend_extension(Flex, Autodiff)]
pub(super) trait ChannelsLast: Backend {
    /// Convolves `(batch, rows, columns, channels)` with `(rows, columns, channels / groups, filters)`, or multiplies rows
    /// of channels with `(channels, filters)`.
    fn conv_channels_last(
        x: FloatTensor<Self>,
        kernel: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self>;

    /// The same with a bias, and `relu` or nothing after it.
    fn conv_with_bias(
        x: FloatTensor<Self>,
        kernel: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        window: Window,
        relu: bool,
    ) -> FloatTensor<Self>;
}

/// Sizes of a convolution, with its gradients.
fn of_operands(x: &Flat, kernel: &Flat, window: Window) -> ConvolutionGradients {
    let [batch, height, width, channels] = images(x);
    let groups = match kernel.layout().shape()[..] {
        [.., inputs, _] => channels / inputs,
        _ => 1,
    };
    let [.., filters] = images(kernel);
    ConvolutionGradients { window, channels: [channels, filters], groups, batch, size: [height, width] }
}

fn convolve(x: &Flat, kernel: &Flat, window: Window, epilogue: Epilogue<'_>) -> Flat {
    let ConvolutionGradients { channels: [channels, filters], groups, batch, size, .. } =
        of_operands(x, kernel, window);
    let [rows, columns] = window.output(size);
    let mut y = kernels::zeros(batch * rows * columns * filters);
    let (input, output) = (values(x), ViewMut::dense(&mut y, filters));
    let input = View::dense(&input, channels);
    if groups > 1 && groups == channels {
        let packed = Depthwise::new(window, channels, filters / channels, &values(kernel));
        packed.run(batch, size, input, epilogue, output);
    } else {
        let packed = Convolution::new(window, [channels, filters], groups, &values(kernel));
        packed.run(batch, size, input, None, epilogue, output);
    }
    let shape = match x.layout().shape()[..] {
        [_, _, _, _] => vec![batch, rows, columns, filters],
        [ref rows @ .., _] => rows.iter().copied().chain([filters]).collect(),
        [] => Vec::new(),
    };
    tensor(y, shape)
}

impl ChannelsLast for Flex {
    fn conv_channels_last(x: Flat, kernel: Flat, window: Window) -> Flat {
        convolve(&x, &kernel, window, Epilogue::default())
    }

    fn conv_with_bias(x: Flat, kernel: Flat, bias: Flat, window: Window, relu: bool) -> Flat {
        let activation = if relu { Activation::Relu } else { Activation::Linear };
        convolve(&x, &kernel, window, Epilogue { bias: Some(&values(&bias)), residual: None, activation })
    }
}

#[derive(Debug)]
struct ConvBackward;

/// What the backward pass needs: the input, the kernel, how it moves, and the output where `relu` made it.
type Passed = (Flat, Flat, Window, Option<Flat>);

impl<const N: usize> Backward<Flex, N> for ConvBackward {
    type State = Passed;

    fn backward(self, ops: Ops<Self::State, N>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (x, kernel, window, y) = ops.state;
        let mut gradient = grads.consume::<Flex>(&ops.node);
        let gradients = of_operands(&x, &kernel, window);
        let [channels, filters] = gradients.channels;
        let mut nodes = ops.parents.into_iter();
        let [for_x, for_kernel, for_bias] = [(); 3].map(|()| nodes.next().flatten());
        if for_bias.is_some() || y.is_some() {
            let mut made = vec![0.0; filters];
            let y = y.as_ref().map(values);
            kernels::bias_gradient(y.as_deref(), values_mut(&mut gradient), &mut made);
            if let Some(node) = for_bias {
                grads.register::<Flex>(node.id, tensor(made, [filters]));
            }
        }
        let gradient = values(&gradient);
        let outputs = View::dense(&gradient, filters);
        if let Some(node) = for_x {
            let mut made = kernels::zeros(x.layout().shape().iter().product());
            gradients.input(&values(&kernel), outputs, ViewMut::dense(&mut made, channels));
            grads.register::<Flex>(node.id, tensor(made, x.layout().shape().to_vec()));
        }
        if let Some(node) = for_kernel {
            let mut made = kernels::zeros(kernel.layout().shape().iter().product());
            gradients.kernel(View::dense(&values(&x), channels), outputs, &mut made);
            grads.register::<Flex>(node.id, tensor(made, kernel.layout().shape().to_vec()));
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
                prepared.finish((x, kernel, window, None), y)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(Flex::conv_channels_last(x, kernel, window)),
        }
    }

    fn conv_with_bias(
        x: FloatTensor<Self>,
        kernel: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        window: Window,
        relu: bool,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), kernel.node(), bias.node()];
        let (x, kernel, bias) = (x.into_primitive(), kernel.into_primitive(), bias.into_primitive());
        match ConvBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => {
                let y = Flex::conv_with_bias(x.clone(), kernel.clone(), bias, window, relu);
                prepared.finish((x, kernel, window, relu.then(|| y.clone())), y)
            }
            OpsKind::UnTracked(prepared) => {
                prepared.finish(Flex::conv_with_bias(x, kernel, bias, window, relu))
            }
        }
    }
}
