//! What the layers that pool windows share.

use crate::error::{Error, Result};
use crate::layer::Outputs;
use crate::layers::{DataFormat, Padding, Tuple};
use crate::ops::Windows;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Arguments of a layer that pools windows over `N` spatial axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pool<'a, const N: usize> {
    pub(super) layer: &'a str,
    pub(super) size: Tuple<N>,
    pub(super) strides: Tuple<N>,
    pub(super) padding: Padding,
    pub(super) format: DataFormat,
}

impl<const N: usize> Pool<'_, N> {
    /// Checks the arguments and gives the output's shape.
    pub(super) fn output_shape(&self, input: &Shape) -> Result<Vec<Shape>> {
        self.size.require_positive(self.layer, "pool_size")?;
        self.strides.require_positive(self.layer, "strides")?;
        if self.padding == Padding::Causal {
            return Err(Error::argument(self.layer, "padding", "valid or same", self.padding));
        }
        input.require_rank(self.layer, N + 2)?;
        let mut dims = input.dims().to_vec();
        for (i, axis) in self.format.spatial_axes(N + 2).enumerate() {
            dims[axis] = self.padding.output_size(dims[axis], self.size[i], self.strides[i]);
            if dims[axis] == Some(0) {
                let expected = format!("a window within {input}");
                return Err(Error::argument(self.layer, "pool_size", expected, format!("{:?}", *self.size)));
            }
        }
        Ok(vec![dims.into()])
    }

    /// The window and the padding along a spatial axis.
    ///
    /// Padding that every window holds is left out of both: a huge window must not make a huge
    /// tensor.
    fn along(&self, i: usize, size: usize) -> (usize, (usize, usize)) {
        let (window, stride) = (self.size[i], self.strides[i]);
        let (before, after) = self.padding.amounts(size, window, stride);
        let places = self.padding.output_size(Some(size), window, stride).unwrap_or(1);
        let travelled = places.saturating_sub(1) * stride;
        let kept = (before.min(travelled), after.min(travelled));
        (window - (before - kept.0) - (after - kept.1), kept)
    }

    /// Slides the window.
    pub(super) fn call(
        &self,
        x: &Tensor,
        op: fn(&Tensor, &Windows<'_>) -> Result<Tensor>,
    ) -> Result<Outputs> {
        self.output_shape(&Shape::from(x.shape()))?;
        let axes = self.format.spatial_axes(N + 2);
        let mut size = *self.size;
        let mut padding = [(0, 0); N];
        for i in 0..N {
            (size[i], padding[i]) = self.along(i, x.shape()[axes.start + i]);
        }
        let windows =
            Windows { first_axis: axes.start, size: &size, strides: &*self.strides, padding: &padding };
        Ok(op(x, &windows)?.into())
    }
}

#[cfg(test)]
mod tests;
