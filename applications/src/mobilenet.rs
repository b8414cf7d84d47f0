//! MobileNet: depthwise convolutions, each followed by a pointwise one (Howard et al., 2017).

use keras_rs::layers::{
    Activation, BatchNormalization, Conv2D, DepthwiseConv2D, Dropout, GlobalAveragePooling2D, LayerExt,
    Reshape, ZeroPadding2D,
};
use keras_rs::{Result, Shape, layer::KerasTensor};

use crate::mobilenet_parts::{default_size, model_name, relu6, trained_size};
use crate::network::{Arguments, Network, pooled_unnamed, published};
use crate::weights::WeightFile;
use crate::{Error, Family, Pooling, Variant};

/// Sizes of images for which weights are published.
const SIZES: &[usize] = &[128, 160, 192, 224];
/// Factors of the channels for which weights are published, as their files name them.
const ALPHAS: &[(f64, &str)] = &[(0.25, "2_5"), (0.5, "5_0"), (0.75, "7_5"), (1.0, "1_0")];
/// Channels and stride of each block, before `alpha`.
const BLOCKS: &[(usize, usize)] = &[
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (1024, 2),
    (1024, 1),
];

/// MobileNet.
#[derive(Debug)]
pub(crate) struct MobileNet;

fn alpha(arguments: &Arguments) -> f64 {
    arguments.own.alpha.unwrap_or(1.0)
}

fn depth_multiplier(arguments: &Arguments) -> usize {
    arguments.own.depth_multiplier.unwrap_or(1)
}

impl Network for MobileNet {
    fn family(&self) -> Family {
        Family::MobileNet
    }

    fn features(&self, image: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        let scaled = |filters: usize| (filters as f64 * alpha(arguments)) as usize;
        let x = Conv2D::new(scaled(32), 3)
            .strides(2)
            .padding("same")
            .use_bias(false)
            .name("conv1")
            .apply(image)?;
        let mut x = normalize_relu6(&x, "conv1")?;
        for (id, &(filters, stride)) in (1..).zip(BLOCKS) {
            x = block(&x, scaled(filters), stride, depth_multiplier(arguments), id)?;
        }
        Ok(x)
    }

    fn classifier(&self, x: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        let classes = arguments.classes;
        let x = GlobalAveragePooling2D::new().keepdims(true).apply(x)?;
        let x = Dropout::new(arguments.own.dropout.unwrap_or(1e-3)).name("dropout").apply(&x)?;
        let x = Conv2D::new(classes, 1).padding("same").name("conv_preds").apply(&x)?;
        let shape = [isize::try_from(classes).unwrap_or(isize::MAX)];
        let x = Reshape::new(shape).name("reshape_2").apply(&x)?;
        Activation::new(arguments.activation()?).name("predictions").apply(&x)
    }

    fn pooled(&self, x: KerasTensor, pooling: Pooling) -> Result<KerasTensor> {
        pooled_unnamed(&x, pooling)
    }

    fn own_arguments(&self) -> &'static [&'static str] {
        &["alpha", "depth_multiplier", "dropout"]
    }

    fn check(&self, variant: &Variant, arguments: &Arguments, imagenet: bool) -> crate::Result<()> {
        let refuse = |argument, expected: &str, got| {
            Err(Error::Argument { context: variant.name, argument, expected: expected.to_owned(), got })
        };
        if imagenet && depth_multiplier(arguments) != 1 {
            return refuse(
                "depth_multiplier",
                "1 with ImageNet weights",
                depth_multiplier(arguments).to_string(),
            );
        }
        if imagenet && !ALPHAS.iter().any(|&(published, _)| published == alpha(arguments)) {
            return refuse(
                "alpha",
                "0.25, 0.5, 0.75 or 1 with ImageNet weights",
                alpha(arguments).to_string(),
            );
        }
        Ok(())
    }

    fn default_size(&self, _variant: &Variant, input_shape: Option<&Shape>) -> usize {
        default_size(input_shape, SIZES)
    }

    fn model_name(&self, _variant: &Variant, arguments: &Arguments) -> String {
        model_name("mobilenet", alpha(arguments), arguments, SIZES)
    }

    fn weights(&self, variant: &Variant, arguments: &Arguments) -> WeightFile {
        let found = ALPHAS.iter().find(|&&(published, _)| published == alpha(arguments));
        let alpha = found.map_or("1_0", |&(_, text)| text);
        let suffix = if arguments.include_top { "" } else { "_no_top" };
        let file = format!("mobilenet_{alpha}_{}_tf{suffix}.h5", trained_size(arguments, SIZES));
        published(variant, file, arguments.include_top)
    }
}

fn normalize_relu6(x: &KerasTensor, name: &str) -> Result<KerasTensor> {
    let x = BatchNormalization::new().name(format!("{name}_bn")).apply(x)?;
    relu6(&x, format!("{name}_relu"))
}

/// A 3x3 convolution of each channel by itself, then one of all channels of each pixel.
fn block(
    x: &KerasTensor,
    filters: usize,
    stride: usize,
    multiplier: usize,
    id: usize,
) -> Result<KerasTensor> {
    let (x, padding) = if stride == 1 {
        (x.clone(), "same")
    } else {
        (ZeroPadding2D::new([(0, 1), (0, 1)]).name(format!("conv_pad_{id}")).apply(x)?, "valid")
    };
    let name = format!("conv_dw_{id}");
    let x = DepthwiseConv2D::new(3)
        .padding(padding)
        .depth_multiplier(multiplier)
        .strides(stride)
        .use_bias(false)
        .name(&name)
        .apply(&x)?;
    let x = normalize_relu6(&x, &name)?;
    let name = format!("conv_pw_{id}");
    let x = Conv2D::new(filters, 1).padding("same").use_bias(false).name(&name).apply(&x)?;
    normalize_relu6(&x, &name)
}
