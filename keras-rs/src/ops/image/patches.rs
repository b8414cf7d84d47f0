//! Patches of images and volumes.

use crate::error::{Error, Result, tuple};
use crate::ops::{DataFormat, Integers, Operand, Padding, Window, conv_output_shape};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, TensorData};
use keras_rs_derive::operation;

const NAME: &str = "extract_patches";

/// Patches under a window that moves over images or volumes. Keras' `ops.image.extract_patches`.
///
/// Shapes: `(height, width, channels)`, or a batch of them, gives `(rows of patches, columns of patches, patch height * patch
/// width * channels)`; with three sizes `(depth, height, width, channels)` in the same way. The numbers of a patch are in the
/// order of its rows, columns and channels, also with the channels first. One number stands for both axes of an image; without
/// strides patches lie next to each other.
///
/// # Errors
/// [`Error::Shape`] for another number of axes or where no patch fits, [`Error::Argument`] for sizes, strides or dilation rates
/// below 1, or not as many as there are axes, and for causal padding.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{DataFormat, extract_patches};
/// use keras_rs::ops::Padding;
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [2, 4, 1])?;
/// let y = extract_patches(&x, 2, None, 1, Padding::Valid, DataFormat::ChannelsLast)?;
/// assert_eq!(y.shape(), [1, 2, 4]);
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 2.0, 5.0, 6.0, 3.0, 4.0, 7.0, 8.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn extract_patches(
    images: &Tensor,
    size: impl Into<Integers>,
    strides: Option<Integers>,
    dilation_rate: impl Into<Integers>,
    padding: Padding,
    data_format: DataFormat,
) -> Result<Tensor> {
    let (size, dilation_rate) = (size.into(), dilation_rate.into());
    let patches = Patches::new(&size, strides.as_ref(), &dilation_rate, padding, data_format)?;
    patches.extract(images)
}

/// As [`extract_patches`], of volumes: one number stands for all three axes. Keras' `ops.image.extract_patches_3d`.
///
/// # Errors
/// As [`extract_patches`].
///
/// ```
/// use keras_rs::ops::Padding;
/// use keras_rs::ops::image::{DataFormat, extract_patches_3d};
/// use keras_rs::{DType, Tensor};
///
/// let x = Tensor::zeros([1, 4, 4, 6, 3], DType::F32)?;
/// let y = extract_patches_3d(&x, 2, None, 1, Padding::Valid, DataFormat::ChannelsLast)?;
/// assert_eq!(y.shape(), [1, 2, 2, 3, 24]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn extract_patches_3d<X: Operand>(
    volumes: &X,
    size: impl Into<Integers>,
    strides: Option<Integers>,
    dilation_rate: impl Into<Integers>,
    padding: Padding,
    data_format: DataFormat,
) -> Result<X::Output> {
    let size = size.into();
    let size = if size.is_single() { Integers::from([size.as_slice()[0]; 3]) } else { size };
    if size.as_slice().len() != 3 {
        let got = format!("{:?}", size.as_slice());
        return Err(Error::argument("extract_patches_3d", "size", "one number or three", got));
    }
    extract_patches(volumes, size, strides, dilation_rate, padding, data_format)
}

pub(crate) fn extract_patches_spec(
    (images, dtype): &Spec,
    size: Integers,
    strides: Option<Integers>,
    dilation_rate: Integers,
    padding: Padding,
    data_format: DataFormat,
) -> Result<Spec> {
    let patches = Patches::new(&size, strides.as_ref(), &dilation_rate, padding, data_format)?;
    Ok((patches.shape(images)?.0, *dtype))
}

/// The window that moves over images, checked.
struct Patches {
    size: Vec<usize>,
    strides: Vec<usize>,
    dilation_rate: Vec<usize>,
    padding: Padding,
    data_format: DataFormat,
}

impl Patches {
    fn new(
        size: &Integers,
        strides: Option<&Integers>,
        dilation_rate: &Integers,
        padding: Padding,
        data_format: DataFormat,
    ) -> Result<Self> {
        let rank = if size.as_slice().len() == 3 { 3 } else { 2 };
        let numbers = |argument: &str, x: &Integers| -> Result<Vec<usize>> {
            match x.at_least(1, NAME, argument)? {
                one if x.is_single() => Ok(vec![one[0]; rank]),
                several if several.len() == rank => Ok(several),
                several => {
                    let expected = format!("one number or {rank}");
                    Err(Error::argument(NAME, argument, expected, format!("{several:?}")))
                }
            }
        };
        if padding == Padding::Causal {
            return Err(Error::argument(NAME, "padding", "valid or same", padding));
        }
        Ok(Self {
            size: numbers("size", size)?,
            strides: numbers("strides", strides.unwrap_or(size))?,
            dilation_rate: numbers("dilation_rate", dilation_rate)?,
            padding,
            data_format,
        })
    }

