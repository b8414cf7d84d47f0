//! Cross entropy of classes of `float32` along the last axis as one operation of the backend `flex`.

use crate::tensor::flex::{Flat, tensor, values};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use keras_rs_kernels::{CrossEntropy, Truth};

#[backend_extension(Flex, Autodiff)]
pub(super) trait ClassEntropy: Backend {
    /// No gradient flows to the shares.
    fn cross_entropy(
        predictions: FloatTensor<Self>,
        shares: FloatTensor<Self>,
        classes: usize,
        from_logits: bool,
    ) -> FloatTensor<Self>;

    fn cross_entropy_of_labels(
        predictions: FloatTensor<Self>,
        labels: Vec<i32>,
        classes: usize,
        from_logits: bool,
    ) -> FloatTensor<Self>;
}

/// The truth, as it is kept for the backward pass.
#[derive(Clone, Debug)]
enum Kept {
    Labels(Vec<i32>),
    Shares(Flat),
}

/// Predictions, truth, classes, and whether predictions are logits.
type State = (Flat, Kept, usize, bool);

/// What a function makes of the operation's operands.
fn with<T>(state: &State, make: impl FnOnce(&CrossEntropy<'_>) -> T) -> T {
    let (predictions, kept, classes, from_logits) = state;
    let predictions = values(predictions);
    let of = |truth| CrossEntropy {
        predictions: &predictions,
        truth,
        classes: *classes,
        from_logits: *from_logits,
    };
    match kept {
        Kept::Labels(labels) => make(&of(Truth::Labels(labels))),
        Kept::Shares(shares) => make(&of(Truth::Shares(&values(shares)))),
    }
}

fn losses(state: &State) -> Flat {
    let shape = state.0.layout().shape();
    tensor(with(state, |of| of.losses()), shape[..shape.len() - 1].to_vec())
}

impl ClassEntropy for Flex {
    fn cross_entropy(predictions: Flat, shares: Flat, classes: usize, from_logits: bool) -> Flat {
        losses(&(predictions, Kept::Shares(shares), classes, from_logits))
    }

    fn cross_entropy_of_labels(
        predictions: Flat,
        labels: Vec<i32>,
        classes: usize,
        from_logits: bool,
    ) -> Flat {
        losses(&(predictions, Kept::Labels(labels), classes, from_logits))
    }
}

#[derive(Debug)]
struct EntropyBackward;

impl Backward<Flex, 1> for EntropyBackward {
    type State = State;

    fn backward(self, ops: Ops<State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node);
        if let [Some(node)] = ops.parents {
            let made = with(&ops.state, |of| of.backward(&values(&gradient)));
            grads.register::<Flex>(node.id, tensor(made, ops.state.0.layout().shape().to_vec()));
        }
    }
}

/// Records the operation.
fn recorded<C: CheckpointStrategy>(
    predictions: FloatTensor<Autodiff<Flex, C>>,
    kept: Kept,
    classes: usize,
    from_logits: bool,
) -> FloatTensor<Autodiff<Flex, C>> {
    let node = predictions.node();
    let state = (predictions.into_primitive(), kept, classes, from_logits);
    let losses = losses(&state);
    match EntropyBackward.prepare::<C>([node]).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(state, losses),
        OpsKind::UnTracked(prepared) => prepared.finish(losses),
    }
}

impl<C: CheckpointStrategy> ClassEntropy for Autodiff<Flex, C> {
    fn cross_entropy(
        predictions: FloatTensor<Self>,
        shares: FloatTensor<Self>,
        classes: usize,
        from_logits: bool,
    ) -> FloatTensor<Self> {
        recorded::<C>(predictions, Kept::Shares(shares.into_primitive()), classes, from_logits)
    }

    fn cross_entropy_of_labels(
        predictions: FloatTensor<Self>,
        labels: Vec<i32>,
        classes: usize,
        from_logits: bool,
    ) -> FloatTensor<Self> {
        recorded::<C>(predictions, Kept::Labels(labels), classes, from_logits)
    }
}
