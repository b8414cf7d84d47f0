//! Attention as one operation of the backend `flex`, with a gradient of its own.

use crate::tensor::flex::{Flat, tensor, values};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use keras_rs_kernels::{self as kernels, Attention};

#[backend_extension(Flex, Autodiff)]
pub(super) trait Attend: Backend {
    fn attend(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        sizes: Attention,
    ) -> FloatTensor<Self>;
}

fn means([query, key, value]: &[Flat; 3], sizes: &Attention) -> Flat {
    let means = kernels::attention(sizes, &values(query), &values(key), &values(value));
    tensor(means, [sizes.batch, sizes.queries, sizes.heads, sizes.value_size])
}

impl Attend for Flex {
    fn attend(query: Flat, key: Flat, value: Flat, sizes: Attention) -> Flat {
        means(&[query, key, value], &sizes)
    }
}

#[derive(Debug)]
struct AttentionBackward;

impl Backward<Flex, 3> for AttentionBackward {
    type State = ([Flat; 3], Attention);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (operands, sizes) = ops.state;
        let gradient = grads.consume::<Flex>(&ops.node);
        let [query, key, value] = operands.each_ref().map(values);
        let made = kernels::attention_backward(&sizes, &query, &key, &value, &values(&gradient));
        let made = [made.query, made.key, made.value];
        for ((node, operand), made) in ops.parents.into_iter().zip(&operands).zip(made) {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, tensor(made, operand.layout().shape().to_vec()));
            }
        }
    }
}

impl<C: CheckpointStrategy> Attend for Autodiff<Flex, C> {
    fn attend(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        sizes: Attention,
    ) -> FloatTensor<Self> {
        let nodes = [query.node(), key.node(), value.node()];
        let operands = [query.into_primitive(), key.into_primitive(), value.into_primitive()];
        let y = means(&operands, &sizes);
        match AttentionBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish((operands, sizes), y),
            OpsKind::UnTracked(prepared) => prepared.finish(y),
        }
    }
}
