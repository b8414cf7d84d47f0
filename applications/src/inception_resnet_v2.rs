//! InceptionResNetV2: convolutions of several sizes, their sum scaled and added to the input (Szegedy et al., 2016).

use keras_rs::layers::{Activation, BatchNormalization, Conv2D, CustomScaleLayer, LayerExt};
use keras_rs::{Error, Result, layer::KerasTensor};

use crate::inception::{Conv, convolve, convolve_halve, halve, mixed, mixed_35, stem};
use crate::network::{Arguments, Network, pooled_unnamed};
use crate::{Family, Pooling};

/// There is one.
#[derive(Debug)]
pub(crate) struct InceptionResNetV2;

/// A kind of residual block: its name, and the convolutions of its branches.
struct Block {
    name: &'static str,
    branches: &'static [&'static [Conv]],
}

const BLOCK35: Block = Block {
    name: "block35",
    branches: &[&[(32, (1, 1))], &[(32, (1, 1)), (32, (3, 3))], &[(32, (1, 1)), (48, (3, 3)), (64, (3, 3))]],
};

const BLOCK17: Block =
    Block { name: "block17", branches: &[&[(192, (1, 1))], &[(128, (1, 1)), (160, (1, 7)), (192, (7, 1))]] };

const BLOCK8: Block =
    Block { name: "block8", branches: &[&[(192, (1, 1))], &[(192, (1, 1)), (224, (1, 3)), (256, (3, 1))]] };

impl Network for InceptionResNetV2 {
    fn family(&self) -> Family {
        Family::InceptionResNetV2
    }

    fn features(&self, image: &KerasTensor, _arguments: &Arguments) -> Result<KerasTensor> {
        let mut x = mixed_35(&stem(image)?, [96, 64], "mixed_5b")?;
        for number in 1..=10 {
            x = activated(&x, &BLOCK35, number, 0.17)?;
        }
        let branches = [
            convolve_halve(&x, &[], 384)?,
            convolve_halve(&x, &[(256, (1, 1)), (256, (3, 3))], 384)?,
            halve(&x)?,
        ];
        x = mixed(&branches, "mixed_6a")?;
        for number in 1..=20 {
            x = activated(&x, &BLOCK17, number, 0.1)?;
        }
        let branches = [
            convolve_halve(&x, &[(256, (1, 1))], 384)?,
            convolve_halve(&x, &[(256, (1, 1))], 288)?,
            convolve_halve(&x, &[(256, (1, 1)), (288, (3, 3))], 320)?,
            halve(&x)?,
        ];
        x = mixed(&branches, "mixed_7a")?;
        for number in 1..=9 {
            x = activated(&x, &BLOCK8, number, 0.2)?;
        }
        x = residual(&x, &BLOCK8, 10, 1.0)?;

        let x = Conv2D::new(1536, 1).padding("same").use_bias(false).name("conv_7b").apply(&x)?;
        let x = BatchNormalization::new().scale(false).name("conv_7b_bn").apply(&x)?;
        Activation::new("relu").name("conv_7b_ac").apply(&x)
    }

    fn pooled(&self, x: KerasTensor, pooling: Pooling) -> Result<KerasTensor> {
        pooled_unnamed(&x, pooling)
    }
}

/// A residual block with ReLU after it.
fn activated(x: &KerasTensor, block: &Block, number: usize, scale: f64) -> Result<KerasTensor> {
    let sum = residual(x, block, number, scale)?;
    Activation::new("relu").name(format!("{}_{number}_ac", block.name)).apply(&sum)
}

/// The branches in as many channels as the input has, scaled and added to it.
fn residual(x: &KerasTensor, block: &Block, number: usize, scale: f64) -> Result<KerasTensor> {
    let name = format!("{}_{number}", block.name);
    let Some(&Some(channels)) = x.shape().dims().last() else {
        return Err(Error::shape(name, "input", "a known number of channels", x.shape()));
    };
    let branches: Vec<KerasTensor> =
        block.branches.iter().map(|branch| convolve(x, branch)).collect::<Result<_>>()?;
    let y = mixed(&branches, format!("{name}_mixed"))?;
    let y = Conv2D::new(channels, 1).padding("same").name(format!("{name}_conv")).apply(&y)?;
    CustomScaleLayer::new(scale).apply([x, &y])
}
