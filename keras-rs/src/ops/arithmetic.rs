//! Sums, products, quotients and powers, element by element.

use super::rule::{binary, unary};
use crate::dtype::DType;
use crate::error::Result;
use crate::tensor::Tensor;

binary! {
    /// `x1 + x2`.
    add, "add", add_spec: Same [1.0, 2.0], [3.0, 5.0] => [4.0, 7.0], Tensor::add;
    /// `x1 - x2`.
    subtract, "subtract", subtract_spec: Same [1.0, 2.0], [3.0, 5.0] => [-2.0, -3.0], Tensor::sub;
    /// `x1 * x2`.
    multiply, "multiply", multiply_spec: Same [1.0, 2.0], [3.0, 5.0] => [3.0, 10.0], Tensor::mul;
    /// `x1 / x2`.
    divide, "divide", divide_spec: Float [1.0, 2.0], [4.0, 5.0] => [0.25, 0.4], Tensor::div;
    /// `x1 / x2`; another name of [`divide`].
    true_divide, "true_divide", true_divide_spec: Float [1.0, 2.0], [4.0, 5.0] => [0.25, 0.4], Tensor::div;
    /// `x1 / x2`; 0 where `x2` is 0.
    divide_no_nan, "divide_no_nan", divide_no_nan_spec: Float [1.0, 2.0], [0.0, 5.0] => [0.0, 0.4], no_nan;
    /// The largest whole number that is not above `x1 / x2`.
    floor_divide, "floor_divide", floor_divide_spec: Number [7.0, -7.0], [2.0, 2.0] => [3.0, -4.0], floored;
    /// The remainder of `x1 / x2`, with the sign of `x2`.
    mod_, "mod", mod_spec: Number [7.0, -7.0], [3.0, 3.0] => [1.0, 2.0], modulo;
    /// `x1` to the power of `x2`.
    power, "power", power_spec: Same [2.0, 9.0], [3.0, 0.5] => [8.0, 3.0], raised;
    /// The larger of both; NaN wins.
    maximum, "maximum", maximum_spec: Same [1.0, 5.0], [3.0, 2.0] => [3.0, 5.0], Tensor::maximum;
    /// The smaller of both; NaN wins.
    minimum, "minimum", minimum_spec: Same [1.0, 5.0], [3.0, 2.0] => [1.0, 2.0], Tensor::minimum;
    /// The length of the hypotenuse over sides `x1` and `x2`.
    hypot, "hypot", hypot_spec: Float [3.0, 5.0], [4.0, 12.0] => [5.0, 13.0], hypotenuse;
}

unary! {
    /// Each element times -1.
    negative, negative_spec: Same [1.0, -2.0] => [-1.0, 2.0], Tensor::neg;
    /// Absolute values.
    absolute, absolute_spec: Same [1.0, -2.0] => [1.0, 2.0], Tensor::abs;
    /// Absolute values; another name of [`absolute`].
    abs, abs_spec: Same [1.0, -2.0] => [1.0, 2.0], Tensor::abs;
    /// Absolute values as floats.
    fabs, fabs_spec: Float [1.0, -2.0] => [1.0, 2.0], Tensor::abs;
    /// Each element times itself.
    square, square_spec: Number [1.0, -2.0] => [1.0, 4.0], Tensor::square;
    /// Square roots.
    sqrt, sqrt_spec: Float [4.0, 0.25] => [2.0, 0.5], Tensor::sqrt;
    /// One over square roots.
    rsqrt, rsqrt_spec: Float [4.0, 0.25] => [0.5, 2.0], Tensor::rsqrt;
    /// Cube roots.
    cbrt, cbrt_spec: Float [-8.0, 27.0] => [-2.0, 3.0], cube_root;
    /// One over each element.
    reciprocal, reciprocal_spec: Float [4.0, -0.5] => [0.25, -2.0], Tensor::recip;
    /// -1, 0 or 1.
    sign, sign_spec: Same [4.0, -0.5] => [1.0, -1.0], |x: &Tensor| x.to_float()?.sign();
}

/// A quotient; 0 where the divisor is.
fn no_nan(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let quotient = a.div(b)?;
    let zero = quotient.full_like(vec![], 0.0)?;
    zero.where_(&b.equal(&b.full_like(vec![], 0.0)?)?, &quotient)
}

/// Floats as they are, integers in the widest float type that the device has.
fn wide_float(x: &Tensor) -> Result<Tensor> {
    if x.dtype().is_float() {
        return Ok(x.clone());
    }
    x.cast(if x.device().supports(DType::F64) { DType::F64 } else { DType::F32 })
}

fn floored(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    wide_float(a)?.div(&wide_float(b)?)?.floor()
}

fn modulo(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = (wide_float(a)?, wide_float(b)?);
    a.sub(&a.div(&b)?.floor()?.mul(&b)?)
}

/// A power; small whole exponents by multiplication, which is exact for integers and quick for floats.
fn raised(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if b.rank() == 0 && !b.is_recorded() {
        let exponent = b.to_scalar()?;
        let dtype = a.dtype().promote(b.dtype());
        if exponent.fract() == 0.0 && (1.0..=8.0).contains(&exponent) {
            let a = a.cast(dtype)?;
            return (1..exponent as u8).try_fold(a.clone(), |product, _| product.mul(&a));
        }
    }
    wide_float(a)?.pow(&wide_float(b)?)
}

/// The larger side is taken out so that no square overflows.
fn hypotenuse(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = (a.to_float()?.abs()?, b.to_float()?.abs()?);
    let (large, small) = (a.maximum(&b)?, a.minimum(&b)?);
    let zero = large.not_equal_scalar(0.0)?.logical_not()?;
    let ratio = small.div(&super::logic::fill(&zero, 1.0, &large)?)?;
    large.mul(&ratio.square()?.add_scalar(1.0)?.sqrt()?)
}

fn cube_root(x: &Tensor) -> Result<Tensor> {
    x.sign()?.mul(&x.abs()?.pow_scalar(1.0 / 3.0)?)
}
