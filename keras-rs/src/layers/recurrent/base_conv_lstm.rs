//! Convolutional long short-term memory over one to three spatial axes.

use super::classes::{recurrent_classes, recurrent_imports};
use super::dropout::{Product, cell_weight};
use super::forget_bias::ForgetBias;
use super::lstm_gates::LstmGates;
use crate::layers::convolutional::{geometry, kernel_shape, require_positive};
use crate::layers::{DataFormat, Padding, Tuple};
use crate::ops;

use keras_rs_kernels::RecurrentStep;

recurrent_imports!();

recurrent_classes! {
    /// Long short-term memory with convolutions in place of products: [`ConvLSTM1D`](super::ConvLSTM1D),
    /// [`ConvLSTM2D`](super::ConvLSTM2D) and [`ConvLSTM3D`](super::ConvLSTM3D). Keras' `ConvLSTM`; Shi et al., 2015.
    ///
    /// Shapes: `(batch, steps, ..., channels)` to `(batch, ..., filters)`, or `(batch, steps, ..., filters)` with
    /// `return_sequences`, and with the channels before the spatial axes for `channels_first`; with `return_state` the
    /// states `h` and `c`, both shaped as the output of one step, follow. The spatial sizes must be known.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let y = ConvLSTM2D::new(4, 3).padding("same").return_sequences(true).apply(&Input::new([5, 8, 8, 2]))?;
    /// assert_eq!(y.shape().to_string(), "(None, 5, 8, 8, 4)");
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    #[keras(class_name_with = Self::class)]
    layer BaseConvLSTM [const N: usize] [<N>],
    /// One step of a [`BaseConvLSTM`]. Keras' `ConvLSTMCell`.
    ///
    /// Shapes: inputs `(batch, ..., channels)` and the states `h` and `c`, both `(batch, ..., filters)`, to an output,
    /// which is the new `h`, and the new states.
    #[keras(class_name = "ConvLSTMCell")]
    cell BaseConvLSTMCell as "conv_lstm_cell",
    sizes {
        /// Number of output channels; at least one.
        #[keras(new)]
        filters: usize,
        /// Size of the kernels: one number for all axes or one for each, at least one.
        #[keras(new)]
        kernel_size: Tuple<N>,
        /// Steps between the positions of the inputs' kernel, at least one (default 1).
        #[keras(default = 1)]
        strides: Tuple<N>,
        /// Padding of the inputs: `valid` or `same` (default `valid`).
        #[keras(default = Padding::Valid)]
        padding: Padding,
        /// Where the channels are (default `channels_last`).
        #[keras(default = DataFormat::ChannelsLast)]
        data_format: DataFormat,
        /// Steps between the values that the inputs' kernel looks at, at least one (default 1).
        #[keras(default = 1)]
        dilation_rate: Tuple<N>,
    }
    gate { recurrent_activation }
    forget { unit_forget_bias }
    last {}
    seed {}
    alone {}
}

impl<const N: usize> BaseConvLSTM<N> {
    fn class(&self) -> &str {
        const { assert!(N >= 1 && N <= 3, "there are convolutions over 1 to 3 spatial axes") }
        ["ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"][N - 1]
    }
}

impl<const N: usize> BaseConvLSTMCell<N> {
    const RANK: usize = N + 2;
    const STATES: usize = 2;
    const GATES: usize = 4;

    fn check(&self, context: &str) -> Result<()> {
        require_positive(context, "filters", self.filters)?;
        let geometry = geometry!(self);
        geometry.check(context)?;
        geometry.check_not_both(context)
    }

    fn mask_count(&self) -> usize {
        Self::GATES
    }

    /// There is no kernel for its steps.
    fn known_step(&self) -> Option<RecurrentStep> {
        None
    }

    fn build_weights(&self, scope: &mut BuildScope<'_>, input: &Shape) -> Result<()> {
        let channels = geometry!(self).channels(scope.name(), input)?;
        for axis in self.data_format.spatial_axes(N + 2) {
            input.known_dim(scope.name(), axis as isize)?;
        }
        let columns = Self::GATES.saturating_mul(self.filters);
        let kernel = kernel_shape(&*self.kernel_size, channels, columns);
        let recurrent_kernel = kernel_shape(&*self.kernel_size, self.filters, columns);
        let forget = Initializer::from(ForgetBias::new(self.bias_initializer.clone()));
        let bias = if self.unit_forget_bias { &forget } else { &self.bias_initializer };
        self.weights(scope, [&kernel, &recurrent_kernel], &[columns], bias)
    }

