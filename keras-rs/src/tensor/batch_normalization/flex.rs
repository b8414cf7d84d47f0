//! Normalization of `float32` channels by the moments of a batch as one operation of the backend `flex`.

use crate::tensor::flex::{Flat, tensor, values};
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use keras_rs_kernels::Normalization;

#[backend_extension(Flex, Autodiff)]
pub(super) trait BatchNormalization: Backend {
    /// `mean` and `variance` are those of `x`: no gradient of their own flows.
    fn batch_normalization(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        epsilon: f32,
    ) -> FloatTensor<Self>;
}

impl BatchNormalization for Flex {
    fn batch_normalization(
        x: Flat,
        gamma: Flat,
        beta: Flat,
        mean: Flat,
        variance: Flat,
        epsilon: f32,
    ) -> Flat {
        let (mean, variance, gamma) = (values(&mean), values(&variance), values(&gamma));
        let by = Normalization { mean: &mean, variance: &variance, epsilon, gamma: &gamma };
        tensor(by.apply(&values(&x), &values(&beta)), x.layout().shape().to_vec())
    }
}

/// What the backward pass needs: numbers, factors, means, variances, and what is added to these.
type Passed = (Flat, Flat, Flat, Flat, f32);

#[derive(Debug)]
struct NormalizationBackward;

impl Backward<Flex, 3> for NormalizationBackward {
    type State = Passed;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (x, gamma, mean, variance, epsilon) = ops.state;
        let gradient = grads.consume::<Flex>(&ops.node);
        let (mean, variance, gamma) = (values(&mean), values(&variance), values(&gamma));
        let by = Normalization { mean: &mean, variance: &variance, epsilon, gamma: &gamma };
        let made = by.backward(&values(&x), &values(&gradient));
        let channels = mean.len();
        let [for_x, for_gamma, for_beta] = ops.parents;
        if let Some(node) = for_x {
            grads.register::<Flex>(node.id, tensor(made.x, x.layout().shape().to_vec()));
        }
        if let Some(node) = for_gamma {
            grads.register::<Flex>(node.id, tensor(made.gamma, [channels]));
        }
        if let Some(node) = for_beta {
            grads.register::<Flex>(node.id, tensor(made.beta, [channels]));
        }
    }
}

impl<C: CheckpointStrategy> BatchNormalization for Autodiff<Flex, C> {
    fn batch_normalization(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        epsilon: f32,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), gamma.node(), beta.node()];
        let [x, gamma, beta, mean, variance] =
            [x, gamma, beta, mean, variance].map(|tensor| tensor.into_primitive());
        let y = Flex::batch_normalization(
            x.clone(),
            gamma.clone(),
            beta,
            mean.clone(),
            variance.clone(),
            epsilon,
        );
        match NormalizationBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish((x, gamma, mean, variance, epsilon), y),
            OpsKind::UnTracked(prepared) => prepared.finish(y),
        }
    }
}
