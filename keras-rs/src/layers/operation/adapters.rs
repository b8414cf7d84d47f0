//! Operations whose operands may be left out or given by keyword: they find them and call `ops`.

use super::arguments::Arguments;
use super::call::Kwarg;
pub(super) use super::convolution::{
    conv, conv_spec, conv_transpose, conv_transpose_spec, depthwise_conv, depthwise_conv_spec,
    separable_conv, separable_conv_spec,
};
use crate::config::FromConfig;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::{self, Attention, Unique};
use crate::shape::Spec;
use crate::tensor::Tensor;

/// The first operand.
fn first<'t, T>(operands: &'t [T], arguments: &Arguments<'_>) -> Result<&'t T> {
    operands.first().ok_or_else(|| Error::argument(arguments.class, "inputs", "a tensor", "none"))
}

/// The first operand's shape and data type.
pub(super) fn first_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    Ok(vec![first(operands, arguments)?.clone()])
}

pub(super) fn isclose(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [a, b, tolerances @ ..] = operands else {
        return Err(Error::argument(arguments.class, "inputs", "two operands", operands.len()));
    };
    let (rtol, atol) = (tolerances.first(), tolerances.get(1));
    Ok(vec![ops::isclose(a, b, rtol, atol, arguments.flag("equal_nan")?)?])
}

pub(super) fn isclose_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    if operands.len() < 2 {
        return Err(Error::argument(arguments.class, "inputs", "two operands", operands.len()));
    }
    Ok(vec![ops::isclose_spec(&operands.iter().collect::<Vec<_>>())?])
}

pub(super) fn einsum(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    Ok(vec![ops::einsum(&arguments.text("subscripts")?, &operands.iter().collect::<Vec<_>>())?])
}

pub(super) fn einsum_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    Ok(vec![ops::einsum_spec(&arguments.text("subscripts")?, operands)?])
}

pub(super) fn average(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = first(operands, arguments)?;
    let keyword = arguments.tensor_keyword("weights", x.dtype().promote(DType::F32), x)?;
    let weights = arguments.operand(1, operands).or(keyword.as_ref());
    Ok(vec![ops::average(x, arguments.maybe_whole("axis")?, weights)?])
}

pub(super) fn average_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let x = first(operands, arguments)?;
    Ok(vec![ops::average_spec(x, arguments.maybe_whole("axis")?, arguments.operand(1, operands))?])
}

pub(super) fn attention(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [query, key, value, ..] = operands else {
        return Err(Error::argument(arguments.class, "inputs", "a query, a key and a value", operands.len()));
    };
    let dtype = query.dtype().promote(key.dtype()).promote(value.dtype());
    let bias = arguments.tensor_keyword("bias", dtype, query)?;
    let mask = arguments.tensor_keyword("mask", DType::Bool, query)?;
    let options = Attention {
        bias: bias.as_ref(),
        mask: mask.as_ref(),
        scale: arguments.number_keyword("scale")?,
        is_causal: arguments.flag("is_causal")?,
        attn_logits_soft_cap: arguments.maybe_number("attn_logits_soft_cap")?,
    };
    Ok(vec![ops::dot_product_attention(query, key, value, options)?])
}

pub(super) fn attention_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [query, key, value, ..] = operands else {
        return Err(Error::argument(arguments.class, "inputs", "a query, a key and a value", operands.len()));
    };
    Ok(vec![ops::dot_product_attention_spec(query, key, value)?])
}

pub(super) fn layer_norm(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = first(operands, arguments)?;
    let (gamma, beta) = (arguments.operand(1, operands), arguments.operand(2, operands));
    let (axis, epsilon) = (arguments.axes("axis")?, arguments.maybe_number("epsilon")?);
    Ok(vec![if arguments.flag("rms_scaling")? {
        ops::layer_normalization_rms(x, gamma, axis, epsilon)?
    } else {
        ops::layer_normalization(x, gamma, beta, axis, epsilon)?
    }])
}

pub(super) fn rms_norm(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = first(operands, arguments)?;
    let keyword = arguments.tensor_keyword("scale", x.dtype().promote(DType::F32), x)?;
    let scale = arguments.operand(1, operands).or(keyword.as_ref());
    let (axis, epsilon) = (arguments.axes("axis")?, arguments.maybe_number("epsilon")?);
    Ok(vec![ops::rms_normalization(x, scale, axis, epsilon)?])
}

