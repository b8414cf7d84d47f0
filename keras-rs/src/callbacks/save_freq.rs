//! How often a callback saves.

use crate::error::{Error, Result};

/// How often a callback saves: Keras' `save_freq`.
///
/// ```
/// use keras_rs::callbacks::SaveFreq;
///
/// assert_eq!(SaveFreq::try_from("epoch")?, SaveFreq::Epoch);
/// assert_eq!(SaveFreq::from(100), SaveFreq::Batches(100));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SaveFreq {
    /// `"epoch"`: after each epoch.
    #[default]
    Epoch,
    /// After this number of batches, which are counted across epochs.
    Batches(usize),
}

impl From<usize> for SaveFreq {
    fn from(batches: usize) -> Self {
        Self::Batches(batches)
    }
}

impl TryFrom<&str> for SaveFreq {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        match name {
            "epoch" => Ok(Self::Epoch),
            other => Err(Error::argument("callback", "save_freq", "\"epoch\" or a number of batches", other)),
        }
    }
}

/// Counts batches since the last save.
#[derive(Debug, Default)]
pub(super) struct Counter(usize);

impl Counter {
    /// Counts a batch; returns whether to save after it.
    pub(super) fn is_due(&mut self, freq: &Result<SaveFreq>) -> bool {
        let Ok(SaveFreq::Batches(every)) = freq else { return false };
        self.0 += 1;
        let due = self.0 >= *every;
        if due {
            self.0 = 0;
        }
        due
    }
}

/// Reports an invalid argument of a setter.
pub(super) fn check(callback: &str, freq: &Result<SaveFreq>) -> Result<()> {
    let refused = |got: &dyn std::fmt::Display| {
        Err(Error::argument(callback, "save_freq", "\"epoch\" or at least 1", got))
    };
    match freq {
        Ok(SaveFreq::Batches(0)) => refused(&0),
        Ok(_) => Ok(()),
        Err(error) => refused(error),
    }
}
