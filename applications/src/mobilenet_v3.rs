//! MobileNetV3: the blocks of MobileNetV2 with channels weighted by what the whole image shows (Howard et al., 2019).

use keras_rs::layers::{
    Activation, Add, Conv2D, DepthwiseConv2D, Dropout, Flatten, GlobalAveragePooling2D, LayerExt, Multiply,
    ReLU, Rescaling, ZeroPadding2D,
};
use keras_rs::{Result, layer::KerasTensor, ops};

use crate::mobilenet_parts::{channels, make_divisible, normalize};
use crate::network::{Arguments, Network};
use crate::parts::correct_pad;
use crate::variants::WEIGHTS_URL;
use crate::weights::{Hash, WeightFile};
use crate::{Error, Family, Variant};

/// What follows a normalisation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Nonlinearity {
    Relu,
    HardSwish,
}
use Nonlinearity::{HardSwish, Relu};

/// A block.
#[derive(Debug)]
pub(crate) struct Block {
    /// How much wider than its input the block is within.
    expansion: f64,
    /// Channels of its output, before `alpha`.
    filters: usize,
    kernel: usize,
    stride: usize,
    /// Whether channels are weighted.
    squeeze: bool,
    nonlinearity: Nonlinearity,
}

const fn block(
    expansion: f64,
    filters: usize,
    kernel: usize,
    stride: usize,
    squeeze: bool,
    nonlinearity: Nonlinearity,
) -> Block {
    Block { expansion, filters, kernel, stride, squeeze, nonlinearity }
}