    fn window(&self) -> Window<'_> {
        let (strides, dilation_rate) = (&self.strides, &self.dilation_rate);
        Window { strides, dilation_rate, padding: self.padding, data_format: self.data_format }
    }

    /// The shape of the patches, and whether the images are a batch.
    fn shape(&self, images: &Shape) -> Result<(Shape, bool)> {
        let rank = self.size.len();
        let batched = images.rank() != rank + 1;
        let mut dims = images.dims().to_vec();
        if !batched {
            dims.insert(0, Some(1));
        }
        if dims.len() != rank + 2 {
            let expected = format!("{rank} spatial axes and channels, or a batch of them");
            return Err(Error::shape(NAME, "images", expected, images));
        }
        let channels = dims[self.data_format.channel_axis(rank + 2)];
        let depth = |channels: usize| self.size.iter().fold(channels, |n, size| n.saturating_mul(*size));
        let patches =
            conv_output_shape(NAME, &Shape::new(dims), &self.size, channels.map(depth), self.window())?;
        Ok(if batched { (patches, true) } else { (Shape::new(patches.dims()[1..].to_vec()), false) })
    }

    fn extract(&self, images: &Tensor) -> Result<Tensor> {
        let (shape, batched) = self.shape(&Shape::from(images.shape()))?;
        let shape = shape.to_known().unwrap_or_default();
        crate::limits::check_shape(NAME, images.dtype(), &shape)?;
        if images.is_empty() || shape.contains(&0) {
            return images.full_like(shape, 0.0);
        }
        let rank = self.size.len();
        let mut x = if batched { images.clone() } else { images.expand_dims(0)? };
        let first = self.data_format.spatial_axes(rank + 2).start;
        let mut around = vec![(0, 0); rank + 2];
        for i in 0..rank {
            let span = self.window().span(i, self.size[i]);
            around[first + i] = self.padding.amounts(x.shape()[first + i], span, self.strides[i]);
        }
        if around.iter().any(|amounts| *amounts != (0, 0)) {
            x = x.pad(&around, 0.0)?;
        }
        let sizes = x.shape()[first..first + rank].to_vec();
        let (batch, elements) = (x.shape()[0], sizes.iter().product::<usize>());
        if i32::try_from(elements).is_err() {
            let expected = format!("at most {} elements with their padding", i32::MAX);
            return Err(Error::shape(NAME, "images", expected, tuple(images.shape())));
        }
        let counts: Vec<usize> = shape[shape.len() - rank - 1..].to_vec();
        let (channels, count) =
            (x.shape()[self.data_format.channel_axis(rank + 2)], self.size.iter().product());
        match self.data_format {
            DataFormat::ChannelsLast => {
                let at = self.positions(&sizes, &counts[..rank], true);
                let at = Tensor::from_data_on(TensorData::from_values(&at, vec![at.len()])?, x.device())?;
                x.reshape([batch, elements, channels])?.take(&at, 1)?.reshape(shape)
            }
            DataFormat::ChannelsFirst => {
                let at = self.positions(&sizes, &counts[1..], false);
                let at = Tensor::from_data_on(TensorData::from_values(&at, vec![at.len()])?, x.device())?;
                let taken = x.reshape([batch, channels, elements])?.take(&at, 2)?;
                let apart = taken.reshape([batch, channels, count, at.len() / count])?;
                apart.permute(&[0, 2, 1, 3])?.reshape(shape)
            }
        }
    }

    /// Positions of the elements of all patches in the images, patch by patch or place by place in the patches.
    fn positions(&self, sizes: &[usize], counts: &[usize], by_patch: bool) -> Vec<i32> {
        let mut positions = vec![0_i32];
        let steps = sizes.iter().scan(sizes.iter().product::<usize>(), |step, size| {
            *step /= size;
            Some(*step)
        });
        let steps: Vec<usize> = steps.collect();
        let grow = |positions: &mut Vec<i32>, count: usize, step: usize| {
            *positions =
                positions.iter().flat_map(|at| (0..count).map(move |n| at + (n * step) as i32)).collect();
        };
        let patches = |positions: &mut Vec<i32>| {
            (0..counts.len()).for_each(|i| grow(positions, counts[i], steps[i] * self.strides[i]));
        };
        let places = |positions: &mut Vec<i32>| {
            (0..counts.len()).for_each(|i| grow(positions, self.size[i], steps[i] * self.dilation_rate[i]));
        };
        if by_patch {
            patches(&mut positions);
            places(&mut positions);
        } else {
            places(&mut positions);
            patches(&mut positions);
        }
        positions
    }
}
