//! A step of a fully connected recurrent layer.

use crate::cpu::fma;
use crate::exponential::{sigmoid, tanh};
use crate::recurrent::{Cell, Next, Previous, each};

/// What a fully connected recurrent layer makes of its sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecurrentActivation {
    /// The sums themselves.
    Linear,
    /// The sums above zero, else zero.
    Relu,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
}

pub(crate) struct SimpleRnn {
    pub(crate) activation: RecurrentActivation,
}

impl Cell for SimpleRnn {
    const GATES: usize = 1;

    #[inline(always)]
    fn next<const FMA: bool>(&self, Next { sums, after, .. }: Next<'_>) {
        match self.activation {
            RecurrentActivation::Linear => after.copy_from_slice(sums),
            // Numbers that are none stay.
            RecurrentActivation::Relu => each(sums, after, |x| if x < 0.0 { 0.0 } else { x }),
            RecurrentActivation::Sigmoid => each(sums, after, sigmoid::<FMA>),
            RecurrentActivation::Tanh => each(sums, after, tanh::<FMA>),
        }
    }

    #[inline(always)]
    fn previous<const FMA: bool>(&self, Previous { after, dh, inputs, .. }: Previous<'_>) {
        // Each activation's slope follows from its value.
        match self.activation {
            RecurrentActivation::Linear => inputs.copy_from_slice(dh),
            RecurrentActivation::Relu => sloped(inputs, dh, after, |y| if y > 0.0 { 1.0 } else { 0.0 }),
            RecurrentActivation::Sigmoid => sloped(inputs, dh, after, |y| y * (1.0 - y)),
            RecurrentActivation::Tanh => sloped(inputs, dh, after, |y| fma::<FMA>(-y, y, 1.0)),
        }
        dh.fill(0.0);
    }
}

/// Gradients times the slopes at some values.
#[inline(always)]
fn sloped(to: &mut [f32], gradients: &[f32], values: &[f32], slope: impl Fn(f32) -> f32) {
    for ((to, gradient), value) in to.iter_mut().zip(gradients).zip(values) {
        *to = gradient * slope(*value);
    }
}
