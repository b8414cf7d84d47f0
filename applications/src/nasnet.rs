//! NASNet-A: two kinds of cells that a search found, each with the two cells before it as inputs (Zoph et al., 2018).

use keras_rs::layers::{
    Activation, Add, AveragePooling2D, BatchNormalization, Concatenate, Conv2D, Cropping2D, Dense,
    GlobalAveragePooling2D, LayerExt, MaxPooling2D, SeparableConv2D, ZeroPadding2D,
};
use keras_rs::{Result, layer::KerasTensor};

use crate::network::{Arguments, Network, pooled_unnamed, published_as};
use crate::weights::WeightFile;
use crate::{Error, Family, Pooling, Variant};

/// Factor of the filters after each reduction.
const MULTIPLIER: usize = 2;

/// Variants differ in the number of cells and of their filters.
#[derive(Debug)]
pub(crate) struct NasNet {
    /// Channels of the features.
    pub(crate) penultimate_filters: usize,
    /// Normal cells between reductions.
    pub(crate) blocks: usize,
    pub(crate) stem_filters: usize,
    /// Whether the cell after a reduction skips over it: its second input is that of the reduction.
    pub(crate) skip_reduction: bool,
    /// As the published files are called: `mobile`.
    pub(crate) size_name: &'static str,
}

impl Network for NasNet {
    fn family(&self) -> Family {
        Family::NasNet
    }

    fn features(&self, image: &KerasTensor, _arguments: &Arguments) -> Result<KerasTensor> {
        let filters = self.penultimate_filters / 24;
        let x = Conv2D::new(self.stem_filters, 3)
            .strides(2)
            .use_bias(false)
            .kernel_initializer("he_normal")
            .name("stem_conv1")
            .apply(image)?;
        let x = normalize(&x, "stem_bn1")?;
        let stem = reduction(&x, None, filters / MULTIPLIER.pow(2), "stem_1")?;
        let (mut x, mut before) = (reduction(&stem, Some(&x), filters / MULTIPLIER, "stem_2")?, stem);
        for stage in 0..3 {
            let filters = filters * MULTIPLIER.pow(stage as u32);
            let mut number = stage * self.blocks;
            if stage > 0 {
                let y = reduction(&x, Some(&before), filters, &format!("reduce_{number}"))?;
                let input = std::mem::replace(&mut x, y);
                if !self.skip_reduction {
                    before = input;
                }
                number += 1;
            }
            for cell in number..number + self.blocks {
                let y = normal(&x, &before, filters, &cell.to_string())?;
                before = std::mem::replace(&mut x, y);
            }
        }
        relu(&x)
    }

    fn classifier(&self, x: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        let x = GlobalAveragePooling2D::new().apply(x)?;
        Dense::new(arguments.classes).activation(arguments.activation()?).name("predictions").apply(&x)
    }

    fn pooled(&self, x: KerasTensor, pooling: Pooling) -> Result<KerasTensor> {
        pooled_unnamed(&x, pooling)
    }

    /// Keras leaves NASNetLarge's size open. What it builds then does not fit the published weights and cannot run: a
    /// cell compares the widths of its inputs to see which one to halve.
    fn is_fixed_without_classifier(&self) -> bool {
        true
    }

    fn check(&self, variant: &Variant, arguments: &Arguments, imagenet: bool) -> crate::Result<()> {
        let refuse = |expected: &str| {
            Err(Error::Argument {
                context: variant.name,
                argument: "input_shape",
                expected: expected.to_owned(),
                got: arguments.input_shape.to_string(),
            })
        };
        match arguments.input_shape.dims() {
            sizes if imagenet && sizes.contains(&None) => refuse("known sizes with ImageNet weights"),
            [_, None, _] => refuse("a known width"),
            _ => Ok(()),
        }
    }

    fn weights(&self, variant: &Variant, arguments: &Arguments) -> WeightFile {
        let (published, kept) = if arguments.include_top { ("", "") } else { ("-no-top", "_no_top") };
        let size = self.size_name;
        let kept = format!("nasnet_{size}{kept}.h5");
        published_as(variant, kept, &format!("NASNet-{size}{published}.h5"), arguments.include_top)
    }
}

/// A cell that keeps height and width; `before` is the input's own predecessor.
fn normal(x: &KerasTensor, before: &KerasTensor, filters: usize, block: &str) -> Result<KerasTensor> {
    let name = |part: &str| format!("normal_{part}_{block}");
    let p = adjust(x, Some(before), filters, block)?;
    let h = project(&relu(x)?, filters, &name("conv_1"), &name("bn_1"))?;

    let (left, right) = (name("left1"), name("right1"));
    let y1 =
        add([&separate(&h, filters, 5, 1, &left)?, &separate(&p, filters, 3, 1, &right)?], name("add_1"))?;
    let (left, right) = (name("left2"), name("right2"));
    let y2 =
        add([&separate(&p, filters, 5, 1, &left)?, &separate(&p, filters, 3, 1, &right)?], name("add_2"))?;
    let y3 = add([&average(&h, 1, name("left3"))?, &p], name("add_3"))?;
    let y4 = add([&average(&p, 1, name("left4"))?, &average(&p, 1, name("right4"))?], name("add_4"))?;
    let y5 = add([&separate(&h, filters, 3, 1, &name("left5"))?, &h], name("add_5"))?;
    Concatenate::new().name(name("concat")).apply([&p, &y1, &y2, &y3, &y4, &y5])
}

