//! Showing progress of training, evaluation and prediction.

use super::callback::{Callback, Logs, Params, Training};
use super::output::Output;
use super::progbar::Progbar;
use super::verbose::Verbose;
use crate::error::Result;
use crate::tensor::Tensor;
use std::fmt;
use std::sync::Arc;

type Clock = Arc<dyn Fn() -> f64 + Send + Sync>;

/// Prints a progress bar, or one line for each epoch, to standard output. Keras' `ProgbarLogger`.
///
/// `fit`, `evaluate` and `predict` add one themselves, depending on `verbose`. Within `fit`, validation only
/// appears in the line of the epoch. Write errors are ignored.
///
/// ```
/// use keras_rs::callbacks::{Params, ProgbarLogger, Verbose};
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
/// let params = Params { epochs: 2, steps: Some(3), verbose: Verbose::Line, ..Params::default() };
/// # let file = tempfile::NamedTempFile::new().map_err(|e| keras_rs::Error::io("log", "create", e))?;
/// # let out = file.reopen().map_err(|e| keras_rs::Error::io("log", "open", e))?;
/// let mut training = Training::new(&model, params).output(out);
/// let mut logger = ProgbarLogger::new().clock(|| 0.0);
/// logger.on_train_begin(&mut training)?;
/// logger.on_epoch_begin(0, &mut training)?;
/// logger.on_epoch_end(0, &mut Logs::from([("loss".into(), 0.5)]), &mut training)?;
/// # let text = std::fs::read_to_string(file.path()).map_err(|e| keras_rs::Error::io("log", "read", e))?;
/// assert_eq!(text, "Epoch 1/2\n3/3 - 0s - 0s/step - loss: 0.5000\n");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Default)]
pub struct ProgbarLogger {
    seen: usize,
    target: Option<usize>,
    epochs: usize,
    verbose: Verbose,
    in_fit: bool,
    clock: Option<Clock>,
    bar: Option<Progbar<Output>>,
}

impl ProgbarLogger {
    /// Prints as much as the `verbose` argument says.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the clock, which gives the time in seconds.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    fn take(&mut self, params: &Params) {
        (self.target, self.epochs, self.verbose) = (params.steps, params.epochs, params.verbose);
    }

    fn begin(&mut self, training: &Training) {
        self.seen = 0;
        let bar =
            Progbar::new(training.out(), self.target).verbose(self.verbose).stateless_metrics::<String>([]);
        self.bar = Some(match self.clock.clone() {
            Some(clock) => bar.clock(move || clock()),
            None => bar,
        });
    }

    fn update(&mut self, batch: usize, logs: &Logs) -> Result<()> {
        self.seen = batch + 1;
        match &mut self.bar {
            Some(bar) if self.verbose == Verbose::Bar => bar.update(self.seen, &values(logs), Some(false)),
            _ => Ok(()),
        }
    }

    fn end(&mut self, logs: &Logs) -> Result<()> {
        // After one epoch, the number of steps is known for the following ones.
        let target = *self.target.get_or_insert(self.seen);
        let Some(bar) = &mut self.bar else { return Ok(()) };
        bar.set_target(Some(target));
        bar.update(target, &values(logs), Some(true))
    }
}

fn values(logs: &Logs) -> Vec<(&str, f64)> {
    logs.iter().map(|(name, value)| (name.as_str(), *value)).collect()
}

impl fmt::Debug for ProgbarLogger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgbarLogger").field("seen", &self.seen).finish_non_exhaustive()
    }
}

impl Callback for ProgbarLogger {
    fn on_train_begin(&mut self, training: &mut Training) -> Result<()> {
        self.in_fit = true;
        self.take(training.params());
        Ok(())
    }

    fn on_train_end(&mut self, _logs: &mut Logs, _training: &mut Training) -> Result<()> {
        self.in_fit = false;
        Ok(())
    }

    fn on_epoch_begin(&mut self, epoch: usize, training: &mut Training) -> Result<()> {
        self.begin(training);
        if self.epochs > 1 && self.verbose != Verbose::Silent {
            training.print(&format!("Epoch {}/{}", epoch + 1, self.epochs));
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, _epoch: usize, logs: &mut Logs, _training: &mut Training) -> Result<()> {
        self.end(logs)
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, _training: &mut Training) -> Result<()> {
        self.update(batch, logs)
    }

    fn on_test_begin(&mut self, training: &mut Training) -> Result<()> {
        if !self.in_fit {
            self.take(training.params());
            self.begin(training);
        }
        Ok(())
    }

    fn on_test_batch_end(&mut self, batch: usize, logs: &Logs, _training: &mut Training) -> Result<()> {
        if self.in_fit { Ok(()) } else { self.update(batch, logs) }
    }

    fn on_test_end(&mut self, logs: &mut Logs, _training: &mut Training) -> Result<()> {
        if self.in_fit { Ok(()) } else { self.end(logs) }
    }

    fn on_predict_begin(&mut self, training: &mut Training) -> Result<()> {
        self.take(training.params());
        self.begin(training);
        Ok(())
    }

    fn on_predict_batch_end(
        &mut self,
        batch: usize,
        _outputs: &[Tensor],
        _training: &mut Training,
    ) -> Result<()> {
        self.update(batch, &Logs::new())
    }

    fn on_predict_end(&mut self, _training: &mut Training) -> Result<()> {
        self.end(&Logs::new())
    }

    fn uses_batch_logs(&self) -> bool {
        self.verbose == Verbose::Bar
    }

    fn shows_progress(&self) -> bool {
        true
    }
}
