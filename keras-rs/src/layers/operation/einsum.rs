//! Sums of products: `einsum`, and the products that are special cases of it.

use super::arguments::Arguments;
use crate::config::FromConfig;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::layer::Spec;
use crate::shape::Shape;
use crate::tensor::{Tensor, resolve_axis};
use serde_json::Value;
use std::collections::HashMap;

/// The first label of the axes that an ellipsis stands for, and of those that are named here: no letter.
const UNNAMED: u32 = 0xE000;

/// The label of an unnamed axis.
fn unnamed(i: usize) -> char {
    u32::try_from(i).ok().and_then(|i| char::from_u32(UNNAMED + i)).unwrap_or(char::MAX)
}

/// Labels of the axes of operands and of the result: equal ones are equal axes, and those that the
/// result lacks are summed over.
#[derive(Debug)]
struct Labels {
    operands: Vec<Vec<char>>,
    result: Vec<char>,
}

impl Labels {
    /// From subscripts such as `"bij,bjk->bik"`, for operands of these ranks.
    fn parse(ranks: &[usize], arguments: &Arguments<'_>) -> Result<Self> {
        let text: String =
            arguments.raw("subscripts").as_str().unwrap_or_default().chars().filter(|c| *c != ' ').collect();
        let refused = |expected: &str| arguments.reject("subscripts", expected);
        let (left, right) = text.split_once("->").map_or((text.as_str(), None), |(l, r)| (l, Some(r)));
        let terms: Vec<&str> = left.split(',').collect();
        if terms.len() != ranks.len() {
            return Err(refused(&format!("{} operands", ranks.len())));
        }
        // How many axes the longest ellipsis stands for; those of shorter ones are its last.
        let mut open = 0;
        for (term, rank) in terms.iter().zip(ranks) {
            if let Some((a, b)) = term.split_once("...") {
                let named = a.chars().count() + b.chars().count();
                open =
                    open.max(rank.checked_sub(named).ok_or_else(|| refused("terms of the operands' ranks"))?);
            }
        }
        let expand = |term: &str, count: usize| -> Option<Vec<char>> {
            let (a, b) = term.split_once("...").map_or((term, None), |(a, b)| (a, Some(b)));
            let letters = |text: &str| text.chars().all(|c| c.is_ascii_alphabetic());
            let mut labels: Vec<char> = a.chars().collect();
            if let Some(b) = b {
                labels.extend((open - count..open).map(unnamed));
                labels.extend(b.chars());
            }
            (letters(a) && b.is_none_or(letters)).then_some(labels)
        };
        let letters = || refused("letters, ellipses, commas and an arrow");
        let mut operands = Vec::new();
        for (term, rank) in terms.iter().zip(ranks) {
            let named = term.chars().filter(|c| *c != '.').count();
            let count = if term.contains("...") { rank - named } else { 0 };
            let labels = expand(term, count).ok_or_else(letters)?;
            if labels.len() != *rank {
                return Err(refused("as many letters as each operand has axes"));
            }
            operands.push(labels);
        }
        let result = match right {
            Some(term) => expand(term, if term.contains("...") { open } else { 0 }).ok_or_else(letters)?,
            None => {
                let all: Vec<char> = operands.iter().flatten().copied().collect();
                let once = |c: &char| all.iter().filter(|other| *other == c).count() == 1;
                let mut kept: Vec<char> =
                    all.iter().copied().filter(|c| c.is_ascii_alphabetic() && once(c)).collect();
                kept.sort_unstable();
                (0..open).map(unnamed).chain(kept).collect()
            }
        };
        let known = |c: &char| operands.iter().any(|labels| labels.contains(c));
        let twice = result.iter().enumerate().any(|(i, c)| result[..i].contains(c));
        if twice || !result.iter().all(known) || (0..open).any(|i| !result.contains(&unnamed(i))) {
            return Err(refused("a result of each label at most once, with the ellipsis of the operands"));
        }
        Ok(Self { operands, result })
    }

    /// Of two operands whose given axes are summed over in pairs.
    fn pairs(ranks: (usize, usize), pairs: &[(usize, usize)]) -> Self {
        let a: Vec<char> = (0..ranks.0).map(unnamed).collect();
        let mut b: Vec<char> = (0..ranks.1).map(|i| unnamed(ranks.0 + i)).collect();
        for (of_a, of_b) in pairs {
            b[*of_b] = a[*of_a];
        }
        let result = a.iter().filter(|c| !b.contains(c)).chain(b.iter().filter(|c| !a.contains(c)));
        let result = result.copied().collect();
        Self { operands: vec![a, b], result }
    }

