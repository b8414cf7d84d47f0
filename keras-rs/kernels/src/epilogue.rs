//! What is done to the numbers of a product or convolution on the way in and on the way out.

use crate::View;
use crate::exponential::{exp, normal_cdf, sigmoid, tanh};

const SELU_SCALE: f32 = 1.050_701;
const SELU_ALPHA: f32 = 1.673_263_2;

/// A function of single numbers, under Keras' names and with Keras' values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Activation {
    /// `x`.
    #[default]
    Linear,
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
    /// `min(max(x, low), high)`.
    Clip {
        /// Least value.
        low: f32,
        /// Greatest value.
        high: f32,
    },
    /// `x` where it is positive, else `x` times this.
    LeakyRelu(f32),
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// `x * sigmoid(x)`.
    Silu,
    /// `min(max(x + 3, 0), 6) / 6`.
    HardSigmoid,
    /// `x * min(max(x + 3, 0), 6) / 6`.
    HardSilu,
    /// `x` where it is positive, else this times `exp(x) - 1`.
    Elu(f32),
    /// The approximation of `x * normal_cdf(x)` by the hyperbolic tangent.
    GeluTanh,
    /// `x * normal_cdf(x)`.
    Gelu,
    /// [`Activation::Elu`] with `alpha` 1.6732632423543772, times 1.0507009873554805.
    Selu,
    /// `x / (1 + abs(x))`.
    Softsign,
    /// `exp(x)`.
    Exponential,
}

impl Activation {
    /// Least and greatest value, for the functions that only bound their argument.
    pub(crate) fn bounds(self) -> Option<[f32; 2]> {
        match self {
            Self::Relu => Some([0.0, f32::INFINITY]),
            Self::Relu6 => Some([0.0, 6.0]),
            Self::Clip { low, high } => Some([low, high]),
            _ => None,
        }
    }

    /// Puts the function of each number in its place. Not a number stays that.
    ///
    /// ```
    /// let mut values = [-1.0, 0.5, 9.0, f32::NAN];
    /// keras_rs_kernels::Activation::Relu6.apply(&mut values);
    /// assert_eq!(values[..3], [0.0, 0.5, 6.0]);
    /// assert!(values[3].is_nan());
    /// ```
    pub fn apply(self, values: &mut [f32]) {
        crate::cpu::run(Apply { activation: self, values });
    }

    /// [`Activation::apply`] with the instructions of the function that this is compiled into.
    #[inline(always)]
    pub(crate) fn apply_inline<const FMA: bool>(self, values: &mut [f32]) {
        match self {
            Self::Linear => {}
            Self::Relu => each(values, |x| bound(x, 0.0, f32::INFINITY)),
            Self::Relu6 => each(values, |x| bound(x, 0.0, 6.0)),
            Self::Clip { low, high } => each(values, |x| bound(x, low, high)),
            Self::LeakyRelu(slope) => each(values, |x| if x < 0.0 { x * slope } else { x }),
            Self::Sigmoid => each(values, sigmoid::<FMA>),
            Self::Tanh => each(values, tanh::<FMA>),
            // exp ends at -87, where the exact value is zero or nearly so; minus infinity would give NaN as in Keras.
            Self::Silu => each(values, |x| x * sigmoid::<FMA>(x)),
            Self::HardSigmoid => each(values, |x| bound(x + 3.0, 0.0, 6.0) * (1.0 / 6.0)),
            Self::HardSilu => each(values, |x| x * (bound(x + 3.0, 0.0, 6.0) * (1.0 / 6.0))),
            Self::Elu(alpha) => each(values, |x| if x < 0.0 { alpha * exp_minus_one::<FMA>(x) } else { x }),
            Self::Gelu => each(values, |x| x * normal_cdf::<FMA>(x)),
            Self::Selu => {
                each(values, |x| SELU_SCALE * if x < 0.0 { SELU_ALPHA * exp_minus_one::<FMA>(x) } else { x })
            }
            Self::Softsign => each(values, |x| x / (1.0 + x.abs())),
            // The square reaches the ends of the numbers, which the function does not.
            Self::Exponential => each(values, |x| {
                let root = exp::<FMA>(0.5 * x);
                root * root
            }),
            // (1 + tanh(u)) / 2 = sigmoid(2 u), which keeps its digits where it is small.
            Self::GeluTanh => each(values, |x| x * sigmoid::<FMA>(1.595_769 * (x + 0.044_715 * x * x * x))),
        }
    }
}

struct Apply<'a> {
    activation: Activation,
    values: &'a mut [f32],
}

impl crate::cpu::Work for Apply<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        self.activation.apply_inline::<FMA>(self.values);
    }
}

#[inline(always)]
fn each(values: &mut [f32], function: impl Fn(f32) -> f32) {
    for value in values {
        *value = function(*value);
    }
}

