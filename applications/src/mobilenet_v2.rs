//! MobileNetV2: blocks that widen, filter each channel by itself and narrow again (Sandler et al., 2018).

use keras_rs::layers::{
    Add, Conv2D, Dense, DepthwiseConv2D, GlobalAveragePooling2D, LayerExt, ZeroPadding2D,
};
use keras_rs::{Result, Shape, layer::KerasTensor};

use crate::mobilenet_parts::{
    channels, default_size, make_divisible, model_name, normalize, relu6, trained_size,
};
use crate::network::{Arguments, Network, pooled_unnamed, published};
use crate::parts::correct_pad;
use crate::weights::WeightFile;
use crate::{Error, Family, Pooling, Variant};

/// Sizes of images for which weights are published.
const SIZES: &[usize] = &[96, 128, 160, 192, 224];
/// Factors of the channels for which weights are published.
const ALPHAS: &[f64] = &[0.35, 0.5, 0.75, 1.0, 1.3, 1.4];
/// How much wider than its input a block is within.
const EXPANSION: usize = 6;
/// Channels before `alpha`, number of blocks and stride of the first of them, for each stage.
const STAGES: &[(usize, usize, usize)] =
    &[(16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)];

/// MobileNetV2.
#[derive(Debug)]
pub(crate) struct MobileNetV2;

fn alpha(arguments: &Arguments) -> f64 {
    arguments.own.alpha.unwrap_or(1.0)
}

impl Network for MobileNetV2 {
    fn family(&self) -> Family {
        Family::MobileNetV2
    }

    fn features(&self, image: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        let alpha = alpha(arguments);
        let first = make_divisible(32.0 * alpha);
        let x =
            Conv2D::new(first, 3).strides(2).padding("same").use_bias(false).name("Conv1").apply(image)?;
        let mut x = relu6(&normalize(&x, "bn_Conv1".to_owned())?, "Conv1_relu".to_owned())?;
        let mut id = 0;
        for &(filters, count, first_stride) in STAGES {
            let filters = make_divisible((filters as f64 * alpha).trunc());
            for number in 0..count {
                x = block(&x, filters, if number == 0 { first_stride } else { 1 }, id)?;
                id += 1;
            }
        }
        // A narrow network keeps the full width here.
        let last = make_divisible(1280.0 * alpha.max(1.0));
        let x = Conv2D::new(last, 1).use_bias(false).name("Conv_1").apply(&x)?;
        relu6(&normalize(&x, "Conv_1_bn".to_owned())?, "out_relu".to_owned())
    }

    fn classifier(&self, x: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        let x = GlobalAveragePooling2D::new().apply(x)?;
        Dense::new(arguments.classes).activation(arguments.activation()?).name("predictions").apply(&x)
    }

    fn pooled(&self, x: KerasTensor, pooling: Pooling) -> Result<KerasTensor> {
        pooled_unnamed(&x, pooling)
    }

    fn own_arguments(&self) -> &'static [&'static str] {
        &["alpha"]
    }

    fn check(&self, variant: &Variant, arguments: &Arguments, imagenet: bool) -> crate::Result<()> {
        let alpha = alpha(arguments);
        if imagenet && !ALPHAS.contains(&alpha) {
            return Err(Error::Argument {
                context: variant.name,
                argument: "alpha",
                expected: "0.35, 0.5, 0.75, 1, 1.3 or 1.4 with ImageNet weights".to_owned(),
                got: alpha.to_string(),
            });
        }
        Ok(())
    }

    fn default_size(&self, _variant: &Variant, input_shape: Option<&Shape>) -> usize {
        default_size(input_shape, SIZES)
    }

    fn model_name(&self, _variant: &Variant, arguments: &Arguments) -> String {
        model_name("mobilenetv2", alpha(arguments), arguments, SIZES)
    }

    fn weights(&self, variant: &Variant, arguments: &Arguments) -> WeightFile {
        let (alpha, size) = (alpha(arguments), trained_size(arguments, SIZES));
        let suffix = if arguments.include_top { "" } else { "_no_top" };
        // With its decimal point: 1.0.
        let file = format!("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{alpha:?}_{size}{suffix}.h5");
        published(variant, file, arguments.include_top)
    }
}

/// A block, which adds to its input where the shape stays the same. The first one does not widen.
fn block(input: &KerasTensor, filters: usize, stride: usize, id: usize) -> Result<KerasTensor> {
    let prefix = if id == 0 { "expanded_conv_".to_owned() } else { format!("block_{id}_") };
    let named = |name: &str| format!("{prefix}{name}");
    let width = channels(input, &prefix)?;
    let mut x = input.clone();
    if id > 0 {
        let wide = Conv2D::new(EXPANSION * width, 1).padding("same").use_bias(false);
        x = normalize(&wide.name(named("expand")).apply(&x)?, named("expand_BN"))?;
        x = relu6(&x, named("expand_relu"))?;
    }
    let mut padding = "same";
    if stride == 2 {
        x = ZeroPadding2D::new(correct_pad(&x, 3)).name(named("pad")).apply(&x)?;
        padding = "valid";
    }
    let each = DepthwiseConv2D::new(3).strides(stride).use_bias(false).padding(padding);
    let x = normalize(&each.name(named("depthwise")).apply(&x)?, named("depthwise_BN"))?;
    let x = relu6(&x, named("depthwise_relu"))?;
    let narrow = Conv2D::new(filters, 1).padding("same").use_bias(false);
    let x = normalize(&narrow.name(named("project")).apply(&x)?, named("project_BN"))?;
    if width == filters && stride == 1 {
        return Add::new().name(named("add")).apply([input, &x]);
    }
    Ok(x)
}
