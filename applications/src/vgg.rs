//! VGG: plain 3x3 convolutions between poolings (Simonyan and Zisserman, 2014).

use keras_rs::layers::{Conv2D, Dense, Flatten, LayerExt, MaxPooling2D};
use keras_rs::{Result, layer::KerasTensor};

use crate::network::{Arguments, Network, pooled_unnamed};
use crate::{Family, Pooling};

/// Variants differ in the number of convolutions of each block.
#[derive(Debug)]
pub(crate) struct Vgg {
    pub(crate) blocks: &'static [usize],
}

impl Network for Vgg {
    fn family(&self) -> Family {
        Family::Vgg
    }

    fn features(&self, image: &KerasTensor, _arguments: &Arguments) -> Result<KerasTensor> {
        let mut x = image.clone();
        for (block, &count) in (1..).zip(self.blocks) {
            let filters = (32_usize << block).min(512);
            for conv in 1..=count {
                let name = format!("block{block}_conv{conv}");
                x = Conv2D::new(filters, 3).activation("relu").padding("same").name(name).apply(&x)?;
            }
            x = MaxPooling2D::new(2).strides(2).name(format!("block{block}_pool")).apply(&x)?;
        }
        Ok(x)
    }

    fn classifier(&self, x: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        let x = Flatten::new().name("flatten").apply(x)?;
        let x = Dense::new(4096).activation("relu").name("fc1").apply(&x)?;
        let x = Dense::new(4096).activation("relu").name("fc2").apply(&x)?;
        Dense::new(arguments.classes).activation(arguments.activation()?).name("predictions").apply(&x)
    }

    fn pooled(&self, x: KerasTensor, pooling: Pooling) -> Result<KerasTensor> {
        pooled_unnamed(&x, pooling)
    }
}
