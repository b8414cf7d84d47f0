//! The batches of an epoch, whose number may differ from that of the data.

use crate::data::{Batch, Batches, EpochIter};
use crate::error::{Error, Result};

/// The batches of each epoch. With `steps_per_epoch`, an epoch continues where the last one ended, and ends
/// early where the data ends, as in Keras.
pub(super) struct Epochs {
    batches: Batches,
    steps_per_epoch: Option<usize>,
    current: Option<EpochIter>,
    /// Batches taken from the current pass over the data.
    taken: usize,
    /// Passes over the data that were started.
    passes: usize,
    /// Whether the next epoch is one that was interrupted.
    resumed: bool,
}

impl Epochs {
    pub(super) fn new(batches: Batches, steps_per_epoch: Option<usize>) -> Result<Self> {
        if steps_per_epoch == Some(0) {
            return Err(Error::argument("fit", "steps_per_epoch", "at least 1", 0));
        }
        batches.check()?;
        if batches.is_generator() && steps_per_epoch.is_none() {
            let expected = "the number of batches in an epoch, because the data is one stream";
            return Err(Error::argument("fit", "steps_per_epoch", expected, "none"));
        }
        Ok(Self { batches, steps_per_epoch, current: None, taken: 0, passes: 0, resumed: false })
    }

    /// Number of batches in an epoch, if it is known.
    pub(super) fn steps(&self) -> Option<usize> {
        self.steps_per_epoch.or_else(|| self.batches.num_batches())
    }

    /// Starts an epoch.
    pub(super) fn begin(&mut self, epoch: usize) -> Result<()> {
        if self.steps_per_epoch.is_none() {
            return self.start(epoch);
        }
        if std::mem::take(&mut self.resumed) {
            return Ok(());
        }
        let is_exhausted = self.batches.num_batches().is_some_and(|all| self.taken >= all);
        if self.current.is_none() || (is_exhausted && !self.batches.is_generator()) {
            let pass = self.passes;
            self.passes += 1;
            return self.start(pass);
        }
        Ok(())
    }

    /// Starts the data again, for an evaluation.
    pub(super) fn restart(&mut self) -> Result<()> {
        if self.batches.is_generator() && self.current.is_some() { Ok(()) } else { self.start(0) }
    }

    fn start(&mut self, epoch: usize) -> Result<()> {
        self.current = Some(self.batches.epoch(epoch)?);
        self.taken = 0;
        Ok(())
    }

    /// The next batch of the epoch; `None` at its end or at the end of the data.
    pub(super) fn next(&mut self, step: usize) -> Result<Option<Batch>> {
        if self.steps_per_epoch.is_some_and(|steps| step >= steps) {
            return Ok(None);
        }
        self.pull()
    }

    fn pull(&mut self) -> Result<Option<Batch>> {
        let next = self.current.as_mut().and_then(Iterator::next);
        match &next {
            Some(_) => self.taken += 1,
            None if !self.batches.is_generator() => self.current = None,
            None => {}
        }
        next.transpose()
    }

    /// The seed that shuffles the samples; `None` if they are not shuffled.
    pub(super) fn fix_seed(&mut self) -> Option<u64> {
        self.batches.fix_seed()
    }

    /// Sets the seed that shuffles the samples.
    pub(super) fn set_seed(&mut self, seed: u64) {
        self.batches.set_seed(seed);
    }

    /// Moves to where an interrupted training was: after some epochs and some batches of the next.
    pub(super) fn resume(&mut self, epochs: usize, batches: usize) -> Result<()> {
        // Without `steps_per_epoch` each epoch is a new pass, and `skip` is enough.
        let Some(steps) = self.steps_per_epoch else { return Ok(()) };
        let mut remaining = epochs;
        if let Some(all) = self.batches.num_batches().filter(|_| !self.batches.is_generator()) {
            let epochs_per_pass = all.div_ceil(steps).max(1);
            (self.passes, remaining) = (epochs / epochs_per_pass, epochs % epochs_per_pass);
        }
        for epoch in 0..remaining {
            self.begin(epoch)?;
            for step in 0..steps {
                if self.next(step)?.is_none() {
                    break;
                }
            }
        }
        if batches > 0 {
            self.begin(remaining)?;
        }
        self.resumed = batches > 0;
        (0..batches).try_for_each(|_| self.pull().map(drop))
    }

    /// Skips the batches of an epoch that are done already.
    pub(super) fn skip(&mut self, steps: usize) -> Result<()> {
        if self.steps_per_epoch.is_some() {
            return Ok(());
        }
        (0..steps).try_for_each(|_| self.pull().map(drop))
    }
}