    /// The shape of the result.
    fn shape(&self, shapes: &[Shape], class: &str) -> Result<Shape> {
        let mut sizes: HashMap<char, Option<usize>> = HashMap::new();
        for (labels, shape) in self.operands.iter().zip(shapes) {
            for (label, size) in labels.iter().zip(shape.dims()) {
                let known = sizes.entry(*label).or_insert(*size);
                match (*known, *size) {
                    (Some(a), Some(b)) if a != b && a != 1 && b != 1 => {
                        let expected = format!("axes of equal labels of the size {a}");
                        return Err(Error::shape(class, "inputs", expected, shape));
                    }
                    (None | Some(1), Some(_)) => *known = *size,
                    _ => {}
                }
            }
        }
        Ok(Shape::new(self.result.iter().map(|c| sizes.get(c).copied().flatten()).collect::<Vec<_>>()))
    }

    fn compute(&self, operands: &[Tensor], class: &str) -> Result<Tensor> {
        self.shape(&operands.iter().map(|x| Shape::from(x.shape())).collect::<Vec<_>>(), class)?;
        let dtype = operands.iter().map(Tensor::dtype).reduce(DType::promote).unwrap_or(DType::F32);
        let mut product: Option<Term> = None;
        for (i, (x, labels)) in operands.iter().zip(&self.operands).enumerate() {
            let next = Term { x: x.cast(dtype)?, labels: labels.clone() }.diagonals()?;
            let later = |c: &char| self.operands[i + 1..].iter().flatten().any(|other| other == c);
            let keep = |c: &char| self.result.contains(c) || later(c);
            product = Some(match product {
                None => next,
                Some(product) => product.times(next, keep)?,
            });
        }
        let Some(product) = product else {
            return Err(Error::argument(class, "inputs", "at least one operand", "none"));
        };
        let product = product.sum_but(|c| self.result.contains(c))?;
        let order: Vec<usize> = self.result.iter().filter_map(|c| product.at(*c)).collect();
        product.x.permute(&order)?.cast(dtype)
    }
}

/// A tensor whose axes have labels, each at most once.
#[derive(Debug)]
struct Term {
    x: Tensor,
    labels: Vec<char>,
}

impl Term {
    fn at(&self, label: char) -> Option<usize> {
        self.labels.iter().position(|c| *c == label)
    }

    /// Of axes with equal labels, only the elements whose numbers on both are equal.
    fn diagonals(mut self) -> Result<Self> {
        while let Some((a, b)) =
            self.labels.iter().enumerate().find_map(|(b, c)| self.at(*c).filter(|a| *a < b).map(|a| (a, b)))
        {
            self.x = super::diagonal::of(&self.x, a, b, 0)?;
            self.labels.remove(b);
            let label = self.labels.remove(a);
            self.labels.push(label);
        }
        Ok(self)
    }

    /// The sum over all axes but those to keep.
    fn sum_but(self, keep: impl Fn(&char) -> bool) -> Result<Self> {
        let axes: Vec<isize> =
            (0..self.labels.len()).filter(|i| !keep(&self.labels[*i])).map(|i| i as isize).collect();
        if axes.is_empty() {
            return Ok(self);
        }
        let labels = self.labels.into_iter().filter(|c| keep(c)).collect();
        Ok(Self { x: self.x.sum(&axes, false)?, labels })
    }

    /// The product, summed over the labels of both that are not to be kept; it is one matrix product.
    fn times(self, other: Self, keep: impl Fn(&char) -> bool) -> Result<Self> {
        let (a_labels, b_labels) = (self.labels.clone(), other.labels.clone());
        let a = self.sum_but(|c| keep(c) || b_labels.contains(c))?;
        let b = other.sum_but(|c| keep(c) || a_labels.contains(c))?;
        let shared: Vec<char> = a.labels.iter().copied().filter(|c| b.labels.contains(c)).collect();
        let (batch, summed): (Vec<char>, Vec<char>) = shared.iter().partition(|c| keep(c));
        let free = |own: &Self| -> Vec<char> {
            own.labels.iter().copied().filter(|c| !shared.contains(c)).collect()
        };
        let (a_free, b_free) = (free(&a), free(&b));
        let size = |label: &char| {
            let of = |own: &Self| own.at(*label).map_or(1, |i| own.x.shape()[i]);
            // Axes of size one broadcast.
            if of(&a) == 1 { of(&b) } else { of(&a) }
        };
        let matrices = |own: &Self, rows: &[char], columns: &[char]| -> Result<Tensor> {
            let order: Vec<char> = [&batch[..], rows, columns].concat();
            let axes: Vec<usize> = order.iter().filter_map(|c| own.at(*c)).collect();
            let x = own.x.permute(&axes)?.broadcast_to(order.iter().map(size).collect::<Vec<_>>())?;
            let count = |labels: &[char]| labels.iter().map(size).product::<usize>();
            x.reshape([count(&batch), count(rows), count(columns)])
        };
        let product = matrices(&a, &a_free, &summed)?.matmul(&matrices(&b, &summed, &b_free)?)?;
        let labels = [batch.clone(), a_free.clone(), b_free.clone()].concat();
        let shape: Vec<usize> = labels.iter().map(size).collect();
        Ok(Self { x: product.reshape(shape)?, labels })
    }
}

