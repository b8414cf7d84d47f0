//! Rates that are constant between boundaries.

use super::Schedule;
use crate::config::{KerasConfig, Number};
use crate::error::{Error, Result};

/// The first of `values` up to and including the first of `boundaries`, then the second, and so on. Keras'
/// `PiecewiseConstantDecay`.
///
/// ```
/// use keras_rs::optimizers::schedules::{PiecewiseConstantDecay, Schedule};
///
/// let schedule = PiecewiseConstantDecay::new([100, 200], [1.0, 0.5, 0.25]);
/// assert_eq!((schedule.call(100)?, schedule.call(101)?, schedule.call(201)?), (1.0, 0.5, 0.25));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, KerasConfig)]
#[keras(
    module = "keras.optimizers.schedules",
    constructor = of,
    check = |made, object| made.first_and_last(object).map(|_| ())
)]
pub struct PiecewiseConstantDecay {
    #[keras(new)]
    boundaries: Vec<Number>,
    #[keras(new)]
    values: Vec<Number>,
    /// Name (default `PiecewiseConstant`), which only configurations show.
    #[keras(default = "PiecewiseConstant")]
    name: String,
}

impl PiecewiseConstantDecay {
    /// With at least one boundary, in growing order, and one value more than boundaries.
    pub fn new<B: Into<Number>, V: Into<Number>>(
        boundaries: impl IntoIterator<Item = B>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        Self::of(
            boundaries.into_iter().map(Into::into).collect::<Vec<Number>>(),
            values.into_iter().map(Into::into).collect::<Vec<Number>>(),
        )
    }

    /// The first and the last boundary.
    fn first_and_last(&self, name: &str) -> Result<(Number, Number)> {
        let (Some(&first), Some(&last)) = (self.boundaries.first(), self.boundaries.last()) else {
            return Err(Error::argument(name, "boundaries", "at least one", "none"));
        };
        let expected = self.boundaries.len() + 1;
        if self.values.len() != expected {
            let expected = format!("{expected}, one more than boundaries");
            return Err(Error::argument(name, "values", expected, self.values.len()));
        }
        Ok((first, last))
    }
}

impl Schedule for PiecewiseConstantDecay {
    fn call(&self, step: u64) -> Result<f64> {
        let (first, last) = self.first_and_last(&self.name)?;
        // Keras casts boundaries to the type of the step, an integer.
        let step = step as f64;
        let after = |boundary: Number| step > boundary.get().trunc();
        let mut rate = 0.0;
        let mut add = |condition: bool, value: Option<&Number>| {
            if let (true, Some(value)) = (condition, value) {
                rate += value.get() as f32;
            }
        };
        // A sum as in Keras, so that unsorted boundaries give the same result.
        add(!after(first), self.values.first());
        add(after(last), self.values.last());
        for (pair, value) in self.boundaries.windows(2).zip(self.values.iter().skip(1)) {
            add(after(pair[0]) && !after(pair[1]), Some(value));
        }
        Ok(f64::from(rate))
    }
}