/// A cell that halves height and width; `before` is the input's own predecessor, if it has one.
fn reduction(
    x: &KerasTensor,
    before: Option<&KerasTensor>,
    filters: usize,
    block: &str,
) -> Result<KerasTensor> {
    let name = |part: &str| format!("reduction_{part}_{block}");
    let p = adjust(x, before, filters, block)?;
    let h = project(&relu(x)?, filters, &name("conv_1"), &name("bn_1"))?;
    let padded = ZeroPadding2D::new(margins(&h, 3)).name(name("pad_1")).apply(&h)?;
    let maximum = |part| MaxPooling2D::new(3).strides(2).name(name(part)).apply(&padded);

    let (left, right) = (name("left1"), name("right1"));
    let y1 =
        add([&separate(&h, filters, 5, 2, &left)?, &separate(&p, filters, 7, 2, &right)?], name("add_1"))?;
    let y2 = add([&maximum("left2")?, &separate(&p, filters, 7, 2, &name("right2"))?], name("add_2"))?;
    let left = average(&padded, 2, name("left3"))?;
    let y3 = add([&left, &separate(&p, filters, 5, 2, &name("right3"))?], name("add3"))?;
    let y4 = Add::new().apply([&y2, &average(&y1, 1, name("left4"))?])?;
    let y5 = add([&separate(&y1, filters, 3, 1, &name("left4"))?, &maximum("right5")?], name("add4"))?;
    Concatenate::new().name(name("concat")).apply([&y2, &y3, &y4, &y5])
}

/// The predecessor of a cell's input, in the cell's number of channels and the input's size.
fn adjust(x: &KerasTensor, before: Option<&KerasTensor>, filters: usize, block: &str) -> Result<KerasTensor> {
    let Some(p) = before else { return Ok(x.clone()) };
    let [_, _, width, channels] = sizes(p);
    if width != sizes(x)[2] {
        let p = Activation::new("relu").name(format!("adjust_relu_1_{block}")).apply(p)?;
        let half = |p: &KerasTensor, number: usize| {
            let pool = AveragePooling2D::new(1).strides(2).name(format!("adjust_avg_pool_{number}_{block}"));
            convolve(&pool.apply(p)?, filters / 2, &format!("adjust_conv_{number}_{block}"))
        };
        let first = half(&p, 1)?;
        // The pixels beside those of the first.
        let moved = ZeroPadding2D::new(((0, 1), (0, 1))).apply(&p)?;
        let moved = Cropping2D::new(((1, 0), (1, 0))).apply(&moved)?;
        let p = Concatenate::new().apply([&first, &half(&moved, 2)?])?;
        return normalize(&p, &format!("adjust_bn_{block}"));
    }
    if channels != Some(filters) {
        let conv = format!("adjust_conv_projection_{block}");
        return project(&relu(p)?, filters, &conv, &format!("adjust_bn_{block}"));
    }
    Ok(p.clone())
}

/// Two separable convolutions, each after ReLU and before normalisation; the first by `strides`.
fn separate(
    x: &KerasTensor,
    filters: usize,
    kernel: usize,
    strides: usize,
    block: &str,
) -> Result<KerasTensor> {
    let mut x = relu(x)?;
    for number in 1..=2 {
        let name = format!("separable_conv_{number}");
        let mut conv = SeparableConv2D::new(filters, kernel).use_bias(false).name(format!("{name}_{block}"));
        if number == 1 && strides > 1 {
            conv = conv.strides(strides);
            x = ZeroPadding2D::new(margins(&x, kernel)).name(format!("{name}_pad_{block}")).apply(&x)?;
        } else {
            conv = conv.padding("same");
        }
        x = normalize(&conv.apply(&x)?, &format!("{name}_bn_{block}"))?;
        if number == 1 {
            x = relu(&x)?;
        }
    }
    Ok(x)
}

/// A 1x1 convolution and normalisation.
fn project(x: &KerasTensor, filters: usize, conv: &str, normalization: &str) -> Result<KerasTensor> {
    normalize(&convolve(x, filters, conv)?, normalization)
}

fn convolve(x: &KerasTensor, filters: usize, name: &str) -> Result<KerasTensor> {
    let conv = Conv2D::new(filters, 1).padding("same").use_bias(false).kernel_initializer("he_normal");
    conv.name(name).apply(x)
}

fn normalize(x: &KerasTensor, name: &str) -> Result<KerasTensor> {
    BatchNormalization::new().momentum(0.9997).epsilon(1e-3).name(name).apply(x)
}

fn relu(x: &KerasTensor) -> Result<KerasTensor> {
    Activation::new("relu").apply(x)
}

/// The mean of each 3x3 window; by stride 2 without padding.
fn average(x: &KerasTensor, strides: usize, name: String) -> Result<KerasTensor> {
    let padding = if strides == 1 { "same" } else { "valid" };
    AveragePooling2D::new(3).strides(strides).padding(padding).name(name).apply(x)
}

fn add(operands: [&KerasTensor; 2], name: String) -> Result<KerasTensor> {
    Add::new().name(name).apply(operands)
}

/// Batch, height, width and channels.
fn sizes(x: &KerasTensor) -> [Option<usize>; 4] {
    x.shape().dims().try_into().unwrap_or_default()
}

/// Zeros around an image so that a kernel by stride 2 sees all of it: one less in front of even sizes, and of all where
/// the height is unknown.
fn margins(x: &KerasTensor, kernel: usize) -> ((usize, usize), (usize, usize)) {
    let [_, height, width, _] = sizes(x);
    let half = kernel / 2;
    let around = |size: Option<usize>| {
        (half - usize::from(height.is_none() || size.is_some_and(|size| size % 2 == 0)), half)
    };
    (around(height), around(width))
}
