//! Attention by scaled products.

use super::arguments::Arguments;
use super::constant;
use super::diagonal;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::layer::Spec;
use crate::tensor::{Tensor, TensorData};

/// What logits that are masked become, as a part of the type's largest number.
const MASKED: f64 = -0.7;

/// The largest number of a float type.
pub(super) fn largest(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => f64::MAX,
        DType::F16 => 65504.0,
        DType::BF16 => f64::from(half::bf16::MAX),
        _ => f64::from(f32::MAX),
    }
}

fn three<'t, T>(operands: &'t [T], arguments: &Arguments<'_>) -> Result<[&'t T; 3]> {
    match operands {
        [query, key, value, ..] => Ok([query, key, value]),
        few => {
            let got = format!("{} operands", few.len());
            Err(Error::argument(arguments.class, "inputs", "a query, a key and a value", got))
        }
    }
}

/// Weighted means of the values, by the softmax of the products of queries and keys.
///
/// Shapes: `(batch, places, heads, size)`; heads of keys and values may serve several heads of queries.
pub(super) fn attention(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    if arguments.maybe_number("attn_logits_soft_cap")?.is_some() {
        return Err(arguments.reject("attn_logits_soft_cap", "null"));
    }
    let [query, key, value] = three(operands, arguments)?;
    let dtype = query.dtype().promote(key.dtype()).promote(value.dtype());
    let ([_, _, heads, size], [_, _, served, _]) = (query.shape(), key.shape()) else {
        let got = format!("{} and {}", tuple(query.shape()), tuple(key.shape()));
        return Err(Error::shape(arguments.class, "inputs", "four axes", got));
    };
    if *served == 0 || !heads.is_multiple_of(*served) {
        let expected = format!("heads that {heads} is a multiple of");
        return Err(Error::shape(arguments.class, "key", expected, tuple(key.shape())));
    }
    // Heads first, and each head of keys as often as heads of queries look at it.
    let heads_first = |x: &Tensor, times: usize| x.cast(dtype)?.repeat(2, times)?.permute(&[0, 2, 1, 3]);
    let times = heads / served;
    let (q, k, v) = (heads_first(query, 1)?, heads_first(key, times)?, heads_first(value, times)?);
    let scale = arguments.keyword("scale").and_then(crate::config::json::as_float);
    let scale = scale.unwrap_or(1.0 / (*size as f64).sqrt());
    let mut logits = q.matmul(&k.permute(&[0, 1, 3, 2])?)?.mul_scalar(scale)?;
    if let Some(bias) = constant::keyword(arguments, "bias", dtype, q.device())? {
        logits = logits.add(&bias.cast(dtype)?)?;
    }
    let mut mask = constant::keyword(arguments, "mask", DType::Bool, q.device())?
        .map(|mask| mask.cast(DType::Bool))
        .transpose()?;
    if arguments.flag("is_causal")? {
        let (queries, keys) = (logits.dim(2)?, logits.dim(3)?);
        let seen = diagonal::lower(queries, keys, 0);
        let seen = TensorData::from_values(&seen, vec![queries, keys])?;
        let seen = Tensor::from_data_on(seen, q.device())?;
        mask = Some(match mask {
            Some(mask) => mask.logical_and(&seen)?,
            None => seen,
        });
    }
    if let Some(mask) = mask {
        logits = logits.where_(&mask, &logits.full_like(vec![], MASKED * largest(dtype))?)?;
    }
    let weights = logits.cast(dtype.promote(DType::F32))?.softmax(-1)?.cast(dtype)?;
    Ok(vec![weights.matmul(&v)?.permute(&[0, 2, 1, 3])?])
}

pub(super) fn attention_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [query, key, value] = three(operands, arguments)?;
    Ok(vec![(query.0.clone(), query.1.promote(key.1).promote(value.1))])
}
