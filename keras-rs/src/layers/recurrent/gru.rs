//! The gated recurrent unit and its cell.

use super::classes::{recurrent_classes, recurrent_imports};
use super::dropout::{MATMUL, cell_weight};
use super::use_cudnn::UseCudnn;
use keras_rs_kernels::{Recurrent, RecurrentStep};

recurrent_imports!();

recurrent_classes! {
    /// Gated recurrent unit. Keras' `GRU`; Cho et al., 2014.
    ///
    /// At each step, with `s` the recurrent activation and `a` the activation, `z = s(x @ kernel_z + h @ recurrent_z)`,
    /// `r = s(x @ kernel_r + h @ recurrent_r)` and `g = a(x @ kernel_g + r * (h @ recurrent_g))`, each with its bias,
    /// and the output is `h' = z * h + (1 - z) * g`. With `reset_after(false)` it is `(r * h) @ recurrent_g`.
    ///
    /// Shapes: `(batch, steps, features)` to `(batch, units)`, or `(batch, steps, units)` with `return_sequences`;
    /// with `return_state` the state `(batch, units)` follows. The bias is `(2, 3 * units)`: a row for the inputs and
    /// one for the state; without `reset_after` it is `(3 * units)`.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let layer = GRU::new(4).return_sequences(true).return_state(true).shared();
    /// let y = layer.call(&[Tensor::ones([2, 3, 5], DType::F32)?])?;
    /// assert_eq!((y[0].shape(), y[1].shape()), (&[2, 3, 4][..], &[2, 4][..]));
    /// assert_eq!(layer.count_params(), 132);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    layer GRU,
    /// One step of a [`GRU`]. Keras' `GRUCell`.
    ///
    /// Shapes: inputs `(batch, features)` and a state `(batch, units)` to an output, which is also the new state,
    /// `(batch, units)`.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let layer = RNN::new(GRUCell::new(4).reset_after(false)).shared();
    /// let y = layer.call(&[Tensor::ones([2, 3, 5], DType::F32)?])?;
    /// assert_eq!(y[0].shape(), [2, 4]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    cell GRUCell as "gru_cell",
    sizes {
        /// Size of the state and of each output; at least one.
        #[keras(new)]
        units: usize,
    }
    gate { recurrent_activation }
    forget {}
    last {
        /// Whether the reset gate comes after the product of the state with its kernel, or before (default `true`).
        #[keras(default = true)]
        reset_after: bool,
    }
    seed {}
    alone {
        /// Whether Keras uses kernels of cuDNN (default `auto`); it changes nothing.
        #[keras(default = UseCudnn::Auto, no_write)]
        use_cudnn: UseCudnn,
    }
}

/// What all steps of a sequence share.
struct Shared {
    /// The kernel of the state, of all gates or of those before the reset; then that of the candidate.
    recurrent: Tensor,
    candidate: Option<Tensor>,
    /// The bias of the state.
    bias: Option<Tensor>,
    masks: Vec<Tensor>,
}

