//! The simple recurrent layer and its cell.

use super::classes::{recurrent_classes, recurrent_imports};
use super::dropout::{MATMUL, cell_weight};
use keras_rs_kernels::{Recurrent, RecurrentActivation as Known, RecurrentStep};

recurrent_imports!();

recurrent_classes! {
    /// A recurrent layer whose output at each step is
    /// `h' = activation(x @ kernel + h @ recurrent_kernel + bias)`. Keras' `SimpleRNN`; Elman, 1990.
    ///
    /// Shapes: `(batch, steps, features)` to `(batch, units)`, or `(batch, steps, units)` with `return_sequences`;
    /// with `return_state` the state `(batch, units)` follows.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let layer = SimpleRNN::new(1).activation("linear").kernel_initializer("ones").recurrent_initializer("ones");
    /// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0], [1, 3, 1])?;
    /// let y = layer.return_sequences(true).shared().call(&[x])?;
    /// assert_eq!(y[0].to_vec::<f32>()?, [1.0, 3.0, 6.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    layer SimpleRNN,
    /// One step of a [`SimpleRNN`]: the output, which is also the state,
    /// `h' = activation(x @ kernel + h @ recurrent_kernel + bias)`. Keras' `SimpleRNNCell`.
    ///
    /// Shapes: inputs `(batch, features)` and a state `(batch, units)` to an output and a state `(batch, units)`.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let layer = RNN::new(SimpleRNNCell::new(4)).return_state(true).shared();
    /// let y = layer.call(&[Tensor::ones([2, 3, 5], DType::F32)?])?;
    /// assert_eq!((y[0].shape(), y[1].shape()), (&[2, 4][..], &[2, 4][..]));
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    cell SimpleRNNCell as "simple_rnn_cell",
    sizes {
        /// Size of the state and of each output; at least one.
        #[keras(new)]
        units: usize,
    }
    gate {}
    forget {}
    last {}
    // Keras leaves the seed of this layer out of files.
    seed { #[keras(no_write)] }
    alone {}
}

impl SimpleRNNCell {
    const RANK: usize = 2;
    const STATES: usize = 1;
    const GATES: usize = 1;

    fn check(&self, context: &str) -> Result<()> {
        super::require_units(context, self.units)
    }

    fn mask_count(&self) -> usize {
        1
    }

    fn build_weights(&self, scope: &mut BuildScope<'_>, input: &Shape) -> Result<()> {
        let features = input.known_dim(scope.name(), -1)?;
        let shapes: [&[usize]; 2] = [&[features, self.units], &[self.units, self.units]];
        self.weights(scope, shapes, &[self.units], &self.bias_initializer)
    }

    fn step(&self, x: Tensor, states: Vec<Tensor>, context: &mut CallContext<'_>) -> Result<Vec<Tensor>> {
        let masks = self.dropout_of_cell().remembered(x.shape(), &states[0], context)?;
        let mut z = MATMUL.masked(&x, &masks.inputs, &context.weight("kernel")?)?;
        if self.use_bias {
            z = z.into_sum(context.weight("bias")?)?;
        }
        let recurrent = MATMUL.masked(&states[0], &masks.states, &context.weight("recurrent_kernel")?)?;
        let h = self.activation.call_in(z.into_sum(recurrent)?, context)?;
        Ok(vec![h.clone(), h])
    }

    /// The activation, where all steps may be one operation.
    fn known_activation(&self) -> Option<Known> {
        let known = [
            ("linear", Known::Linear),
            ("relu", Known::Relu),
            ("sigmoid", Known::Sigmoid),
            ("tanh", Known::Tanh),
        ];
        known.into_iter().find_map(|(name, known)| self.activation.is(name).then_some(known))
    }

    /// What a step computes, where there is a kernel for all steps.
    fn known_step(&self) -> Option<RecurrentStep> {
        self.known_activation().map(RecurrentStep::SimpleRnn)
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
        if let Some(activation) = self.known_activation()
            && masks.states.is_empty()
            && states[0].shape() == [batch, self.units]
        {
            let operands = [&x, &states[0], &recurrent_kernel];
            let kind = Recurrent::SimpleRnn(activation);
            if let Some(blocks) = Tensor::recurrence(kind, &operands, walk.sequence(self.units)) {
                let (output, h) = walk.output(&blocks)?;
                return Ok((output, vec![h]));
            }
        }
        let layer = context.layer().to_string();
        walk.run(&layer, &x, states, |x, states| {
            let z = x.into_sum(MATMUL.masked(&states[0], &masks.states, &recurrent_kernel)?)?;
            Ok((None, vec![self.activation.call_in(z, context)?]))
        })
    }
}

impl Cell for SimpleRNNCell {
    fn state_size(&self) -> Vec<usize> {
        vec![self.units]
    }
}
