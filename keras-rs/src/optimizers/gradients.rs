//! What happens to gradients and variables around an update: clipping and decay.
//!
//! Norms stay on the device: reading one would make the host wait for every gradient before it.

use super::base::{Optimize, OptimizerBase};
use super::slots::Step;
use crate::error::Result;
use crate::tensor::Tensor;
use crate::variable::Variable;

/// A variable and its gradient.
pub(super) type Pair = (Tensor, Variable);

fn squares(gradient: &Tensor) -> Result<Tensor> {
    gradient.square()?.sum(&[], false)
}

/// What gradients of this norm are multiplied with so that it is at most `bound`.
fn share(norm: &Tensor, bound: f64) -> Result<Tensor> {
    let bound = norm.full_like(Vec::new(), bound)?;
    bound.div(&norm.maximum(&bound)?)
}

/// Bounds gradients as the arguments say. As in Keras a bound of zero bounds nothing.
pub(super) fn clip(base: &OptimizerBase, pairs: Vec<Pair>) -> Result<Vec<Pair>> {
    let positive = |bound: Option<f64>| bound.filter(|&b| b > 0.0);
    if let Some(bound) = positive(base.clipnorm) {
        let clipped = |(g, v): Pair| Ok((g.mul(&share(&squares(&g)?.sqrt()?, bound)?)?, v));
        return pairs.into_iter().map(clipped).collect();
    }
    if let Some(bound) = positive(base.global_clipnorm) {
        let mut total: Option<Tensor> = None;
        for (gradient, _) in &pairs {
            let more = squares(gradient)?;
            total = Some(total.map_or(Ok(more.clone()), |sum| sum.add(&more))?);
        }
        let Some(norm) = total.map(|sum| sum.sqrt()).transpose()? else { return Ok(pairs) };
        // Unlike for single gradients, an infinite norm makes every gradient NaN.
        let scale = share(&norm, bound)?.add(&norm.sub(&norm)?)?;
        return pairs.into_iter().map(|(g, v)| Ok((g.mul(&scale)?, v))).collect();
    }
    if let Some(bound) = positive(base.clipvalue) {
        return pairs.into_iter().map(|(g, v)| Ok((g.clip(Some(-bound), Some(bound))?, v))).collect();
    }
    Ok(pairs)
}

/// Takes a share of the variable away.
pub(super) fn decay(rule: &dyn Optimize, variable: &Variable, step: &Step<'_>) -> Result<()> {
    let decay = rule.weight_decay_of(variable).filter(|_| step.slots().decays(variable));
    let Some(decay) = decay else { return Ok(()) };
    let share = step.rate(variable) * decay;
    let value = variable.value()?;
    variable.assign(&value.sub(&value.mul_scalar(share.get())?)?)
}
