//! Keras' applications for keras-rs: networks with published ImageNet weights.
//!
//! - [`VARIANTS`]: the table of applications, their sizes, preprocessing and weights;
//! - [`load_img`]: images, decoded and resized as `keras.utils.load_img` does;
//! - [`preprocess_input`]: what a network expects of its pixels;
//! - [`decode_predictions`]: what its scores mean;
//! - [`Downloader`]: published weights, kept in Keras' own cache.

mod error;
mod image;
mod imagenet;
mod preprocess;
mod variants;
mod weights;

pub use error::{Error, Result};
pub use image::{ColorMode, ImageArray, Interpolation, LoadImg, load_img, load_img_bytes};
pub use imagenet::{ImageNetClass, Prediction, decode_predictions, imagenet_classes};
pub use preprocess::{ChannelOrder, PreprocessMode, preprocess_input};
pub use variants::{Family, Flavor, VARIANTS, Variant, WEIGHTS_URL};
pub use weights::{Downloader, Hash, WeightFile};
