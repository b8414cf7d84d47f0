//! Layers that learn from data before training.

use super::LayerRef;
use crate::backend::default_device;
use crate::data::{Batch, Batches};
use crate::error::{Error, Result};
use crate::shape::Shape;
use crate::tensor::Tensor;
use std::fmt;

/// A layer that learns its state from data before training, as Keras' preprocessing layers with `adapt` do.
///
/// [`Layer::adaptable`](super::Layer::adaptable) gives it; [`LayerRef::adapt`] calls it.
pub trait Adapt {
    /// Learns from batches, the first of which the layer is built for; what it knew before does not count.
    ///
    /// # Errors
    /// What a batch reports; where a batch is not shaped as the one that the layer was built for.
    fn adapt(&self, layer: &LayerRef, batches: &mut dyn Iterator<Item = Result<Tensor>>) -> Result<()>;
}

/// What [`LayerRef::adapt`] learns from: one tensor, a list of batches, or one epoch of a [`Batches`], of whose batches
/// the only tensor of `x` counts.
pub struct AdaptData(Box<dyn FnOnce() -> Result<TensorIter>>);

type TensorIter = Box<dyn Iterator<Item = Result<Tensor>>>;

impl fmt::Debug for AdaptData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdaptData").finish_non_exhaustive()
    }
}

impl From<Vec<Tensor>> for AdaptData {
    fn from(batches: Vec<Tensor>) -> Self {
        Self(Box::new(move || Ok(Box::new(batches.into_iter().map(Ok)))))
    }
}

impl<const N: usize> From<[Tensor; N]> for AdaptData {
    fn from(batches: [Tensor; N]) -> Self {
        Vec::from(batches).into()
    }
}

impl From<Tensor> for AdaptData {
    fn from(data: Tensor) -> Self {
        vec![data].into()
    }
}

impl From<&Tensor> for AdaptData {
    fn from(data: &Tensor) -> Self {
        data.clone().into()
    }
}

impl From<Batches> for AdaptData {
    fn from(mut batches: Batches) -> Self {
        Self(Box::new(move || Ok(Box::new(batches.epoch(0)?.map(|batch| inputs(&batch?))))))
    }
}

/// The tensor that `x` is.
fn inputs(batch: &Batch) -> Result<Tensor> {
    let mut tensors = batch.x.tensors();
    match (tensors.next(), tensors.next()) {
        (Some(x), None) => Ok(x.clone()),
        _ => Err(Error::argument("adapt", "data", "batches whose `x` is one tensor", batch.x.len())),
    }
}

impl LayerRef {
    /// Learns the layer's state from data, in place of what it knew before. Keras' `adapt`.
    ///
    /// The layer is built for the first batch where it is not built yet. A model that holds the layer uses what it has
    /// learnt from its next call on.
    ///
    /// # Errors
    /// [`Error::Argument`] for a layer that does not learn so, or no data; what the data and the layer report, with the
    /// layer's name.
    ///
    /// ```
    /// use keras_rs::data::Batches;
    /// use keras_rs::prelude::*;
    ///
    /// let x = Tensor::from_vec(vec![1.0_f32, 3.0, 5.0, 7.0], [4, 1])?;
    /// let layer = Normalization::new().shared();
    /// layer.adapt(&x)?;
    /// assert_eq!(layer.variable("mean")?.value()?.to_vec::<f32>()?, [4.0]);
    ///
    /// layer.adapt(Batches::from_arrays(&x, (), ())?.batch_size(3))?;
    /// assert_eq!(layer.variable("variance")?.value()?.to_vec::<f32>()?, [5.0]);
    /// assert!(Dense::new(1).shared().adapt(&x).is_err());
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn adapt(&self, data: impl Into<AdaptData>) -> Result<()> {
        let name = self.shared_name();
        let Some(adaptable) = self.layer().adaptable() else {
            let got = format!("a {}", self.class_name());
            return Err(Error::argument(&*name, "adapt", "a layer that learns before training", got));
        };
        let learn = || {
            let mut batches = data.into().0()?;
            let Some(first) = batches.next() else {
                return Err(Error::argument(&*name, "data", "at least one batch", 0));
            };
            let first = first?;
            if !self.is_built() {
                self.build_for(&[Shape::from(first.shape())], &default_device()?)?;
            }
            adaptable.adapt(self, &mut std::iter::once(Ok(first)).chain(batches))
        };
        learn().map_err(|e| e.in_layer(&name))
    }
}
