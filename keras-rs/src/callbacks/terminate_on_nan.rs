//! Stopping a training whose loss is not finite.

use super::callback::{Callback, Logs, Training};
use super::python::repr;
use crate::config::KerasConfig;
use crate::error::{Error, Result};

/// Stops as soon as the loss after a batch is NaN or infinite. Keras' `TerminateOnNaN`.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
/// model.compile(SGD::new(1e30), "mse", ())?;
/// let x = Tensor::ones([8, 1], DType::F32)?;
/// let fit = || Fit::new().epochs(5).batch_size(4).verbose(0);
/// let history = model.fit(&x, &x.mul_scalar(3.0)?, fit().callback(TerminateOnNaN::new()))?;
/// assert_eq!(history.epoch, [0]);
/// assert!(model.fit(&x, &x, fit().callback(TerminateOnNaN::new().raise_error(true))).is_err());
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(no_config, new = "Stops the training after the batch, without an error.")]
pub struct TerminateOnNaN {
    /// Whether training ends with an error, so that `on_train_end` of no callback is called (default
    /// `false`).
    #[keras(default = false)]
    raise_error: bool,
}

impl Callback for TerminateOnNaN {
    fn on_batch_end(&mut self, batch: usize, logs: &Logs, training: &mut Training) -> Result<()> {
        let Some(loss) = logs.get("loss").filter(|loss| !loss.is_finite()) else { return Ok(()) };
        if self.raise_error {
            let context = format!("TerminateOnNaN at batch {batch}");
            return Err(Error::argument(context, "loss", "a finite number", repr(*loss)));
        }
        training.print(&format!("Batch {batch}: Invalid loss, terminating training"));
        training.stop_training();
        Ok(())
    }
}