/// Variants differ in their blocks, in the width before the classifier, and in their published weights.
#[derive(Debug)]
pub(crate) struct MobileNetV3 {
    /// As files are named.
    size: &'static str,
    blocks: &'static [Block],
    /// Channels before the classifier.
    last: usize,
    /// Hashes of the published weights with the classifier and without it, for `alpha` 0.75.
    narrow: [&'static str; 2],
    /// Those of the minimalistic network.
    minimalistic: [&'static str; 2],
}

pub(crate) const SMALL: MobileNetV3 = MobileNetV3 {
    size: "small",
    blocks: &[
        block(1.0, 16, 3, 2, true, Relu),
        block(72.0 / 16.0, 24, 3, 2, false, Relu),
        block(88.0 / 24.0, 24, 3, 1, false, Relu),
        block(4.0, 40, 5, 2, true, HardSwish),
        block(6.0, 40, 5, 1, true, HardSwish),
        block(6.0, 40, 5, 1, true, HardSwish),
        block(3.0, 48, 5, 1, true, HardSwish),
        block(3.0, 48, 5, 1, true, HardSwish),
        block(6.0, 96, 5, 2, true, HardSwish),
        block(6.0, 96, 5, 1, true, HardSwish),
        block(6.0, 96, 5, 1, true, HardSwish),
    ],
    last: 1024,
    narrow: ["cb65d4e5be93758266aa0a7f2c6708b7", "ebdb5cc8e0b497cd13a7c275d475c819"],
    minimalistic: ["99cd97fb2fcdad2bf028eb838de69e37", "cde8136e733e811080d9fcd8a252f7e4"],
};

pub(crate) const LARGE: MobileNetV3 = MobileNetV3 {
    size: "large",
    blocks: &[
        block(1.0, 16, 3, 1, false, Relu),
        block(4.0, 24, 3, 2, false, Relu),
        block(3.0, 24, 3, 1, false, Relu),
        block(3.0, 40, 5, 2, true, Relu),
        block(3.0, 40, 5, 1, true, Relu),
        block(3.0, 40, 5, 1, true, Relu),
        block(6.0, 80, 3, 2, false, HardSwish),
        block(2.5, 80, 3, 1, false, HardSwish),
        block(2.3, 80, 3, 1, false, HardSwish),
        block(2.3, 80, 3, 1, false, HardSwish),
        block(6.0, 112, 3, 1, true, HardSwish),
        block(6.0, 112, 3, 1, true, HardSwish),
        block(6.0, 160, 5, 2, true, HardSwish),
        block(6.0, 160, 5, 1, true, HardSwish),
        block(6.0, 160, 5, 1, true, HardSwish),
    ],
    last: 1280,
    narrow: ["765b44a33ad4005b3ac83185abf1d0eb", "40af19a13ebea4e2ee0c676887f69a2e"],
    minimalistic: ["675e7b876c45c57e9e63e6d90a36599c", "ec5221f64a2f6d1ef965a614bdae7973"],
};

fn alpha(arguments: &Arguments) -> f64 {
    arguments.own.alpha.unwrap_or(1.0)
}

fn is_minimalistic(arguments: &Arguments) -> bool {
    arguments.own.minimalistic.unwrap_or(false)
}

impl Network for MobileNetV3 {
    fn family(&self) -> Family {
        Family::MobileNetV3
    }

    fn features(&self, image: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        let nonlinearity = overall(arguments);
        let mut x = image.clone();
        if arguments.own.include_preprocessing.unwrap_or(true) {
            x = Rescaling::new(1.0 / 127.5).offset(-1.0).apply(&x)?;
        }
        let x = Conv2D::new(16, 3).strides(2).padding("same").use_bias(false).name("conv").apply(&x)?;
        let mut x = nonlinearity.apply(&normalize(&x, "conv_bn".to_owned())?)?;
        for (id, block) in self.blocks.iter().enumerate() {
            x = block.apply(&x, id, arguments)?;
        }
        let width = make_divisible(6.0 * channels(&x, "conv_1")? as f64);
        let x = Conv2D::new(width, 1).padding("same").use_bias(false).name("conv_1").apply(&x)?;
        nonlinearity.apply(&normalize(&x, "conv_1_bn".to_owned())?)
    }

    fn classifier(&self, x: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        // A narrow network keeps the full width here.
        let width = make_divisible(self.last as f64 * alpha(arguments).max(1.0));
        let x = GlobalAveragePooling2D::new().keepdims(true).apply(x)?;
        let x = Conv2D::new(width, 1).padding("same").name("conv_2").apply(&x)?;
        let mut x = overall(arguments).apply(&x)?;
        let rate = arguments.own.dropout_rate.unwrap_or(0.2);
        if rate > 0.0 {
            x = Dropout::new(rate).apply(&x)?;
        }
        let x = Conv2D::new(arguments.classes, 1).padding("same").name("logits").apply(&x)?;
        let x = Flatten::new().apply(&x)?;
        Activation::new(arguments.activation()?).name("predictions").apply(&x)
    }

    fn own_arguments(&self) -> &'static [&'static str] {
        &["alpha", "minimalistic", "dropout_rate", "include_preprocessing"]
    }

    fn check(&self, variant: &Variant, arguments: &Arguments, imagenet: bool) -> crate::Result<()> {
        let alpha = alpha(arguments);
        let (published, expected): (&[f64], _) = if is_minimalistic(arguments) {
            (&[1.0], "1 with ImageNet weights and minimalistic")
        } else {
            (&[0.75, 1.0], "0.75 or 1 with ImageNet weights")
        };
        if imagenet && !published.contains(&alpha) {
            return Err(Error::Argument {
                context: variant.name,
                argument: "alpha",
                expected: expected.to_owned(),
                got: alpha.to_string(),
            });
        }
        Ok(())
    }

    fn is_of_any_size(&self) -> bool {
        true
    }

    fn weights(&self, variant: &Variant, arguments: &Arguments) -> WeightFile {
        let (alpha, top) = (alpha(arguments), arguments.include_top);
        let (kind, [with, without]) = match (is_minimalistic(arguments), alpha < 1.0) {
            (true, _) => ("_minimalistic", self.minimalistic.map(Some)),
            (false, true) => ("", self.narrow.map(Some)),
            (false, false) => ("", [true, false].map(|top| variant.flavor(top).hash)),
        };
        let suffix = if top { "" } else { "_no_top_v2" };
        let file = format!("weights_mobilenet_v3_{}{kind}_224_{alpha:?}_float{suffix}.h5", self.size);
        let url = format!("{WEIGHTS_URL}/{}/{file}", variant.directory);
        WeightFile::new(file, url, if top { with } else { without }.map(Hash::of_table))
    }
}

/// What follows the normalisations outside the blocks.
fn overall(arguments: &Arguments) -> Nonlinearity {
    if is_minimalistic(arguments) { Relu } else { HardSwish }
}

impl Nonlinearity {
    fn apply(self, x: &KerasTensor) -> Result<KerasTensor> {
        match self {
            Relu => ReLU::new().apply(x),
            HardSwish => Activation::new("hard_swish").apply(x),
        }
    }
}

impl Block {
    /// Widens, filters each channel by itself, weights the channels and narrows again; adds to its input where the
    /// shape stays the same. The first block does not widen.
    fn apply(&self, input: &KerasTensor, id: usize, arguments: &Arguments) -> Result<KerasTensor> {
        let prefix = if id == 0 { "expanded_conv_".to_owned() } else { format!("expanded_conv_{id}_") };
        let named = |name: &str| format!("{prefix}{name}");
        let (kernel, squeeze, nonlinearity) = match is_minimalistic(arguments) {
            true => (3, false, Relu),
            false => (self.kernel, self.squeeze, self.nonlinearity),
        };
        let width = channels(input, &prefix)?;
        let filters = make_divisible(self.filters as f64 * alpha(arguments));
        let wide = make_divisible(width as f64 * self.expansion);
        let mut x = input.clone();
        if id > 0 {
            let expand = Conv2D::new(wide, 1).padding("same").use_bias(false).name(named("expand"));
            x = nonlinearity.apply(&normalize(&expand.apply(&x)?, named("expand_bn"))?)?;
        }
        let mut padding = "same";
        if self.stride == 2 {
            x = ZeroPadding2D::new(correct_pad(&x, kernel)).name(named("depthwise_pad")).apply(&x)?;
            padding = "valid";
        }
        let each = DepthwiseConv2D::new(kernel).strides(self.stride).padding(padding).use_bias(false);
        x = normalize(&each.name(named("depthwise")).apply(&x)?, named("depthwise_bn"))?;
        x = nonlinearity.apply(&x)?;
        if squeeze {
            x = weighted(&x, wide, &named("squeeze_excite_"))?;
        }
        let project = Conv2D::new(filters, 1).padding("same").use_bias(false).name(named("project"));
        let x = normalize(&project.apply(&x)?, named("project_bn"))?;
        if self.stride == 1 && width == filters {
            return Add::new().name(named("add")).apply([input, &x]);
        }
        Ok(x)
    }
}

/// Channels times weights in 0 to 1 that a small network makes of their means.
fn weighted(x: &KerasTensor, filters: usize, prefix: &str) -> Result<KerasTensor> {
    let means = GlobalAveragePooling2D::new().keepdims(true).name(format!("{prefix}avg_pool")).apply(x)?;
    let squeezed = make_divisible(filters as f64 * 0.25);
    let y = Conv2D::new(squeezed, 1).padding("same").name(format!("{prefix}conv")).apply(&means)?;
    let y = ReLU::new().name(format!("{prefix}relu")).apply(&y)?;
    let y = Conv2D::new(filters, 1).padding("same").name(format!("{prefix}conv_1")).apply(&y)?;
    let y = ReLU::new().max_value(6.0).apply(&ops::add(&y, &3.0)?)?;
    let y = ops::multiply(&y, &(1.0 / 6.0))?;
    Multiply::new().name(format!("{prefix}mul")).apply([x, &y])
}
