//! Updates of trained variables by their gradients: one pass over each, all of them in one parallel job.

use crate::cpu::{self, Work};
use crate::threads;
use std::sync::{Mutex, PoisonError};

/// Numbers that a thread takes at a time.
const PART: usize = 1 << 14;

/// How numbers are changed by their gradients, with the numbers that an optimizer keeps for each (slots). Keras' rules,
/// with their numbers as `f32`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Update {
    /// Gradient descent; a slot, unless the momentum is zero.
    Sgd {
        /// Learning rate.
        rate: f32,
        /// What is left of the last change.
        momentum: f32,
        /// Whether the step is that of the changed momentum.
        nesterov: bool,
    },
    /// Running means of gradients and of their squares, two slots; with `amsgrad` a third for the largest mean of squares.
    Adam {
        /// Learning rate, corrected for the means' start at zero.
        rate: f32,
        /// The new gradient's shares in the means.
        shares: [f32; 2],
        /// Is added to the divisor.
        epsilon: f32,
        /// Whether the largest mean of squares is used.
        amsgrad: bool,
    },
    /// A running mean of squares, a slot; then the mean of gradients where it is `centered`, then the last change where
    /// the momentum is not zero.
    RmsProp {
        /// Learning rate.
        rate: f32,
        /// The shares of the mean and of the new gradient's square in the new mean.
        shares: [f32; 2],
        /// What is left of the last change.
        momentum: f32,
        /// Is added to the mean of squares.
        epsilon: f32,
        /// Whether the mean of gradients is subtracted.
        centered: bool,
    },
}

impl Update {
    /// Number of slots.
    ///
    /// ```
    /// use keras_rs_kernels::Update;
    ///
    /// assert_eq!(Update::Sgd { rate: 0.1, momentum: 0.0, nesterov: false }.slots(), 0);
    /// ```
    pub fn slots(self) -> usize {
        match self {
            Self::Sgd { momentum, .. } => usize::from(momentum != 0.0),
            Self::Adam { amsgrad, .. } => 2 + usize::from(amsgrad),
            Self::RmsProp { momentum, centered, .. } => {
                1 + usize::from(centered) + usize::from(momentum > 0.0)
            }
        }
    }
}

/// A variable with what changes it.
#[derive(Debug)]
pub struct Updated<'a> {
    /// The rule.
    pub update: Update,
    /// The part of the variable that is subtracted before; zero for none.
    pub decay: f32,
    /// The gradients.
    pub gradient: &'a [f32],
    /// The numbers.
    pub variable: &'a mut [f32],
    /// The slots.
    pub slots: Vec<&'a mut [f32]>,
}

/// Changes variables by their gradients.
///
/// ```
/// use keras_rs_kernels::{Update, Updated, update};
///
/// let (mut variable, update_rule) = ([1.0, 2.0], Update::Sgd { rate: 0.5, momentum: 0.0, nesterov: false });
/// let work = Updated { update: update_rule, decay: 0.0, gradient: &[1.0, -1.0], variable: &mut variable, slots: vec![] };
/// update(vec![work]);
/// assert_eq!(variable, [0.5, 2.5]);
/// ```
///
/// # Panics
/// Where gradients, variables and slots differ in length, or the number of slots is not the rule's.
pub fn update(all: Vec<Updated<'_>>) {
    let mut parts = Vec::new();
    for mut rest in all {
        let length = rest.variable.len();
        let fits = rest.slots.iter().all(|slot| slot.len() == length) && rest.gradient.len() == length;
        assert!(fits, "gradients, variables and slots have other lengths");
        assert_eq!(rest.slots.len(), rest.update.slots(), "slots");
        while rest.variable.len() > PART {
            let (gradient, gradients) = rest.gradient.split_at(PART);
            let (variable, variables) = rest.variable.split_at_mut(PART);
            let (first, slots) = rest.slots.into_iter().map(|slot| slot.split_at_mut(PART)).unzip();
            parts.push(Mutex::new(Updated { gradient, variable, slots: first, ..rest }));
            rest = Updated {
                gradient: gradients,
                variable: variables,
                slots,
                update: rest.update,
                decay: rest.decay,
            };
        }
        parts.push(Mutex::new(rest));
    }
    // Each is locked once: locks only say that no two threads have the same one.
    let run = |part: usize| cpu::run(Part(&mut parts[part].lock().unwrap_or_else(PoisonError::into_inner)));
    if parts.len() == 1 { run(0) } else { threads::run(parts.len(), &run) }
}

