//! Attention with heads: four products and one step between them.

use super::forms::{plain, weighted};
use super::lower::Lowering;
use super::network::{Kind, Operation, Value, ValueId};
use super::plan::Spot;
use crate::layer::{Argument, Arguments, Form, LayerRef};
use keras_rs_kernels::Attention;
use serde_json::Value as Json;

/// What a call of a layer with heads computes; `None` where it is called as it is.
pub(super) fn lower(
    lowering: &mut Lowering,
    layer: &LayerRef,
    arguments: &Arguments<ValueId>,
    output: &Value,
) -> Option<ValueId> {
    let Form::Attention { projections, heads, key_heads, scale } = layer.layer().form()? else { return None };
    let (operands, causal) = operands(arguments)?;
    let values = operands.map(|operand| &lowering.network.values[operand]);
    let fits = |value: &&Value| value.shape.len() == 3 && value.len() > 0;
    if !values.iter().all(fits) || output.shape.len() != 3 || output.len() == 0 {
        return None;
    }
    let projection = |layer: &LayerRef, inner: usize| -> Option<(Operation, [usize; 2])> {
        let bias = layer.variable("bias").is_ok();
        let kernel = plain(layer, "kernel")?;
        let (rows, columns) = kernel.shape().split_at_checked(inner)?;
        let channels = [rows, columns].map(|sizes| sizes.iter().product());
        Some((weighted(layer, Kind::Dense { inner }, "kernel", bias)?, channels))
    };
    let [query, key, value, last] = *projections;
    let mut inner = Vec::with_capacity(3);
    for (layer, operand) in [query, key, value].iter().zip(values) {
        let (operation, [_, channels]) = projection(layer, 1)?;
        let mut made = operand.clone();
        *made.shape.last_mut()? = channels;
        inner.push((operation, made));
    }
    let (project, [channels, _]) = projection(&last, 2)?;
    let mut means = output.clone();
    *means.shape.last_mut()? = channels;
    let name = layer.name();
    let mut made = Vec::with_capacity(3);
    for ((operation, value), operand) in inner.into_iter().zip(operands) {
        made.push(lowering.add(operation, vec![operand], value, &name));
    }
    let means = lowering.add(Operation::Attention { heads, key_heads, scale, causal }, made, means, &name);
    Some(lowering.add(project, vec![means], output.clone(), &name))
}

/// Query, key and value of a call, and whether a query sees no key after its own position; `None` where the call says
/// more than that.
fn operands(arguments: &Arguments<ValueId>) -> Option<([ValueId; 3], bool)> {
    let [mut query, mut value, mut key] = [None; 3];
    let mut causal = false;
    let positional = ["query", "value", "key"].into_iter().zip(&arguments.positional);
    if arguments.positional.len() > 3 {
        return None;
    }
    let named = arguments.keyword.iter().map(|(name, argument)| (name.as_str(), argument));
    for (name, argument) in positional.chain(named) {
        match (name, argument) {
            ("query", Argument::Tensor(tensor)) => query = Some(*tensor),
            ("value", Argument::Tensor(tensor)) => value = Some(*tensor),
            ("key", Argument::Tensor(tensor)) => key = Some(*tensor),
            ("use_causal_mask", Argument::Data(Json::Bool(flag))) => causal = *flag,
            ("return_attention_scores" | "training", Argument::Data(Json::Bool(false))) => {}
            (_, Argument::Data(Json::Null)) => {}
            _ => return None,
        }
    }
    let (query, value) = (query?, value?);
    Some(([query, key.unwrap_or(value), value], causal))
}

/// The sizes of a step; `None` where they do not go together.
pub(super) fn sizes(
    inputs: &[Spot],
    output: &Spot,
    [heads, key_heads]: [usize; 2],
    scale: f64,
    causal: bool,
) -> Option<Attention> {
    let [query, key, value] = inputs else { return None };
    let (&[batch, queries, _], &[_, keys, _]) = (query.shape.as_slice(), key.shape.as_slice()) else {
        return None;
    };
    let size = query.channels().checked_div(heads)?;
    let value_size = value.channels().checked_div(key_heads)?;
    let fits = key.channels() == key_heads * size
        && query.channels() == heads * size
        && output.channels() == heads * value_size
        && value.pixels() == batch * keys
        && key.pixels() == batch * keys
        && heads.is_multiple_of(key_heads)
        && size * value_size > 0;
    let scale = scale as f32;
    fits.then_some(Attention {
        batch,
        queries,
        keys,
        heads,
        key_heads,
        size,
        value_size,
        scale,
        causal,
        mask: None,
        zero_unseen: false,
    })
}
