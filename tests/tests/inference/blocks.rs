//! The blocks of networks for images: nothing in them runs as a layer.

use super::agrees;
use keras_rs::prelude::*;

type Block = fn(&KerasTensor) -> Result<KerasTensor>;

fn conv(filters: usize, size: usize, x: &KerasTensor) -> Result<KerasTensor> {
    let x = Conv2D::new(filters, size).padding("same").use_bias(false).apply(x)?;
    BatchNormalization::new().epsilon(1e-3).apply(&x)
}

/// Squeeze and excitation as MobileNetV3 has it, with its own hard sigmoid.
fn mobile_net_v3(x: &KerasTensor) -> Result<KerasTensor> {
    let y = Activation::new("hard_swish").apply(&conv(24, 1, x)?)?;
    let y = ZeroPadding2D::new(((0, 1), (0, 1))).apply(&y)?;
    let y = DepthwiseConv2D::new(5).strides(2).use_bias(false).apply(&y)?;
    let y = ReLU::new().apply(&BatchNormalization::new().apply(&y)?)?;
    let s = GlobalAveragePooling2D::new().keepdims(true).apply(&y)?;
    let s = ReLU::new().apply(&Conv2D::new(8, 1).padding("same").apply(&s)?)?;
    let s = Conv2D::new(24, 1).padding("same").apply(&s)?;
    let s = (&ReLU::new().max_value(6.0).apply(&(&s + 3.0)?)? * (1.0 / 6.0))?;
    let y = Multiply::new().apply([&y, &s])?;
    let y = (&conv(12, 1, &y)? * &GlobalAveragePooling2D::new().keepdims(true).apply(x)?)?;
    Activation::new("hard_sigmoid").apply(&y)
}

fn efficient_net(x: &KerasTensor) -> Result<KerasTensor> {
    let x = Rescaling::new(1.0 / 255.0).apply(x)?;
    let channels: Vec<f64> = (0..12).map(|i| 1.0 + f64::from(i)).collect();
    let x = Rescaling::new(channels).apply(&x)?;
    let y = Activation::new("swish").apply(&conv(24, 1, &x)?)?;
    let y = DepthwiseConv2D::new(3).padding("same").use_bias(false).apply(&y)?;
    let y = Activation::new("swish").apply(&BatchNormalization::new().apply(&y)?)?;
    let s = GlobalAveragePooling2D::new().apply(&y)?;
    let s = Reshape::new([1, 1, 24]).apply(&s)?;
    let s = Conv2D::new(3, 1).padding("same").activation("swish").apply(&s)?;
    let s = Conv2D::new(24, 1).padding("same").activation("sigmoid").apply(&s)?;
    let y = conv(12, 1, &Multiply::new().apply([&y, &s])?)?;
    Add::new().apply([&Dropout::new(0.2).apply(&y)?, &x])
}

fn nas_net(x: &KerasTensor) -> Result<KerasTensor> {
    let x = Activation::new("relu").apply(x)?;
    let a = AveragePooling2D::new(1).strides(2).apply(&x)?;
    let b = ZeroPadding2D::new(((0, 1), (0, 1))).apply(&x)?;
    let b = Cropping2D::new(((1, 0), (1, 0))).apply(&b)?;
    let b = AveragePooling2D::new(1).strides(2).apply(&b)?;
    let joined = Concatenate::new().apply([&conv(6, 1, &a)?, &conv(6, 1, &b)?])?;
    let y = ZeroPadding2D::new(((2, 3), (2, 3))).apply(&x)?;
    let y = SeparableConv2D::new(12, 7).strides(2).use_bias(false).apply(&y)?;
    let y = SeparableConv2D::new(12, 5).padding("same").use_bias(false).apply(&y)?;
    let y = Add::new().apply([&y, &joined])?;
    let pooled = AveragePooling2D::new(3).strides(1).padding("same").apply(&y)?;
    let most = MaxPooling2D::new(3).strides(1).padding("same").apply(&joined)?;
    Concatenate::new().apply([&pooled, &most, &joined])
}

fn conv_next(x: &KerasTensor) -> Result<KerasTensor> {
    let y = DepthwiseConv2D::new(7).padding("same").apply(x)?;
    let y = LayerNormalization::new().epsilon(1e-6).apply(&y)?;
    let y = Dense::new(48).apply(&y)?;
    let y = Dense::new(12).apply(&Activation::new("gelu").apply(&y)?)?;
    let y = StochasticDepth::new(0.1).apply(&LayerScale::new(0.5, 12).apply(&y)?)?;
    let y = Add::new().apply([x, &y])?;
    let y = GlobalAveragePooling2D::new().apply(&y)?;
    LayerNormalization::new().apply(&y)
}

fn operations(x: &KerasTensor) -> Result<KerasTensor> {
    let y = ((&(1.0 - x)? / 0.5)? - 0.25)?;
    let y = (&Operation::new("Silu")?.apply(&y)? + &Operation::new("Sigmoid")?.apply(x)?)?;
    let y = Operation::new("Relu6")?.apply(&(2.0 * &y)?)?;
    Operation::new("Tanh")?.apply(&y)
}

#[test]
fn blocks_of_networks_have_kernels() {
    let blocks: [(&str, Block); 5] = [
        ("MobileNetV3", mobile_net_v3),
        ("EfficientNet", efficient_net),
        ("NASNet", nas_net),
        ("ConvNeXt", conv_next),
        ("operations", operations),
    ];
    for (name, block) in blocks {
        let x = Input::new([14, 14, 12]).keras_tensor().unwrap();
        let model = Model::new(&x, block(&x).unwrap()).unwrap();
        assert_eq!(agrees(&model, 1e-5), [""; 0], "{name}");
    }
}
