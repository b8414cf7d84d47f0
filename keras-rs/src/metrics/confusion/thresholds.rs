//! One threshold or several.

use crate::config::{FromConfig, IntoConfig, Number};
use crate::error::{Error, Result};
use serde_json::Value;

/// One threshold, or a list: the metric then has a value for each. Files distinguish the two.
///
/// ```
/// use keras_rs::metrics::Thresholds;
///
/// assert_eq!(Thresholds::from(0.5).values(), [0.5]);
/// assert_eq!(Thresholds::from([0.7, 0.3]).values(), [0.7, 0.3]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    values: Vec<Number>,
    list: bool,
}

impl Thresholds {
    /// The thresholds in the order given.
    pub fn values(&self) -> Vec<f64> {
        self.values.iter().map(|v| v.get()).collect()
    }

    /// The values of an argument, or the default where it is not given; refuses values outside of [0, 1].
    pub(super) fn parse(thresholds: Option<&Self>, default: f64, metric: &str) -> Result<Vec<f64>> {
        let Some(thresholds) = thresholds else { return Ok(vec![default]) };
        let values = thresholds.values();
        match values.iter().find(|v| !(0.0..=1.0).contains(*v)) {
            None => Ok(values),
            Some(value) => Err(Error::argument(metric, "thresholds", "numbers in [0, 1]", value)),
        }
    }
}

macro_rules! from_number {
    ($($ty:ty),*) => {$(
        impl From<$ty> for Thresholds {
            fn from(value: $ty) -> Self {
                Self { values: vec![value.into()], list: false }
            }
        }

        impl From<Vec<$ty>> for Thresholds {
            fn from(values: Vec<$ty>) -> Self {
                Self { values: values.into_iter().map(Into::into).collect(), list: true }
            }
        }

        impl<const N: usize> From<[$ty; N]> for Thresholds {
            fn from(values: [$ty; N]) -> Self {
                values.to_vec().into()
            }
        }
    )*};
}

from_number!(f64, f32, i32);

impl IntoConfig for Thresholds {
    fn to_config(&self) -> Value {
        match self.values.as_slice() {
            [value] if !self.list => value.to_config(),
            _ => self.values.to_config(),
        }
    }
}

impl FromConfig for Thresholds {
    const EXPECTED: &'static str = "a number or a list of numbers";

    fn from_value(value: &Value) -> Option<Self> {
        if let Some(number) = Number::from_value(value) {
            return Some(Self { values: vec![number], list: false });
        }
        Some(Self { values: Vec::from_value(value)?, list: true })
    }
}
