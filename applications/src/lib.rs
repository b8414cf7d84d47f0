//! Keras' applications for keras-rs: networks with published ImageNet weights.
//!
//! - [`Application`]: a network to be configured and built, by the type of each
//!   (`ResNet50::new()`) or by name;
//! - [`VARIANTS`]: the table of applications, their sizes, preprocessing and weights;
//! - [`load_img`]: images, decoded and resized as `keras.utils.load_img` does;
//! - [`preprocess_input`]: what a network expects of its pixels;
//! - [`decode_predictions`]: what its scores mean, and [`Labels`] for other classes than ImageNet's;
//! - [`Downloader`]: published weights, kept in Keras' own cache.

mod application;
mod convnext;
mod densenet;
mod efficientnet;
mod efficientnet_blocks;
mod efficientnet_v2;
mod error;
mod imagenet;
mod inception;
mod inception_resnet_v2;
mod inception_v3;
mod input_shape;
mod labels;
mod nasnet;
mod network;
mod parts;
mod preprocess;
mod resnet;
mod resnet_v2;
mod tensors;
mod variants;
mod vgg;
mod weights;
mod xception;

pub use application::{Application, Pooling, Weights};
pub use error::{Error, Result};
pub use imagenet::{ImageNetClass, Prediction, decode_predictions, imagenet_classes};
pub use keras_rs::data::image::{
    ColorMode, ImageArray, ImageInterpolation, LoadImg, load_img, load_img_bytes,
};
pub use labels::{LabeledPrediction, Labels};
pub use preprocess::{ChannelOrder, PreprocessMode, preprocess_input};
pub use variants::{
    ConvNeXtBase, ConvNeXtLarge, ConvNeXtSmall, ConvNeXtTiny, ConvNeXtXLarge, DenseNet121, DenseNet169,
    DenseNet201, EfficientNetB0, EfficientNetB1, EfficientNetB2, EfficientNetB3, EfficientNetB4,
    EfficientNetB5, EfficientNetB6, EfficientNetB7, EfficientNetV2B0, EfficientNetV2B1, EfficientNetV2B2,
    EfficientNetV2B3, EfficientNetV2L, EfficientNetV2M, EfficientNetV2S, InceptionResNetV2, InceptionV3,
    NASNetLarge, NASNetMobile, ResNet50, ResNet50V2, ResNet101, ResNet101V2, ResNet152, ResNet152V2, VGG16,
    VGG19, Xception,
};
pub use variants::{Family, Flavor, VARIANTS, Variant, WEIGHTS_URL};
pub use weights::{Downloader, Hash, WeightFile};
