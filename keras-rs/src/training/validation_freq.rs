//! When validation runs during training.

/// After which epochs validation runs.
#[derive(Clone, Debug)]
pub enum ValidationFreq {
    /// After every this many epochs.
    Every(usize),
    /// After these epochs, counted from 1.
    Epochs(Vec<usize>),
}

impl From<usize> for ValidationFreq {
    fn from(every: usize) -> Self {
        Self::Every(every)
    }
}

impl From<Vec<usize>> for ValidationFreq {
    fn from(epochs: Vec<usize>) -> Self {
        Self::Epochs(epochs)
    }
}

impl<const N: usize> From<[usize; N]> for ValidationFreq {
    fn from(epochs: [usize; N]) -> Self {
        Self::Epochs(epochs.into())
    }
}

impl ValidationFreq {
    /// Whether validation runs after an epoch, counted from 0.
    pub(super) fn is_due(&self, epoch: usize) -> bool {
        match self {
            Self::Every(every) => (epoch + 1).is_multiple_of(*every),
            Self::Epochs(epochs) => epochs.contains(&(epoch + 1)),
        }
    }
}
