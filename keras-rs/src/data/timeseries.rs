//! Windows that slide over a series.

use super::samples::index_tensor;
use super::{Batch, Batches, Columns, Samples};
use crate::error::{Error, Result, tuple};
use crate::tensor::Tensor;

const CONTEXT: &str = "timeseries_dataset_from_array";

/// The arguments of [`timeseries_dataset_from_array`] that may be left out; the default is Keras'.
///
/// Keras' `format` is left out; batches of none (`batch_size=None`) are not made.
#[derive(Clone, Copy, Debug)]
pub struct TimeseriesDatasetFromArray {
    sequence_stride: usize,
    sampling_rate: usize,
    batch_size: usize,
    shuffle: bool,
    seed: Option<u64>,
    start_index: Option<usize>,
    end_index: Option<usize>,
}

impl Default for TimeseriesDatasetFromArray {
    fn default() -> Self {
        Self {
            sequence_stride: 1,
            sampling_rate: 1,
            batch_size: 128,
            shuffle: false,
            seed: None,
            start_index: None,
            end_index: None,
        }
    }
}

impl TimeseriesDatasetFromArray {
    /// Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Steps between the starts of consecutive windows (default: 1).
    #[must_use]
    pub fn sequence_stride(mut self, sequence_stride: usize) -> Self {
        self.sequence_stride = sequence_stride;
        self
    }

    /// Steps between consecutive points within a window (default: 1).
    #[must_use]
    pub fn sampling_rate(mut self, sampling_rate: usize) -> Self {
        self.sampling_rate = sampling_rate;
        self
    }

    /// Windows in a batch (default: 128).
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// Whether to shuffle the windows in each epoch (default: no).
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// Seed of the shuffling (default: drawn from the process' stream of seeds).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The first point to use (default: 0).
    #[must_use]
    pub fn start_index(mut self, start_index: usize) -> Self {
        self.start_index = Some(start_index);
        self
    }

    /// The end of the points to use, below the series' length (default: the length).
    #[must_use]
    pub fn end_index(mut self, end_index: usize) -> Self {
        self.end_index = Some(end_index);
        self
    }
}

/// Windows of `sequence_length` points that slide over a series, with the target of each one's start.
///
/// `data` is `(steps, ...)`, a batch's inputs `(windows, sequence_length, ...)`. Window `i` holds the
/// points `start + i * stride + j * rate`, where `start` is the first point used, for `j` below
/// `sequence_length`; its target is `targets[start + i * stride]`. Windows that exceed the used points are left out.
///
/// # Errors
/// [`Error::Argument`] for windows that exceed the series, [`Error::Shape`] where `data`
/// or `targets` have no axis of steps or there are too few targets.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::data::{TimeseriesDatasetFromArray, timeseries_dataset_from_array};
///
/// let series = Tensor::from_vec((0..10).map(|v| v as f32).collect(), [10])?;
/// let next = series.narrow(0, 3..10)?;
/// let options = TimeseriesDatasetFromArray::new().batch_size(4);
/// let mut batches = timeseries_dataset_from_array(&series, Some(&next), 3, options)?;
/// let batch = batches.epoch(0)?.next().unwrap()?;
/// let windows = batch.x.tensors().next().unwrap().to_vec::<f32>()?;
/// assert_eq!(windows[..6], [0.0, 1.0, 2.0, 1.0, 2.0, 3.0]);
/// assert_eq!(batch.y.tensors().next().unwrap().to_vec::<f32>()?, [3.0, 4.0, 5.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn timeseries_dataset_from_array(
    data: &Tensor,
    targets: Option<&Tensor>,
    sequence_length: usize,
    options: TimeseriesDatasetFromArray,
) -> Result<Batches> {
    let TimeseriesDatasetFromArray { sequence_stride: stride, sampling_rate: rate, .. } = options;
    let steps = steps(data, "data")?;
    let below = |argument: &str, value: usize, least: usize| {
        if (least..steps).contains(&value) {
            return Ok(());
        }
        let expected = format!("a number from {least} to {}, below the number of steps", steps - 1);
        Err(Error::argument(CONTEXT, argument, expected, value))
    };
    if steps == 0 || sequence_length == 0 {
        let (argument, expected) = match steps {
            0 => ("data", "at least one step"),
            _ => ("sequence_length", "at least 1"),
        };
        return Err(Error::argument(CONTEXT, argument, expected, 0));
    }
    let start = options.start_index.unwrap_or(0);
    below("start_index", start, 0)?;
    options.end_index.map_or(Ok(()), |end| below("end_index", end, start + 1))?;
    below("sampling_rate", rate, 1)?;
    below("sequence_stride", stride, 1)?;
    let end = options.end_index.unwrap_or(steps);
    let reach = (sequence_length - 1).saturating_mul(rate);
    let mut starts = (end - start).saturating_sub(reach);
    if let Some(targets) = targets {
        starts = starts.min(self::steps(targets, "targets")?);
    }
    if starts == 0 {
        let expected = format!("a window that fits into {} points, and a target for it", end - start);
        let got = format!("{sequence_length} points, {rate} apart");
        return Err(Error::argument(CONTEXT, "sequence_length", expected, got));
    }
    let windows = Windows {
        data: data.clone(),
        targets: targets.cloned(),
        start,
        stride,
        rate,
        length: sequence_length,
        count: starts.div_ceil(stride),
    };
    if let Some(targets) = &windows.targets {
        let last = windows.first_step(windows.count - 1);
        if last >= targets.shape()[0] {
            let expected = format!("a target for the window that starts at step {last}");
            return Err(Error::shape(CONTEXT, "targets", expected, tuple(targets.shape())));
        }
    }
    let batches = Batches::from_samples(windows).batch_size(options.batch_size).shuffle(options.shuffle);
    let batches = match options.seed {
        Some(seed) => batches.seed(seed),
        None => batches,
    };
    batches.check()?;
    Ok(batches)
}

fn steps(tensor: &Tensor, argument: &str) -> Result<usize> {
    let error = || Error::shape(CONTEXT, argument, "an axis of steps", tuple(tensor.shape()));
    tensor.shape().first().copied().ok_or_else(error)
}

struct Windows {
    data: Tensor,
    targets: Option<Tensor>,
    start: usize,
    stride: usize,
    rate: usize,
    length: usize,
    count: usize,
}

impl Windows {
    /// The first step of a window.
    fn first_step(&self, window: usize) -> usize {
        self.start + window * self.stride
    }
}

impl Samples for Windows {
    fn num_samples(&self) -> usize {
        self.count
    }

    fn batch(&self, numbers: &[usize]) -> Result<Batch> {
        let starts: Vec<usize> = numbers.iter().map(|&window| self.first_step(window)).collect();
        let points: Vec<usize> =
            starts.iter().flat_map(|start| (0..self.length).map(move |j| start + j * self.rate)).collect();
        let mut shape = vec![numbers.len(), self.length];
        shape.extend(&self.data.shape()[1..]);
        let x = self.data.take(&index_tensor(&points, &self.data)?, 0)?.reshape(shape)?;
        let y = match &self.targets {
            Some(targets) => targets.take(&index_tensor(&starts, targets)?, 0)?.into(),
            None => Columns::None,
        };
        Ok(Batch::new(x, y))
    }
}
