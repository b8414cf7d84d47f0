#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::dtype::DType;
use crate::tensor::Tensor;
use indexmap::IndexMap;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};

fn column(values: impl IntoIterator<Item = usize>) -> Tensor {
    let values: Vec<f32> = values.into_iter().map(|v| v as f32).collect();
    let n = values.len();
    Tensor::from_vec(values, [n, 1]).unwrap()
}

fn numbered(index: usize) -> Batch {
    Batch::new(column([index]), ())
}

/// The values of the only input of all batches.
fn values(batch: &Batch) -> Vec<usize> {
    batch.x.tensors().next().unwrap().to_f64_vec().unwrap().iter().map(|v| *v as usize).collect()
}

fn read(iter: EpochIter) -> Vec<usize> {
    iter.flat_map(|batch| values(&batch.unwrap())).collect()
}

/// A dataset whose batches wait until they are let through, and that counts what happens.
#[derive(Default)]
struct Gate {
    batches: usize,
    /// Batches below this number are let through.
    open: Mutex<usize>,
    opened: Condvar,
    started: AtomicUsize,
    finished: AtomicUsize,
    epochs: Mutex<Vec<&'static str>>,
    fail_at: Option<usize>,
    panic_at: Option<usize>,
}

impl Gate {
    fn open(batches: usize) -> Self {
        Self { batches, open: Mutex::new(usize::MAX), ..Self::default() }
    }

    fn let_through(&self, open: usize) {
        *self.open.lock().unwrap() = open;
        self.opened.notify_all();
    }
}

impl Dataset for Arc<Gate> {
    fn num_batches(&self) -> usize {
        self.batches
    }

    fn get(&self, index: usize) -> Result<Batch> {
        self.started.fetch_add(1, Ordering::SeqCst);
        drop(self.opened.wait_while(self.open.lock().unwrap(), |open| *open <= index).unwrap());
        self.finished.fetch_add(1, Ordering::SeqCst);
        if self.fail_at == Some(index) {
            return Err(Error::data(format!("row {index}"), "no such row"));
        }
        assert_ne!(self.panic_at, Some(index), "row {index} is cursed");
        Ok(numbered(index))
    }

    fn on_epoch_begin(&self) {
        self.epochs.lock().unwrap().push("begin");
    }

    fn on_epoch_end(&self) {
        self.epochs.lock().unwrap().push("end");
    }
}

/// Waits for other threads, with no say on how long they take.
fn until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::yield_now();
    }
}

