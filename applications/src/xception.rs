//! Xception: residual blocks of separable convolutions (Chollet, 2017).

use keras_rs::layers::{
    Activation, Add, BatchNormalization, Conv2D, LayerExt, MaxPooling2D, SeparableConv2D,
};
use keras_rs::{Result, layer::KerasTensor};

use crate::network::{Arguments, Network, pooled_unnamed};
use crate::{Family, Pooling};

/// There is one.
#[derive(Debug)]
pub(crate) struct Xception;

impl Network for Xception {
    fn family(&self) -> Family {
        Family::Xception
    }

    fn features(&self, image: &KerasTensor, _arguments: &Arguments) -> Result<KerasTensor> {
        let x = convolve(image, 32, 2, "block1_conv1")?;
        let x = convolve(&x, 64, 1, "block1_conv2")?;

        // The only block whose input is activated already.
        let shortcut = shortcut(&x, 128)?;
        let x = separate(&x, 128, "block2_sepconv1")?;
        let mut x = halve(&relu_separate(&x, 128, "block2_sepconv2")?, &shortcut, "block2")?;
        for (block, filters) in [(3, [256; 2]), (4, [728; 2])] {
            x = reduction(&x, filters, &format!("block{block}"))?;
        }
        for block in 5..13 {
            let mut y = x.clone();
            for conv in 1..4 {
                y = relu_separate(&y, 728, &format!("block{block}_sepconv{conv}"))?;
            }
            x = Add::new().apply([&y, &x])?;
        }
        x = reduction(&x, [728, 1024], "block13")?;

        for (conv, filters) in [(1, 1536), (2, 2048)] {
            let name = format!("block14_sepconv{conv}");
            x = relu(&separate(&x, filters, &name)?, &name)?;
        }
        Ok(x)
    }

    fn pooled(&self, x: KerasTensor, pooling: Pooling) -> Result<KerasTensor> {
        pooled_unnamed(&x, pooling)
    }
}

/// Two separable convolutions and a pooling to half the height and width, beside a shortcut.
fn reduction(x: &KerasTensor, filters: [usize; 2], block: &str) -> Result<KerasTensor> {
    let shortcut = shortcut(x, filters[1])?;
    let y = relu_separate(x, filters[0], &format!("{block}_sepconv1"))?;
    let y = relu_separate(&y, filters[1], &format!("{block}_sepconv2"))?;
    halve(&y, &shortcut, block)
}

/// A convolution to half the height and width, normalised, under names that Keras numbers.
fn shortcut(x: &KerasTensor, filters: usize) -> Result<KerasTensor> {
    let y = Conv2D::new(filters, 1).strides(2).padding("same").use_bias(false).apply(x)?;
    BatchNormalization::new().apply(&y)
}

/// The maximum of each 3x3 window by stride 2, and the shortcut added.
fn halve(x: &KerasTensor, shortcut: &KerasTensor, block: &str) -> Result<KerasTensor> {
    let y = MaxPooling2D::new(3).strides(2).padding("same").name(format!("{block}_pool")).apply(x)?;
    Add::new().apply([&y, shortcut])
}

fn convolve(x: &KerasTensor, filters: usize, strides: usize, name: &str) -> Result<KerasTensor> {
    let y = Conv2D::new(filters, 3).strides(strides).use_bias(false).name(name).apply(x)?;
    relu(&BatchNormalization::new().name(format!("{name}_bn")).apply(&y)?, name)
}

fn relu_separate(x: &KerasTensor, filters: usize, name: &str) -> Result<KerasTensor> {
    separate(&relu(x, name)?, filters, name)
}

fn relu(x: &KerasTensor, name: &str) -> Result<KerasTensor> {
    Activation::new("relu").name(format!("{name}_act")).apply(x)
}

fn separate(x: &KerasTensor, filters: usize, name: &str) -> Result<KerasTensor> {
    let y = SeparableConv2D::new(filters, 3).padding("same").use_bias(false).name(name).apply(x)?;
    BatchNormalization::new().name(format!("{name}_bn")).apply(&y)
}
