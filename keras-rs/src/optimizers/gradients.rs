//! Gradient clipping and weight decay.
//!
//! Norms are not read by the host, which would have to wait for all gradients before.

use super::base::{Optimize, OptimizerBase};
use super::numbers::HostFloat;
use super::slots::{Step, store};
use crate::error::{Error, Result};
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;
use regex_lite::Regex;

/// A variable and its gradient.
pub(super) type Pair = (Tensor, Variable);

/// Sum of squares, as a single reduction so that half precision is rounded once.
fn squares(gradient: &Tensor) -> Result<Tensor> {
    gradient.square()?.reshape([gradient.len()])?.sum(&[], false)
}

/// A norm, or the bound where that is larger.
fn at_least(norm: &Tensor, bound: f64) -> Result<Tensor> {
    norm.maximum(&norm.full_like(Vec::new(), bound)?)
}

/// A gradient whose norm is at most `bound`; rounded where Keras rounds.
fn clip_norm(gradient: &Tensor, bound: f64) -> Result<Tensor> {
    let norm = at_least(&squares(gradient)?.sqrt()?, bound)?;
    Formula::evaluate(vec![Formula::from(gradient) * bound / Formula::from(norm)])
        .map(|mut all| all.remove(0))
}

/// Clips gradients as the arguments say. As in Keras, a bound of zero clips nothing.
pub(super) fn clip(base: &OptimizerBase, pairs: Vec<Pair>) -> Result<Vec<Pair>> {
    let positive = |bound: Option<f64>| bound.filter(|&b| b > 0.0);
    if let Some(bound) = positive(base.clipnorm) {
        return pairs.into_iter().map(|(g, v)| Ok((clip_norm(&g, bound)?, v))).collect();
    }
    if let Some(bound) = positive(base.global_clipnorm) {
        let mut total: Option<Tensor> = None;
        for (gradient, _) in &pairs {
            let sum_of_squares = squares(gradient)?;
            total = Some(total.map_or(Ok(sum_of_squares.clone()), |sum| sum.add(&sum_of_squares))?);
        }
        let Some(norm) = total.map(|sum| sum.sqrt()).transpose()? else { return Ok(pairs) };
        // Unlike for single gradients, an infinite norm makes every gradient NaN.
        let scale = at_least(&norm, bound)?.recip()?.mul_scalar(bound)?.add(&norm.sub(&norm)?)?;
        return pairs.into_iter().map(|(g, v)| Ok((g.mul(&scale)?, v))).collect();
    }
    if let Some(bound) = positive(base.clipvalue) {
        return pairs.into_iter().map(|(g, v)| Ok((g.clip(Some(-bound), Some(bound))?, v))).collect();
    }
    Ok(pairs)
}

/// The variables that weight decay does not apply to.
#[derive(Clone, Debug)]
pub(super) struct Excluded {
    /// Regular expressions; they match a part of the name.
    pub(super) names: Vec<String>,
    pub(super) variables: Vec<Variable>,
}

impl Excluded {
    /// For each variable, whether weight decay applies to it.
    pub(super) fn decaying(&self, optimizer: &str, variables: &[Variable]) -> Result<Vec<bool>> {
        let compiled = |pattern: &String| {
            Regex::new(pattern).map_err(|_| {
                let expected = "regular expressions (without look-around and back-references)";
                Error::argument(optimizer, "exclude_from_weight_decay", expected, pattern)
            })
        };
        let patterns = self.names.iter().map(compiled).collect::<Result<Vec<_>>>()?;
        let excluded = |variable: &Variable| {
            patterns.iter().any(|pattern| pattern.is_match(variable.name()))
                || self.variables.iter().any(|other| other.same(variable))
        };
        Ok(variables.iter().map(|variable| !excluded(variable)).collect())
    }
}

/// The part of a variable that weight decay subtracts, where it applies.
pub(super) fn decaying_part(rule: &dyn Optimize, variable: &Variable, step: &Step<'_>) -> Option<HostFloat> {
    let decay = rule.weight_decay_of(variable, step).filter(|_| step.slots().decays(variable))?;
    Some(step.rate(variable) * decay)
}

/// Applies weight decay to a variable.
pub(super) fn decay(rule: &dyn Optimize, variable: &Variable, step: &Step<'_>) -> Result<()> {
    let Some(part) = decaying_part(rule, variable, step) else { return Ok(()) };
    let value = Formula::from(variable.value()?);
    store(vec![(variable, &value - &value * part)])
}
