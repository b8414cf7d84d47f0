//! The thread that computes for one version of a model, and the queue before it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use keras_rs::{Model, Tensor};
use tokio::sync::oneshot;

use super::batch::{self, Key};
use super::failure::Failure;
use super::metrics::Histogram;

/// Bounds on what waits and on how requests are computed together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Requests that may wait.
    pub(crate) queue: usize,
    /// Samples that are computed at once, if more than one request has them.
    pub(crate) max_batch: usize,
    /// How long a request waits for others that have begun to arrive.
    pub(crate) max_wait: Duration,
}

/// What becomes of a request.
pub(crate) type Answer = Result<Vec<Tensor>, Failure>;

/// A request in the queue.
pub(crate) struct Job {
    pub(crate) inputs: Vec<Tensor>,
    pub(crate) samples: usize,
    pub(crate) key: Key,
    since: Instant,
    answer: oneshot::Sender<Answer>,
}

impl Job {
    /// Answers; nobody may be waiting any more.
    pub(crate) fn answer(self, answer: Answer) {
        self.answer.send(answer).ok();
    }
}

/// A model at work. What is in the queue when this is dropped is computed before the thread ends.
pub(crate) struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    bounds: Bounds,
    /// Sizes of what was computed at once, of all versions of the model.
    batches: Arc<Mutex<Histogram>>,
    queue: Mutex<Queue>,
    changed: Condvar,
    /// Requests that have begun to arrive and are not in the queue yet.
    coming: AtomicUsize,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Starts the thread.
    pub(crate) fn start(
        model: Model,
        bounds: Bounds,
        batches: Arc<Mutex<Histogram>>,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            bounds,
            batches,
            queue: Mutex::default(),
            changed: Condvar::new(),
            coming: AtomicUsize::new(0),
        });
        let worker = shared.clone();
        std::thread::Builder::new().name("compute".into()).spawn(move || work(&model, &worker))?;
        Ok(Self { shared })
    }

    /// Notes that a request has begun to arrive, until what this gives is dropped.
    pub(crate) fn coming(&self) -> Coming {
        self.shared.coming.fetch_add(1, Ordering::AcqRel);
        Coming { shared: self.shared.clone() }
    }

    /// Puts a request into the queue; what it gives is told the answer.
    pub(crate) fn submit(
        &self,
        inputs: Vec<Tensor>,
        coming: Coming,
    ) -> Result<oneshot::Receiver<Answer>, Failure> {
        let (answer, receiver) = oneshot::channel();
        let samples = inputs.first().and_then(|tensor| tensor.shape().first().copied()).unwrap_or(1);
        let job = Job { key: batch::key(&inputs), inputs, samples, since: Instant::now(), answer };
        let mut queue = self.shared.lock();
        if queue.jobs.len() >= self.shared.bounds.queue {
            return Err(Failure::busy(format!("{} requests are waiting; try again later", queue.jobs.len())));
        }
        queue.jobs.push_back(job);
        drop(queue);
        // Wakes the thread.
        drop(coming);
        Ok(receiver)
    }

    /// Requests that wait.
    pub(crate) fn queued(&self) -> usize {
        self.shared.lock().jobs.len()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
    }
}

/// A request that has begun to arrive.
pub(crate) struct Coming {
    shared: Arc<Shared>,
}

impl Drop for Coming {
    fn drop(&mut self) {
        // Under the lock, so that the thread cannot miss it between looking and waiting.
        let queue = self.shared.lock();
        self.shared.coming.fetch_sub(1, Ordering::AcqRel);
        drop(queue);
        self.shared.changed.notify_all();
    }
}

/// Computes batch after batch until the queue is empty and closed.
fn work(model: &Model, shared: &Shared) {
    while let Some(jobs) = next(shared) {
        // Whoever has gone needs no answer.
        let jobs: Vec<Job> = jobs.into_iter().filter(|job| !job.answer.is_closed()).collect();
        let count = |samples: usize| {
            shared.batches.lock().unwrap_or_else(PoisonError::into_inner).add(samples as f64);
        };
        // Jobs that are dropped on the way are answered by an error.
        catch_unwind(AssertUnwindSafe(|| batch::compute(model, jobs, shared.bounds.max_batch, &count))).ok();
    }
}

/// The requests that are computed next: the oldest, and those like it that came or are about to come.
fn next(shared: &Shared) -> Option<Vec<Job>> {
    let wait = |queue| shared.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
    let mut queue = shared.lock();
    let (key, until) = loop {
        match queue.jobs.front() {
            Some(job) => break (job.key.clone(), job.since + shared.bounds.max_wait),
            None if queue.closed => return None,
            None => queue = wait(queue),
        }
    };
    loop {
        let samples: usize = queue.jobs.iter().filter(|job| job.key == key).map(|job| job.samples).sum();
        let left = until.saturating_duration_since(Instant::now());
        let alone = shared.coming.load(Ordering::Acquire) == 0;
        if samples >= shared.bounds.max_batch || queue.closed || alone || left.is_zero() {
            break;
        }
        queue = shared.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    let (mut taken, mut samples) = (Vec::new(), 0);
    for job in std::mem::take(&mut queue.jobs) {
        let fits = taken.is_empty() || samples + job.samples <= shared.bounds.max_batch;
        if job.key == key && fits {
            samples += job.samples;
            taken.push(job);
        } else {
            queue.jobs.push_back(job);
        }
    }
    Some(taken)
}
