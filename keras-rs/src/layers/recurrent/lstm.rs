//! Long short-term memory and its cell.

use super::classes::{recurrent_classes, recurrent_imports};
use super::dropout::{MATMUL, cell_weight};
use super::forget_bias::ForgetBias;
use super::lstm_gates::LstmGates;
use super::use_cudnn::UseCudnn;
use keras_rs_kernels::{Recurrent, RecurrentStep};

recurrent_imports!();

recurrent_classes! {
    /// Long short-term memory. Keras' `LSTM`; Hochreiter and Schmidhuber, 1997.
    ///
    /// At each step the columns of `z = x @ kernel + h @ recurrent_kernel + bias` are those of the gates `i`, `f`, of
    /// the candidate `g` and of the gate `o`; with `s` the recurrent activation and `a` the activation
    /// `c' = s(f) * c + s(i) * a(g)` and the output is `h' = s(o) * a(c')`.
    ///
    /// Shapes: `(batch, steps, features)` to `(batch, units)`, or `(batch, steps, units)` with `return_sequences`;
    /// with `return_state` the states `h` and `c`, both `(batch, units)`, follow.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let x = Input::new([5, 3]);
    /// let [_, h, c] = LSTM::new(4).return_state(true).apply_to(&x)?;
    /// let decoded = LSTM::new(4)
    ///     .return_sequences(true)
    ///     .apply_with(&Input::new([7, 3]), Call::new().initial_state([&h, &c]))?;
    /// assert_eq!(decoded.shape().to_string(), "(None, 7, 4)");
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    layer LSTM,
    /// One step of an [`LSTM`]. Keras' `LSTMCell`.
    ///
    /// Shapes: inputs `(batch, features)` and the states `h` and `c`, both `(batch, units)`, to an output, which is
    /// the new `h`, and the new states.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let layer = RNN::new([LSTMCell::new(4), LSTMCell::new(2)]).shared();
    /// let y = layer.call(&[Tensor::ones([2, 3, 5], DType::F32)?])?;
    /// assert_eq!(y[0].shape(), [2, 2]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    cell LSTMCell as "lstm_cell",
    sizes {
        /// Size of the states and of each output; at least one.
        #[keras(new)]
        units: usize,
    }
    gate { recurrent_activation }
    forget { unit_forget_bias }
    last {}
    seed {}
    alone {
        /// Whether Keras uses kernels of cuDNN (default `auto`); it changes nothing.
        #[keras(default = UseCudnn::Auto, no_write)]
        use_cudnn: UseCudnn,
    }
}

impl LSTMCell {
    const RANK: usize = 2;
    const STATES: usize = 2;
    const GATES: usize = 4;

    fn check(&self, context: &str) -> Result<()> {
        super::require_units(context, self.units)
    }

    /// With dropout of the state Keras draws a mask for each gate.
    fn mask_count(&self) -> usize {
        if self.recurrent_dropout > 0.0 { Self::GATES } else { 1 }
    }

    fn build_weights(&self, scope: &mut BuildScope<'_>, input: &Shape) -> Result<()> {
        let features = input.known_dim(scope.name(), -1)?;
        let columns = Self::GATES.saturating_mul(self.units);
        let forget = Initializer::from(ForgetBias::new(self.bias_initializer.clone()));
        let bias = if self.unit_forget_bias { &forget } else { &self.bias_initializer };
        self.weights(scope, [&[features, columns], &[self.units, columns]], &[columns], bias)
    }

    fn step(&self, x: Tensor, states: Vec<Tensor>, context: &mut CallContext<'_>) -> Result<Vec<Tensor>> {
        let masks = self.dropout_of_cell().remembered(x.shape(), &states[0], context)?;
        let mut z = MATMUL.masked(&x, &masks.inputs, &context.weight("kernel")?)?;
        if self.use_bias {
            z = z.into_sum(context.weight("bias")?)?;
        }
        let recurrent_kernel = context.weight("recurrent_kernel")?;
        let (h, states) = self.gates(z, states, &masks.states, &recurrent_kernel, context)?;
        Ok(std::iter::once(h).chain(states).collect())
    }

    /// What a step computes, where there is a kernel for all steps.
    fn known_step(&self) -> Option<RecurrentStep> {
        (self.activation.is("tanh") && self.recurrent_activation.is("sigmoid")).then_some(RecurrentStep::Lstm)
    }

    /// The output and the next states, from the product of the inputs with the kernel.
    fn gates(
        &self,
        x: Tensor,
        mut states: Vec<Tensor>,
        masks: &[Tensor],
        recurrent_kernel: &Tensor,
        context: &mut CallContext<'_>,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let c = states.remove(1);
        let z = x.into_sum(MATMUL.masked(&states[0], masks, recurrent_kernel)?)?;
        let gates = LstmGates {
            activation: &self.activation,
            recurrent_activation: &self.recurrent_activation,
            axis: 1,
            size: self.units,
        };
        gates.next(&z, c, context)
    }

    /// All steps of a sequence.
    fn run(&self, cell: &LayerRef, run: Run, context: &mut CallContext<'_>) -> Result<(Tensor, Vec<Tensor>)> {
        let Run { sequences, states, walk, .. } = run;
        let (batch, features) = (sequences.shape()[0], sequences.shape()[2]);
        let masks = self.dropout_of_cell().masks(&[batch, features], &states[0], context.training())?;
        let mut x = MATMUL.of_sequence(&sequences, &masks.inputs, &cell_weight(cell, "kernel", context)?)?;
        if self.use_bias {
            x = x.into_sum(cell_weight(cell, "bias", context)?)?;
        }
        let recurrent_kernel = cell_weight(cell, "recurrent_kernel", context)?;
        let plain = states.iter().all(|state| state.shape() == [batch, self.units]);
        if self.known_step().is_some() && plain && masks.states.is_empty() {
            let operands = [&x, &states[0], &recurrent_kernel, &states[1]];
            if let Some(blocks) = Tensor::recurrence(Recurrent::Lstm, &operands, walk.sequence(self.units)) {
                let (output, h) = walk.output(&blocks)?;
                let c = blocks.narrow(0, walk.steps + 1..walk.steps + 2)?.squeeze(&[0])?;
                return Ok((output, vec![h, c]));
            }
        }
        let layer = context.layer().to_string();
        walk.run(&layer, &x, states, |x, states| {
            let (_, states) = self.gates(x, states, &masks.states, &recurrent_kernel, context)?;
            Ok((None, states))
        })
    }
}

impl Cell for LSTMCell {
    fn state_size(&self) -> Vec<usize> {
        vec![self.units; Self::STATES]
    }
}
