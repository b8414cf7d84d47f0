//! Label sequences from the outputs of connectionist temporal classification.

use super::ctc::class_number;
use super::host::made;
use super::{Data, OperationCall, ToData};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, TensorData};
use keras_rs_derive::operation;

mod beams;

use beams::beam_search;

/// How [`ctc_decode`] finds label sequences. Keras' argument `strategy`.
///
/// ```
/// use keras_rs::ops::CtcStrategy;
///
/// assert_eq!(CtcStrategy::try_from("beam_search")?, CtcStrategy::BeamSearch);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CtcStrategy {
    /// The most probable class of each step.
    #[default]
    Greedy,
    /// The most probable label sequences, of those that are kept after each step.
    BeamSearch,
}

impl CtcStrategy {
    const ALL: [(&'static str, Self); 2] = [("greedy", Self::Greedy), ("beam_search", Self::BeamSearch)];

    /// Keras' name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Greedy => "greedy",
            Self::BeamSearch => "beam_search",
        }
    }
}

impl TryFrom<&str> for CtcStrategy {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|(known, _)| *known == name);
        let found = found.map(|(_, strategy)| strategy);
        found.ok_or_else(|| Error::unknown_name("strategy", name, Self::ALL.map(|(known, _)| known)))
    }
}

/// Optional arguments of [`ctc_decode`].
///
/// ```
/// use keras_rs::ops::{CtcDecoding, CtcStrategy};
///
/// let options = CtcDecoding::new().strategy(CtcStrategy::BeamSearch).top_paths(3);
/// assert_eq!((options.beam_width, options.top_paths, options.mask_index), (100, 3, 0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CtcDecoding {
    /// How label sequences are found.
    pub strategy: CtcStrategy,
    /// How many label sequences beam search keeps after each step.
    pub beam_width: usize,
    /// How many label sequences beam search returns.
    pub top_paths: usize,
    /// Whether the greedy strategy takes equal classes in a row as one label; beam search always does.
    pub merge_repeated: bool,
    /// The class that is the blank; a negative number counts from the end.
    pub mask_index: isize,
}

impl Default for CtcDecoding {
    fn default() -> Self {
        Self {
            strategy: CtcStrategy::Greedy,
            beam_width: 100,
            top_paths: 1,
            merge_repeated: true,
            mask_index: 0,
        }
    }
}

/// Setters, named as the fields.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $ty:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $ty) -> Self {
            self.$name = $name;
            self
        }
    )*};
}

impl CtcDecoding {
    /// Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Sets how label sequences are found.
        strategy: CtcStrategy;
        /// Sets how many label sequences beam search keeps after each step.
        beam_width: usize;
        /// Sets how many label sequences beam search returns.
        top_paths: usize;
        /// Sets whether the greedy strategy takes equal classes in a row as one label.
        merge_repeated: bool;
        /// Sets the class that is the blank.
        mask_index: isize;
    }

    /// Adds the arguments of an operation of a model.
    fn write_to(&self, call: &mut OperationCall) {
        call.argument("strategy", Data::Text(self.strategy.name().into()));
        call.argument("beam_width", self.beam_width.to_data());
        call.argument("top_paths", self.top_paths.to_data());
        call.argument("merge_repeated", self.merge_repeated.to_data());
        call.argument("mask_index", self.mask_index.to_data());
    }

    /// How many label sequences there are for each row.
    fn paths(&self) -> Result<usize> {
        if self.strategy == CtcStrategy::Greedy {
            return Ok(1);
        }
        for (name, number) in [("beam_width", self.beam_width), ("top_paths", self.top_paths)] {
            if number == 0 {
                return Err(Error::argument("ctc_decode", name, "at least 1", number));
            }
        }
        Ok(self.top_paths)
    }
}

