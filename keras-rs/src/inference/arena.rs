//! Memory of runs: one arena for each run in flight, kept for the next one.

use crate::error::Result;
use keras_rs_kernels::AlignedBuffer;
use std::sync::{Mutex, PoisonError};

/// Arenas that no run uses at the moment.
pub(super) struct Arenas {
    sizes: Vec<usize>,
    idle: Mutex<Vec<Vec<AlignedBuffer>>>,
}

impl Arenas {
    pub(super) fn new(sizes: Vec<usize>) -> Self {
        Self { sizes, idle: Mutex::new(Vec::new()) }
    }

    /// Buffers for one run, with numbers of earlier runs in them.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) where memory has no room for new ones.
    pub(super) fn take(&self) -> Result<Vec<AlignedBuffer>> {
        if let Some(arena) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(arena);
        }
        let numbers = self.sizes.iter().fold(0_u64, |sum, size| sum.saturating_add(*size as u64));
        crate::limits::check_buffers("predict", numbers.saturating_mul(4))?;
        Ok(self.sizes.iter().map(|size| AlignedBuffer::new(*size)).collect())
    }

    /// Keeps buffers for the next run.
    pub(super) fn give_back(&self, arena: Vec<AlignedBuffer>) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(arena);
    }
}