pub(super) fn batch_norm(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let operand = |position: usize| arguments.operand(position, operands);
    let (Some(x), Some(mean), Some(variance)) = (operand(0), operand(1), operand(2)) else {
        return Err(Error::argument(arguments.class, "inputs", "a mean and a variance", "none"));
    };
    let (axis, epsilon) = (arguments.whole("axis")?, arguments.number("epsilon")?);
    Ok(vec![ops::batch_normalization(x, mean, variance, axis, operand(3), operand(4), epsilon)?])
}

pub(super) fn full_like(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [x, value] = arguments.exactly(operands)?;
    Ok(vec![ops::full_like(x, value, arguments.maybe_dtype("dtype")?)?])
}

pub(super) fn full_like_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [x, _] = arguments.exactly(operands)?;
    Ok(vec![ops::cast_spec(x, arguments.maybe_dtype("dtype")?)?])
}

pub(super) fn meshgrid(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    ops::meshgrid(&operands.iter().collect::<Vec<_>>(), &arguments.text("indexing")?)
}

pub(super) fn meshgrid_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    ops::meshgrid_spec(operands, &arguments.text("indexing")?)
}

pub(super) fn full(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [value] = arguments.exactly(operands)?;
    let dtype = arguments.maybe_dtype("dtype")?.unwrap_or(DType::F32);
    Ok(vec![ops::full(arguments.shape("shape")?, value, dtype)?])
}

pub(super) fn full_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [value] = arguments.exactly(operands)?;
    Ok(vec![ops::full_spec(value, &arguments.shape("shape")?, arguments.maybe_dtype("dtype")?)?])
}

/// Conditions, as many choices, and the default.
fn choices<'t, T>(operands: &'t [T], arguments: &Arguments<'_>) -> Result<(&'t [T], &'t [T], &'t T)> {
    let Some((default, lists)) = operands.split_last().filter(|(_, lists)| lists.len() % 2 == 0) else {
        let expected = "as many choices as conditions, and a default";
        return Err(Error::argument(
            arguments.class,
            "inputs",
            expected,
            format!("{} operands", operands.len()),
        ));
    };
    let (conditions, choices) = lists.split_at(lists.len() / 2);
    Ok((conditions, choices, default))
}

pub(super) fn select(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let (conditions, choices, default) = choices(operands, arguments)?;
    let (conditions, choices): (Vec<_>, Vec<_>) = (conditions.iter().collect(), choices.iter().collect());
    Ok(vec![ops::select(&conditions, &choices, default)?])
}

pub(super) fn select_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (conditions, choices, default) = choices(operands, arguments)?;
    Ok(vec![ops::select_spec(conditions, choices, default)?])
}

pub(super) fn slice_update(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [inputs, starts, updates] = arguments.exactly(operands)?;
    let starts: Vec<isize> = starts.to_f64_vec()?.into_iter().map(|start| start as isize).collect();
    Ok(vec![ops::slice_update(inputs, starts, updates)?])
}

pub(super) fn scatter_update(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [inputs, indices, updates] = arguments.exactly(operands)?;
    Ok(vec![ops::scatter_update(inputs, indices, updates, arguments.scatter_reduction("reduction")?)?])
}

/// The spec of what is put into the first of three operands.
pub(super) fn updated_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [inputs, _, _] = arguments.exactly(operands)?;
    Ok(vec![inputs.clone()])
}

fn unique_options(arguments: &Arguments<'_>) -> Result<Unique> {
    Ok(Unique {
        return_index: arguments.flag("return_index")?,
        return_inverse: arguments.flag("return_inverse")?,
        return_counts: arguments.flag("return_counts")?,
        axis: arguments.maybe_whole("axis")?,
        size: arguments.maybe_count("size")?,
        fill_value: arguments.maybe_number("fill_value")?,
    })
}

pub(super) fn unique(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [x] = arguments.exactly(operands)?;
    ops::unique(x, unique_options(arguments)?)
}

pub(super) fn unique_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [x] = arguments.exactly(operands)?;
    ops::unique_spec(x, unique_options(arguments)?)
}

/// Keras 3.15.1 hands no method on.
fn linear(arguments: &Arguments<'_>) -> Result<()> {
    match arguments.text("method")?.as_str() {
        "linear" => Ok(()),
        other => {
            let expected = "\"linear\", as Keras 3.15.1 computes nothing else in a model";
            Err(Error::argument(arguments.class, "method", expected, other))
        }
    }
}

