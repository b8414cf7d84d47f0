//! The weights of a model.

use super::Model;
use crate::backend::Device;
use crate::error::Result;
use crate::tensor::Tensor;
use crate::variable::Variable;
use std::borrow::Borrow;

impl Model {
    /// Every variable, in Keras' order of `model.weights`: layer by layer.
    pub fn weights(&self) -> Vec<Variable> {
        self.as_layer().weights()
    }

    /// The values of all weights in the order of [`Model::weights`]. Keras' `get_weights`.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let teacher = Sequential::new().add(Input::new([3])).add(Dense::new(2)).build()?;
    /// let pupil = Sequential::new().add(Input::new([3])).add(Dense::new(2)).build()?;
    /// pupil.set_weights(teacher.get_weights()?)?;
    /// let x = Tensor::ones([1, 3], DType::F32)?;
    /// assert_eq!(pupil.predict(&x)?.to_vec::<f32>()?, teacher.predict(&x)?.to_vec::<f32>()?);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`LayerRef::get_weights`](crate::layer::LayerRef::get_weights).
    pub fn get_weights(&self) -> Result<Vec<Tensor>> {
        self.as_layer().get_weights()
    }

    /// Sets the values of all weights, in the order of [`Model::weights`]. Keras' `set_weights`.
    ///
    /// # Errors
    /// As [`LayerRef::set_weights`](crate::layer::LayerRef::set_weights).
    pub fn set_weights<T: Borrow<Tensor>>(&self, weights: impl IntoIterator<Item = T>) -> Result<()> {
        self.as_layer().set_weights(weights)
    }

    /// Variables that training changes.
    pub fn trainable_weights(&self) -> Vec<Variable> {
        self.as_layer().trainable_variables()
    }

    /// Variables that training leaves alone.
    pub fn non_trainable_weights(&self) -> Vec<Variable> {
        self.as_layer().non_trainable_variables()
    }

    /// Whether training may change the model.
    pub fn trainable(&self) -> bool {
        self.as_layer().trainable()
    }

    /// Freezes or unfreezes every layer.
    pub fn set_trainable(&self, trainable: bool) {
        self.as_layer().set_trainable(trainable);
    }

    /// Number of values in all weights.
    pub fn count_params(&self) -> usize {
        crate::layer::count(&self.weights())
    }

    /// Moves every weight, and what the optimizer remembers of them, to a device.
    ///
    /// # Errors
    /// [`Error::DType`](crate::Error::DType) where the device's backend lacks a weight's type.
    pub fn to_device(&self, device: &Device) -> Result<()> {
        self.weights().iter().try_for_each(|v| v.to_device(device))?;
        match self.compiled() {
            Ok(compiled) => compiled.optimizer().to_device(device),
            Err(_) => Ok(()),
        }
    }
}
