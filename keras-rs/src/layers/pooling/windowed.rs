//! What the layers that pool windows share.

use crate::error::{Error, Result};
use crate::layer::Outputs;
use crate::layers::{DataFormat, Padding, Tuple};
use crate::ops::Integers;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Arguments of a layer that pools windows over `N` spatial axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pool<const N: usize> {
    pub(super) layer: &'static str,
    pub(super) size: Tuple<N>,
    pub(super) strides: Tuple<N>,
    pub(super) padding: Padding,
    pub(super) format: DataFormat,
}

impl<const N: usize> Pool<N> {
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

/// A layer that pools windows: class, spatial axes, operation, and the window's default size.
macro_rules! windowed_pooling {
    ($(#[$doc:meta])* $name:ident, $rank:literal, $op:path $(, default $default:literal)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            base: crate::layer::LayerBase,
            pool_size: crate::layers::Tuple<$rank>,
            strides: Option<crate::layers::Tuple<$rank>>,
            padding: crate::layers::Padding,
            data_format: crate::layers::DataFormat,
        }

        impl $name {
            /// With windows of this size, at least 1: one number, or one for each spatial axis.
            pub fn new(pool_size: impl Into<crate::layers::Tuple<$rank>>) -> Self {
                Self {
                    base: crate::layer::LayerBase::default(),
                    pool_size: pool_size.into(),
                    strides: None,
                    padding: crate::layers::Padding::Valid,
                    data_format: crate::layers::DataFormat::ChannelsLast,
                }
            }

            /// Sets the steps from one window to the next, at least 1 (default: the window's size).
            #[must_use]
            pub fn strides(mut self, strides: impl Into<crate::layers::Tuple<$rank>>) -> Self {
                self.strides = Some(strides.into());
                self
            }

            crate::config::setters! {
                /// Sets the padding, `"valid"` or `"same"` (default `"valid"`).
                padding: crate::layers::Padding,
                /// Sets where the channels are (default `"channels_last"`).
                data_format: crate::layers::DataFormat,
            }

            pub(super) fn from_config(
                c: &mut crate::config::ConfigReader<'_>,
            ) -> crate::error::Result<Self> {
                Ok(Self {
                    base: crate::layer::LayerBase::from_config(c)?,
                    pool_size: windowed_pooling!(@size c $($default)?),
                    strides: c.take_or("strides", None)?,
                    padding: c.take_or("padding", crate::layers::Padding::Valid)?,
                    data_format: c.take_or("data_format", crate::layers::DataFormat::ChannelsLast)?,
                })
            }

            fn pool(&self) -> super::windowed::Pool<$rank> {
                super::windowed::Pool {
                    layer: stringify!($name),
                    size: self.pool_size,
                    strides: self.strides.unwrap_or(self.pool_size),
                    padding: self.padding,
                    format: self.data_format,
                }
            }
        }

        $(
            impl Default for $name {
                fn default() -> Self {
                    Self::new($default)
                }
            }
        )?

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
                    .with("pool_size", self.pool_size)
                    .with("padding", self.padding)
                    .with("strides", self.strides.unwrap_or(self.pool_size))
                    .with("data_format", self.data_format)
            }

            fn build(
                &self,
                _scope: &mut crate::layer::BuildScope<'_>,
                inputs: &crate::layer::InputShapes,
            ) -> crate::error::Result<()> {
                self.pool().output_shape(inputs.single()?).map(drop)
            }

            fn call(&self, inputs: crate::layer::Inputs, _context: &mut crate::layer::CallContext<'_>) -> crate::error::Result<crate::layer::Outputs> {
                self.pool().call(&inputs.into_single()?, $op)
            }

            fn compute_output_shape(
                &self,
                inputs: &crate::layer::InputShapes,
            ) -> crate::error::Result<Vec<crate::shape::Shape>> {
                self.pool().output_shape(inputs.single()?)
            }
        }
    };
    (@size $c:ident) => { $c.take("pool_size")? };
    (@size $c:ident $default:literal) => { $c.take_or("pool_size", $default.into())? };
}
pub(super) use windowed_pooling;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use crate::layer::LayerExt;
    use crate::layers::{AveragePooling1D, MaxPooling1D};
    use crate::tensor::Tensor;

    #[test]
    fn windows_much_larger_than_the_input() {
        let x = Tensor::from_vec(vec![1.0_f32, 2.0, 6.0], [1, 3, 1]).unwrap();
        for window in [100, usize::MAX / 4] {
            let max = MaxPooling1D::new(window).strides(2).padding("same").shared();
            assert_eq!(max.call(std::slice::from_ref(&x)).unwrap()[0].to_vec::<f32>().unwrap(), [6.0, 6.0]);
            let mean = AveragePooling1D::new(window).strides(2).padding("same").shared();
            let means = mean.call(std::slice::from_ref(&x)).unwrap()[0].to_vec::<f32>().unwrap();
            assert!(means.len() == 2 && means.iter().all(|m| (m - 3.0).abs() < 1e-6), "{means:?}");
            assert!(MaxPooling1D::new(window).shared().call(std::slice::from_ref(&x)).is_err());
        }
    }

    #[test]
    fn shapes_without_data_are_those_with_data() {
        for (size, window, stride) in
            (1..8).flat_map(|s| (1..5).flat_map(move |w| (1..4).map(move |t| (s, w, t))))
        {
            let x = Tensor::zeros([1, size, 2], crate::DType::F32).unwrap();
            for padding in ["valid", "same"] {
                let layer = MaxPooling1D::new(window).strides(stride).padding(padding).shared();
                match layer.compute_output_shape(&[x.shape().into()]) {
                    Ok(shapes) => {
                        assert!(shapes[0].accepts(layer.call(std::slice::from_ref(&x)).unwrap()[0].shape()))
                    }
                    Err(_) => {
                        assert!(
                            padding == "valid"
                                && window > size
                                && layer.call(std::slice::from_ref(&x)).is_err()
                        )
                    }
                }
            }
        }
    }

    #[test]
    fn other_names_of_the_classes_are_known() {
        let table = <Box<dyn crate::layer::Layer> as crate::config::Registered>::classes();
        for rank in 1..4 {
            for name in ["MaxPool", "AvgPool", "GlobalMaxPool", "GlobalAvgPool"] {
                assert!(table.get(&format!("{name}{rank}D")).is_some(), "{name}{rank}D");
            }
        }
    }
}
