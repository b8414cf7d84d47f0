//! Keras' functions with arguments, as `Lambda` layers of files hand them.

use super::{
    Activation, celu_with, elu_with, gelu_with, glu_with, hard_shrink_with, leaky_relu_with,
    log_softmax_with, relu_with, soft_shrink_with, softmax_with, sparsemax_with, squareplus_with, threshold,
};
use crate::config::{Config, ConfigReader, CustomObjects, Loading};
use crate::constraints::Axes;
use crate::error::Result;
use crate::tensor::Tensor;

impl Activation {
    /// Applies the activation with arguments by the names that Keras' function of this name has for them.
    ///
    /// # Errors
    /// As [`Activation::call`], and where an argument is unknown or is not of its kind.
    pub(crate) fn call_named(&self, name: &str, x: &Tensor, arguments: &Config) -> Result<Tensor> {
        if arguments.is_empty() {
            return self.call(x);
        }
        let custom = CustomObjects::new();
        let loading = Loading::new(&custom);
        let mut c = ConfigReader::new(name, arguments, &loading);
        let y = match name {
            "celu" => celu_with(x, c.take_or("alpha", 1.0)?),
            "elu" => elu_with(x, c.take_or("alpha", 1.0)?),
            "gelu" => gelu_with(x, c.take_or("approximate", false)?),
            "glu" => glu_with(x, c.take_or("axis", -1)?),
            "hard_shrink" => hard_shrink_with(x, c.take_or("threshold", 0.5)?),
            "leaky_relu" => leaky_relu_with(x, c.take_or("negative_slope", 0.2)?),
            "log_softmax" => log_softmax_with(x, c.take_or("axis", -1)?),
            "relu" => {
                let slope = c.take_or("negative_slope", 0.0)?;
                relu_with(x, slope, c.take_or("max_value", None)?, c.take_or("threshold", 0.0)?)
            }
            "soft_shrink" => soft_shrink_with(x, c.take_or("threshold", 0.5)?),
            "softmax" => softmax_with(x, c.take_or("axis", Axes::from(-1))?.as_slice()),
            "sparsemax" => sparsemax_with(x, c.take_or("axis", -1)?),
            "squareplus" => squareplus_with(x, c.take_or("b", 4.0)?),
            "threshold" => threshold(x, c.take("threshold")?, c.take("default_value")?),
            _ => self.call(x),
        };
        c.finish()?;
        y
    }
}
