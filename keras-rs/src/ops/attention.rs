//! Attention by scaled products.

use super::diagonal;
use super::operand::{Results, optional};
use super::rounding::largest;
use super::{Given, Joined, Operand, OperationCall, ToData, Value};
use crate::error::{Error, Result, tuple};
use crate::shape::Spec;
use crate::tensor::{Tensor, TensorData};

/// What logits that are masked become, as a part of the type's largest number.
const MASKED: f64 = -0.7;

/// Optional arguments of [`dot_product_attention`]; its tensors are of the kind that the query is.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::Attention;
///
/// let options = Attention::<Tensor>::new().scale(0.5).is_causal(true);
/// assert!(options.is_causal && options.scale == Some(0.5));
/// ```
#[derive(Debug)]
pub struct Attention<'a, X = Tensor> {
    /// Added to the logits; broadcasts to `(batch, heads, queries, keys)`.
    pub bias: Option<&'a X>,
    /// Keys that a query sees; broadcasts to `(batch, heads, queries, keys)`; every number but 0 is true.
    pub mask: Option<&'a X>,
    /// Factor of the logits; by default one over the square root of the queries' size.
    pub scale: Option<f64>,
    /// Whether a query sees no key after its own position.
    pub is_causal: bool,
    /// Bound of the scaled logits: each becomes `cap * tanh(logit / cap)` before the bias and the mask, as in the
    /// kernel for TPUs, the only one in which Keras has it.
    pub attn_logits_soft_cap: Option<f64>,
}

impl<X> Default for Attention<'_, X> {
    fn default() -> Self {
        Self { bias: None, mask: None, scale: None, is_causal: false, attn_logits_soft_cap: None }
    }
}

impl<X> Clone for Attention<'_, X> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X> Copy for Attention<'_, X> {}

impl<'a, X> Attention<'a, X> {
    /// Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what is added to the logits.
    #[must_use]
    pub fn bias(mut self, bias: &'a X) -> Self {
        self.bias = Some(bias);
        self
    }

    /// Sets which keys a query sees.
    #[must_use]
    pub fn mask(mut self, mask: &'a X) -> Self {
        self.mask = Some(mask);
        self
    }

    /// Sets the factor of the logits.
    #[must_use]
    pub fn scale(mut self, scale: f64) -> Self {
        self.scale = Some(scale);
        self
    }

    /// Sets whether a query sees no key after its own position.
    #[must_use]
    pub fn is_causal(mut self, is_causal: bool) -> Self {
        self.is_causal = is_causal;
        self
    }

    /// Sets the bound of the scaled logits.
    #[must_use]
    pub fn attn_logits_soft_cap(mut self, cap: f64) -> Self {
        self.attn_logits_soft_cap = Some(cap);
        self
    }
}

/// Weighted means of values, by the softmax of scaled products of queries and keys. Keras'
/// `ops.dot_product_attention`.
///
/// Shapes: `(batch, queries, heads, size)` for queries and the result, `(batch, keys, heads, size)` for keys
/// and values; one head of keys and values may serve several of queries. Data types are promoted.
///
/// # Errors
/// [`Error::Shape`] where an operand has not four axes, or heads or sizes do not go together, [`Error::Argument`] for a
/// soft cap that is not positive.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [1, 2, 1, 1])?;
/// let y = ops::dot_product_attention(&x, &x, &x, ops::Attention::new().is_causal(true))?;
/// assert_eq!(y.to_vec::<f32>()?[0], 1.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn dot_product_attention<Q: Operand, K: Operand, V: Operand>(
    query: &Q,
    key: &K,
    value: &V,
    options: Attention<'_, Q>,
) -> Result<Joined<Q, Joined<K, V>>> {
    if <Joined<Q, Joined<K, V>> as Value>::SYMBOLIC {
        let mut call = OperationCall::new("DotProductAttention");
        call.argument("is_causal", options.is_causal.to_data());
        call.argument("attn_logits_soft_cap", options.attn_logits_soft_cap.to_data());
        call.operand(query.given()?);
        call.operand(key.given()?);
        call.operand(value.given()?);
        call.keyword("bias", Given::optional(options.bias)?);
        call.keyword("mask", Given::optional(options.mask)?);
        call.keyword("scale", Given::Data(options.scale.to_data()));
        return <Tensor as Results<Joined<Q, Joined<K, V>>>>::of_call(call);
    }
    let (bias, mask) = (optional(options.bias)?, optional(options.mask)?);
    let Attention { scale, is_causal, attn_logits_soft_cap, .. } = options;
    let (bias, mask) = (bias.as_deref(), mask.as_deref());
    let options = Attention { bias, mask, scale, is_causal, attn_logits_soft_cap };
    Value::of(attend(&*query.real(&[])?, &*key.real(&[])?, &*value.real(&[])?, options)?)
}

