//! VGG: plain 3x3 convolutions between poolings (Simonyan and Zisserman, 2014).

use keras_rs::layers::{Conv2D, Dense, Flatten, LayerExt, MaxPooling2D};
use keras_rs::{Result, layer::KerasTensor};

/// Everything before the classifier; `blocks` holds the number of convolutions of each block.
pub(crate) fn features(image: &KerasTensor, blocks: &[usize]) -> Result<KerasTensor> {
    let mut x = image.clone();
    for (block, &count) in (1..).zip(blocks) {
        let filters = (32_usize << block).min(512);
        for conv in 1..=count {
            let name = format!("block{block}_conv{conv}");
            x = Conv2D::new(filters, 3).activation("relu").padding("same").name(name).apply(&x)?;
        }
        x = MaxPooling2D::new(2).strides(2).name(format!("block{block}_pool")).apply(&x)?;
    }
    Ok(x)
}

/// The two hidden layers of the classifier.
pub(crate) fn classifier(x: &KerasTensor) -> Result<KerasTensor> {
    let x = Flatten::new().name("flatten").apply(x)?;
    let x = Dense::new(4096).activation("relu").name("fc1").apply(&x)?;
    Dense::new(4096).activation("relu").name("fc2").apply(&x)
}
