//! The batches of an epoch, where its length may differ from that of the data.

use crate::data::{Batch, Batches, EpochIter};
use crate::error::{Error, Result};

/// Batches, epoch by epoch; with `steps_per_epoch` an epoch goes on where the last one ended.
pub(super) struct Epochs {
    batches: Batches,
    steps_per_epoch: Option<usize>,
    current: Option<EpochIter>,
    rounds: usize,
}

impl Epochs {
    pub(super) fn new(batches: Batches, steps_per_epoch: Option<usize>) -> Result<Self> {
        if steps_per_epoch == Some(0) {
            return Err(Error::argument("fit", "steps_per_epoch", "at least 1", 0));
        }
        batches.check()?;
        if batches.is_generator() && steps_per_epoch.is_none() {
            let expected = "the number of batches in an epoch, as the data is one stream";
            return Err(Error::argument("fit", "steps_per_epoch", expected, "none"));
        }
        Ok(Self { batches, steps_per_epoch, current: None, rounds: 0 })
    }

    /// Batches in an epoch, where it is known.
    pub(super) fn steps(&self) -> Option<usize> {
        self.steps_per_epoch.or_else(|| self.batches.num_batches())
    }

    /// Begins an epoch.
    pub(super) fn begin(&mut self, epoch: usize) -> Result<()> {
        if self.steps_per_epoch.is_none() {
            self.current = Some(self.batches.epoch(epoch)?);
        }
        Ok(())
    }

    /// Begins anew, for an evaluation.
    pub(super) fn restart(&mut self) -> Result<()> {
        if !self.batches.is_generator() || self.current.is_none() {
            self.current = Some(self.batches.epoch(0)?);
        }
        Ok(())
    }

    /// The next batch of the epoch, or nothing where the data ended.
    pub(super) fn next(&mut self, step: usize) -> Result<Option<Batch>> {
        if self.steps_per_epoch.is_some_and(|steps| step >= steps) {
            return Ok(None);
        }
        self.pull()
    }

    fn pull(&mut self) -> Result<Option<Batch>> {
        if let Some(batch) = self.current.as_mut().and_then(Iterator::next) {
            return batch.map(Some);
        }
        let goes_on =
            self.steps_per_epoch.is_some() && !(self.batches.is_generator() && self.current.is_some());
        if !goes_on {
            return Ok(None);
        }
        self.current = Some(self.batches.epoch(self.rounds)?);
        self.rounds += 1;
        self.current.as_mut().and_then(Iterator::next).transpose()
    }

    /// The seed of the order of samples, where they are shuffled.
    pub(super) fn fix_seed(&mut self) -> Option<u64> {
        self.batches.fix_seed()
    }

    /// Changes the seed of the order of samples.
    pub(super) fn set_seed(&mut self, seed: u64) {
        self.batches.set_seed(seed);
    }

    /// Goes where a training that is taken up again was: after some epochs and batches of the next.
    pub(super) fn resume(&mut self, epochs: usize, batches: usize) -> Result<()> {
        // Where each epoch starts anew, `skip` does what is left.
        let Some(steps) = self.steps_per_epoch else { return Ok(()) };
        let mut done = epochs * steps + batches;
        if let Some(round) = self.batches.num_batches().filter(|count| *count > 0) {
            self.rounds = done / round;
            done %= round;
        }
        (0..done).try_for_each(|_| self.pull().map(drop))
    }

    /// Passes over batches of an epoch that are done already.
    pub(super) fn skip(&mut self, steps: usize) -> Result<()> {
        if self.steps_per_epoch.is_some() {
            return Ok(());
        }
        (0..steps).try_for_each(|_| self.pull().map(drop))
    }
}