struct Part<'a, 'b>(&'a mut Updated<'b>);

impl Work for Part<'_, '_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Updated { update, decay, gradient, variable, slots } = self.0;
        if *decay != 0.0 {
            variable.iter_mut().for_each(|w| *w -= *w * *decay);
        }
        match (*update, &mut slots[..]) {
            (Update::Sgd { rate, .. }, []) => {
                for (w, g) in variable.iter_mut().zip(*gradient) {
                    *w -= g * rate;
                }
            }
            (Update::Sgd { rate, momentum, nesterov }, [v]) => {
                for ((w, g), v) in variable.iter_mut().zip(*gradient).zip(v.iter_mut()) {
                    let change = g * rate;
                    *v = *v * momentum - change;
                    *w += if nesterov { *v * momentum - change } else { *v };
                }
            }
            (Update::Adam { rate, shares, epsilon, .. }, [m, v]) => {
                let slots = m.iter_mut().zip(v.iter_mut());
                for ((w, g), (m, v)) in variable.iter_mut().zip(*gradient).zip(slots) {
                    means(*g, m, v, shares);
                    *w -= *m * rate / (v.sqrt() + epsilon);
                }
            }
            (Update::Adam { rate, shares, epsilon, .. }, [m, v, most]) => {
                let slots = m.iter_mut().zip(v.iter_mut()).zip(most.iter_mut());
                for ((w, g), ((m, v), most)) in variable.iter_mut().zip(*gradient).zip(slots) {
                    means(*g, m, v, shares);
                    // Not a number stays that.
                    *most = if *most > *v || most.is_nan() { *most } else { *v };
                    *w -= *m * rate / (most.sqrt() + epsilon);
                }
            }
            (Update::RmsProp { rate, shares, momentum, epsilon, centered }, [v, rest @ ..]) => {
                let (mut mean, mut last) = match rest {
                    [mean, last] => (Some(mean), Some(last)),
                    [mean] if centered => (Some(mean), None),
                    [last] => (None, Some(last)),
                    _ => (None, None),
                };
                for (i, ((w, g), v)) in variable.iter_mut().zip(*gradient).zip(v.iter_mut()).enumerate() {
                    *v = *v * shares[0] + g * g * shares[1];
                    let mut variance = *v;
                    if let Some(mean) = &mut mean {
                        mean[i] = mean[i] * shares[0] + g * shares[1];
                        variance -= mean[i] * mean[i];
                    }
                    let mut change = g * rate / (variance + epsilon).sqrt();
                    if let Some(last) = &mut last {
                        change += last[i] * momentum;
                        last[i] = change;
                    }
                    *w -= change;
                }
            }
            (update, slots) => unreachable!("{update:?} with {} slots", slots.len()),
        }
    }
}

