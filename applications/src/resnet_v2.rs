//! ResNetV2: blocks that add to their input, normalised before each convolution (He et al., 2016).

use keras_rs::layers::{Add, Conv2D, LayerExt, MaxPooling2D, ZeroPadding2D};
use keras_rs::{Result, layer::KerasTensor};

use crate::Family;
use crate::network::{Arguments, Network};
use crate::parts::{normalize_relu, stem};
use crate::resnet::STEM;

/// Variants differ in the number of blocks of each stage.
#[derive(Debug)]
pub(crate) struct ResNetV2 {
    pub(crate) blocks: &'static [usize],
}

impl Network for ResNetV2 {
    fn family(&self) -> Family {
        Family::ResNetV2
    }

    fn features(&self, image: &KerasTensor, _arguments: &Arguments) -> Result<KerasTensor> {
        let mut x = stem(image, &STEM, true, false)?;
        let last = self.blocks.len() + 1;
        // The stem is stage 1.
        for (stage, &count) in (2..).zip(self.blocks) {
            let filters = 64 << (stage - 2);
            for number in 1..=count {
                let name = format!("conv{stage}_block{number}");
                // A stage ends with the step to the next one's size.
                let stride = if number == count && stage < last { 2 } else { 1 };
                x = block(&x, filters, stride, number == 1, &name)?;
            }
        }
        normalize_relu(&x, "post_")
    }
}

/// A bottleneck of three convolutions beside a shortcut, which is a convolution where `project`.
fn block(x: &KerasTensor, filters: usize, stride: usize, project: bool, name: &str) -> Result<KerasTensor> {
    let before = normalize_relu(x, &format!("{name}_preact_"))?;
    let shortcut = if project {
        Conv2D::new(4 * filters, 1).strides(stride).name(format!("{name}_0_conv")).apply(&before)?
    } else if stride > 1 {
        MaxPooling2D::new(1).strides(stride).apply(x)?
    } else {
        x.clone()
    };
    let y = Conv2D::new(filters, 1).use_bias(false).name(format!("{name}_1_conv")).apply(&before)?;
    let y = normalize_relu(&y, &format!("{name}_1_"))?;
    let y = ZeroPadding2D::new(1).name(format!("{name}_2_pad")).apply(&y)?;
    let y =
        Conv2D::new(filters, 3).strides(stride).use_bias(false).name(format!("{name}_2_conv")).apply(&y)?;
    let y = normalize_relu(&y, &format!("{name}_2_"))?;
    let y = Conv2D::new(4 * filters, 1).name(format!("{name}_3_conv")).apply(&y)?;
    Add::new().name(format!("{name}_out")).apply([&shortcut, &y])
}
