//! What Keras' layers tell of themselves.

use super::{KerasTensor, LayerRef};
use crate::config::Config;
use crate::dtype::{DType, DTypePolicy};
use crate::error::{Error, Result};

impl LayerRef {
    /// The constructor arguments, name, trainable and data types included. Keras' `get_config`.
    pub fn get_config(&self) -> Config {
        self.config()
    }

    /// The first symbolic input of the layer's first call, as Keras' `layer.input`.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] where the layer was never applied to symbolic tensors.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let layer = Dense::new(2).shared();
    /// let _y = layer.apply(&Input::new([3]))?; // as long as it is there, the layer knows its call
    /// assert_eq!(layer.input()?.shape().to_string(), "(None, 3)");
    /// assert_eq!(layer.get_config()["units"], 2);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn input(&self) -> Result<KerasTensor> {
        let first = self.nodes().into_iter().next();
        let input = first.and_then(|node| node.parents().first().map(|input| (*input).clone()));
        input.ok_or_else(|| Error::NotBuilt {
            layer: self.name(),
            hint: "apply it to a symbolic tensor first",
        })
    }

    /// The data types that the layer computes in and keeps its variables in.
    pub fn dtype_policy(&self) -> &DTypePolicy {
        &self.layer().base().dtype
    }

    /// The data type that the layer computes in.
    pub fn compute_dtype(&self) -> DType {
        self.dtype_policy().compute_dtype()
    }

    /// The data type of the layer's variables.
    pub fn variable_dtype(&self) -> DType {
        self.dtype_policy().variable_dtype()
    }

    /// Whether the layer hands masks on.
    pub fn supports_masking(&self) -> bool {
        self.layer().supports_masking()
    }
}
