//! Burn modules as layers, and models as Burn modules.

use burn::module::{Module, Param, ParamGroup};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{
    BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Embedding, EmbeddingConfig, Linear, LinearConfig,
};
use burn::tensor::{Device, Int};
use burn_optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use keras_rs::backend::Backend;
use keras_rs::config::CustomObjects;
use keras_rs::layer::ForwardPass;
use keras_rs::losses::{ComputeLoss, MeanSquaredError};
use keras_rs::optimizers::{Adam, SGD};
use keras_rs::prelude::{
    Activation, Batch, BatchNormalization, BurnModule, DType, Dense, Error, GlobalAveragePooling1D,
    GradientTape, Input, KerasModule, LayerExt, LayerRef, Model, Sequential, Shape, Tensor,
};
use keras_rs::regularizers::L2;
use keras_rs::training::Fit;

type Burn<const D: usize> = burn::Tensor<D>;

mod layer;
mod module;
mod training;

fn flex() -> Device {
    Device::flex()
}

/// Numbers between -1 and 1.
fn numbers(shape: &[usize], salt: usize) -> Tensor {
    let count = shape.iter().product::<usize>();
    let value = |i: usize| ((i * 37 + salt * 11 + i * i % 13) % 101) as f32 / 50.0 - 1.0;
    Tensor::from_vec((0..count).map(value).collect::<Vec<_>>(), shape).unwrap()
}

fn burn<const D: usize>(tensor: &Tensor) -> Burn<D> {
    tensor.clone().into_burn().unwrap()
}

fn ours<const D: usize>(tensor: Burn<D>) -> Tensor {
    Tensor::from_burn(tensor.without_autodiff(), Backend::Flex).unwrap()
}

fn difference(a: &Tensor, b: &Tensor) -> f64 {
    a.sub(b).unwrap().abs().unwrap().max(&[], false).unwrap().to_scalar().unwrap()
}

fn linear(config: LinearConfig) -> BurnModule {
    BurnModule::new(config.init(&flex()), Linear::forward::<2>).module_config(&config)
}

#[derive(Module, Debug)]
struct Net {
    conv: Conv2d,
    norm: BatchNorm,
    dropout: Dropout,
    head: Vec<Linear>,
}

impl Net {
    fn new(device: &Device) -> Self {
        Self {
            conv: Conv2dConfig::new([3, 4], [3, 3]).init(device),
            norm: BatchNormConfig::new(4).init(device),
            dropout: DropoutConfig::new(0.5).init(),
            head: vec![LinearConfig::new(4, 5).init(device), LinearConfig::new(5, 2).init(device)],
        }
    }

    fn forward(&self, x: Burn<4>) -> Burn<2> {
        let x = self.norm.forward(self.conv.forward(x));
        let x = x.mean_dim(3).mean_dim(2).reshape([0, 4]);
        let x = self.dropout.forward(self.head[0].forward(x));
        self.head[1].forward(x)
    }
}
