//! ResNet: blocks that add to their input, normalised after each convolution (He et al., 2015).

use keras_rs::layers::{Activation, Add, Conv2D, LayerExt};
use keras_rs::{Result, layer::KerasTensor};

use crate::Family;
use crate::network::{Arguments, Network};
use crate::parts::{Stem, normalize, normalize_relu, stem};

pub(crate) const STEM: Stem =
    Stem { conv_pad: Some("conv1_pad"), pool_pad: Some("pool1_pad"), pool: "pool1_pool" };

/// Variants differ in the number of blocks of each stage.
#[derive(Debug)]
pub(crate) struct ResNet {
    pub(crate) blocks: &'static [usize],
}

impl Network for ResNet {
    fn family(&self) -> Family {
        Family::ResNet
    }

    fn features(&self, image: &KerasTensor, _arguments: &Arguments) -> Result<KerasTensor> {
        let mut x = stem(image, &STEM, true, true)?;
        // The stem is stage 1.
        for (stage, &count) in (2..).zip(self.blocks) {
            let filters = 64 << (stage - 2);
            for number in 1..=count {
                let name = format!("conv{stage}_block{number}");
                let stride = if number == 1 && stage > 2 { 2 } else { 1 };
                x = block(&x, filters, stride, number == 1, &name)?;
            }
        }
        Ok(x)
    }
}

/// A bottleneck of three convolutions beside a shortcut, which is a convolution where `project`.
fn block(x: &KerasTensor, filters: usize, stride: usize, project: bool, name: &str) -> Result<KerasTensor> {
    let shortcut = if project {
        let y = Conv2D::new(4 * filters, 1).strides(stride).name(format!("{name}_0_conv")).apply(x)?;
        normalize(&y, &format!("{name}_0_"))?
    } else {
        x.clone()
    };
    let y = Conv2D::new(filters, 1).strides(stride).name(format!("{name}_1_conv")).apply(x)?;
    let y = normalize_relu(&y, &format!("{name}_1_"))?;
    let y = Conv2D::new(filters, 3).padding("same").name(format!("{name}_2_conv")).apply(&y)?;
    let y = normalize_relu(&y, &format!("{name}_2_"))?;
    let y = Conv2D::new(4 * filters, 1).name(format!("{name}_3_conv")).apply(&y)?;
    let y = normalize(&y, &format!("{name}_3_"))?;
    let sum = Add::new().name(format!("{name}_add")).apply([&shortcut, &y])?;
    Activation::new("relu").name(format!("{name}_out")).apply(&sum)
}