    /// The axis of the channels of a step.
    fn axis(&self) -> usize {
        self.data_format.channel_axis(N + 2)
    }

    /// The convolution of the inputs.
    fn of_inputs(&self) -> Product<impl Fn(&Tensor, &Tensor) -> Result<Tensor>> {
        let of = move |x: &Tensor, kernel: &Tensor| ops::conv(x, kernel, geometry!(self).window());
        Product { of, axis: self.axis() as isize }
    }

    /// The convolution of the state, which keeps its size.
    fn of_states(&self) -> Product<impl Fn(&Tensor, &Tensor) -> Result<Tensor>> {
        let of = move |h: &Tensor, kernel: &Tensor| {
            let mut geometry = geometry!(self);
            geometry.strides = 1.into();
            geometry.dilation_rate = 1.into();
            geometry.padding = Padding::Same;
            ops::conv(h, kernel, geometry.window())
        };
        Product { of, axis: self.axis() as isize }
    }

    fn with_bias(&self, x: Tensor, bias: Option<Tensor>) -> Result<Tensor> {
        let Some(bias) = bias else { return Ok(x) };
        let mut shape = vec![1; N + 2];
        shape[self.axis()] = bias.len();
        x.add(&bias.reshape(shape)?)
    }

    fn step(&self, x: Tensor, states: Vec<Tensor>, context: &mut CallContext<'_>) -> Result<Vec<Tensor>> {
        let masks = self.dropout_of_cell().remembered(x.shape(), &states[0], context)?;
        let z = self.of_inputs().masked(&x, &masks.inputs, &context.weight("kernel")?)?;
        let bias = if self.use_bias { Some(context.weight("bias")?) } else { None };
        let recurrent_kernel = context.weight("recurrent_kernel")?;
        let (h, states) =
            self.gates(self.with_bias(z, bias)?, states, &masks.states, &recurrent_kernel, context)?;
        Ok(std::iter::once(h).chain(states).collect())
    }

    /// The output and the next states, from the convolution of the inputs.
    fn gates(
        &self,
        x: Tensor,
        mut states: Vec<Tensor>,
        masks: &[Tensor],
        recurrent_kernel: &Tensor,
        context: &mut CallContext<'_>,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let c = states.remove(1);
        let z = x.into_sum(self.of_states().masked(&states[0], masks, recurrent_kernel)?)?;
        let gates = LstmGates {
            activation: &self.activation,
            recurrent_activation: &self.recurrent_activation,
            axis: self.axis(),
            size: self.filters,
        };
        gates.next(&z, c, context)
    }

    /// All steps of a sequence.
    fn run(&self, cell: &LayerRef, run: Run, context: &mut CallContext<'_>) -> Result<(Tensor, Vec<Tensor>)> {
        let Run { sequences, states, walk, .. } = run;
        let batch = sequences.shape()[0];
        let step = [&[batch], &sequences.shape()[2..]].concat();
        let masks = self.dropout_of_cell().masks(&step, &states[0], context.training())?;
        let x = self.of_inputs().of_sequence(
            &sequences,
            &masks.inputs,
            &cell_weight(cell, "kernel", context)?,
        )?;
        let bias = if self.use_bias { Some(cell_weight(cell, "bias", context)?) } else { None };
        let x = self.with_bias(x, bias)?;
        let recurrent_kernel = cell_weight(cell, "recurrent_kernel", context)?;
        let layer = context.layer().to_string();
        walk.run(&layer, &x, states, |x, states| {
            let (_, states) = self.gates(x, states, &masks.states, &recurrent_kernel, context)?;
            Ok((None, states))
        })
    }
}

impl<const N: usize> Cell for BaseConvLSTMCell<N> {
    fn state_size(&self) -> Vec<usize> {
        vec![self.filters; Self::STATES]
    }

    fn step_shapes(&self, inputs: &Shape) -> Result<Vec<Shape>> {
        self.check("ConvLSTM")?;
        let window = geometry!(self);
        let filters = Some(self.filters);
        let output =
            ops::conv_output_shape("ConvLSTM", inputs, &*self.kernel_size, filters, window.window())?;
        Ok(vec![output; 1 + Self::STATES])
    }
}
