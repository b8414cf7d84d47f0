//! One axis or several.

use crate::config::{FromConfig, IntoConfig};
use serde_json::Value;

/// Axes to compute along: one, or a list; files distinguish the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axes {
    axes: Vec<isize>,
    list: bool,
}

impl Axes {
    /// The axes; negative ones count from the end.
    pub fn as_slice(&self) -> &[isize] {
        &self.axes
    }
}

impl From<isize> for Axes {
    fn from(axis: isize) -> Self {
        Self { axes: vec![axis], list: false }
    }
}

impl From<Vec<isize>> for Axes {
    fn from(axes: Vec<isize>) -> Self {
        Self { axes, list: true }
    }
}

impl<const N: usize> From<[isize; N]> for Axes {
    fn from(axes: [isize; N]) -> Self {
        Self { axes: axes.to_vec(), list: true }
    }
}

impl IntoConfig for Axes {
    fn to_config(&self) -> Value {
        match self.axes.as_slice() {
            [axis] if !self.list => (*axis).to_config(),
            _ => self.axes.to_config(),
        }
    }
}

impl FromConfig for Axes {
    const EXPECTED: &'static str = "an axis or a list of axes";

    fn from_value(value: &Value) -> Option<Self> {
        isize::from_value(value).map(Self::from).or_else(|| Vec::from_value(value).map(Self::from))
    }
}
