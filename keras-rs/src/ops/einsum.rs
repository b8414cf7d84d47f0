//! Sums of products over axes with labels, which every product of tensors is a case of.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;
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
pub(super) struct Labels {
    operands: Vec<Vec<char>>,
    result: Vec<char>,
}

impl Labels {
    /// From subscripts such as `"bij,bjk->bik"`, for operands of these ranks.
    fn parse(subscripts: &str, ranks: &[usize]) -> Result<Self> {
        let text: String = subscripts.chars().filter(|c| *c != ' ').collect();
        let refused = |expected: &str| Error::argument("einsum", "subscripts", expected, subscripts);
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
    pub(super) fn pairs(ranks: (usize, usize), pairs: &[(usize, usize)]) -> Self {
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
    pub(super) fn shape(&self, context: &str, shapes: &[Shape]) -> Result<Shape> {
        let mut sizes: HashMap<char, Option<usize>> = HashMap::new();
        for (labels, shape) in self.operands.iter().zip(shapes) {
            for (label, size) in labels.iter().zip(shape.dims()) {
                let known = sizes.entry(*label).or_insert(*size);
                match (*known, *size) {
                    (Some(a), Some(b)) if a != b && a != 1 && b != 1 => {
                        let expected = format!("axes of equal labels of the size {a}");
                        return Err(Error::shape(context, "inputs", expected, shape));
                    }
                    (None | Some(1), Some(_)) => *known = *size,
                    _ => {}
                }
            }
        }
        Ok(Shape::new(self.result.iter().map(|c| sizes.get(c).copied().flatten()).collect::<Vec<_>>()))
    }

    pub(super) fn compute(&self, context: &str, operands: &[&Tensor]) -> Result<Tensor> {
        self.shape(context, &operands.iter().map(|x| Shape::from(x.shape())).collect::<Vec<_>>())?;
        let dtype = operands.iter().map(|x| x.dtype()).reduce(DType::promote).unwrap_or(DType::F32);
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
            return Err(Error::argument(context, "inputs", "at least one operand", "none"));
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

/// Sums of products over axes named by letters. Keras' `ops.einsum`.
///
/// `"ij,jk->ik"` is the matrix product: each operand has a term with a letter for each axis, letters that the
/// result lacks are summed over, and `...` stands for axes that broadcast. Without an arrow the result has the
/// letters that occur once, in alphabetical order. Data types are promoted.
///
/// # Errors
/// [`Error::Argument`] for subscripts that do not suit the operands, [`Error::Shape`] where axes of one letter
/// differ in size.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// let b = Tensor::from_slice::<f32>(&[1.0, 10.0], [2, 1])?;
/// assert_eq!(ops::einsum("ij,jk->ki", &[&a, &b])?.to_vec::<f32>()?, [21.0, 43.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn einsum(subscripts: &str, operands: &[&Tensor]) -> Result<Tensor> {
    let ranks: Vec<usize> = operands.iter().map(|x| x.rank()).collect();
    Labels::parse(subscripts, &ranks)?.compute("einsum", operands)
}

pub(crate) fn einsum_spec(subscripts: &str, operands: &[Spec]) -> Result<Spec> {
    let (shapes, dtypes): (Vec<Shape>, Vec<DType>) = operands.iter().cloned().unzip();
    let ranks: Vec<usize> = shapes.iter().map(Shape::rank).collect();
    let shape = Labels::parse(subscripts, &ranks)?.shape("einsum", &shapes)?;
    Ok((shape, dtypes.into_iter().reduce(DType::promote).unwrap_or(DType::F32)))
}