impl GRUCell {
    const RANK: usize = 2;
    const STATES: usize = 1;
    const GATES: usize = 3;

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
        let bias: &[usize] = if self.reset_after { &[2, columns] } else { &[columns] };
        self.weights(scope, [&[features, columns], &[self.units, columns]], bias, &self.bias_initializer)
    }

    /// The bias of the inputs and what the steps share, from the weights.
    fn shared(
        &self,
        recurrent: Tensor,
        bias: Option<Tensor>,
        masks: Vec<Tensor>,
    ) -> Result<(Option<Tensor>, Shared)> {
        let columns = Self::GATES * self.units;
        let (input_bias, bias) = match bias.filter(|_| self.use_bias) {
            Some(both) if self.reset_after => {
                let row = |i: usize| both.narrow(0, i..i + 1)?.reshape([columns]);
                (Some(row(0)?), Some(row(1)?))
            }
            one => (one, None),
        };
        let (recurrent, candidate) = if self.reset_after {
            (recurrent, None)
        } else {
            let reset = 2 * self.units;
            (recurrent.narrow(1, 0..reset)?, Some(recurrent.narrow(1, reset..columns)?))
        };
        Ok((input_bias, Shared { recurrent, candidate, bias, masks }))
    }

    fn step(&self, x: Tensor, states: Vec<Tensor>, context: &mut CallContext<'_>) -> Result<Vec<Tensor>> {
        let masks = self.dropout_of_cell().remembered(x.shape(), &states[0], context)?;
        let mut projected = MATMUL.masked(&x, &masks.inputs, &context.weight("kernel")?)?;
        let bias = if self.use_bias { Some(context.weight("bias")?) } else { None };
        let (bias, shared) = self.shared(context.weight("recurrent_kernel")?, bias, masks.states)?;
        if let Some(bias) = bias {
            projected = projected.into_sum(bias)?;
        }
        let h = self.gates(&projected, &states[0], &shared, context)?;
        Ok(vec![h.clone(), h])
    }

    /// What a step computes, where there is a kernel for all steps.
    fn known_step(&self) -> Option<RecurrentStep> {
        let known = self.activation.is("tanh") && self.recurrent_activation.is("sigmoid");
        known.then_some(RecurrentStep::Gru { reset_after: self.reset_after })
    }

    /// The next state, from the product of the inputs with the kernel.
    fn gates(
        &self,
        x: &Tensor,
        h: &Tensor,
        shared: &Shared,
        context: &mut CallContext<'_>,
    ) -> Result<Tensor> {
        let units = self.units;
        let part = |t: &Tensor, i: usize| t.narrow(1, i * units..(i + 1) * units);
        let before_reset = if shared.candidate.is_some() { 2 } else { 3 };
        let masks = &shared.masks[..shared.masks.len().min(before_reset)];
        let mut inner = MATMUL.masked(h, masks, &shared.recurrent)?;
        if let Some(bias) = &shared.bias {
            inner = inner.add(bias)?;
        }
        let z = self.recurrent_activation.call_in(part(x, 0)?.into_sum(part(&inner, 0)?)?, context)?;
        let r = self.recurrent_activation.call_in(part(x, 1)?.into_sum(part(&inner, 1)?)?, context)?;
        let g = match &shared.candidate {
            None => r.into_product(part(&inner, 2)?)?,
            Some(kernel) => {
                MATMUL.masked(&r.into_product(h.clone())?, shared.masks.get(2..).unwrap_or(&[]), kernel)?
            }
        };
        let g = self.activation.call_in(part(x, 2)?.into_sum(g)?, context)?;
        let kept = z.mul(h)?;
        kept.into_sum(z.into_scaled(-1.0)?.into_shifted(1.0)?.into_product(g)?)
    }

    /// All steps of a sequence.
    fn run(&self, cell: &LayerRef, run: Run, context: &mut CallContext<'_>) -> Result<(Tensor, Vec<Tensor>)> {
        let Run { sequences, states, walk, .. } = run;
        let (batch, features) = (sequences.shape()[0], sequences.shape()[2]);
        let masks = self.dropout_of_cell().masks(&[batch, features], &states[0], context.training())?;
        let mut x = MATMUL.of_sequence(&sequences, &masks.inputs, &cell_weight(cell, "kernel", context)?)?;
        let bias = if self.use_bias { Some(cell_weight(cell, "bias", context)?) } else { None };
        let (bias, shared) =
            self.shared(cell_weight(cell, "recurrent_kernel", context)?, bias, masks.states)?;
        if let Some(bias) = bias {
            x = x.into_sum(bias)?;
        }
        let known = self.known_step() == Some(RecurrentStep::Gru { reset_after: true });
        let plain = states.iter().all(|state| state.shape() == [batch, self.units]);
        if known && plain && shared.masks.is_empty() {
            let none = || x.full_like([Self::GATES * self.units], 0.0);
            let bias = shared.bias.clone().map_or_else(none, Ok)?;
            let operands = [&x, &states[0], &shared.recurrent, &bias];
            if let Some(blocks) = Tensor::recurrence(Recurrent::Gru, &operands, walk.sequence(self.units)) {
                let (output, h) = walk.output(&blocks)?;
                return Ok((output, vec![h]));
            }
        }
        let layer = context.layer().to_string();
        walk.run(&layer, &x, states, |x, states| {
            Ok((None, vec![self.gates(&x, &states[0], &shared, context)?]))
        })
    }
}

impl Cell for GRUCell {
    fn state_size(&self) -> Vec<usize> {
        vec![self.units]
    }
}
