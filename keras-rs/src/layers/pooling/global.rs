//! What the layers that pool whole axes share.

use crate::error::{Error, Result};
use crate::layer::Outputs;
use crate::layers::DataFormat;
use crate::shape::Shape;
use crate::tensor::Tensor;
use std::ops::Range;

/// Arguments of a layer that pools all of its `axes` spatial axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct GlobalPool<'a> {
    pub(super) layer: &'a str,
    pub(super) axes: usize,
    pub(super) format: DataFormat,
    pub(super) keepdims: bool,
}

impl GlobalPool<'_> {
    /// Checks the input and gives the output's shape.
    pub(super) fn output_shape(&self, input: &Shape) -> Result<Vec<Shape>> {
        input.require_rank(self.layer, self.axes + 2)?;
        let batch = input.dims()[0];
        let channels = input.dims()[self.format.channel_axis(self.axes + 2)];
        let spatial = vec![Some(1); if self.keepdims { self.axes } else { 0 }];
        Ok(vec![if self.keepdims {
            self.format.shape(batch, &spatial, channels)
        } else {
            Shape::from([batch, channels])
        }])
    }

    /// Pools the axes.
    pub(super) fn call(
        &self,
        x: &Tensor,
        op: fn(&Tensor, Range<usize>, bool) -> Result<Tensor>,
    ) -> Result<Outputs> {
        self.output_shape(&Shape::from(x.shape()))?;
        Ok(op(x, self.format.spatial_axes(x.rank()), self.keepdims)?.into())
    }

    /// Mean over the steps that a mask of shape `(batch, steps)` marks.
    pub(super) fn masked_mean(&self, x: &Tensor, mask: &Tensor) -> Result<Outputs> {
        self.output_shape(&Shape::from(x.shape()))?;
        let steps = self.format.spatial_axes(x.rank()).start;
        let expected = [x.shape()[0], x.shape()[steps]];
        if mask.shape() != expected {
            return Err(Error::shape(self.layer, "mask", Shape::known(&expected), Shape::from(mask.shape())));
        }
        let axis = steps as isize;
        let counted = mask.cast(x.to_float()?.dtype())?;
        let counted = counted.expand_dims(self.format.channel_axis(x.rank()) as isize)?;
        // Selected rather than multiplied: what the mask hides may be infinite.
        let keep = counted.greater_scalar(0.0)?;
        let zero = x.full_like(vec![1; x.rank()], 0.0)?;
        let sum = x.where_(&keep, &zero)?.sum(&[axis], self.keepdims)?;
        Ok(sum.div(&counted.sum(&[axis], self.keepdims)?)?.into())
    }
}
