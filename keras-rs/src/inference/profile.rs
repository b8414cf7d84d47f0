//! What a plan does and how long each step takes.

use super::steps::{Step, Work};
use super::weights::Body;
use std::time::Duration;

/// A step in which `predict` computes: [`Model::profile_predict`](crate::Model::profile_predict) gives them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PlanStep {
    /// Names of the layers that it stands for.
    pub layers: String,
    /// What it does: `convolution`, `dense`, `add`, ...; `layer` where a layer is called as it is.
    pub kind: &'static str,
    /// Multiplications and additions of a product with weights; 0 of everything else.
    pub operations: u64,
    /// How long it took.
    pub time: Duration,
}

impl PlanStep {
    pub(super) fn new(step: &Step, time: Duration) -> Self {
        Self { layers: step.name.clone(), kind: kind(&step.work), operations: operations(&step.work), time }
    }
}

fn kind(work: &Work) -> &'static str {
    match work {
        Work::Weighted { packed, .. } => match packed.body {
            Body::Convolution(_) => "convolution",
            Body::Depthwise(_) => "depthwise",
            Body::Dense(_) => "dense",
            Body::Recurrence(_) => "recurrent",
        },
        Work::Embedding { .. } => "embedding",
        Work::Recurrent { .. } => "recurrent",
        Work::Standardize { .. } => "normalization",
        Work::Attention { .. } => "attention",
        Work::InvertedResidual { .. } => "inverted residual",
        Work::Affine { .. } => "scale",
        Work::Activate { .. } => "activation",
        Work::Softmax { .. } => "softmax",
        Work::MaxPooling { .. } | Work::AveragePooling { .. } => "pooling",
        Work::GlobalMaxPooling { .. } | Work::GlobalAveragePooling { .. } | Work::MaskedMean { .. } => {
            "global pooling"
        }
        Work::Pad { .. } => "padding",
        Work::Crop { .. } => "cropping",
        Work::Permute { .. } => "permute",
        Work::Add { .. } => "add",
        Work::Multiply { .. } => "multiply",
        Work::Concatenate { .. } => "concatenate",
        Work::Call { .. } => "layer",
        Work::Nothing => "nothing",
    }
}

fn operations(work: &Work) -> u64 {
    match work {
        Work::Weighted { packed, images, .. } => 2 * images.output.pixels() as u64 * packed.weights as u64,
        Work::Recurrent { packed, walk, .. } => 2 * (walk.sizes[0] * walk.sizes[1] * packed.weights) as u64,
        Work::Attention { sizes, .. } => {
            let pairs = sizes.batch * sizes.heads * sizes.queries * sizes.keys;
            2 * (pairs * (sizes.size + sizes.value_size)) as u64
        }
        Work::InvertedResidual { block, images, .. } => block.operations(images),
        _ => 0,
    }
}
