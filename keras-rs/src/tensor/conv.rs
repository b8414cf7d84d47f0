//! Burn's convolutions, for run-time rank. Layouts are Burn's, channels first, but for the backend that has one of its own.

#[cfg(feature = "flex")]
mod flex;

use super::{Tensor, byte_len};
use crate::backend::Backend;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use burn::backend::Dispatch;
use burn::backend::ops::ModuleOps;
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use keras_rs_kernels::Window;

/// Places of the output that Burn's `flex` backend computes at a time.
const TILE: usize = 512;
/// Elements that its transposed convolutions hold at a time, unless one place has more.
const COLUMNS: usize = 2 << 20;

/// Arguments of a convolution; each list has one number for each spatial axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConvNumbers<'a> {
    /// Steps between positions.
    pub(crate) strides: &'a [usize],
    /// Zeros before and after each axis; what a transposed convolution leaves out there.
    pub(crate) padding: &'a [usize],
    /// Dilation rates: steps between kernel elements.
    pub(crate) dilation: &'a [usize],
    /// Number of groups of channels, which are convolved separately.
    pub(crate) groups: usize,
}

/// What follows a convolution or product: a bias, then `relu`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct After<'a> {
    /// One number for each output channel.
    pub(crate) bias: Option<&'a Tensor>,
    /// Whether `relu` follows.
    pub(crate) relu: bool,
}

impl ConvNumbers<'_> {
    fn check(&self, context: &str, rank: usize) -> Result<()> {
        let right = self.strides.len() == rank
            && self.padding.len() == rank
            && self.dilation.len() == rank
            && !self.strides.contains(&0)
            && !self.dilation.contains(&0)
            && self.groups > 0;
        if right {
            return Ok(());
        }
        Err(Error::argument(
            context,
            "options",
            format!("numbers for {rank} spatial axes"),
            format!("{self:?}"),
        ))
    }

    /// Number of elements that a kernel spans.
    fn span(&self, axis: usize, size: usize) -> usize {
        size.saturating_sub(1).saturating_mul(self.dilation[axis]).saturating_add(1)
    }
}

/// A list as an array; the caller has checked the length.
fn array<const N: usize>(list: &[usize]) -> [usize; N] {
    std::array::from_fn(|i| list.get(i).copied().unwrap_or(1))
}

impl Tensor {
    /// Convolves `(batch, channels, ...)` with a weight `(out, channels / groups, ...)`.
    ///
    /// # Errors
    /// [`Error::Shape`] where shapes do not fit each other or the kernel does not fit into the
    /// padded input, [`Error::DType`] for other than float types.
    pub(crate) fn conv_channels_first(&self, weight: &Self, numbers: ConvNumbers<'_>) -> Result<Self> {
        self.conv_operands("conv", weight)?;
        numbers.check("conv", self.rank() - 2)?;
        if weight.shape[1].checked_mul(numbers.groups) != Some(self.shape[1])
            || !weight.shape[0].is_multiple_of(numbers.groups)
        {
            return Err(misfit("conv", self, weight));
        }
        let mut shape = vec![self.shape[0], weight.shape[0]];
        for (axis, (&size, &kernel)) in self.shape[2..].iter().zip(&weight.shape[2..]).enumerate() {
            let padded = size.saturating_add(numbers.padding[axis].saturating_mul(2));
            let span = numbers.span(axis, kernel);
            if kernel == 0 || span > padded {
                return Err(misfit("conv", self, weight));
            }
            shape.push((padded - span) / numbers.strides[axis] + 1);
        }
        // Each thread unfolds the input at up to 512 places, and keeps their results.
        let places = shape[2..].iter().product::<usize>();
        let place = weight.shape[1..].iter().product::<usize>() + weight.shape[0] / numbers.groups;
        let jobs = self.shape[0].saturating_mul(places.div_ceil(TILE));
        self.conv_room("conv", weight, &shape, place.saturating_mul(places.min(TILE)), jobs)?;
        let (x, w, groups) = (self.raw(), weight.raw(), numbers.groups);
        macro_rules! call {
            ($conv:ident) => {
                Dispatch::$conv(
                    x,
                    w,
                    None,
                    ConvOptions::new(
                        array(numbers.strides),
                        array(numbers.padding),
                        array(numbers.dilation),
                        groups,
                    ),
                )
            };
        }
        let handle = match self.rank() {
            3 => call!(conv1d),
            4 => call!(conv2d),
            _ => call!(conv3d),
        };
        Ok(self.with(handle, shape))
    }