/// Brings Adam's running means forward.
#[inline(always)]
fn means(g: f32, m: &mut f32, v: &mut f32, shares: [f32; 2]) {
    *m += (g - *m) * shares[0];
    *v += (g * g - *v) * shares[1];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Random;

    /// A number of a variable with its slots, after an update in `f64`.
    fn exact(update: Update, decay: f32, g: f32, w: f32, slots: &[f32]) -> (f64, Vec<f64>) {
        let (g, w) = (f64::from(g), f64::from(w) * (1.0 - f64::from(decay)));
        let s: Vec<f64> = slots.iter().map(|s| f64::from(*s)).collect();
        match update {
            Update::Sgd { rate, momentum, nesterov } => {
                let (rate, momentum) = (f64::from(rate), f64::from(momentum));
                let Some(v) = s.first().map(|v| v * momentum - rate * g) else {
                    return (w - rate * g, vec![]);
                };
                (if nesterov { w + v * momentum - rate * g } else { w + v }, vec![v])
            }
            Update::Adam { rate, shares, epsilon, .. } => {
                let m = s[0] + (g - s[0]) * f64::from(shares[0]);
                let v = s[1] + (g * g - s[1]) * f64::from(shares[1]);
                let most = s.get(2).map(|most| most.max(v));
                let divisor = most.unwrap_or(v).sqrt() + f64::from(epsilon);
                (w - m * f64::from(rate) / divisor, [m, v].into_iter().chain(most).collect())
            }
            Update::RmsProp { rate, shares, momentum, epsilon, centered } => {
                let [kept, new] = shares.map(f64::from);
                let v = s[0] * kept + g * g * new;
                let mean = centered.then(|| s[1] * kept + g * new);
                let variance = v - mean.unwrap_or(0.0).powi(2);
                let change = g * f64::from(rate) / (variance + f64::from(epsilon)).sqrt();
                let last = (momentum > 0.0).then(|| s[s.len() - 1] * f64::from(momentum) + change);
                (w - last.unwrap_or(change), [v].into_iter().chain(mean).chain(last).collect())
            }
        }
    }

    #[test]
    fn as_formulas() {
        let mut random = Random::new(31);
        let sgd = |momentum, nesterov| Update::Sgd { rate: 0.1, momentum, nesterov };
        let adam = |amsgrad| Update::Adam { rate: 0.05, shares: [0.1, 0.01], epsilon: 1e-3, amsgrad };
        let rms = |momentum, centered| Update::RmsProp {
            rate: 0.1,
            shares: [0.9, 0.1],
            momentum,
            epsilon: 1e-2,
            centered,
        };
        let rules = [
            sgd(0.0, false),
            sgd(0.9, false),
            sgd(0.9, true),
            adam(false),
            adam(true),
            rms(0.0, false),
            rms(0.5, false),
            rms(0.0, true),
            rms(0.5, true),
        ];
        for rule in rules {
            for decay in [0.0, 0.01] {
                let sizes = [1, 0, 7, PART, PART + 1, 3 * PART + 5];
                let gradients = sizes.map(|size| random.numbers(size));
                let before = sizes.map(|size| random.numbers(size));
                // Means of squares are not below those of gradients, squared.
                let slots_before = sizes.map(|size| {
                    (0..rule.slots())
                        .map(|slot| {
                            let numbers = random.numbers(size);
                            let is_mean = slot == 0 && !matches!(rule, Update::RmsProp { .. });
                            numbers
                                .iter()
                                .map(|x| if is_mean { *x } else { x.abs() * 0.5 + 1.0 })
                                .collect::<Vec<_>>()
                        })
                        .collect::<Vec<_>>()
                });
                let slots_before = slots_before.map(|mut slots| {
                    if let (Update::RmsProp { centered: true, .. }, [_, mean, ..]) = (rule, &mut slots[..]) {
                        mean.iter_mut().for_each(|x| *x *= 0.2);
                    }
                    slots
                });
                let (mut after, mut slots) = (before.clone(), slots_before.clone());
                let all = after.iter_mut().zip(&gradients).zip(&mut slots);
                let all = all.map(|((variable, gradient), slots)| Updated {
                    update: rule,
                    decay,
                    gradient,
                    variable,
                    slots: slots.iter_mut().map(|slot| &mut slot[..]).collect(),
                });
                update(all.collect());
                for (i, gradients) in gradients.iter().enumerate() {
                    for (at, g) in gradients.iter().enumerate() {
                        let old: Vec<f32> = slots_before[i].iter().map(|slot| slot[at]).collect();
                        let (w, new) = exact(rule, decay, *g, before[i][at], &old);
                        assert!((f64::from(after[i][at]) - w).abs() < 1e-6, "{rule:?} {i} {at}");
                        for (slot, new) in slots[i].iter().zip(new) {
                            assert!((f64::from(slot[at]) - new).abs() < 1e-6, "{rule:?} {i} {at}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn not_a_number_stays() {
        let (mut w, mut m, mut v, mut most) = ([1.0], [0.0], [0.0], [f32::NAN]);
        let update_rule = Update::Adam { rate: 0.1, shares: [0.1, 0.1], epsilon: 1e-7, amsgrad: true };
        let slots = vec![&mut m[..], &mut v, &mut most];
        update(vec![Updated { update: update_rule, decay: 0.0, gradient: &[1.0], variable: &mut w, slots }]);
        assert!(w[0].is_nan() && most[0].is_nan() && v[0] > 0.0);
    }
}
