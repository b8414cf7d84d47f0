//! What the layers that pool windows share.

use crate::error::{Error, Result};
use crate::layer::{Outputs, Sliding};
use crate::layers::{DataFormat, Padding, Tuple};
use crate::ops::Integers;
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

    /// How the window moves, for [`Form`](crate::layer::Form)s: over one or two axes, with the channels last.
    pub(super) fn sliding(&self) -> Option<Sliding> {
        let sliding = Sliding::new(&*self.size, &*self.strides, &[1; N], self.padding);
        sliding.filter(|_| self.format == DataFormat::ChannelsLast && self.padding != Padding::Causal)
    }

    /// Slides the window.
    pub(super) fn call(
        &self,
        x: &Tensor,
        op: fn(&Tensor, Integers, Option<Integers>, Padding, DataFormat) -> Result<Tensor>,
    ) -> Result<Outputs> {
        self.output_shape(&Shape::from(x.shape()))?;
        let (size, strides) = (Integers::sizes(&*self.size), Integers::sizes(&*self.strides));
        Ok(op(x, size, Some(strides), self.padding, self.format)?.into())
    }
}

#[cfg(test)]
mod tests;
