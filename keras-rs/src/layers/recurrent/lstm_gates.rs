//! The gates of long short-term memory.

use crate::activations::Activation;
use crate::error::Result;
use crate::layer::CallContext;
use crate::tensor::Tensor;

/// The four gates, which lie side by side along an axis: input, forget, candidate, output.
pub(super) struct LstmGates<'a> {
    pub(super) activation: &'a Activation,
    pub(super) recurrent_activation: &'a Activation,
    pub(super) axis: usize,
    /// Size of each gate along the axis.
    pub(super) size: usize,
}

impl LstmGates<'_> {
    /// The output and the next states, from what the gates are computed of and the state `c`.
    pub(super) fn next(
        &self,
        z: &Tensor,
        c: Tensor,
        context: &mut CallContext<'_>,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let gate = |i: usize| z.narrow(self.axis as isize, i * self.size..(i + 1) * self.size);
        let i = self.recurrent_activation.call_in(gate(0)?, context)?;
        let f = self.recurrent_activation.call_in(gate(1)?, context)?;
        let g = self.activation.call_in(gate(2)?, context)?;
        let o = self.recurrent_activation.call_in(gate(3)?, context)?;
        let c = f.into_product(c)?.into_sum(i.into_product(g)?)?;
        let h = o.into_product(self.activation.call_in(c.clone(), context)?)?;
        Ok((h.clone(), vec![h, c]))
    }
}
