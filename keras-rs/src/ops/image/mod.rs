//! Keras' `keras.ops.image`: functions of images under Keras' names.
//!
//! Images are `(height, width, channels)`, or a batch of them with the number of the image first; with
//! [`DataFormat::ChannelsFirst`] the channels stand before the height. What has more arguments than are pleasant in a row
//! takes them as options with Keras' defaults: [`Resize`], [`Margins`], [`ElasticTransform`], [`Similarity`]. With symbolic
//! tensors the functions make operations of the model under construction.
//!
//! ```
//! use keras_rs::Tensor;
//! use keras_rs::ops::image::{self, Interpolation, Resize};
//!
//! let image = Tensor::from_slice::<f32>(&[0.0, 4.0, 2.0, 6.0], [2, 2, 1])?;
//! let large = image::resize(&image, [4, 4], Resize::new().interpolation(Interpolation::Bicubic))?;
//! assert_eq!(large.shape(), [4, 4, 1]);
//! # Ok::<(), keras_rs::Error>(())
//! ```
//!
//! | file | functions |
//! | --- | --- |
//! | `resize`, `resample`, `scale` | sizes, by interpolation along the axes |
//! | `sample`, `affine`, `perspective`, `elastic` | elements at coordinates, and images that are sampled at transformed ones |
//! | `color` | grayscale, and colors as hue, saturation and value |
//! | `blur`, `edges`, `similarity` | filters |
//! | `margins`, `patches` | what is around an image, and parts of it |

mod affine;
mod blur;
mod color;
mod edges;
mod elastic;
mod interpolation;
mod layout;
mod margins;
mod patches;
mod perspective;
mod resample;
mod resize;
mod sample;
mod scale;
mod similarity;

pub use super::DataFormat;
pub use affine::affine_transform;
pub(crate) use affine::affine_transform_spec;
pub use blur::gaussian_blur;
pub(crate) use blur::gaussian_blur_spec;
pub use color::{hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv};
pub(crate) use color::{hsv_to_rgb_spec, rgb_to_grayscale_spec, rgb_to_hsv_spec};
pub use edges::sobel_edges;
pub(crate) use edges::sobel_edges_spec;
pub(crate) use elastic::elastic_transform_spec;
pub use elastic::{ElasticTransform, elastic_transform};
pub use interpolation::Interpolation;
pub use margins::{Margins, crop_images, pad_images};
pub(crate) use margins::{crop_images_spec, pad_images_spec};
pub(crate) use patches::extract_patches_spec;
pub use patches::{extract_patches, extract_patches_3d};
pub use perspective::perspective_transform;
pub(crate) use perspective::perspective_transform_spec;
pub use resample::resize_axes;
pub(crate) use resize::resize_spec;
pub use resize::{Resize, resize};
pub(crate) use sample::map_coordinates_spec;
pub use sample::{FillMode, map_coordinates};
pub use scale::scale_and_translate;
pub(crate) use scale::scale_and_translate_spec;
pub(crate) use similarity::ssim_spec;
pub use similarity::{Similarity, ssim};