    /// Convolves images `(batch, rows, columns, channels)` with a weight `(rows, columns, channels / groups, out)`, adds a
    /// bias `(out,)`, and applies `relu`. Sequences `(batch, steps, channels)` are images of one row.
    ///
    /// `None` where the backend or the data type has no such operation. The shapes must fit each other.
    ///
    /// # Errors
    /// As [`Tensor::conv_channels_first`].
    pub(crate) fn conv_channels_last(
        &self,
        weight: &Self,
        after: After<'_>,
        window: Window,
    ) -> Result<Option<Self>> {
        let mixed =
            |axis: usize| window.kernel[axis] > 1 && window.strides[axis] > 1 && window.dilation[axis] > 1;
        if !self.suits_kernels() || !weight.suits_kernels() || mixed(0) || mixed(1) {
            return Ok(None);
        }
        if let (3, 3) = (self.rank(), weight.rank()) {
            let (row, weight) = (self.expand_dims(1)?, weight.expand_dims(0)?);
            let y = row.conv_channels_last(&weight, after, window)?;
            return y.map(|y| y.squeeze(&[1])).transpose();
        }
        if self.rank() != 4 || weight.rank() != 4 {
            return Ok(None);
        }
        let groups = self.shape[3].checked_div(weight.shape[2]).unwrap_or(0);
        if groups == 0 || groups * weight.shape[2] != self.shape[3] || !weight.shape[3].is_multiple_of(groups)
        {
            return Ok(None);
        }
        self.conv_operands("conv", weight)?;
        let [rows, columns] = window.output([self.shape[1], self.shape[2]]);
        let shape = vec![self.shape[0], rows, columns, weight.shape[3]];
        // Several outputs for each channel: the input is there as many times meanwhile.
        let many = groups > 1 && weight.shape[2] == 1;
        let wide = if many { self.len().saturating_mul(weight.shape[3] / groups) } else { 0 };
        self.conv_room("conv", weight, &shape, wide, 1)?;
        Ok(self.by_kernels(weight, after, window, shape))
    }

    /// Multiplies rows `(..., in)` with a matrix `(in, out)` as [`Tensor::conv_channels_last`] does, for training; `None`
    /// also where no gradient is recorded.
    ///
    /// # Errors
    /// As [`Tensor::matmul`].
    pub(crate) fn dense(&self, weight: &Self, after: After<'_>) -> Result<Option<Self>> {
        let suits = self.suits_kernels() && weight.suits_kernels() && weight.rank() == 2 && self.rank() >= 2;
        if !suits || !weight.is_recorded() || self.is_empty() || weight.is_empty() {
            return Ok(None);
        }
        let Some((channels, rows)) = self.shape.split_last().filter(|(c, _)| **c == weight.shape[0]) else {
            return Ok(None);
        };
        self.require_same_device("dense", weight)?;
        let shape: Vec<usize> = rows.iter().copied().chain([weight.shape[1]]).collect();
        crate::limits::check_shape("dense", self.dtype, &shape)?;
        let rows = self.reshape([self.len() / channels, *channels])?;
        let y = rows.by_kernels(weight, after, Window::POINT, vec![rows.shape[0], weight.shape[1]]);
        y.map(|y| if shape.len() == 2 { Ok(y) } else { y.reshape(shape) }).transpose()
    }

    /// Whether the kernels for slices compute with it.
    fn suits_kernels(&self) -> bool {
        cfg!(feature = "flex") && self.dtype == DType::F32 && self.device.backend() == Backend::Flex
    }

    #[cfg(feature = "flex")]
    fn by_kernels(&self, weight: &Self, after: After<'_>, window: Window, shape: Vec<usize>) -> Option<Self> {
        use flex::ChannelsLast;
        let y = match after.bias {
            Some(bias) if !bias.suits_kernels() || bias.shape[..] != weight.shape[weight.rank() - 1..] => {
                return None;
            }
            Some(bias) => Dispatch::conv_with_bias(self.raw(), weight.raw(), bias.raw(), window, after.relu),
            None if after.relu => return None,
            None => Dispatch::conv_channels_last(self.raw(), weight.raw(), window),
        };
        Some(self.with(y, shape))
    }

    #[cfg(not(feature = "flex"))]
    fn by_kernels(&self, _: &Self, _: After<'_>, _: Window, _: Vec<usize>) -> Option<Self> {
        None
    }

    /// The transpose of [`Tensor::conv_channels_first`]: `(batch, channels, ...)` and a weight
    /// `(channels, out / groups, ...)`; `padding` is left out on both sides.
    ///
    /// # Errors
    /// As [`Tensor::conv_channels_first`]; [`Error::TooLarge`] where the output would be too large.
    pub(crate) fn conv_transpose_channels_first(
        &self,
        weight: &Self,
        numbers: ConvNumbers<'_>,
    ) -> Result<Self> {
        self.conv_operands("conv_transpose", weight)?;
        numbers.check("conv_transpose", self.rank() - 2)?;
        if weight.shape[0] != self.shape[1] || !self.shape[1].is_multiple_of(numbers.groups) {
            return Err(misfit("conv_transpose", self, weight));
        }
        let mut shape = vec![self.shape[0], weight.shape[1].saturating_mul(numbers.groups)];
        for (axis, (&size, &kernel)) in self.shape[2..].iter().zip(&weight.shape[2..]).enumerate() {
            let whole = size
                .saturating_sub(1)
                .saturating_mul(numbers.strides[axis])
                .saturating_add(numbers.span(axis, kernel));
            let out = whole.saturating_sub(numbers.padding[axis].saturating_mul(2));
            if kernel == 0 || out == 0 {
                return Err(misfit("conv_transpose", self, weight));
            }
            shape.push(out);
        }
        let bytes = byte_len(self.dtype, &shape).map_or(u64::MAX, |n| n as u64);
        crate::limits::check("conv_transpose", bytes)?;
        // Each thread holds what some places of the input add to the output.
        let places = self.shape[2..].iter().product::<usize>();
        let place = weight.shape[1..].iter().product::<usize>();
        let columns = place.saturating_mul(places).min(place.max(COLUMNS));
        self.conv_room("conv_transpose", weight, &shape, columns, self.shape[0] * numbers.groups)?;
        if self.rank() == 5 && numbers.groups == 1 && !self.device.backend().is_cpu() {
            return self.conv_transpose_spread(weight, numbers);
        }
        let (x, w, groups) = (self.raw(), weight.raw(), numbers.groups);
        macro_rules! call {
            ($conv:ident) => {
                Dispatch::$conv(
                    x,
                    w,
                    None,
                    ConvTransposeOptions::new(
                        array(numbers.strides),
                        array(numbers.padding),
                        array(&vec![0; self.rank() - 2]),
                        array(numbers.dilation),
                        groups,
                    ),
                )
            };
        }
        let handle = match self.rank() {
            3 => call!(conv_transpose1d),
            4 => call!(conv_transpose2d),
            _ => call!(conv_transpose3d),
        };
        Ok(self.with(handle, shape))
    }

