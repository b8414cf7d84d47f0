//! EfficientNet: inverted residual blocks whose depth, width and image size grow together (Tan and Le, 2019).

use keras_rs::Result;
use keras_rs::layer::KerasTensor;
use keras_rs::layers::{LayerExt, Normalization, Rescaling, ZeroPadding2D};

use crate::efficientnet_blocks::{Block, DROP_CONNECT, Halving, classifier, conv, normalize_swish, rounded};
use crate::network::{Arguments, Network};
use crate::parts::correct_pad;
use crate::weights::{Hash, WeightFile};
use crate::{Family, Variant};

/// Published apart from the weights of the other applications.
const WEIGHTS_URL: &str = "https://storage.googleapis.com/keras-applications";

/// Deviations of ImageNet's channels. The published weights were trained with their roots in place of themselves.
const STDDEV: [f64; 3] = [0.229, 0.224, 0.225];

/// Variants differ in how much wider and deeper they are than the smallest, and in the dropout before the classifier.
#[derive(Debug)]
pub(crate) struct EfficientNet {
    pub(crate) width: f64,
    pub(crate) depth: f64,
    pub(crate) dropout_rate: f64,
}

/// The stages of the smallest network: size of the kernel, number of blocks, channels, expansion, strides.
const STAGES: [(usize, usize, usize, usize, usize); 7] = [
    (3, 1, 16, 1, 1),
    (3, 2, 24, 6, 2),
    (5, 2, 40, 6, 2),
    (3, 3, 80, 6, 2),
    (5, 3, 112, 6, 1),
    (5, 4, 192, 6, 2),
    (3, 1, 320, 6, 1),
];

impl EfficientNet {
    /// Channels as wide as the variant, at most a tenth fewer than that.
    fn filters(&self, filters: usize) -> usize {
        let wide = filters as f64 * self.width;
        let rounded = rounded(wide);
        if (rounded as f64) < 0.9 * wide { rounded + 8 } else { rounded }
    }

    fn repeats(&self, repeats: usize) -> usize {
        (self.depth * repeats as f64).ceil() as usize
    }
}

impl Network for EfficientNet {
    fn family(&self) -> Family {
        Family::EfficientNet
    }

    fn features(&self, image: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        let mut x = Rescaling::new(1.0 / 255.0).apply(image)?;
        x = Normalization::new().axis(3).apply(&x)?;
        if arguments.imagenet {
            x = Rescaling::new(STDDEV.map(|stddev| 1.0 / stddev.sqrt())).apply(&x)?;
        }
        x = ZeroPadding2D::new(correct_pad(&x, 3)).name("stem_conv_pad").apply(&x)?;
        x = conv(self.filters(32), 3, 2, "stem_conv").padding("valid").apply(&x)?;
        x = normalize_swish(&x, "stem_", Halving::Padded)?;

        let blocks: usize = STAGES.iter().map(|(_, repeats, ..)| self.repeats(*repeats)).sum();
        let mut before = 0;
        for (stage, &(kernel_size, repeats, filters, expand_ratio, strides)) in STAGES.iter().enumerate() {
            for number in 0..self.repeats(repeats) {
                let block = Block {
                    name: Block::named(stage, number),
                    kernel_size,
                    filters: self.filters(filters),
                    expand_ratio,
                    strides: if number == 0 { strides } else { 1 },
                    drop_rate: DROP_CONNECT * before as f64 / blocks as f64,
                    halving: Halving::Padded,
                };
                x = block.inverted(&x)?;
                before += 1;
            }
        }
        x = conv(self.filters(1280), 1, 1, "top_conv").apply(&x)?;
        normalize_swish(&x, "top_", Halving::Padded)
    }

    fn classifier(&self, x: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        classifier(x, arguments, self.dropout_rate)
    }

    fn weights(&self, variant: &Variant, arguments: &Arguments) -> WeightFile {
        let suffix = if arguments.include_top { "" } else { "_notop" };
        let file = format!("{}{suffix}.h5", variant.model_name);
        let url = format!("{WEIGHTS_URL}/{file}");
        WeightFile::new(file, url, variant.flavor(arguments.include_top).hash.map(Hash::of_table))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use keras_rs::Model;
    use keras_rs::layer::Symbolic;
    use keras_rs::layers::Input;

    use super::*;

    #[test]
    fn published_weights_come_with_a_second_rescaling() {
        let variant = Variant::find("EfficientNetB0").unwrap();
        let scales = |imagenet: bool| -> Vec<Vec<f64>> {
            let image = Input::new([224, 224, 3]);
            let arguments = Arguments { imagenet, ..Arguments::published(variant, false) };
            let y = variant.network.features(&image.keras_tensor().unwrap(), &arguments).unwrap();
            let model = Model::new(&image, &y).unwrap();
            let layers = model.layers();
            let rescaling = layers.iter().filter(|layer| layer.class_name() == "Rescaling");
            let numbers = rescaling.map(|layer| match &layer.get_config()["scale"] {
                list if list.is_array() => {
                    list.as_array().unwrap().iter().filter_map(|n| n.as_f64()).collect()
                }
                number => vec![number.as_f64().unwrap()],
            });
            numbers.collect()
        };
        // By Python: 1 / math.sqrt(x) for x in (0.229, 0.224, 0.225).
        let second = vec![2.089_691_897_642_864_2, 2.112_885_636_821_291_6, 2.108_185_106_778_919_7];
        assert_eq!(scales(true), [vec![1.0 / 255.0], second]);
        assert_eq!(scales(false), [vec![1.0 / 255.0]]);
    }
}