#[test]
fn batches_are_made_while_a_step_runs() {
    let gate = Arc::new(Gate { batches: 8, ..Gate::default() });
    let mut batches = Batches::from_dataset(Arc::clone(&gate)).workers(2).max_queue_size(4);
    let mut epoch = batches.epoch(0).unwrap();
    until(|| gate.started.load(Ordering::SeqCst) == 2);
    assert_eq!(epoch.ready(), 0);
    gate.let_through(1);
    let first = epoch.next().unwrap().unwrap();
    assert_eq!(values(&first), [0]);
    // The step on the first batch now runs, and asks for nothing; the queue fills by itself.
    gate.let_through(8);
    until(|| epoch.ready() == 4);
    assert_eq!(gate.finished.load(Ordering::SeqCst), 5, "no more than the queue holds");
    assert_eq!(read(epoch), [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn order_is_kept_by_any_number_of_workers() {
    for workers in 0..5 {
        for queue in [1, 2, 7] {
            let gate = Arc::new(Gate::open(40));
            let mut batches = Batches::from_dataset(Arc::clone(&gate)).workers(workers).max_queue_size(queue);
            assert_eq!(batches.num_batches(), Some(40));
            for epoch in 0..2 {
                assert_eq!(read(batches.epoch(epoch).unwrap()), (0..40).collect::<Vec<_>>());
            }
            assert_eq!(gate.finished.load(Ordering::SeqCst), 80);
            assert_eq!(*gate.epochs.lock().unwrap(), ["begin", "end", "begin", "end"]);
        }
    }
}

#[test]
fn an_epoch_left_early_ends_its_threads() {
    for taken in 0..3 {
        let gate = Arc::new(Gate::open(1000));
        let mut batches = Batches::from_dataset(Arc::clone(&gate)).workers(3);
        let mut epoch = batches.epoch(0).unwrap();
        for index in 0..taken {
            assert_eq!(values(&epoch.next().unwrap().unwrap()), [index]);
        }
        drop(epoch);
        let finished = gate.finished.load(Ordering::SeqCst);
        assert_eq!(gate.started.load(Ordering::SeqCst), finished, "nothing is under way any more");
        assert!(finished <= taken + DEFAULT_QUEUE_SIZE);
        assert_eq!(*gate.epochs.lock().unwrap(), ["begin", "end"]);
        drop(batches);
        assert_eq!(Arc::strong_count(&gate), 1, "no thread holds the dataset");
    }
}

#[test]
fn errors_and_panics_come_in_place() {
    for workers in [0, 1, 4] {
        let gate = Arc::new(Gate { fail_at: Some(3), panic_at: Some(5), ..Gate::open(7) });
        let mut batches = Batches::from_dataset(gate).workers(workers);
        let items: Vec<Result<Batch>> = batches.epoch(0).unwrap().collect();
        assert_eq!(items.len(), 7);
        for (i, item) in items.iter().enumerate() {
            match (i, item) {
                (3, Err(Error::Data { context, source })) => {
                    assert_eq!((context.as_str(), source.to_string().as_str()), ("row 3", "no such row"));
                }
                (5, Err(Error::Panicked { context, message })) => {
                    assert_eq!(context, "batch 5");
                    assert!(message.contains("row 5 is cursed"), "{message}");
                }
                (_, item) => assert_eq!(values(item.as_ref().unwrap()), [i]),
            }
        }
    }
}

#[test]
fn batches_of_a_dataset_are_shuffled_anew_each_epoch() {
    let orders = |seed| -> Vec<Vec<usize>> {
        let mut batches = Batches::from_dataset(Arc::new(Gate::open(20))).shuffle(true).seed(seed).workers(2);
        (0..3).map(|epoch| read(batches.epoch(epoch).unwrap())).collect()
    };
    let first = orders(1);
    assert_eq!(first, orders(1));
    assert_ne!(first, orders(2));
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 3);
    for order in first {
        assert_ne!(order, (0..20).collect::<Vec<_>>());
        assert_eq!(order.into_iter().collect::<BTreeSet<_>>(), (0..20).collect());
    }
}

#[test]
fn iterators_are_made_anew_for_each_epoch() {
    for workers in [0, 1] {
        let mut made = 0;
        let mut batches = Batches::from_iterator(move || {
            made += 10;
            Ok(Box::new((made..made + 4).map(|i| Ok(numbered(i)))))
        })
        .workers(workers);
        assert_eq!((batches.num_batches(), batches.num_samples()), (None, None));
        assert_eq!(read(batches.epoch(0).unwrap()), [10, 11, 12, 13]);
        assert_eq!(read(batches.epoch(1).unwrap()), [20, 21, 22, 23]);
        // Left early, the rest of the iterator is gone.
        assert_eq!(values(&batches.epoch(2).unwrap().next().unwrap().unwrap()), [30]);
        assert_eq!(read(batches.epoch(3).unwrap()), [40, 41, 42, 43]);
    }
}

#[test]
fn an_iterator_that_panics_ends_with_the_error() {
    for workers in [0, 1] {
        let make = || -> Result<BatchIter> {
            Ok(Box::new((0..9).map(|i| {
                assert_ne!(i, 2, "out of data");
                Ok(numbered(i))
            })))
        };
        let mut batches = Batches::from_iterator(make).workers(workers);
        let items: Vec<Result<Batch>> = batches.epoch(0).unwrap().collect();
        assert_eq!(items.len(), 3);
        assert!(matches!(&items[2], Err(Error::Panicked { message, .. }) if message.contains("out of data")));
    }
    let mut failing = Batches::from_iterator(|| Err(Error::data("connect", "refused")));
    assert!(matches!(failing.epoch(0), Err(Error::Data { .. })));
    let mut cursed = Batches::from_iterator(|| panic!("no"));
    assert!(matches!(cursed.epoch(0), Err(Error::Panicked { .. })));
}

#[test]
fn a_generator_goes_on_where_the_last_epoch_stopped() {
    for workers in [0, 1] {
        let mut batches = Batches::from_generator((0..).map(|i| Ok(numbered(i)))).workers(workers);
        assert!(batches.is_generator());
        for epoch in 0..3 {
            let taken: Vec<usize> =
                batches.epoch(epoch).unwrap().take(4).flat_map(|b| values(&b.unwrap())).collect();
            assert_eq!(taken, (4 * epoch..4 * epoch + 4).collect::<Vec<_>>(), "nothing is lost");
        }
    }
    let mut finite = Batches::from_generator((0..3).map(|i| Ok(numbered(i))));
    assert_eq!(read(finite.epoch(0).unwrap()), [0, 1, 2]);
    assert_eq!(read(finite.epoch(1).unwrap()), [] as [usize; 0]);
}

#[test]
fn a_generator_that_waits_does_not_hold_up_the_end() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let mut batches = Batches::from_generator(receiver.into_iter());
    sender.send(Ok(numbered(7))).unwrap();
    let mut epoch = batches.epoch(0).unwrap();
    assert_eq!(values(&epoch.next().unwrap().unwrap()), [7]);
    drop((epoch, batches));
    // The thread still waits for the channel; it ends with the next item.
    drop(sender);
}

#[test]
fn arrays_are_cut_into_batches() {
    let x = column(0..10);
    let y = x.mul_scalar(2.0).unwrap();
    let weight = x.reshape([10]).unwrap();
    for workers in [0, 2] {
        let mut batches = Batches::from_arrays(&x, &y, &weight).unwrap().batch_size(4).workers(workers);
        assert_eq!((batches.num_batches(), batches.num_samples()), (Some(3), Some(10)));
        let parts: Vec<Vec<usize>> = batches.epoch(0).unwrap().map(|b| values(&b.unwrap())).collect();
        assert_eq!(parts, [vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8, 9]]);
        let mut batches = batches.drop_remainder(true);
        assert_eq!((batches.num_batches(), read(batches.epoch(0).unwrap()).len()), (Some(2), 8));
    }
    let defaults = Batches::from_arrays(column(0..65), (), ()).unwrap();
    assert_eq!(defaults.num_batches(), Some(3));
}

