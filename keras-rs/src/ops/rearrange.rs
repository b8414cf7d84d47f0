//! Axes rearranged by patterns.

use super::operand::Results;
use super::{Given, Operand, OperationCall, ToData, Value};
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use std::collections::HashMap;

/// Axes split, moved and joined as a pattern of einops says. Keras' `ops.rearrange`.
///
/// In `"b (h n) c -> b h (n c)"` each side names every axis once; parentheses stand for one axis that is split, on the
/// left, or joined, on the right. `axes_lengths` gives the sizes of the parts of a split axis but for one at most.
/// Sizes of other axes are not read, as in Keras.
///
/// # Errors
/// [`Error::Argument`] for a pattern that is none or whose sides name other axes, and for a split with two sizes
/// missing; [`Error::Shape`] where the pattern has another number of axes or sizes do not divide an axis.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])?;
/// let y = ops::rearrange(&x, "a (b c) -> (c a) b", &[("c", 2)])?;
/// assert_eq!(y.shape(), [4, 2]);
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 3.0, 5.0, 7.0, 2.0, 4.0, 6.0, 8.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn rearrange<X: Operand>(tensor: &X, pattern: &str, axes_lengths: &[(&str, usize)]) -> Result<X::Output> {
    if <X::Output as Value>::SYMBOLIC {
        let mut call = OperationCall::new("Rearrange");
        call.operand(tensor.given()?);
        call.operand(Given::Data(pattern.to_data()));
        for (name, length) in axes_lengths {
            call.keyword(name.to_string(), Given::Data(length.to_data()));
        }
        return <Tensor as Results<X::Output>>::of_call(call);
    }
    let tensor = tensor.real(&[])?;
    let steps = steps(&Shape::from(tensor.shape()), pattern, axes_lengths)?;
    let (split, joined) =
        (steps.split.to_known().unwrap_or_default(), steps.joined.to_known().unwrap_or_default());
    Value::of(tensor.reshape(split)?.permute(&steps.order)?.reshape(joined)?)
}

pub(crate) fn rearrange_spec(
    (tensor, dtype): &Spec,
    pattern: &str,
    axes_lengths: &[(&str, usize)],
) -> Result<Spec> {
    Ok((steps(tensor, pattern, axes_lengths)?.joined, *dtype))
}

/// The shape with axes split, their order, and the shape with axes joined.
struct Steps {
    split: Shape,
    order: Vec<usize>,
    joined: Shape,
}

fn steps(tensor: &Shape, pattern: &str, axes_lengths: &[(&str, usize)]) -> Result<Steps> {
    let refused = |expected: &str| Error::argument("rearrange", "pattern", expected, pattern);
    let sides = pattern.split_once("->").and_then(|(from, to)| Some((groups(from)?, groups(to)?)));
    let (from, to) = sides.ok_or_else(|| refused("names of axes on both sides of ->"))?;
    let order = order(&from.concat(), &to.concat())
        .ok_or_else(|| refused("the same axes on both sides, each once"))?;
    if from.len() != tensor.rank() {
        let expected = format!("{} axes", from.len());
        return Err(Error::shape("rearrange", "tensor", expected, tensor));
    }
    let mut sizes: Vec<Option<usize>> = Vec::with_capacity(order.len());
    for (group, &size) in from.iter().zip(tensor.dims()) {
        sizes.extend(parts(group, size, axes_lengths, tensor)?);
    }
    let mut moved = order.iter().map(|&at| sizes[at]);
    let product = |group: &Vec<&str>| {
        let sizes: Vec<Option<usize>> = moved.by_ref().take(group.len()).collect();
        sizes.into_iter().try_fold(1_usize, |product, size| product.checked_mul(size?))
    };
    let joined = Shape::new(to.iter().map(product).collect::<Vec<_>>());
    Ok(Steps { split: Shape::new(sizes), order, joined })
}

/// Positions in `from` of the names in `to`, where both hold the same names, each once.
fn order(from: &[&str], to: &[&str]) -> Option<Vec<usize>> {
    let places: HashMap<&str, usize> = from.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let order: Vec<usize> = to.iter().map(|name| places.get(name).copied()).collect::<Option<_>>()?;
    let mut found = order.clone();
    found.sort_unstable();
    found.into_iter().eq(0..from.len()).then_some(order)
}

