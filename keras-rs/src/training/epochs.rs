//! The batches of an epoch, where its length may differ from that of the data.

use crate::data::{Batch, Batches, EpochIter};
use crate::error::{Error, Result};

/// Batches, epoch by epoch; with `steps_per_epoch` an epoch goes on where the last one ended, and ends
/// early where the data does, as in Keras.
pub(super) struct Epochs {
    batches: Batches,
    steps_per_epoch: Option<usize>,
    current: Option<EpochIter>,
    taken: usize,
    rounds: usize,
    /// Whether the epoch that comes is one that had begun.
    resumed: bool,
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
        Ok(Self { batches, steps_per_epoch, current: None, taken: 0, rounds: 0, resumed: false })
    }

    /// Batches in an epoch, where it is known.
    pub(super) fn steps(&self) -> Option<usize> {
        self.steps_per_epoch.or_else(|| self.batches.num_batches())
    }

    /// Begins an epoch.
    pub(super) fn begin(&mut self, epoch: usize) -> Result<()> {
        if self.steps_per_epoch.is_none() {
            return self.start(epoch);
        }
        if std::mem::take(&mut self.resumed) {
            return Ok(());
        }
        let used_up = self.batches.num_batches().is_some_and(|all| self.taken >= all);
        if self.current.is_none() || (used_up && !self.batches.is_generator()) {
            let round = self.rounds;
            self.rounds += 1;
            return self.start(round);
        }
        Ok(())
    }

    /// Begins anew, for an evaluation.
    pub(super) fn restart(&mut self) -> Result<()> {
        if self.batches.is_generator() && self.current.is_some() { Ok(()) } else { self.start(0) }
    }

    fn start(&mut self, epoch: usize) -> Result<()> {
        self.current = Some(self.batches.epoch(epoch)?);
        self.taken = 0;
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
        let next = self.current.as_mut().and_then(Iterator::next);
        match &next {
            Some(_) => self.taken += 1,
            None if !self.batches.is_generator() => self.current = None,
            None => {}
        }
        next.transpose()
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
        let mut left = epochs;
        if let Some(all) = self.batches.num_batches().filter(|_| !self.batches.is_generator()) {
            let in_round = all.div_ceil(steps).max(1);
            (self.rounds, left) = (epochs / in_round, epochs % in_round);
        }
        for epoch in 0..left {
            self.begin(epoch)?;
            for step in 0..steps {
                if self.next(step)?.is_none() {
                    break;
                }
            }
        }
        if batches > 0 {
            self.begin(left)?;
        }
        self.resumed = batches > 0;
        (0..batches).try_for_each(|_| self.pull().map(drop))
    }

    /// Passes over batches of an epoch that are done already.
    pub(super) fn skip(&mut self, steps: usize) -> Result<()> {
        if self.steps_per_epoch.is_some() {
            return Ok(());
        }
        (0..steps).try_for_each(|_| self.pull().map(drop))
    }
}