#[test]
fn shuffled_arrays_keep_rows_together() {
    let x = column(0..50);
    let y = IndexMap::from([
        ("double".to_string(), x.mul_scalar(2.0).unwrap()),
        ("odd".to_string(), Tensor::from_vec((0..50).map(|i| i % 2 == 1).collect(), [50]).unwrap()),
    ]);
    let weight = Tensor::from_vec((0..50).collect::<Vec<i32>>(), [50]).unwrap();
    let orders = |seed: u64| -> Vec<Vec<usize>> {
        let mut batches =
            Batches::from_arrays(&x, &y, &weight).unwrap().batch_size(8).shuffle(true).seed(seed);
        (0..3)
            .map(|epoch| {
                let mut order = Vec::new();
                for batch in batches.epoch(epoch).unwrap() {
                    let batch = batch.unwrap();
                    let rows = values(&batch);
                    let Columns::Named(y) = &batch.y else { panic!("names are kept") };
                    assert_eq!(y["double"].shape(), [rows.len(), 1]);
                    let doubled = y["double"].to_f64_vec().unwrap();
                    let odd = y["odd"].to_vec::<bool>().unwrap();
                    let Columns::List(weight) = &batch.sample_weight else { panic!("a list") };
                    assert_eq!(weight[0].dtype(), DType::I32);
                    let weight = weight[0].to_f64_vec().unwrap();
                    for (i, &row) in rows.iter().enumerate() {
                        assert_eq!((doubled[i], odd[i]), (2.0 * row as f64, row % 2 == 1));
                        assert_eq!(weight[i], row as f64);
                    }
                    order.extend(rows);
                }
                order
            })
            .collect()
    };
    let first = orders(3);
    assert_eq!(first, orders(3));
    assert_ne!(first, orders(4));
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 3, "anew for each epoch");
    for order in &first {
        assert_eq!(order.iter().copied().collect::<BTreeSet<_>>(), (0..50).collect());
    }
    // A training that is taken up at epoch 2 sees epoch 2's order.
    let mut resumed = Batches::from_arrays(&x, (), ()).unwrap().batch_size(8).shuffle(true).seed(3);
    assert_eq!(read(resumed.epoch(2).unwrap()), first[2]);
}

