//! What all convolution layers share: how the kernel moves, the bias and the activation.

use crate::activations::Activation;
use crate::constraints::Constraint;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, Outputs};
use crate::layers::{DataFormat, Padding, Tuple};
use crate::ops::Window;
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Size and movement of a layer's kernel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Geometry<const N: usize> {
    pub(super) kernel_size: Tuple<N>,
    pub(super) strides: Tuple<N>,
    pub(super) padding: Padding,
    pub(super) data_format: DataFormat,
    pub(super) dilation_rate: Tuple<N>,
}

impl<const N: usize> Geometry<N> {
    /// Refuses numbers that are zero, and causal padding.
    pub(super) fn check(&self, context: &str) -> Result<()> {
        if self.padding == Padding::Causal {
            let expected = "valid or same; only Conv1D takes causal";
            return Err(Error::argument(context, "padding", expected, self.padding));
        }
        self.check_numbers(context)
    }

    /// Refuses numbers that are zero.
    pub(super) fn check_numbers(&self, context: &str) -> Result<()> {
        self.kernel_size.require_positive(context, "kernel_size")?;
        self.strides.require_positive(context, "strides")?;
        self.dilation_rate.require_positive(context, "dilation_rate")
    }

    /// Refuses strides together with dilation.
    pub(super) fn check_not_both(&self, context: &str) -> Result<()> {
        let more = |numbers: Tuple<N>| numbers.iter().any(|&n| n > 1);
        if more(self.strides) && more(self.dilation_rate) {
            let expected = format!("1 on every axis, as strides are {:?}", *self.strides);
            let got = format!("{:?}", *self.dilation_rate);
            return Err(Error::argument(context, "dilation_rate", expected, got));
        }
        Ok(())
    }

    /// The number of input channels, which must be known.
    pub(super) fn channels(&self, context: &str, input: &Shape) -> Result<usize> {
        input.require_rank(context, N + 2)?;
        input.known_dim(context, self.data_format.channel_axis(N + 2) as isize)
    }

    pub(super) fn window(&self) -> Window<'_> {
        Window {
            strides: &*self.strides,
            dilation_rate: &*self.dilation_rate,
            padding: self.padding,
            data_format: self.data_format,
        }
    }
}

/// Refuses zero.
pub(super) fn require_positive(context: &str, argument: &str, value: usize) -> Result<()> {
    if value > 0 { Ok(()) } else { Err(Error::argument(context, argument, "at least 1", value)) }
}

/// Makes a variable with its penalty and projection.
pub(super) fn add_weight(
    scope: &mut BuildScope<'_>,
    name: &str,
    shape: &[usize],
    initializer: &Initializer,
    regularizer: &Option<Regularizer>,
    constraint: &Option<Constraint>,
) -> Result<()> {
    scope.weight(name, shape, initializer).regularizer(regularizer).constraint(constraint).add()
}

/// A shape from a kernel's spatial sizes and its two other axes.
pub(super) fn kernel_shape(spatial: &[usize], rows: usize, columns: usize) -> Vec<usize> {
    spatial.iter().copied().chain([rows, columns]).collect()
}

/// Adds the bias, where there is one, to the channels and applies the activation.
pub(super) fn finish(
    y: Tensor,
    use_bias: bool,
    data_format: DataFormat,
    activation: &Activation,
    context: &mut CallContext<'_>,
) -> Result<Outputs> {
    let y = if use_bias {
        let bias = context.weight("bias")?;
        let mut shape = vec![1; y.rank()];
        shape[data_format.channel_axis(y.rank())] = bias.len();
        y.add(&bias.reshape(shape)?)?
    } else {
        y
    };
    Ok(activation.call_in(y, context)?.into())
}

/// Setters that all convolution layers have.
macro_rules! shared_setters {
    () => {
        crate::config::setters! {
            /// Sets the steps between positions (default 1).
            strides: crate::layers::Tuple<N>,
            /// Sets the padding (default `valid`).
            padding: crate::layers::Padding,
            /// Sets where the channels are (default `channels_last`).
            data_format: crate::layers::DataFormat,
            /// Sets the steps between the places that the kernel looks at (default 1).
            dilation_rate: crate::layers::Tuple<N>,
            /// Sets the activation (default: none).
            activation: crate::activations::Activation,
            /// Sets whether a bias is added (default `true`).
            use_bias: bool,
            /// Sets the bias' initializer (default `zeros`).
            bias_initializer: crate::initializers::Initializer,
            /// Sets the bias' penalty (default: none).
            bias_regularizer: Option<crate::regularizers::Regularizer>,
            /// Sets the output's penalty (default: none).
            activity_regularizer: Option<crate::regularizers::Regularizer>,
            /// Sets the bias' projection (default: none).
            bias_constraint: Option<crate::constraints::Constraint>,
        }

        /// How the kernel moves.
        fn geometry(&self) -> super::shared::Geometry<N> {
            super::shared::Geometry {
                kernel_size: self.kernel_size,
                strides: self.strides,
                padding: self.padding,
                data_format: self.data_format,
                dilation_rate: self.dilation_rate,
            }
        }
    };
}
pub(super) use shared_setters;

/// The parts of [`Layer`](crate::layer::Layer) that are the same in all convolution layers, whose
/// class depends on the number of spatial axes.
macro_rules! shared_base {
    ($($rank:literal => $class:literal),* ; $last:literal) => {
        fn class_name(&self) -> &str {
            match N {
                $($rank => $class,)*
                _ => $last,
            }
        }

        fn base(&self) -> &crate::layer::LayerBase {
            &self.base
        }

        fn base_mut(&mut self) -> &mut crate::layer::LayerBase {
            &mut self.base
        }

        fn module(&self) -> Option<&str> {
            Some("keras.layers")
        }

        fn sublayers(&self) -> Vec<(String, crate::layer::LayerRef)> {
            self.activation.sublayers()
        }

        fn activity_regularizer(&self) -> Option<&crate::regularizers::Regularizer> {
            self.activity_regularizer.as_ref()
        }
    };
}
pub(super) use shared_base;
