//! What happens to gradients and variables around an update: clipping and decay.

use super::base::{Optimize, OptimizerBase};
use crate::error::Result;
use crate::tensor::Tensor;
use crate::variable::Variable;

/// A variable and its gradient.
pub(super) type Pair = (Tensor, Variable);

/// Norm over all elements, which is never zero: what is divided by it is zero then.
fn norm(squares: &Tensor) -> Result<f64> {
    Ok(squares.to_scalar()?.sqrt())
}

fn squares(gradient: &Tensor) -> Result<Tensor> {
    gradient.square()?.sum(&[], false)
}

/// Bounds gradients as the arguments say.
pub(super) fn clip(base: &OptimizerBase, pairs: Vec<Pair>) -> Result<Vec<Pair>> {
    let positive = |bound: Option<f64>| bound.filter(|&b| b > 0.0);
    if let Some(bound) = positive(base.clipnorm) {
        let clipped = |(gradient, variable): Pair| -> Result<Pair> {
            let norm = norm(&squares(&gradient)?)?;
            let gradient = if norm > bound { gradient.mul_scalar(bound / norm)? } else { gradient };
            Ok((gradient, variable))
        };
        return pairs.into_iter().map(clipped).collect();
    }
    if let Some(bound) = positive(base.global_clipnorm) {
        let mut total = 0.0;
        for (gradient, _) in &pairs {
            total += squares(gradient)?.to_scalar()?;
        }
        let scale = bound / total.sqrt().max(bound);
        return pairs.into_iter().map(|(g, v)| Ok((g.mul_scalar(scale)?, v))).collect();
    }
    if let Some(bound) = positive(base.clipvalue) {
        return pairs.into_iter().map(|(g, v)| Ok((g.clip(Some(-bound), Some(bound))?, v))).collect();
    }
    Ok(pairs)
}

/// Takes a share of each variable away.
pub(super) fn decay(rule: &dyn Optimize, variable: &Variable, learning_rate: f64) -> Result<()> {
    if !rule.base().decays(variable) {
        return Ok(());
    }
    let Some(decay) = rule.weight_decay_of(variable) else { return Ok(()) };
    let value = variable.value()?;
    variable.assign(&value.sub(&value.mul_scalar(decay)?.mul_scalar(learning_rate)?)?)
}