/// The groups of one side of a pattern; an axis without parentheses is a group of one.
fn groups(side: &str) -> Option<Vec<Vec<&str>>> {
    let mut groups: Vec<Vec<&str>> = Vec::new();
    let mut rest = side.trim_start();
    while !rest.is_empty() {
        let (group, after) = if let Some(opened) = rest.strip_prefix('(') {
            let (inside, after) = opened.split_once(')')?;
            (inside.split_whitespace().collect(), after)
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(rest.len());
            (vec![&rest[..end]], &rest[end..])
        };
        groups.push(group);
        rest = after.trim_start();
    }
    let is_name = |name: &&str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    groups.iter().flatten().all(is_name).then_some(groups)
}

/// Sizes of the parts of an axis.
fn parts(
    group: &[&str],
    size: Option<usize>,
    lengths: &[(&str, usize)],
    tensor: &Shape,
) -> Result<Vec<Option<usize>>> {
    let length = |name: &&str| lengths.iter().find(|(known, _)| known == name).map(|(_, length)| *length);
    let known: Vec<Option<usize>> =
        if group.len() == 1 { vec![None] } else { group.iter().map(length).collect() };
    let product = known.iter().flatten().try_fold(1_usize, |product, &n| product.checked_mul(n));
    let missing = known.iter().filter(|length| length.is_none()).count();
    if missing > 1 {
        let expected = format!("all sizes but one of {}", group.join(" "));
        return Err(Error::argument("rearrange", "axes_lengths", expected, format!("{lengths:?}")));
    }
    let fits = |product: &usize| match (missing, size) {
        (0, size) => size.is_none_or(|size| size == *product),
        (_, size) => *product > 0 && size.is_none_or(|size| size.is_multiple_of(*product)),
    };
    let Some(product) = product.filter(fits) else {
        let expected = format!("an axis ({}) of the sizes {lengths:?}", group.join(" "));
        return Err(Error::shape("rearrange", "tensor", expected, tensor));
    };
    Ok(known.into_iter().map(|length| length.or(size.map(|size| size / product))).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn counting(shape: &[usize]) -> Tensor {
        let values: Vec<f32> = (1..=shape.iter().product::<usize>()).map(|v| v as f32).collect();
        Tensor::from_slice(&values, shape.to_vec()).unwrap()
    }

    fn is(got: Tensor, shape: &[usize], values: &[f32]) {
        assert_eq!(got.shape(), shape);
        assert_eq!(got.to_vec::<f32>().unwrap(), values);
    }

    #[test]
    fn axes_are_rearranged_as_by_keras() {
        let x = counting(&[2, 3, 4]);
        let merged = [
            1., 13., 5., 17., 9., 21., 2., 14., 6., 18., 10., 22., 3., 15., 7., 19., 11., 23., 4., 16., 8.,
            20., 12., 24.,
        ];
        is(rearrange(&x, "a b c -> c (b a)", &[]).unwrap(), &[4, 6], &merged);
        let split: Vec<f32> = (0..24).map(|v| (2 * (v % 12) + 1 + v / 12) as f32).collect();
        is(rearrange(&x, "a b (c d)->(d a) b c", &[("c", 2)]).unwrap(), &[4, 3, 2], &split);
        assert_eq!(rearrange(&x, "a b c -> a c b", &[("a", 5)]).unwrap().shape(), [2, 4, 3]);
    }

    #[test]
    fn unknown_sizes_stay_unknown() {
        let x = (Shape::new([None, Some(6), Some(2)]), crate::dtype::DType::F32);
        let (shape, _) = rearrange_spec(&x, "a (b c) d -> (a b) (c d)", &[("c", 3)]).unwrap();
        assert_eq!(shape.dims(), [None, Some(6)]);
    }

    #[test]
    fn patterns_that_keras_refuses_are_refused() {
        let x = counting(&[2, 3, 4]);
        let patterns = [
            "a b -> b a",
            "a b c -> a b",
            "a b c -> a b c d",
            "a b (c d) -> a b c d",
            "... c -> c ...",
            "a a b -> a b",
            "a b c",
            "a (b c -> a b c",
        ];
        for pattern in patterns {
            assert!(rearrange(&x, pattern, &[]).is_err(), "{pattern}");
        }
        for lengths in [&[("c", 3)][..], &[("c", 2), ("d", 3)], &[("c", 0)]] {
            assert!(rearrange(&x, "a b (c d) -> a b c d", lengths).is_err(), "{lengths:?}");
        }
    }
}