/// `x` between two bounds; not a number stays that.
#[inline(always)]
fn bound(x: f32, low: f32, high: f32) -> f32 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// `exp(x) - 1` without the loss of digits near zero: `2 t / (1 - t)` with `t = tanh(x / 2)`, which does not cancel.
#[inline(always)]
fn exp_minus_one<const FMA: bool>(x: f32) -> f32 {
    let half = tanh::<FMA>(0.5 * x);
    if x > -1.0 { 2.0 * half / (1.0 - half) } else { exp::<FMA>(x) - 1.0 }
}

/// What becomes of each sum of a product or convolution: `activation(sum + bias + residual)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Epilogue<'a> {
    /// One number for each output channel.
    pub bias: Option<&'a [f32]>,
    /// As many pixels and channels as the output has.
    pub residual: Option<View<'a>>,
    /// The function of the sum.
    pub activation: Activation,
}

impl Epilogue<'_> {
    /// Whether bias and residual have a number for each of so many channels and pixels.
    pub(crate) fn fits(&self, pixels: usize, channels: usize) -> bool {
        self.bias.is_none_or(|bias| bias.len() >= channels)
            && self.residual.is_none_or(|view| view.holds(pixels, channels))
    }
}

/// What is done to each number before it enters a product or convolution: `activation(x * scale + shift)`.
///
/// Zeros that pad the borders come after it.
#[derive(Clone, Copy, Debug)]
pub struct Prologue<'a> {
    /// One factor for each input channel.
    pub scale: &'a [f32],
    /// One number for each input channel.
    pub shift: &'a [f32],
    /// The function of the result.
    pub activation: Activation,
}

#[cfg(test)]
mod tests {
    use super::*;

    type Exact = Box<dyn Fn(f64) -> f64>;

    #[test]
    fn values_are_those_of_the_formulas() {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let gelu = |x: f64| 0.5 * x * (1.0 + (0.797_884_560_802_865_4 * (x + 0.044_715 * x.powi(3))).tanh());
        let cases: [(Activation, Exact); 15] = [
            (Activation::Linear, Box::new(|x| x)),
            (Activation::Relu, Box::new(|x| x.max(0.0))),
            (Activation::Relu6, Box::new(|x| x.clamp(0.0, 6.0))),
            (Activation::Clip { low: -0.5, high: 2.0 }, Box::new(|x| x.clamp(-0.5, 2.0))),
            (Activation::LeakyRelu(0.2), Box::new(|x| if x < 0.0 { 0.2 * x } else { x })),
            (Activation::Sigmoid, Box::new(sigmoid)),
            (Activation::Tanh, Box::new(f64::tanh)),
            (Activation::Silu, Box::new(move |x| x * sigmoid(x))),
            (Activation::HardSigmoid, Box::new(|x| (x + 3.0).clamp(0.0, 6.0) / 6.0)),
            (Activation::HardSilu, Box::new(|x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0)),
            (Activation::Elu(1.5), Box::new(|x| if x < 0.0 { 1.5 * x.exp_m1() } else { x })),
            (Activation::GeluTanh, Box::new(gelu)),
            (
                Activation::Selu,
                Box::new(|x| {
                    1.050_700_987_355_480_5 * if x < 0.0 { 1.673_263_242_354_377_2 * x.exp_m1() } else { x }
                }),
            ),
            (Activation::Softsign, Box::new(|x| x / (1.0 + x.abs()))),
            (Activation::Exponential, Box::new(f64::exp)),
        ];
        for (activation, exact) in cases {
            let points: Vec<f32> = (-400..=400).map(|i| i as f32 / 50.0).chain([1e-6, -1e-6]).collect();
            let mut values = points.clone();
            activation.apply(&mut values);
            for (x, y) in points.iter().zip(&values) {
                let exact = exact(f64::from(*x));
                let error = (f64::from(*y) - exact).abs();
                assert!(error <= 2e-6 * exact.abs().max(1e-3) + 1e-12, "{activation:?} {x} {y} {exact}");
            }
            let mut values = [f32::NAN; 3];
            activation.apply(&mut values);
            assert!(values.iter().all(|x| x.is_nan()), "{activation:?}");
        }
    }

    #[test]
    fn exact_gelu_and_the_ends_of_the_exponential_function() {
        // Values of `x * normal_cdf(x)` from tables with 10 digits.
        let known =
            [(1.0, 0.841_344_746_1), (-1.0, -0.158_655_253_9), (-3.0, -0.004_049_694_096), (0.0, 0.0)];
        for (x, expected) in known {
            let mut values = [x];
            Activation::Gelu.apply(&mut values);
            assert!((f64::from(values[0]) - expected).abs() < 3e-7, "{x} {}", values[0]);
        }
        let mut values = [f32::NAN, f32::INFINITY, 9.0];
        Activation::Gelu.apply(&mut values);
        assert!(values[0].is_nan() && values[1..] == [f32::INFINITY, 9.0]);
        let mut values = [89.0, 88.5, -200.0, f32::INFINITY, f32::NEG_INFINITY];
        Activation::Exponential.apply(&mut values);
        assert_eq!(values[..1], [f32::INFINITY]);
        assert!((values[1] / 88.5_f32.exp() - 1.0).abs() < 2e-5);
        assert_eq!(values[2..], [0.0, f32::INFINITY, 0.0]);
    }
}