#[test]
fn a_default_does_not_overrule() {
    let arrays = || Batches::from_arrays(column(0..30), (), ()).unwrap();
    let mut batches = arrays();
    batches.set_default_shuffle(true);
    let first = read(batches.epoch(0).unwrap());
    assert_ne!(first, (0..30).collect::<Vec<_>>());
    assert_eq!(first, read(batches.epoch(0).unwrap()), "the seed is drawn once");
    let mut batches = arrays().shuffle(false);
    batches.set_default_shuffle(true);
    assert_eq!(read(batches.epoch(0).unwrap()), (0..30).collect::<Vec<_>>());
}

#[test]
fn what_does_not_fit_is_named() {
    let x = column(0..4);
    let text = |result: Result<Batches>| result.unwrap_err().to_string();
    assert_eq!(
        text(Batches::from_arrays(&x, column(0..3), ())),
        "data: `y` has the wrong shape: expected 4 samples, as in `x`, got (3, 1)"
    );
    assert_eq!(
        text(Batches::from_arrays([&x, &x], (), [("price", &column(0..5))])),
        "data: `sample_weight[\"price\"]` has the wrong shape: expected 4 samples, as in `x[0]`, got (5, 1)"
    );
    let scalar = Tensor::scalar(1.0_f32).unwrap();
    assert_eq!(
        text(Batches::from_arrays([&x, &scalar], (), ())),
        "data: `x[1]` has the wrong shape: expected an axis of samples, got ()"
    );
    assert_eq!(
        text(Batches::from_arrays((), &x, ())),
        "data: invalid `x`: expected at least one tensor, got none"
    );
    let empty = Tensor::zeros([0, 2], DType::F32).unwrap();
    assert_eq!(
        text(Batches::from_arrays(&empty, (), ())),
        "data: invalid `x`: expected at least one sample, got none"
    );
    let text = |batches: Batches| {
        let mut batches = batches;
        assert!(batches.check().is_err());
        batches.epoch(0).unwrap_err().to_string()
    };
    let arrays = || Batches::from_arrays(&x, (), ()).unwrap();
    assert_eq!(text(arrays().batch_size(0)), "Batches: invalid `batch_size`: expected at least 1, got 0");
    assert!(text(arrays().max_queue_size(0)).contains("max_queue_size"));
    assert!(text(arrays().batch_size(5).drop_remainder(true)).contains("at most the 4 samples"));
    assert!(text(Batches::from_dataset(Arc::new(Gate::open(0)))).contains("at least one batch"));
    assert!(text(Batches::from_dataset(Arc::new(Gate::open(2))).batch_size(2)).contains("batch_size"));
    assert!(text(Batches::from_generator(std::iter::empty()).workers(2)).contains("workers"));
}

#[test]
fn ndarray_is_taken_as_it_is() {
    let x = ndarray::Array2::<f32>::from_shape_fn((3, 2), |(i, j)| (2 * i + j) as f32);
    let y = ndarray::array![0_i32, 1, 0];
    let mut batches = Batches::from_arrays(&x, y, ()).unwrap();
    let batch = batches.epoch(0).unwrap().next().unwrap().unwrap();
    assert_eq!(batch.x.tensors().next().unwrap().to_ndarray::<f32>().unwrap(), x.into_dyn());
    assert_eq!(batch.y.tensors().next().unwrap().dtype(), DType::I32);
}
