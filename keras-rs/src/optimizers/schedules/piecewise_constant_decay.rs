//! Rates that are constant between boundaries.

use super::{Schedule, name_setter};
use crate::config::{Config, ConfigExt, ConfigReader, Number};
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
#[derive(Clone, Debug, PartialEq)]
pub struct PiecewiseConstantDecay {
    boundaries: Vec<Number>,
    values: Vec<Number>,
    name: String,
}

impl PiecewiseConstantDecay {
    /// With at least one boundary, in growing order, and one value more than boundaries.
    pub fn new<B: Into<Number>, V: Into<Number>>(
        boundaries: impl IntoIterator<Item = B>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        Self {
            boundaries: boundaries.into_iter().map(Into::into).collect(),
            values: values.into_iter().map(Into::into).collect(),
            name: "PiecewiseConstant".into(),
        }
    }

    name_setter!();

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let made = Self::new(c.take::<Vec<Number>>("boundaries")?, c.take::<Vec<Number>>("values")?);
        made.first_and_last(c.object())?;
        Ok(Self { name: c.take_or("name", made.name)?, ..made })
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
    fn class_name(&self) -> &str {
        "PiecewiseConstantDecay"
    }

    fn config(&self) -> Config {
        Config::new()
            .with("boundaries", self.boundaries.clone())
            .with("values", self.values.clone())
            .with("name", &self.name)
    }

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
