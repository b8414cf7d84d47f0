//! One metric: its curves in training and validation.

use indexmap::IndexMap;

use super::axis::is_drawable;

/// A metric and its curves.
#[derive(Debug)]
pub(super) struct Panel<'a> {
    pub(super) name: &'a str,
    pub(super) curves: Vec<Curve>,
}

/// The values of a metric in training or in validation.
#[derive(Debug)]
pub(super) struct Curve {
    pub(super) is_validation: bool,
    /// Epochs, counted from 1, and values.
    pub(super) points: Vec<(usize, f64)>,
}

impl<'a> Panel<'a> {
    /// The panels of a history, in the order in which it names the metrics.
    pub(super) fn of(history: &'a IndexMap<String, Vec<f64>>) -> Vec<Self> {
        let epochs = history.values().map(Vec::len).max().unwrap_or(0);
        let mut panels: IndexMap<&str, Vec<Curve>> = IndexMap::new();
        for (key, values) in history.iter().filter(|(_, values)| !values.is_empty()) {
            let validated = key.strip_prefix("val_").filter(|name| !name.is_empty());
            let is_validation = validated.is_some();
            // With a `validation_freq`, only every second, third, ... epoch has a value.
            let every = if is_validation { epochs / values.len() } else { 1 };
            let points = (1..).map(|i: usize| i * every).zip(values.iter().copied()).collect();
            panels.entry(validated.unwrap_or(key)).or_default().push(Curve { is_validation, points });
        }
        let panel = |(name, mut curves): (&'a str, Vec<Curve>)| {
            curves.sort_by_key(|curve| curve.is_validation);
            Self { name, curves }
        };
        panels.into_iter().map(panel).collect()
    }

    /// The last epoch of any curve.
    pub(super) fn epochs(&self) -> usize {
        self.points().map(|(epoch, _)| epoch).max().unwrap_or(1)
    }

    /// Whether the curves end in the upper half of their values.
    pub(super) fn ends_high(&self) -> bool {
        let values = self.points().map(|(_, value)| value).filter(|value| is_drawable(*value));
        let (low, high) = (values.clone().fold(f64::MAX, f64::min), values.fold(f64::MIN, f64::max));
        let last = self.curves.iter().filter_map(|curve| curve.runs().last()?.last());
        // Halved first, as the sum may be infinite.
        last.map(|(_, value)| value - (low / 2.0 + high / 2.0)).sum::<f64>() > 0.0
    }

    /// The points of all curves.
    pub(super) fn points(&self) -> impl Iterator<Item = (usize, f64)> + Clone {
        self.curves.iter().flat_map(|curve| curve.points.iter().copied())
    }
}

impl Curve {
    pub(super) fn name(&self) -> &'static str {
        if self.is_validation { "validation" } else { "training" }
    }

    /// Stretches of values that can be drawn.
    pub(super) fn runs(&self) -> impl Iterator<Item = &[(usize, f64)]> {
        self.points.split(|(_, value)| !is_drawable(*value)).filter(|run| !run.is_empty())
    }

    /// The epochs at which values stop to be finite numbers.
    pub(super) fn gaps(&self) -> impl Iterator<Item = usize> {
        let before = [None].into_iter().chain(self.points.iter().map(Some));
        let gaps = self.points.iter().zip(before).filter(|((_, value), before)| {
            !is_drawable(*value) && before.is_none_or(|(_, before)| is_drawable(*before))
        });
        gaps.map(|((epoch, _), _)| *epoch)
    }
}
