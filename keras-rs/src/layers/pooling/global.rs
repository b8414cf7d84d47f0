//! What the layers that pool whole axes share.

use crate::error::{Error, Result};
use crate::layer::Outputs;
use crate::layers::DataFormat;
use crate::shape::Shape;
use crate::tensor::Tensor;
use std::ops::Range;

/// Arguments of a layer that pools all of its `axes` spatial axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct GlobalPool {
    pub(super) layer: &'static str,
    pub(super) axes: usize,
    pub(super) format: DataFormat,
    pub(super) keepdims: bool,
}

impl GlobalPool {
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

/// A layer that pools whole axes: class, spatial axes, operation; `masked` where steps may be hidden.
macro_rules! global_pooling {
    ($(#[$doc:meta])* $name:ident, $rank:literal, $op:path $(, $masked:ident)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            base: crate::layer::LayerBase,
            data_format: crate::layers::DataFormat,
            keepdims: bool,
        }

        impl $name {
            /// With channels last, and without the pooled axes in the output.
            pub fn new() -> Self {
                Self::default()
            }

            crate::config::setters! {
                /// Sets where the channels are (default `"channels_last"`).
                data_format: crate::layers::DataFormat,
                /// Sets whether the pooled axes stay, with size 1 (default `false`).
                keepdims: bool,
            }

            pub(super) fn from_config(
                c: &mut crate::config::ConfigReader<'_>,
            ) -> crate::error::Result<Self> {
                Ok(Self {
                    base: crate::layer::LayerBase::from_config(c)?,
                    data_format: c.take_or("data_format", crate::layers::DataFormat::ChannelsLast)?,
                    keepdims: c.take_or("keepdims", false)?,
                })
            }

            fn pool(&self) -> super::global::GlobalPool {
                super::global::GlobalPool {
                    layer: stringify!($name),
                    axes: $rank,
                    format: self.data_format,
                    keepdims: self.keepdims,
                }
            }
        }

        impl crate::layer::Layer for $name {
            fn class_name(&self) -> &str {
                stringify!($name)
            }

            fn module(&self) -> Option<&str> {
                Some("keras.layers")
            }

            fn base(&self) -> &crate::layer::LayerBase {
                &self.base
            }

            fn base_mut(&mut self) -> &mut crate::layer::LayerBase {
                &mut self.base
            }

            fn config(&self) -> crate::config::Config {
                use crate::config::ConfigExt;
                crate::config::Config::new()
                    .with("data_format", self.data_format)
                    .with("keepdims", self.keepdims)
            }

            fn build(
                &self,
                _scope: &mut crate::layer::BuildScope<'_>,
                inputs: &crate::layer::InputShapes,
            ) -> crate::error::Result<()> {
                self.pool().output_shape(inputs.single()?).map(drop)
            }

            fn call(&self, inputs: crate::layer::Inputs, context: &mut crate::layer::CallContext<'_>) -> crate::error::Result<crate::layer::Outputs> {
                let _ = context;
                global_pooling!(@mask self, inputs $(, $masked)?);
                self.pool().call(&inputs.into_single()?, $op)
            }

            fn compute_output_shape(
                &self,
                inputs: &crate::layer::InputShapes,
            ) -> crate::error::Result<Vec<crate::shape::Shape>> {
                self.pool().output_shape(inputs.single()?)
            }

            global_pooling!(@supports $($masked)?);
        }
    };
    (@mask $self:ident, $inputs:ident) => {};
    (@mask $self:ident, $inputs:ident, masked) => {
        if let Some(mask) = $inputs.mask().cloned() {
            return $self.pool().masked_mean(&$inputs.into_single()?, &mask);
        }
    };
    (@supports) => {};
    (@supports masked) => {
        fn supports_masking(&self) -> bool {
            true
        }

        // The masked axis is gone.
        fn compute_mask(&self, inputs: &crate::layer::Inputs) -> crate::error::Result<Vec<Option<crate::tensor::Tensor>>> {
            let _ = inputs;
            Ok(Vec::new())
        }
    };
}
pub(super) use global_pooling;
