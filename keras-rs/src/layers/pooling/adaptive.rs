//! What the layers that pool to given sizes share.

use super::OutputSize;
use crate::error::{Error, Result};
use crate::layer::Outputs;
use crate::layers::DataFormat;
use crate::ops::Integers;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Arguments of a layer that pools `N` spatial axes to given sizes.
#[derive(Clone, Copy, Debug)]
pub(super) struct AdaptivePool<'a, const N: usize> {
    pub(super) layer: &'a str,
    pub(super) size: OutputSize<N>,
    pub(super) format: DataFormat,
}

impl<const N: usize> AdaptivePool<'_, N> {
    /// Checks the arguments and gives the output's shape.
    pub(super) fn output_shape(&self, input: &Shape) -> Result<Vec<Shape>> {
        if self.size.sizes().contains(&Some(0)) {
            let got = format!("{:?}", self.size.sizes());
            return Err(Error::argument(self.layer, "output_size", "numbers of at least 1", got));
        }
        input.require_rank(self.layer, N + 2)?;
        let mut dims = input.dims().to_vec();
        for (axis, size) in self.format.spatial_axes(N + 2).zip(self.size.sizes()) {
            dims[axis] = size.or(dims[axis]);
        }
        Ok(vec![dims.into()])
    }

    /// Pools the axes.
    pub(super) fn call(
        &self,
        x: &Tensor,
        op: fn(&Tensor, Integers, DataFormat) -> Result<Tensor>,
    ) -> Result<Outputs> {
        let output = self.output_shape(&Shape::from(x.shape()))?;
        let dims = output.first().map_or(&[][..], Shape::dims);
        let sizes: Vec<usize> =
            self.format.spatial_axes(N + 2).filter_map(|axis| dims.get(axis).copied().flatten()).collect();
        Ok(op(x, Integers::sizes(&sizes), self.format)?.into())
    }
}