fn attend(query: &Tensor, key: &Tensor, value: &Tensor, options: Attention<'_>) -> Result<Tensor> {
    let context = "dot_product_attention";
    let dtype = query.dtype().promote(key.dtype()).promote(value.dtype());
    let ([_, _, heads, size], [_, _, served, _], [_, _, of_values, _]) =
        (query.shape(), key.shape(), value.shape())
    else {
        let got = [query, key, value].map(|x| tuple(x.shape())).join(", ");
        return Err(Error::shape(context, "query, key, value", "four axes each", got));
    };
    if *served == 0 || !heads.is_multiple_of(*served) || of_values != served {
        let expected = format!("as many heads as the values, in a number that {heads} is a multiple of");
        return Err(Error::shape(context, "key", expected, tuple(key.shape())));
    }
    let scale = options.scale.unwrap_or(1.0 / (*size as f64).sqrt());
    let mut mask = options.mask.map(super::logic::truth).transpose()?;
    if options.bias.is_none() && options.attn_logits_soft_cap.is_none() {
        let means = Tensor::attention([query, key, value], scale, options.is_causal, mask.as_ref(), false)?;
        if let Some(means) = means {
            return Ok(means);
        }
    }
    // Heads first; the rows of a head of keys are the queries of all heads that look at it.
    let heads_first = |x: &Tensor| x.cast(dtype)?.permute(&[0, 2, 1, 3]);
    let (q, k, v) = (heads_first(query)?, heads_first(key)?, heads_first(value)?);
    let group = heads / served;
    let rows = |x: &Tensor| x.reshape([x.shape()[0], *served, group * x.shape()[2], x.shape()[3]]);
    let unfold = |x: Tensor| x.reshape([x.shape()[0], *heads, x.shape()[2] / group.max(1), x.shape()[3]]);
    let products = rows(&q)?.matmul(&k.permute(&[0, 1, 3, 2])?)?;
    let mut logits = unfold(products)?.mul_scalar(scale)?;
    if let Some(cap) = options.attn_logits_soft_cap {
        if !(cap > 0.0 && cap.is_finite()) {
            return Err(Error::argument(context, "attn_logits_soft_cap", "a positive number", cap));
        }
        logits = logits.div_scalar(cap)?.tanh()?.mul_scalar(cap)?;
    }
    if let Some(bias) = options.bias {
        logits = logits.add(&bias.cast(dtype)?)?;
    }
    if options.is_causal && !logits.is_empty() {
        let (queries, keys) = (logits.dim(2)?, logits.dim(3)?);
        let seen = TensorData::from_values(&diagonal::lower(queries, keys, 0), vec![queries, keys])?;
        let seen = Tensor::from_data_on(seen, q.device())?;
        mask = Some(match mask {
            Some(mask) => mask.logical_and(&seen)?,
            None => seen,
        });
    }
    if let Some(mask) = mask {
        logits = logits.where_(&mask, &logits.full_like(vec![], MASKED * largest(dtype))?)?;
    }
    let weights = super::softmax(&logits.cast(dtype.promote(crate::dtype::DType::F32))?, -1)?.cast(dtype)?;
    unfold(rows(&weights)?.matmul(&v)?)?.permute(&[0, 2, 1, 3])
}

pub(crate) fn dot_product_attention_spec(query: &Spec, key: &Spec, value: &Spec) -> Result<Spec> {
    Ok((query.0.clone(), query.1.promote(key.1).promote(value.1)))
}
