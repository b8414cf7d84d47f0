//! Inverted residual blocks with their packed weights.

use super::network::{Block, Kind, Weighted};
use super::plan::Spot;
use super::run::{Run, missing};
use super::steps::Images;
use super::weights::{Body, Packed, PackedWeights, Settled};
use crate::error::Result;
use keras_rs_kernels::{
    self as kernels, Activation, Convolution, Depthwise, Epilogue, View, ViewMut, Window,
};
use std::sync::Arc;

/// A block of three layers; the first one may be missing.
pub(super) struct InvertedResidual {
    expand: Option<(Window, Layer)>,
    depthwise: Layer,
    project: Layer,
}

struct Layer {
    packed: Arc<Packed>,
    activation: Activation,
}

impl Layer {
    /// `None` where a number is not finite.
    fn new(weighted: &Weighted, packed: &mut PackedWeights) -> Result<Option<Self>> {
        let packed = packed.get(&Settled { weighted, winograd: false })?;
        Ok(packed.map(|packed| Self { packed, activation: weighted.activation }))
    }

    fn epilogue<'a>(&'a self, residual: Option<View<'a>>) -> Epilogue<'a> {
        Epilogue { bias: self.packed.bias.as_deref(), residual, activation: self.activation }
    }

    fn convolution(&self) -> Option<&Convolution> {
        if let Body::Convolution(convolution) = &self.packed.body { Some(convolution) } else { None }
    }

    fn depthwise(&self) -> Option<&Depthwise> {
        if let Body::Depthwise(depthwise) = &self.packed.body { Some(depthwise) } else { None }
    }
}

impl InvertedResidual {
    /// `None` where the kernel does not take the layers, or a number is not finite.
    pub(super) fn new(block: &Block, packed: &mut PackedWeights) -> Result<Option<Self>> {
        let expand = match &block.expand {
            Some(weighted) => match (weighted.kind, Layer::new(weighted, packed)?) {
                (Kind::Convolution { window, .. }, Some(layer)) => Some((window, layer)),
                _ => return Ok(None),
            },
            None => None,
        };
        let layers = (Layer::new(&block.depthwise, packed)?, Layer::new(&block.project, packed)?);
        let (Some(depthwise), Some(project)) = layers else { return Ok(None) };
        let block = Self { expand, depthwise, project };
        let fits = block.kernel(None).is_some();
        Ok(fits.then_some(block))
    }

    fn kernel<'a>(&'a self, residual: Option<View<'a>>) -> Option<kernels::InvertedResidual<'a>> {
        let expand = match &self.expand {
            Some((_, layer)) => Some((layer.convolution()?, layer.epilogue(None))),
            None => None,
        };
        let depthwise = (self.depthwise.depthwise()?, self.depthwise.epilogue(None));
        let project = (self.project.convolution()?, self.project.epilogue(residual));
        kernels::InvertedResidual::new(expand, depthwise, project)
    }

    pub(super) fn run(
        &self,
        run: &Run<'_>,
        images: &Images,
        residual: Option<&Spot>,
        output: ViewMut<'_>,
    ) -> Result<()> {
        let (values, added) = (run.read(&images.input)?, residual.map(|spot| run.read(spot)).transpose()?);
        let residual = residual.zip(added.as_deref()).map(|(spot, values)| spot.view(values));
        let kernel = self.kernel(residual).ok_or_else(missing)?;
        kernel.run(images.batch, images.size, images.input.view(&values), output);
        Ok(())
    }

    /// Multiplications and additions.
    pub(super) fn operations(&self, images: &Images) -> u64 {
        let of = |layer: &Layer, pixels: usize| 2 * pixels as u64 * layer.packed.weights as u64;
        let pixels = images.output.pixels();
        let first = self.expand.as_ref().map_or(0, |(window, layer)| {
            let [rows, columns] = window.output(images.size);
            of(layer, images.batch * rows * columns)
        });
        first + of(&self.depthwise, pixels) + of(&self.project, pixels)
    }
}
