//! Exponentials, logarithms, trigonometric and hyperbolic functions, element by element.

use super::rule::{binary, unary};
use crate::error::Result;
use crate::tensor::Tensor;
use std::f64::consts::{LN_2, LN_10, PI};

unary! {
    /// e to the power of each element.
    exp, exp_spec: Float [0.0, 1.0] => [1.0, 2.718282], Tensor::exp;
    /// 2 to the power of each element.
    exp2, exp2_spec: Float [3.0, -1.0] => [8.0, 0.5], power_of_two;
    /// `exp(x) - 1`, exact near zero.
    expm1, expm1_spec: Float [0.0, 1.0] => [0.0, 1.718282], Tensor::expm1;
    /// Natural logarithms.
    log, log_spec: Float [1.0, 2.718282] => [0.0, 1.0], Tensor::log;
    /// Natural logarithms of one plus each element, exact near zero.
    log1p, log1p_spec: Float [0.0, 1.718282] => [0.0, 1.0], Tensor::log1p;
    /// Logarithms to base 2.
    log2, log2_spec: Float [8.0, 0.5] => [3.0, -1.0], |x: &Tensor| x.log()?.div_scalar(LN_2);
    /// Logarithms to base 10.
    log10, log10_spec: Float [100.0, 0.1] => [2.0, -1.0], |x: &Tensor| x.log()?.div_scalar(LN_10);
    /// Gauss' error function.
    erf, erf_spec: Float [0.0, 1.0] => [0.0, 0.842701], Tensor::erf;
    /// One minus Gauss' error function.
    erfc, erfc_spec: Float [0.0, 1.0] => [1.0, 0.157299], |x: &Tensor| x.erf()?.neg()?.add_scalar(1.0);
    /// Sine of radians.
    sin, sin_spec: Float [0.0, 1.570796] => [0.0, 1.0], Tensor::sin;
    /// Cosine of radians.
    cos, cos_spec: Float [0.0, 3.141593] => [1.0, -1.0], Tensor::cos;
    /// Tangent of radians.
    tan, tan_spec: Float [0.0, 0.785398] => [0.0, 1.0], |x: &Tensor| x.sin()?.div(&x.cos()?);
    /// Hyperbolic sine.
    sinh, sinh_spec: Float [0.0, 1.0] => [0.0, 1.175201], Tensor::sinh;
    /// Hyperbolic cosine.
    cosh, cosh_spec: Float [0.0, 1.0] => [1.0, 1.543081], Tensor::cosh;
    /// Hyperbolic tangent.
    tanh, tanh_spec: Float [0.0, 1.0] => [0.0, 0.761594], Tensor::tanh;
    /// Angles in radians, in [-π/2, π/2], of sines; NaN outside of [-1, 1].
    arcsin, arcsin_spec: Float [0.0, 1.0] => [0.0, 1.570796], Tensor::asin;
    /// Angles in radians, in [0, π], of cosines; NaN outside of [-1, 1].
    arccos, arccos_spec: Float [1.0, -1.0] => [0.0, 3.141593], Tensor::acos;
    /// Angles in radians, in [-π/2, π/2], of tangents.
    arctan, arctan_spec: Float [0.0, 1.0] => [0.0, 0.785398], Tensor::atan;
    /// Inverse of the hyperbolic sine.
    arcsinh, arcsinh_spec: Float [0.0, 1.175201] => [0.0, 1.0], Tensor::asinh;
    /// Inverse of the hyperbolic cosine; NaN below 1.
    arccosh, arccosh_spec: Float [1.0, 1.543081] => [0.0, 1.0], Tensor::acosh;
    /// Inverse of the hyperbolic tangent; NaN outside of [-1, 1].
    arctanh, arctanh_spec: Float [0.0, 0.761594] => [0.0, 1.0], Tensor::atanh;
    /// `sin(πx) / πx`; 1 at 0.
    sinc, sinc_spec: Float [0.0, 0.5] => [1.0, 0.63662], cardinal_sine;
    /// Degrees as radians.
    deg2rad, deg2rad_spec: Float [180.0, 90.0] => [3.141593, 1.570796], |x: &Tensor| x.mul_scalar(PI / 180.0);
    /// Radians as degrees.
    rad2deg, rad2deg_spec: Float [0.0, 0.01745329] => [0.0, 1.0], |x: &Tensor| x.mul_scalar(180.0 / PI);
}

binary! {
    /// Angles in radians, in [-π, π], of points at heights `x1` and distances `x2` to the right.
    arctan2, "arctan2", arctan2_spec: Float [0.0, 1.0], [-1.0, 1.0] => [3.141593, 0.785398],
        |a: &Tensor, b: &Tensor| a.to_float()?.atan2(&b.to_float()?);
    /// `log(exp(x1) + exp(x2))` without overflow.
    logaddexp, "logaddexp", logaddexp_spec: Float [0.0, 99.0], [0.0, 99.0] => [0.693147, 99.693147], log_of_sum;
    /// `log2(exp2(x1) + exp2(x2))` without overflow.
    logaddexp2, "logaddexp2", logaddexp2_spec: Float [0.0, 99.0], [0.0, 99.0] => [1.0, 100.0], log2_of_sum;
}

fn power_of_two(x: &Tensor) -> Result<Tensor> {
    x.full_like(vec![1; x.rank()], 2.0)?.pow(x)
}

fn cardinal_sine(x: &Tensor) -> Result<Tensor> {
    let at_zero = x.not_equal_scalar(0.0)?.logical_not()?;
    let angle = super::logic::fill(&at_zero, 1.0, &x.mul_scalar(PI)?)?;
    super::logic::fill(&at_zero, 1.0, &angle.sin()?.div(&angle)?)
}

fn log_of_sum(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = (a.to_float()?, b.to_float()?);
    a.maximum(&b)?.add(&a.sub(&b)?.abs()?.neg()?.exp()?.log1p()?)
}

fn log2_of_sum(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = (a.to_float()?, b.to_float()?);
    let rest = power_of_two(&a.sub(&b)?.abs()?.neg()?)?.log1p()?.div_scalar(LN_2)?;
    a.maximum(&b)?.add(&rest)
}
