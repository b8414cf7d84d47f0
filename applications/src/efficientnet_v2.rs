//! EfficientNetV2: as EfficientNet, with blocks of plain convolutions at the beginning (Tan and Le, 2021).

use keras_rs::Result;
use keras_rs::layer::KerasTensor;
use keras_rs::layers::{LayerExt, Normalization, Rescaling};

use crate::efficientnet_blocks::{Block, DROP_CONNECT, Halving, classifier, conv, normalize_swish, rounded};
use crate::network::{Arguments, Network, published};
use crate::weights::WeightFile;
use crate::{Family, Variant};

const DROPOUT_RATE: f64 = 0.2;

/// Variants differ in their stages, in how much wider and deeper they are than these say, and in the preprocessing.
#[derive(Debug)]
pub(crate) struct EfficientNetV2 {
    /// Channels before the first stage.
    pub(crate) stem: usize,
    pub(crate) stages: &'static [Stage],
    pub(crate) width: f64,
    pub(crate) depth: f64,
    /// Whether pixels are normalized by ImageNet's statistics, instead of scaled to -1 to 1.
    pub(crate) normalized: bool,
}

/// Blocks of one stage.
#[derive(Debug)]
pub(crate) struct Stage {
    /// Whether a convolution takes the place of the expansion and the convolution of each channel.
    fused: bool,
    repeats: usize,
    filters: usize,
    expand_ratio: usize,
    strides: usize,
}

const fn fused(repeats: usize, filters: usize, expand_ratio: usize, strides: usize) -> Stage {
    Stage { fused: true, repeats, filters, expand_ratio, strides }
}

const fn inverted(repeats: usize, filters: usize, expand_ratio: usize, strides: usize) -> Stage {
    Stage { fused: false, repeats, filters, expand_ratio, strides }
}

/// Stages of B0, which B1 to B3 widen and deepen.
pub(crate) const BASE: &[Stage] = &[
    fused(1, 16, 1, 1),
    fused(2, 32, 4, 2),
    fused(2, 48, 4, 2),
    inverted(3, 96, 4, 2),
    inverted(5, 112, 6, 1),
    inverted(8, 192, 6, 2),
];

/// Stages of S.
pub(crate) const SMALL: &[Stage] = &[
    fused(2, 24, 1, 1),
    fused(4, 48, 4, 2),
    fused(4, 64, 4, 2),
    inverted(6, 128, 4, 2),
    inverted(9, 160, 6, 1),
    inverted(15, 256, 6, 2),
];

/// Stages of M.
pub(crate) const MEDIUM: &[Stage] = &[
    fused(3, 24, 1, 1),
    fused(5, 48, 4, 2),
    fused(5, 80, 4, 2),
    inverted(7, 160, 4, 2),
    inverted(14, 176, 6, 1),
    inverted(18, 304, 6, 2),
    inverted(5, 512, 6, 1),
];

/// Stages of L.
pub(crate) const LARGE: &[Stage] = &[
    fused(4, 32, 1, 1),
    fused(7, 64, 4, 2),
    fused(7, 96, 4, 2),
    inverted(10, 192, 4, 2),
    inverted(19, 224, 6, 1),
    inverted(25, 384, 6, 2),
    inverted(7, 640, 6, 1),
];

impl EfficientNetV2 {
    fn filters(&self, filters: usize) -> usize {
        rounded(filters as f64 * self.width)
    }

    /// Pixels of 0 to 255 as the network was trained with them.
    fn scaled(&self, image: &KerasTensor) -> Result<KerasTensor> {
        if !self.normalized || image.shape().dims().last() != Some(&Some(3)) {
            return Rescaling::new(1.0 / 128.0).offset(-1.0).apply(image);
        }
        let x = Rescaling::new(1.0 / 255.0).apply(image)?;
        let variance = [0.229_f64.powi(2), 0.224_f64.powi(2), 0.225_f64.powi(2)];
        Normalization::new().axis(3).mean([0.485, 0.456, 0.406]).variance(variance).apply(&x)
    }
}

impl Network for EfficientNetV2 {
    fn family(&self) -> Family {
        Family::EfficientNetV2
    }

    fn features(&self, image: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        let mut x = image.clone();
        if arguments.own.include_preprocessing.unwrap_or(true) {
            x = self.scaled(&x)?;
        }
        x = conv(self.filters(self.stem), 3, 2, "stem_conv").apply(&x)?;
        x = normalize_swish(&x, "stem_", Halving::Same)?;

        // Of the stages as they are written: a deeper variant drops more in its last blocks.
        let blocks: usize = self.stages.iter().map(|stage| stage.repeats).sum();
        let mut before = 0;
        for (i, stage) in self.stages.iter().enumerate() {
            for number in 0..(self.depth * stage.repeats as f64).ceil() as usize {
                let block = Block {
                    name: Block::named(i, number),
                    kernel_size: 3,
                    filters: self.filters(stage.filters),
                    expand_ratio: stage.expand_ratio,
                    strides: if number == 0 { stage.strides } else { 1 },
                    drop_rate: DROP_CONNECT * before as f64 / blocks as f64,
                    halving: Halving::Same,
                };
                x = if stage.fused { block.fused(&x)? } else { block.inverted(&x)? };
                before += 1;
            }
        }
        x = conv(self.filters(1280), 1, 1, "top_conv").apply(&x)?;
        normalize_swish(&x, "top_", Halving::Same)
    }

    fn classifier(&self, x: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        classifier(x, arguments, DROPOUT_RATE)
    }

    fn own_arguments(&self) -> &'static [&'static str] {
        &["include_preprocessing"]
    }

    fn weights(&self, variant: &Variant, arguments: &Arguments) -> WeightFile {
        let suffix = if arguments.include_top { "" } else { "_notop" };
        published(variant, format!("{}{suffix}.h5", variant.model_name), arguments.include_top)
    }
}
