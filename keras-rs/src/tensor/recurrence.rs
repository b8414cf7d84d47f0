//! All steps of a recurrent layer as one operation, where the backend has it.

#[cfg(feature = "flex")]
mod flex;

use super::Tensor;
use crate::backend::Backend;
use crate::dtype::DType;
use keras_rs_kernels::Sequence;

impl Tensor {
    /// Long short-term memory over inputs `(steps * batch, 4 * units)` from the states `h` and `c`: blocks
    /// `(steps + 2, batch, units)` of `h` at the start and after each step, and of `c` at the end.
    ///
    /// `None` where the backend or the data type has no such operation. The shapes must fit each other.
    pub(crate) fn lstm(
        inputs: &Self,
        [h, c]: [&Self; 2],
        recurrent: &Self,
        sequence: Sequence,
    ) -> Option<Self> {
        if !Self::suit_recurrence(&[inputs, h, c, recurrent]) {
            return None;
        }
        #[cfg(not(feature = "flex"))]
        return None;
        #[cfg(feature = "flex")]
        {
            let shape = vec![sequence.steps + 2, sequence.batch, sequence.units];
            let [x, h, c, recurrent] = [inputs, h, c, recurrent].map(Self::raw);
            let states = <burn::backend::Dispatch as flex::Recurrence>::lstm(x, h, c, recurrent, sequence);
            Some(inputs.with(states, shape))
        }
    }

    /// The gated recurrent unit over inputs `(steps * batch, 3 * units)` from the state `h`, with a bias of the
    /// states' products: blocks `(steps + 1, batch, units)` of `h` at the start and after each step.
    ///
    /// `None` where the backend or the data type has no such operation. The shapes must fit each other.
    pub(crate) fn gru(
        inputs: &Self,
        h: &Self,
        recurrent: &Self,
        bias: &Self,
        sequence: Sequence,
    ) -> Option<Self> {
        if !Self::suit_recurrence(&[inputs, h, recurrent, bias]) {
            return None;
        }
        #[cfg(not(feature = "flex"))]
        return None;
        #[cfg(feature = "flex")]
        {
            let shape = vec![sequence.steps + 1, sequence.batch, sequence.units];
            let [x, h, recurrent, bias] = [inputs, h, recurrent, bias].map(Self::raw);
            let states = <burn::backend::Dispatch as flex::Recurrence>::gru(x, h, recurrent, bias, sequence);
            Some(inputs.with(states, shape))
        }
    }

    fn suit_recurrence(tensors: &[&Self]) -> bool {
        let suits = |tensor: &Self| {
            tensor.dtype == DType::F32 && tensor.device.backend() == Backend::Flex && !tensor.is_empty()
        };
        tensors.iter().all(|tensor| suits(tensor))
    }
}
