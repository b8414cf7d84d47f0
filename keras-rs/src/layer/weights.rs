//! The values of a layer's variables, taken out and put back as a list.

use super::LayerRef;
use crate::error::{Error, Result, tuple};
use crate::tensor::Tensor;
use std::borrow::Borrow;

impl LayerRef {
    /// The values of all variables in the order of [`LayerRef::weights`]. Keras' `get_weights`.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let layer = Dense::new(2).kernel_initializer("ones").shared();
    /// layer.build(&[Shape::from([None, Some(3)])])?;
    /// let weights = layer.get_weights()?;
    /// assert_eq!((weights[0].shape(), weights[1].shape()), (&[3, 2][..], &[2][..]));
    /// layer.set_weights([weights[0].mul_scalar(2.0)?, weights[1].clone()])?;
    /// assert_eq!(layer.get_weights()?[0].to_vec::<f32>()?, [2.0; 6]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// What an initializer reports for a value that was never read.
    pub fn get_weights(&self) -> Result<Vec<Tensor>> {
        self.weights().iter().map(|variable| variable.value()).collect()
    }

    /// Sets the values of all variables, in the order of [`LayerRef::weights`]. Keras' `set_weights`.
    ///
    /// # Errors
    /// [`Error::Argument`] for another number of tensors, [`Error::Shape`] where one has another shape than its
    /// variable; no variable has changed then.
    pub fn set_weights<T: Borrow<Tensor>>(&self, weights: impl IntoIterator<Item = T>) -> Result<()> {
        let variables = self.weights();
        let weights: Vec<T> = weights.into_iter().collect();
        if weights.len() != variables.len() {
            let expected = format!("{} tensors", variables.len());
            return Err(Error::argument(self.name(), "weights", expected, weights.len()));
        }
        let pairs = || variables.iter().zip(weights.iter().map(Borrow::borrow));
        if let Some((variable, value)) = pairs().find(|(variable, value)| variable.shape() != value.shape()) {
            let (expected, got) = (tuple(variable.shape()), tuple(value.shape()));
            return Err(Error::shape(variable.path(), "weights", expected, got));
        }
        pairs().try_for_each(|(variable, value)| variable.assign(value))
    }
}
