//! The range of the values' axis, and the numbers on it.

use std::ops::Range;

use plotters::coord::ranged1d::{BoldPoints, Ranged};
use plotters::coord::types::RangedCoordf64;

/// How many numbers an axis shows at most.
pub(super) const TICKS: usize = 8;

/// Values as large as this are drawn as if they were infinite; sums of smaller ones are finite.
const HUGE: f64 = 1e300;

/// The axis of a panel's values.
///
/// `plotters` finds round numbers by comparing with absolute tolerances, and loses very small and
/// very large ones. So it gets the values divided by a power of ten, which the labels put back.
pub(super) struct Axis {
    pub(super) range: Range<f64>,
    exponent: i32,
}

/// Whether a value has a place on an axis.
pub(super) fn is_drawable(value: f64) -> bool {
    value.abs() < HUGE
}

impl Axis {
    /// An axis that holds the values, with some room at both ends; 0 to 1 where there are none.
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let values = values.filter(|value| is_drawable(*value));
        let (mut low, mut high) = match values.clone().reduce(f64::min) {
            Some(low) => (low, values.fold(low, f64::max)),
            None => (0.0, 1.0),
        };
        let size = low.abs().max(high.abs());
        if high - low <= size * 1e-9 {
            let room = if size > 1e-290 { size * 0.1 } else { 0.5 };
            (low, high) = (low - room, high + room);
        }
        let room = (high - low) * 0.05;
        // What is never negative gets no negative part of the axis.
        low = if low >= 0.0 && low < room { 0.0 } else { low - room };
        high += room;
        let size = low.abs().max(high.abs());
        let exponent = if (1e-3..1e6).contains(&size) { 0 } else { size.log10().floor() as i32 };
        let mut axis = Self { range: 0.0..1.0, exponent };
        axis.range = axis.scaled(low)..axis.scaled(high);
        axis
    }

    /// A value in the axis' unit.
    pub(super) fn scaled(&self, value: f64) -> f64 {
        value / 10f64.powi(self.exponent)
    }

    /// Where the numbers stand, in the axis' unit.
    pub(super) fn ticks(&self) -> Vec<f64> {
        RangedCoordf64::from(self.range.clone()).key_points(BoldPoints(TICKS))
    }

    /// The number at `scaled`, in the digits that it needs.
    pub(super) fn label(&self, scaled: f64) -> String {
        let digits = format!("{scaled:.10}");
        match digits.trim_end_matches('0').trim_end_matches('.') {
            "0" | "-0" => "0".into(),
            digits if self.exponent == 0 => digits.into(),
            digits => format!("{digits}e{}", self.exponent),
        }
    }
}