pub(super) fn einsum(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let ranks: Vec<usize> = operands.iter().map(Tensor::rank).collect();
    Ok(vec![Labels::parse(&ranks, arguments)?.compute(operands, arguments.class)?])
}

fn promoted(operands: &[Spec]) -> DType {
    operands.iter().map(|(_, dtype)| *dtype).reduce(DType::promote).unwrap_or(DType::F32)
}

pub(super) fn einsum_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let shapes: Vec<Shape> = operands.iter().map(|(shape, _)| shape.clone()).collect();
    let ranks: Vec<usize> = shapes.iter().map(Shape::rank).collect();
    let shape = Labels::parse(&ranks, arguments)?.shape(&shapes, arguments.class)?;
    Ok(vec![(shape, promoted(operands))])
}

/// Which axes of two operands a product sums over in pairs.
fn summed(a: usize, b: usize, arguments: &Arguments<'_>) -> Result<Vec<(usize, usize)>> {
    match arguments.class {
        "Outer" => Ok(Vec::new()),
        "Vdot" => Ok(vec![(0, 0)]),
        _ if a == 0 || b == 0 => Ok(Vec::new()),
        "Inner" => Ok(vec![(a - 1, b - 1)]),
        "Dot" => Ok(vec![(a - 1, b.saturating_sub(2))]),
        _ => {
            let refused = || arguments.reject("axes", "a number of axes, or two lists of axes");
            let axes = arguments.raw("axes");
            if let Some(count) = isize::from_value(axes) {
                let count = usize::try_from(count).unwrap_or(0);
                return if count <= a.min(b) {
                    Ok((0..count).map(|i| (a - count + i, i)).collect())
                } else {
                    Err(refused())
                };
            }
            let lists = Vec::<Value>::from_value(axes).ok_or_else(refused)?;
            let list = |value: &Value, rank: usize| -> Result<Vec<usize>> {
                let axes = isize::from_value(value).map(|axis| vec![axis]);
                let axes = axes.or_else(|| Vec::<isize>::from_value(value)).ok_or_else(refused)?;
                axes.into_iter().map(|axis| resolve_axis(arguments.class, axis, rank)).collect()
            };
            let [of_a, of_b] = lists.as_slice() else { return Err(refused()) };
            let (of_a, of_b) = (list(of_a, a)?, list(of_b, b)?);
            let twice = |list: &[usize]| list.iter().enumerate().any(|(i, axis)| list[..i].contains(axis));
            if of_a.len() != of_b.len() || twice(&of_a) || twice(&of_b) {
                return Err(refused());
            }
            Ok(of_a.into_iter().zip(of_b).collect())
        }
    }
}

fn flattens(arguments: &Arguments<'_>) -> bool {
    matches!(arguments.class, "Outer" | "Vdot")
}

/// `Dot`, `Inner`, `Outer`, `Tensordot` and `Vdot`.
pub(super) fn product(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let [a, b] = operands else { return Err(two(arguments, operands.len())) };
    let flat = |x: &Tensor| if flattens(arguments) { x.reshape([x.len()]) } else { Ok(x.clone()) };
    let (a, b) = (flat(a)?, flat(b)?);
    let pairs = summed(a.rank(), b.rank(), arguments)?;
    if let Some((i, j)) = pairs.iter().find(|(i, j)| a.shape()[*i] != b.shape()[*j]) {
        let expected = format!("the size {} on axis {j}", a.shape()[*i]);
        return Err(Error::shape(arguments.class, "inputs", expected, tuple(b.shape())));
    }
    let labels = Labels::pairs((a.rank(), b.rank()), &pairs);
    Ok(vec![labels.compute(&[a, b], arguments.class)?])
}

pub(super) fn product_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let [(a, _), (b, _)] = operands else { return Err(two(arguments, operands.len())) };
    let flat = |x: &Shape| match flattens(arguments) {
        true => Shape::new([x.dims().iter().try_fold(1_usize, |n, d| n.checked_mul((*d)?))]),
        false => x.clone(),
    };
    let (a, b) = (flat(a), flat(b));
    let pairs = summed(a.rank(), b.rank(), arguments)?;
    let labels = Labels::pairs((a.rank(), b.rank()), &pairs);
    Ok(vec![(labels.shape(&[a, b], arguments.class)?, promoted(operands))])
}

fn two(arguments: &Arguments<'_>, got: usize) -> Error {
    Error::argument(arguments.class, "inputs", "two operands", format!("{got} operands"))
}