/// Label sequences from logits of time steps, and a number for each: by the greedy strategy minus the sum of the largest
/// logits, by beam search the logarithm of the probability. Keras' `ops.ctc_decode`.
///
/// Shapes: `inputs` `(batch, steps, classes)` with logits, `sequence_lengths` `(batch,)` says how many steps of each row
/// count. The sequences are `(paths, batch, steps)` of `int32`, filled up with -1, the numbers `(batch, paths)`; the greedy
/// strategy gives one path. Beam search fills missing paths with -1 and minus infinity, and always reads the first step, as
/// Keras on JAX. Gradients flow to `inputs` through the numbers of the greedy strategy.
///
/// # Errors
/// [`Error::Shape`] for other shapes or without steps, [`Error::Argument`] for a blank that is no class and for sizes of 0,
/// or where the gradient of a beam search is asked for.
///
/// ```
/// use keras_rs::{Tensor, ops, ops::CtcDecoding};
///
/// // The most probable classes are 1, 1, 0 (the blank), 1.
/// let logits = Tensor::from([[[0.0, 4.0], [0.0, 3.0], [2.0, 0.0], [0.0, 1.0]]])?;
/// let [labels, scores] = ops::ctc_decode(&logits, &Tensor::from([4])?, CtcDecoding::new())?;
/// assert_eq!(labels.to_vec::<i32>()?, [1, 1, -1, -1]);
/// assert_eq!(scores.to_vec::<f32>()?, [-10.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation("CTCDecode", spread(options))]
pub fn ctc_decode(inputs: &Tensor, sequence_lengths: &Tensor, options: CtcDecoding) -> Result<[Tensor; 2]> {
    check(&inputs.shape().into(), &sequence_lengths.shape().into())?;
    let paths = options.paths()?;
    let (batch, steps, classes) = (inputs.shape()[0], inputs.shape()[1], inputs.shape()[2]);
    if steps == 0 {
        return Err(Error::shape("ctc_decode", "inputs", "at least one step", tuple(inputs.shape())));
    }
    let blank = class_number("ctc_decode", options.mask_index, classes)?;
    let logits = inputs.cast(inputs.dtype().promote(DType::F32))?;
    let counts: Vec<usize> = sequence_lengths
        .cast(DType::I32)?
        .to_data()?
        .to_i64()?
        .into_iter()
        .map(|count| usize::try_from(count).unwrap_or(0).min(steps))
        .collect();
    crate::limits::check_shape("ctc_decode", DType::I32, &[paths, batch, steps])?;
    if options.strategy == CtcStrategy::Greedy {
        return greedy(&logits, &counts, blank, options.merge_repeated);
    }
    super::host::require_constant("ctc_decode", "inputs", inputs)?;
    let values = logits.log_softmax(-1)?.to_f64_vec()?;
    let mut labels = vec![-1_i32; paths * batch * steps];
    let mut scores = Vec::with_capacity(batch * paths);
    for (row, logarithms) in values.chunks(steps * classes).enumerate() {
        let counted = &logarithms[..counts[row].max(1) * classes];
        let mut found = beam_search(counted, classes, blank, options.beam_width, logits.dtype());
        found.resize(paths, (Vec::new(), f64::NEG_INFINITY));
        for (number, (path, score)) in found.into_iter().enumerate() {
            let start = (number * batch + row) * steps;
            for (place, class) in labels[start..].iter_mut().zip(path) {
                *place = i32::try_from(class).unwrap_or(i32::MAX);
            }
            scores.push(score);
        }
    }
    let labels = TensorData::from_values(&labels, vec![paths, batch, steps])?;
    Ok([
        Tensor::from_data_on(labels, inputs.device())?,
        made(&scores, [batch, paths], logits.dtype(), &logits)?,
    ])
}

/// The largest logits of each step, up to the number of steps that count.
fn greedy(logits: &Tensor, counts: &[usize], blank: usize, merge_repeated: bool) -> Result<[Tensor; 2]> {
    let (batch, steps) = (logits.shape()[0], logits.shape()[1]);
    let classes = logits.argmax(-1)?.to_data()?.to_i64()?;
    let mut labels = vec![-1_i32; batch * steps];
    let mut counted = vec![0.0; batch * steps];
    for (row, &count) in counts.iter().enumerate() {
        let rows = row * steps..row * steps + count;
        counted[rows.clone()].fill(1.0);
        let mut last = None;
        let mut places = labels[row * steps..].iter_mut();
        for &class in &classes[rows] {
            let is_label = class != blank as i64 && !(merge_repeated && last == Some(class));
            if is_label && let Some(place) = places.next() {
                *place = i32::try_from(class).unwrap_or(i32::MAX);
            }
            last = Some(class);
        }
    }
    let largest = logits.max(&[-1], false)?;
    let counted = made(&counted, [batch, steps], DType::I32, logits)?.cast(DType::Bool)?;
    let scores = largest.where_(&counted, &largest.full_like([1, 1], 0.0)?)?;
    let labels = TensorData::from_values(&labels, vec![1, batch, steps])?;
    Ok([Tensor::from_data_on(labels, logits.device())?, scores.sum(&[1], true)?.neg()?])
}

fn check(inputs: &Shape, lengths: &Shape) -> Result<()> {
    if inputs.rank() != 3 {
        return Err(Error::shape("ctc_decode", "inputs", "logits (batch, steps, classes)", inputs));
    }
    let same = match (lengths.dims(), inputs.dims()[0]) {
        ([Some(own)], Some(batch)) => *own == batch,
        (dims, _) => dims.len() == 1,
    };
    if same {
        return Ok(());
    }
    let expected = format!("numbers (batch,) for the logits {inputs}");
    Err(Error::shape("ctc_decode", "sequence_lengths", expected, lengths))
}

pub(crate) fn ctc_decode_spec(
    (inputs, dtype): &Spec,
    (lengths, _): &Spec,
    options: CtcDecoding,
) -> Result<[Spec; 2]> {
    check(inputs, lengths)?;
    let (batch, steps, paths) = (inputs.dims()[0], inputs.dims()[1], Some(options.paths()?));
    Ok([
        (Shape::new(vec![paths, batch, steps]), DType::I32),
        (Shape::new(vec![batch, paths]), dtype.promote(DType::F32)),
    ])
}
