//! Operations of `keras.ops.image`.

use super::super::arguments::{Default, Form, Parameter};
use super::super::forms::{Function, Operands, Outputs, Row, rows};
use super::super::images as adapters;
use super::{DATA_FORMAT, parameter};
use crate::ops::image as ops;

const IMAGE: &str = "keras.src.ops.image";

const INTERPOLATION: Parameter = parameter("interpolation", Form::Text, Default::Text("bilinear"));
const CONSTANT: Parameter = parameter("fill_mode", Form::Text, Default::Text("constant"));
const FILL_VALUE: Parameter = parameter("fill_value", Form::Number, Default::Float(0.0));
const TARGET_HEIGHT: Parameter = parameter("target_height", Form::MaybeWhole, Default::Null);
const TARGET_WIDTH: Parameter = parameter("target_width", Form::MaybeWhole, Default::Null);

/// Rows that are cut or added, and columns.
const fn side(name: &'static str) -> Parameter {
    parameter(name, Form::MaybeWhole, Default::Null)
}

/// The operations.
pub(super) static ROWS: &[Row] = rows! {
    IMAGE: "RGBToGrayscale" one(rgb_to_grayscale, rgb_to_grayscale_spec, a => a.data_format("data_format")?) [DATA_FORMAT];
    IMAGE: "RGBToHSV" one(rgb_to_hsv, rgb_to_hsv_spec, a => a.data_format("data_format")?) [DATA_FORMAT];
    IMAGE: "HSVToRGB" one(hsv_to_rgb, hsv_to_rgb_spec, a => a.data_format("data_format")?) [DATA_FORMAT];
    IMAGE: "Resize" one(resize, resize_spec, a => a.both_sizes("size")?, a.resize()?) [
        parameter("size", Form::Sizes, Default::Null), INTERPOLATION,
        parameter("antialias", Form::Flag, Default::Flag(false)),
        parameter("crop_to_aspect_ratio", Form::Flag, Default::Flag(false)),
        parameter("pad_to_aspect_ratio", Form::Flag, Default::Flag(false)),
        CONSTANT, FILL_VALUE, DATA_FORMAT
    ];
    IMAGE: "AffineTransform" two_apart(Values, a => affine_transform: a.interpolation("interpolation")?, a.fill_mode("fill_mode")?, a.number("fill_value")?, a.data_format("data_format")?; affine_transform_spec: a.interpolation("interpolation")?, a.data_format("data_format")?) [
        INTERPOLATION, CONSTANT, FILL_VALUE, DATA_FORMAT
    ];
    IMAGE: "PerspectiveTransform" three_apart(Values, a => perspective_transform: a.interpolation("interpolation")?, a.number("fill_value")?, a.data_format("data_format")?; perspective_transform_spec: a.interpolation("interpolation")?, a.data_format("data_format")?) [
        INTERPOLATION, FILL_VALUE, DATA_FORMAT
    ];
    IMAGE: "MapCoordinates" two_apart(Values, a => map_coordinates: a.count("order")?, a.fill_mode("fill_mode")?, a.number("fill_value")?; map_coordinates_spec: a.count("order")?) [
        parameter("order", Form::Whole, Default::Null), CONSTANT, FILL_VALUE
    ];
    IMAGE: "ElasticTransform" one(elastic_transform, elastic_transform_spec, a => a.elastic()?) [
        parameter("alpha", Form::Number, Default::Float(20.0)), parameter("sigma", Form::Number, Default::Float(5.0)),
        INTERPOLATION, parameter("fill_mode", Form::Text, Default::Text("reflect")), FILL_VALUE,
        parameter("seed", Form::MaybeWhole, Default::Null), DATA_FORMAT
    ];
    IMAGE: "GaussianBlur" one(gaussian_blur, gaussian_blur_spec, a => a.both_sizes("kernel_size")?, a.both_numbers("sigma")?, a.data_format("data_format")?) [
        parameter("kernel_size", Form::Sizes, Default::Axes(&[3, 3])),
        parameter("sigma", Form::Numbers, Default::Floats(&[1.0, 1.0])), DATA_FORMAT
    ];
    IMAGE: "ExtractPatches" one(extract_patches, extract_patches_spec, a => a.integers("size")?, a.maybe_integers("strides")?, a.integers("dilation_rate")?, a.padding("padding")?, a.data_format("data_format")?) [
        parameter("size", Form::Sizes, Default::Null), parameter("strides", Form::MaybeSizes, Default::Null),
        parameter("dilation_rate", Form::Sizes, Default::Whole(1)),
        parameter("padding", Form::Text, Default::Text("valid")), DATA_FORMAT
    ];
    IMAGE: "PadImages" one(pad_images, pad_images_spec, a => a.margins("padding")?, a.data_format("data_format")?) [
        side("top_padding"), side("left_padding"), side("bottom_padding"), side("right_padding"),
        TARGET_HEIGHT, TARGET_WIDTH, DATA_FORMAT
    ];
    IMAGE: "CropImages" one(crop_images, crop_images_spec, a => a.margins("cropping")?, a.data_format("data_format")?) [
        side("top_cropping"), side("left_cropping"), side("bottom_cropping"), side("right_cropping"),
        TARGET_HEIGHT, TARGET_WIDTH, DATA_FORMAT
    ];
    IMAGE: "ScaleAndTranslate" other(Tensors, scale_and_translate, scale_and_translate_spec) [
        parameter("spatial_dims", Form::Sizes, Default::Null), parameter("method", Form::Text, Default::Null),
        parameter("antialias", Form::Flag, Default::Flag(true))
    ];
    IMAGE: "SobelEdges" one(sobel_edges, sobel_edges_spec, a => a.data_format("data_format")?) [DATA_FORMAT];
    IMAGE: "SSIM" two(Values, ssim, ssim_spec, a => a.similarity()?) [
        parameter("max_val", Form::Number, Default::Float(1.0)), parameter("filter_size", Form::Whole, Default::Whole(11)),
        parameter("filter_sigma", Form::Number, Default::Float(1.5)), parameter("k1", Form::Number, Default::Float(0.01)),
        parameter("k2", Form::Number, Default::Float(0.03)), DATA_FORMAT
    ];
};
