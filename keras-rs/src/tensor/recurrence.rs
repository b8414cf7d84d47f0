//! All steps of a recurrent layer as one operation, where the backend has it.

#[cfg(feature = "flex")]
mod flex;

use super::Tensor;
use crate::backend::Backend;
use crate::dtype::DType;
use keras_rs_kernels::{Recurrent, Sequence};

impl Tensor {
    /// Goes through inputs `(steps * batch, columns)` from the state `h`: blocks `(batch, units)` of `h` at the start and
    /// after each step, then of the second state at the end where there is one.
    ///
    /// `operands` are the inputs, `h`, the kernel of the states, and what the kind has further: the second state of
    /// [`Recurrent::Lstm`], the bias of [`Recurrent::Gru`]. Their shapes must fit each other. `None` where the backend or
    /// the data type has no such operation.
    pub(crate) fn recurrence(kind: Recurrent, operands: &[&Self], sequence: Sequence) -> Option<Self> {
        let suits = |tensor: &&Self| {
            tensor.dtype == DType::F32 && tensor.device.backend() == Backend::Flex && !tensor.is_empty()
        };
        if !operands.iter().all(suits) {
            return None;
        }
        #[cfg(not(feature = "flex"))]
        return None;
        #[cfg(feature = "flex")]
        {
            use burn::backend::Dispatch;
            use flex::Steps;
            let blocks = sequence.steps + 1 + usize::from(matches!(kind, Recurrent::Lstm));
            let shape = vec![blocks, sequence.batch, sequence.units];
            let states = match operands {
                [x, h, recurrent] => Dispatch::steps(x.raw(), h.raw(), recurrent.raw(), kind, sequence),
                [x, h, recurrent, further] => {
                    let (x, h, recurrent, further) = (x.raw(), h.raw(), recurrent.raw(), further.raw());
                    Dispatch::steps_with(x, h, recurrent, further, kind, sequence)
                }
                _ => return None,
            };
            operands.first().map(|inputs| inputs.with(states, shape))
        }
    }
}
