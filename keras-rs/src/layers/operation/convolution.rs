//! Convolutions: their strides and dilation rates have one number for each spatial axis of the operand.

use super::arguments::Arguments;
use crate::error::{Error, Result};
use crate::ops::{self, DataFormat, Integers, Padding, Window};
use crate::shape::Spec;
use crate::tensor::Tensor;

/// The arguments of a class that say how a kernel moves.
struct Movement {
    strides: Vec<usize>,
    dilation_rate: Vec<usize>,
    padding: Padding,
    data_format: DataFormat,
}

impl Movement {
    fn read(arguments: &Arguments<'_>, rank: usize) -> Result<Self> {
        let list = |name: &str| numbers(arguments, name, &arguments.integers(name)?, rank, 1);
        Ok(Self {
            strides: list("strides")?,
            dilation_rate: list("dilation_rate")?,
            padding: arguments.padding("padding")?,
            data_format: arguments.data_format("data_format")?,
        })
    }

    fn window(&self) -> Window<'_> {
        Window {
            strides: &self.strides,
            dilation_rate: &self.dilation_rate,
            padding: self.padding,
            data_format: self.data_format,
        }
    }
}

/// One number for each spatial axis of an operand of a rank.
fn numbers(
    arguments: &Arguments<'_>,
    name: &str,
    given: &Integers,
    rank: usize,
    least: usize,
) -> Result<Vec<usize>> {
    let spatial = rank.saturating_sub(2);
    match given.at_least(least, arguments.class, name)?.as_slice() {
        [one] if given.is_single() => Ok(vec![*one; spatial]),
        several if several.len() == spatial => Ok(several.to_vec()),
        other => {
            let expected = format!("one number, or {spatial}");
            Err(Error::argument(arguments.class, name, expected, format!("{other:?}")))
        }
    }
}

fn output_padding(arguments: &Arguments<'_>, rank: usize) -> Result<Option<Vec<usize>>> {
    let given = arguments.maybe_integers("output_padding")?;
    given.map(|given| numbers(arguments, "output_padding", &given, rank, 0)).transpose()
}

pub(super) fn conv(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [x, kernel] = arguments.exactly(operands)?;
    Ok(vec![ops::conv(x, kernel, Movement::read(arguments, x.rank())?.window())?])
}

pub(super) fn conv_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [x, kernel] = arguments.exactly(operands)?;
    Ok(vec![ops::conv_spec(x, kernel, Movement::read(arguments, x.0.rank())?.window())?])
}

pub(super) fn depthwise_conv(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [x, kernel] = arguments.exactly(operands)?;
    Ok(vec![ops::depthwise_conv(x, kernel, Movement::read(arguments, x.rank())?.window())?])
}

pub(super) fn depthwise_conv_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [x, kernel] = arguments.exactly(operands)?;
    Ok(vec![ops::depthwise_conv_spec(x, kernel, Movement::read(arguments, x.0.rank())?.window())?])
}

pub(super) fn separable_conv(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [x, depthwise, pointwise] = arguments.exactly(operands)?;
    let movement = Movement::read(arguments, x.rank())?;
    Ok(vec![ops::separable_conv(x, depthwise, pointwise, movement.window())?])
}

pub(super) fn separable_conv_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [x, depthwise, pointwise] = arguments.exactly(operands)?;
    let movement = Movement::read(arguments, x.0.rank())?;
    Ok(vec![ops::separable_conv_spec(x, depthwise, pointwise, movement.window())?])
}

pub(super) fn conv_transpose(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [x, kernel] = arguments.exactly(operands)?;
    let (movement, extra) = (Movement::read(arguments, x.rank())?, output_padding(arguments, x.rank())?);
    Ok(vec![ops::conv_transpose(x, kernel, extra.as_deref(), movement.window())?])
}

pub(super) fn conv_transpose_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [x, kernel] = arguments.exactly(operands)?;
    let (movement, extra) = (Movement::read(arguments, x.0.rank())?, output_padding(arguments, x.0.rank())?);
    Ok(vec![ops::conv_transpose_spec(x, kernel, extra.as_deref(), movement.window())?])
}