    /// A transposed convolution as a convolution of the input with zeros between its elements.
    ///
    /// Burn 0.22.1 computes `conv_transpose3d` wrongly on its GPU backends where kernel and stride
    /// differ; see `docs/backends.md`.
    fn conv_transpose_spread(&self, weight: &Self, numbers: ConvNumbers<'_>) -> Result<Self> {
        let mut x = self.clone();
        let mut margins = vec![(0, 0); self.rank()];
        for (i, &stride) in numbers.strides.iter().enumerate() {
            let axis = i + 2;
            let size = x.shape[axis];
            let mut wide = vec![(0, 0); x.rank() + 1];
            wide[axis + 1].1 = stride - 1;
            let mut shape = x.shape.clone();
            shape[axis] = size * stride;
            let spread = x.expand_dims(axis as isize + 1)?.pad(&wide, 0.0)?.reshape(shape)?;
            x = spread.narrow(axis as isize, 0..(size - 1) * stride + 1)?;
            // What is left out on both sides is that much less margin.
            let margin = numbers.span(i, weight.shape[axis]) - 1;
            margins[axis] = (margin, margin);
        }
        let axes: Vec<isize> = (2..self.rank() as isize).collect();
        let mut order: Vec<usize> = (0..self.rank()).collect();
        order.swap(0, 1);
        let flipped = weight.permute(&order)?.flip(&axes)?;
        let ones = vec![1; axes.len()];
        let zeros = vec![0; axes.len()];
        let plain = ConvNumbers { strides: &ones, padding: &zeros, dilation: numbers.dilation, groups: 1 };
        let whole = x.pad(&margins, 0.0)?.conv_channels_first(&flipped, plain)?;
        let ranges: Vec<std::ops::Range<usize>> = whole
            .shape
            .iter()
            .enumerate()
            .map(|(axis, &size)| match axis.checked_sub(2) {
                Some(i) => numbers.padding[i]..size - numbers.padding[i],
                None => 0..size,
            })
            .collect();
        whole.cut(&ranges)
    }

    /// Refuses a convolution whose result does not fit into memory together with what Burn's CPU
    /// backends need meanwhile: input and weight twice in other layouts, and `elements` for each of
    /// the threads that work on `jobs`.
    fn conv_room(
        &self,
        context: &str,
        weight: &Self,
        shape: &[usize],
        elements: usize,
        jobs: usize,
    ) -> Result<()> {
        let result = byte_len(self.dtype, shape).map_or(u64::MAX, |n| n as u64);
        // Types of half the size are computed as `float32`.
        let size = self.dtype.size().max(DType::F32.size()) as u64;
        let widening = size / self.dtype.size() as u64;
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(jobs);
        let whole = self.bytes().saturating_add(weight.bytes()).saturating_mul(2).saturating_add(result);
        let tiles = (elements as u64).saturating_mul(size).saturating_mul(threads as u64);
        crate::limits::check(context, result)?;
        crate::limits::check_buffers(context, whole.saturating_mul(widening).saturating_add(tiles))
    }

    fn conv_operands(&self, context: &str, weight: &Self) -> Result<()> {
        self.require_float(context)?;
        self.require_same_device(context, weight)?;
        if self.dtype != weight.dtype {
            return Err(Error::DType {
                context: context.into(),
                expected: format!("{}, as the input", self.dtype),
                got: weight.dtype.to_string(),
            });
        }
        if !(3..=5).contains(&self.rank()) || weight.rank() != self.rank() || self.is_empty() {
            return Err(misfit(context, self, weight));
        }
        Ok(())
    }
}

fn misfit(context: &str, x: &Tensor, weight: &Tensor) -> Error {
    let expected = format!("one that a kernel {} fits", tuple(&weight.shape));
    Error::shape(context, "input", expected, tuple(&x.shape))
}
