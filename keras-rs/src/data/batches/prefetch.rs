//! Batches made ahead of their use by background threads, handed out in order.

use super::epoch::guarded;
use crate::data::Batch;
use crate::error::{Error, Result};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Makes the batch of a step, or none beyond the last.
pub(super) type Make = Arc<dyn Fn(usize) -> Option<Result<Batch>> + Send + Sync>;

pub(super) struct Prefetch {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    /// A batch became ready, or the end was reached.
    ready: Condvar,
    /// There is room for another batch, or the threads shall stop.
    room: Condvar,
    capacity: usize,
    make: Make,
}

#[derive(Default)]
struct State {
    /// Steps handed out.
    taken: usize,
    /// Steps that threads have started, ready or not.
    claimed: usize,
    /// Batches of the steps from `taken` on; `None` while a thread makes it.
    queue: VecDeque<Option<Result<Batch>>>,
    /// The first step that has no batch, once it is known.
    end: Option<usize>,
    stop: bool,
}

impl Prefetch {
    /// Starts threads that keep up to `capacity` batches being made or ready.
    pub(super) fn start(make: Make, workers: usize, capacity: usize) -> Result<Self> {
        let shared = Shared {
            state: Mutex::default(),
            ready: Condvar::new(),
            room: Condvar::new(),
            capacity: capacity.max(1),
            make,
        };
        let mut prefetch = Self { shared: Arc::new(shared), threads: Vec::new() };
        for _ in 0..workers.clamp(1, capacity.max(1)) {
            let shared = Arc::clone(&prefetch.shared);
            let thread = std::thread::Builder::new()
                .name("keras-rs-data".into())
                .spawn(move || shared.work())
                .map_err(|e| Error::data("starting a thread", e))?;
            prefetch.threads.push(thread);
        }
        Ok(prefetch)
    }

    /// Does not wait for its threads when it is dropped.
    pub(super) fn detached(mut self) -> Self {
        self.threads.clear();
        self
    }

    /// The next batch; waits until it is ready.
    pub(super) fn next(&self) -> Option<Result<Batch>> {
        let mut state = self.shared.lock();
        loop {
            if state.end.is_some_and(|end| state.taken >= end) {
                return None;
            }
            if let Some(Some(_)) = state.queue.front() {
                state.taken += 1;
                let batch = state.queue.pop_front().flatten();
                self.shared.room.notify_one();
                return batch;
            }
            state = self.shared.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Number of batches that are ready.
    pub(super) fn ready(&self) -> usize {
        self.shared.lock().queue.iter().take_while(|slot| slot.is_some()).count()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some(step) = self.claim() {
            let batch = guarded(&self.make, step);
            let mut state = self.lock();
            match (batch, step.checked_sub(state.taken)) {
                (Some(batch), Some(index)) => {
                    if let Some(slot) = state.queue.get_mut(index) {
                        *slot = Some(batch);
                    }
                }
                _ => state.end = Some(state.end.map_or(step, |end| end.min(step))),
            }
            self.ready.notify_all();
        }
    }

    /// The next step to make, once there is room for its batch; none when there is no more to do.
    fn claim(&self) -> Option<usize> {
        let mut state = self.lock();
        loop {
            if state.stop || state.end.is_some() {
                // Wakes threads that wait for room, because there is no more work.
                self.room.notify_one();
                return None;
            }
            if state.queue.len() < self.capacity {
                let step = state.claimed;
                state.claimed += 1;
                state.queue.push_back(None);
                return Some(step);
            }
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Prefetch {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.room.notify_all();
        for thread in self.threads.drain(..) {
            // Panics of user code were caught before and became errors.
            drop(thread.join());
        }
    }
}
