//! Pooling over the last two axes, or with the channels last where the backend has that.

#[cfg(feature = "flex")]
mod flex;

use super::Tensor;
use crate::backend::Backend;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use burn::backend::Dispatch;
use burn::backend::ops::ModuleOps;
use keras_rs_kernels::Window;

/// A window of two axes: size, strides, and padding on both sides of each axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window2d {
    pub(crate) size: [usize; 2],
    pub(crate) strides: [usize; 2],
    pub(crate) padding: [usize; 2],
}

impl Window2d {
    /// The result's shape; refuses windows that are larger than the input, for which Burn would panic.
    fn output_shape(&self, context: &str, input: &Tensor) -> Result<Vec<usize>> {
        let &[batch, channels, height, width] = input.shape() else {
            return Err(Error::shape(context, "tensor", "4 axes", tuple(input.shape())));
        };
        let positions = |axis: usize, size: usize| {
            let (window, stride) = (self.size[axis], self.strides[axis]);
            let padded = self.padding[axis].checked_mul(2).and_then(|p| p.checked_add(size));
            match padded.and_then(|p| p.checked_sub(window)) {
                Some(room) if window > 0 && stride > 0 => Ok(room / stride + 1),
                _ => Err(Error::argument(
                    context,
                    "window",
                    format!("a window and a step of at least 1 that fit into {}", tuple(input.shape())),
                    format!("{self:?}"),
                )),
            }
        };
        let shape = vec![batch, channels, positions(0, height)?, positions(1, width)?];
        let padded = [height + 2 * self.padding[0], width + 2 * self.padding[1]];
        crate::limits::check_shape(context, input.dtype(), &[batch, channels, padded[0], padded[1]])?;
        crate::limits::check_shape(context, input.dtype(), &shape)?;
        Ok(shape)
    }
}

impl Tensor {
    /// Largest element of each window of `(batch, channels, height, width)`; padding is ignored.
    pub(crate) fn max_pool2d(&self, window: Window2d) -> Result<Self> {
        self.require_float("max_pool2d")?;
        let shape = window.output_shape("max_pool2d", self)?;
        let Window2d { size, strides, padding } = window;
        Ok(self.with(Dispatch::max_pool2d(self.raw(), size, strides, padding, [1, 1], false), shape))
    }

    /// Sum of each window of `(batch, channels, height, width)`, divided by the window's size.
    pub(crate) fn average_pool2d(&self, window: Window2d) -> Result<Self> {
        self.require_float("average_pool2d")?;
        let shape = window.output_shape("average_pool2d", self)?;
        let Window2d { size, strides, padding } = window;
        Ok(self.with(Dispatch::avg_pool2d(self.raw(), size, strides, padding, true, false), shape))
    }

    /// Largest element, or the mean of those that are no padding, of each window of `(batch, height, width, channels)`.
    ///
    /// `None` where the backend or the data type has no such operation. The windows must fit.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) where the result would be too large.
    pub(crate) fn pool_channels_last(&self, window: Window, largest: bool) -> Result<Option<Self>> {
        let &[batch, height, width, channels] = self.shape() else { return Ok(None) };
        if self.dtype != DType::F32 || self.device.backend() != Backend::Flex || self.is_empty() {
            return Ok(None);
        }
        let [rows, columns] = window.output([height, width]);
        let shape = vec![batch, rows, columns, channels];
        crate::limits::check_shape("pool", self.dtype, &shape)?;
        #[cfg(not(feature = "flex"))]
        return Ok(None);
        #[cfg(feature = "flex")]
        {
            let y = <Dispatch as flex::ChannelsLast>::pool_channels_last(self.raw(), window, largest);
            Ok(Some(self.with(y, shape)))
        }
    }
}