pub(super) fn quantile(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    linear(arguments)?;
    let ([x, q], method) = (arguments.exactly(operands)?, arguments.quantile_method("method")?);
    Ok(vec![ops::quantile(x, q, arguments.axes("axis")?, method, arguments.flag("keepdims")?)?])
}

pub(super) fn quantile_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    linear(arguments)?;
    let ([x, q], method) = (arguments.exactly(operands)?, arguments.quantile_method("method")?);
    Ok(vec![ops::quantile_spec(x, q, arguments.axes("axis")?, method, arguments.flag("keepdims")?)?])
}

pub(super) fn qr(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let (q, r) = ops::qr(first(operands, arguments)?, &arguments.text("mode")?)?;
    Ok(vec![q, r])
}

pub(super) fn qr_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (q, r) = ops::qr_spec(first(operands, arguments)?, &arguments.text("mode")?)?;
    Ok(vec![q, r])
}

pub(super) fn solve_triangular(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [a, b] = arguments.exactly(operands)?;
    Ok(vec![ops::solve_triangular(a, b, arguments.flag("lower")?)?])
}

pub(super) fn solve_triangular_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [a, b] = arguments.exactly(operands)?;
    Ok(vec![ops::solve_triangular_spec(a, b)?])
}

pub(super) fn lstsq(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [a, b] = arguments.exactly(operands)?;
    Ok(vec![ops::lstsq(a, b, arguments.maybe_number("rcond")?)?])
}

pub(super) fn lstsq_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [a, b] = arguments.exactly(operands)?;
    Ok(vec![ops::lstsq_spec(a, b)?])
}

/// Without `compute_uv` the values alone.
pub(super) fn svd(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = first(operands, arguments)?;
    if !arguments.flag("compute_uv")? {
        return Ok(vec![ops::svdvals(x)?]);
    }
    let (u, values, vt) = ops::svd(x, arguments.flag("full_matrices")?)?;
    Ok(vec![u, values, vt])
}

pub(super) fn svd_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let x = first(operands, arguments)?;
    if arguments.flag("compute_uv")? {
        ops::svd_spec(x, arguments.flag("full_matrices")?)
    } else {
        Ok(vec![ops::svdvals_spec(x)?])
    }
}

/// The pattern, and sizes of axes by their names.
fn pattern<'a>(arguments: &'a Arguments<'_>) -> Result<(&'a str, Vec<(&'a str, usize)>)> {
    let class = arguments.class;
    let text = arguments.at(1).and_then(serde_json::Value::as_str);
    let pattern = text.ok_or_else(|| {
        let got = arguments.at(1).map_or("none".into(), crate::config::shorten);
        Error::argument(class, "pattern", "text", got)
    })?;
    let named = arguments.kwargs.iter().filter(|(name, _)| !name.starts_with('#'));
    let lengths = named.map(|(name, value)| {
        let length = match value {
            Kwarg::Data(value) => usize::from_value(value),
            _ => None,
        };
        let length = length.map(|length| (name.as_str(), length));
        length.ok_or_else(|| Error::argument(class, name, "a whole number", format!("{value:?}")))
    });
    Ok((pattern, lengths.collect::<Result<_>>()?))
}

pub(super) fn rearrange(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let ([tensor], (pattern, lengths)) = (arguments.exactly(operands)?, pattern(arguments)?);
    Ok(vec![ops::rearrange(tensor, pattern, &lengths)?])
}

pub(super) fn rearrange_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let ([tensor], (pattern, lengths)) = (arguments.exactly(operands)?, pattern(arguments)?);
    Ok(vec![ops::rearrange_spec(tensor, pattern, &lengths)?])
}

/// Refuses a function whose results are complex: files that name it are to say why they do not open.
pub(super) fn complex(_: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    Err(refused(arguments))
}

pub(super) fn complex_spec(_: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    Err(refused(arguments))
}

fn refused(arguments: &Arguments<'_>) -> Error {
    let expected = "real results: Burn has no type of complex numbers".into();
    Error::DType { context: arguments.class.into(), expected, got: "complex64".into() }
}

pub(super) fn ctc_loss(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [target, output, target_length, output_length] = arguments.exactly(operands)?;
    let blank = arguments.whole("mask_index")?;
    Ok(vec![ops::ctc_loss(target, output, target_length, output_length, blank)?])
}

pub(super) fn ctc_loss_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [target, output, target_length, output_length] = arguments.exactly(operands)?;
    Ok(vec![ops::ctc_loss_spec(target, output, target_length, output_length)?])
}
