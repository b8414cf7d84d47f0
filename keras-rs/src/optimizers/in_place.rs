//! Updates of all variables in one pass over memory.

use super::base::Optimize;
use super::gradients::{Pair, decaying_part};
use super::slots::Step;
use crate::backend::Backend;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::variable::{ValueMut, Variable};
use keras_rs_kernels::{Update, Updated, update};
use std::collections::HashSet;

/// Decays and updates those variables that the rule can change in place; returns the others.
pub(super) fn update_in_place(rule: &dyn Optimize, pairs: Vec<Pair>, step: &Step<'_>) -> Result<Vec<Pair>> {
    let (mut others, mut planned, mut gradients) = (Vec::new(), Vec::new(), Vec::new());
    // Each variable with its slots.
    let mut targets: Vec<Variable> = Vec::new();
    let mut seen = HashSet::new();
    for (gradient, variable) in pairs {
        match plan(rule, &variable, step)?.filter(|_| seen.insert(variable.serial())) {
            Some((planned_update, slots)) => {
                let decay = decaying_part(rule, &variable, step).map_or(0.0, |part| part.get() as f32);
                gradients.push(gradient.cast(DType::F32)?);
                planned.push((planned_update, decay));
                targets.push(variable);
                targets.extend(slots);
            }
            None => others.push((gradient, variable)),
        }
    }
    let gradients = gradients.iter().map(|gradient| gradient.floats()).collect::<Result<Vec<_>>>()?;
    // In one order everywhere, so that no two optimizers wait for each other.
    let mut order: Vec<usize> = (0..targets.len()).collect();
    order.sort_unstable_by_key(|place| targets[*place].serial());
    let mut values: Vec<(usize, ValueMut<'_>)> = Vec::with_capacity(targets.len());
    for place in order {
        values.push((place, targets[place].value_mut()?));
    }
    values.sort_unstable_by_key(|(place, _)| *place);
    let mut numbers = values.iter_mut().zip(&targets).map(|((_, value), variable)| {
        value.floats().ok_or_else(|| Error::argument(variable.path(), "value", "numbers in memory", "others"))
    });
    let mut work = Vec::with_capacity(planned.len());
    for ((update, decay), gradient) in planned.into_iter().zip(&gradients) {
        let Some(variable) = numbers.next().transpose()? else { break };
        let slots = numbers.by_ref().take(update.slots()).collect::<Result<_>>()?;
        work.push(Updated { update, decay, gradient, variable, slots });
    }
    update(work);
    Ok(others)
}

/// The update of a variable and its slots, if all of them are in memory.
fn plan(
    rule: &dyn Optimize,
    variable: &Variable,
    step: &Step<'_>,
) -> Result<Option<(Update, Vec<Variable>)>> {
    let in_memory = |v: &Variable| v.dtype() == DType::F32 && v.device().backend() == Backend::Flex;
    let Some((update, names)) = rule.update_in_place(variable, step).filter(|_| in_memory(variable)) else {
        return Ok(None);
    };
    if names.len() != update.slots() {
        let expected = format!("{} slots for {update:?}", update.slots());
        return Err(Error::argument(rule.class_name(), "update_in_place", expected, names.len()));
    }
    let mut slots = Vec::with_capacity(names.len());
    for name in names {
        slots.push(step.slot(variable, name)?.clone());
    }
    Ok(slots.iter().all(in_memory).then_some((update, slots)))
}
