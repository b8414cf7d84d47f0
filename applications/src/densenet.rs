//! DenseNet: every layer of a block sees the outputs of all before it (Huang et al., 2016).

use keras_rs::layers::{AveragePooling2D, Concatenate, Conv2D, LayerExt};
use keras_rs::{Error, Result, layer::KerasTensor};

use crate::Family;
use crate::network::{Arguments, Network};
use crate::parts::{Stem, normalize_relu, stem};

/// Channels that each layer of a block adds.
const GROWTH: usize = 32;

const STEM: Stem = Stem { conv_pad: None, pool_pad: None, pool: "pool1" };

/// Variants differ in the number of layers of each dense block.
#[derive(Debug)]
pub(crate) struct DenseNet {
    pub(crate) blocks: &'static [usize],
}

impl Network for DenseNet {
    fn family(&self) -> Family {
        Family::DenseNet
    }

    fn features(&self, image: &KerasTensor, _arguments: &Arguments) -> Result<KerasTensor> {
        let mut x = stem(image, &STEM, false, true)?;
        // The stem is stage 1.
        for (stage, &count) in (2..).zip(self.blocks) {
            if stage > 2 {
                x = transition(&x, &format!("pool{}", stage - 1))?;
            }
            for layer in 1..=count {
                x = dense(&x, &format!("conv{stage}_block{layer}"))?;
            }
        }
        normalize_relu(&x, "")
    }
}

/// One layer of a dense block: its output beside its input.
fn dense(x: &KerasTensor, name: &str) -> Result<KerasTensor> {
    let y = normalize_relu(x, &format!("{name}_0_"))?;
    let y = Conv2D::new(4 * GROWTH, 1).use_bias(false).name(format!("{name}_1_conv")).apply(&y)?;
    let y = normalize_relu(&y, &format!("{name}_1_"))?;
    let y =
        Conv2D::new(GROWTH, 3).padding("same").use_bias(false).name(format!("{name}_2_conv")).apply(&y)?;
    Concatenate::new().name(format!("{name}_concat")).apply([x, &y])
}

/// Half the channels, height and width.
fn transition(x: &KerasTensor, name: &str) -> Result<KerasTensor> {
    let x = normalize_relu(x, &format!("{name}_"))?;
    let Some(&Some(channels)) = x.shape().dims().last() else {
        return Err(Error::shape(name, "input", "a known number of channels", x.shape()));
    };
    let x = Conv2D::new(channels / 2, 1).use_bias(false).name(format!("{name}_conv")).apply(&x)?;
    AveragePooling2D::new(2).strides(2).name(format!("{name}_pool")).apply(&x)
}
