//! Mean and variance of data that comes in batches.

use crate::error::Result;
use crate::tensor::TensorData;

/// Mean and variance of groups of numbers, in `float64`, of all batches so far (Chan et al., 1979).
#[derive(Debug)]
pub(super) struct Moments {
    /// Numbers in each group.
    count: f64,
    pub(super) mean: Vec<f64>,
    pub(super) variance: Vec<f64>,
}

impl Moments {
    /// Of no numbers yet.
    pub(super) fn new(groups: usize) -> Self {
        Self { count: 0.0, mean: vec![0.0; groups], variance: vec![0.0; groups] }
    }

    /// Whether there were no numbers.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0.0
    }

    /// Adds a batch, whose numbers are grouped by their places along the `kept` axes; these are in order, and their
    /// sizes multiply to the number of groups.
    pub(super) fn add(&mut self, batch: &TensorData, kept: &[usize]) -> Result<()> {
        let (groups, values) = (self.mean.len(), batch.to_f64()?);
        if values.is_empty() || groups == 0 {
            return Ok(());
        }
        let group = group_of(batch.shape(), kept);
        let count = (values.len() / groups) as f64;
        let mut mean = vec![0.0; groups];
        for (i, value) in values.iter().enumerate() {
            mean[group(i)] += value / count;
        }
        let mut variance = vec![0.0; groups];
        for (i, value) in values.iter().enumerate() {
            let group = group(i);
            variance[group] += (value - mean[group]).powi(2) / count;
        }
        let share = count / (self.count + count);
        for g in 0..groups {
            let apart = mean[g] - self.mean[g];
            self.mean[g] += apart * share;
            self.variance[g] +=
                (variance[g] - self.variance[g]) * share + apart.powi(2) * share * (1.0 - share);
        }
        self.count += count;
        Ok(())
    }
}

/// Which group the number at a flat index belongs to.
fn group_of(shape: &[usize], kept: &[usize]) -> impl Fn(usize) -> usize {
    // How far apart neighbours along each kept axis are, among all numbers and among groups, and how many there are.
    let mut axes = Vec::with_capacity(kept.len());
    let (mut among_all, mut among_groups) = (1, 1);
    for (axis, &size) in shape.iter().enumerate().rev() {
        if kept.contains(&axis) {
            axes.push((among_all, among_groups, size));
            among_groups *= size;
        }
        among_all *= size;
    }
    move |i| axes.iter().map(|(all, groups, size)| i / all % size * groups).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn batches_of_other_sizes_give_what_all_together_give() {
        let values: Vec<f64> = (0..24).map(|i| f64::from(i * 7 % 11) + 1000.0).collect();
        let data = |range: std::ops::Range<usize>| {
            TensorData::from_values(&values[range.clone()], vec![range.len() / 6, 3, 2]).unwrap()
        };
        for kept in [vec![], vec![1], vec![2], vec![1, 2]] {
            let groups = kept.iter().map(|&axis| [4, 3, 2][axis]).product();
            let (mut whole, mut parts) = (Moments::new(groups), Moments::new(groups));
            whole.add(&data(0..24), &kept).unwrap();
            for part in [0..6, 6..6, 6..18, 18..24] {
                parts.add(&data(part), &kept).unwrap();
            }
            for g in 0..groups {
                assert!((whole.mean[g] - parts.mean[g]).abs() < 1e-9, "{kept:?}");
                assert!((whole.variance[g] - parts.variance[g]).abs() < 1e-9, "{kept:?}");
            }
        }
    }
}
