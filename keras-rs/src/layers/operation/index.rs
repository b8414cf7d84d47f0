//! Picking elements by number: `x[:, 1:3]` and `ops.take`.

use super::arguments::Arguments;
use super::reshape::only;
use crate::config::{FromConfig, shorten};
use crate::error::{Error, Result};
use crate::layer::Spec;
use crate::shape::Shape;
use crate::tensor::{Tensor, resolve_axis};
use serde_json::Value;

/// One part of an index, as in Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    /// A number: the axis is gone.
    At(isize),
    /// A range: first, end, step.
    Range(Option<isize>, Option<isize>, isize),
    /// A new axis of size one.
    NewAxis,
    /// Every axis that is not named.
    Rest,
}

impl Item {
    fn parse(value: &Value) -> Option<Self> {
        match value.get("class_name").and_then(Value::as_str) {
            Some("__ellipsis__") => return Some(Self::Rest),
            Some("__slice__") => {
                let bound = |name: &str| Option::<isize>::from_value(value.get("config")?.get(name)?);
                let step = bound("step")?.unwrap_or(1);
                return (step != 0).then_some(Self::Range(bound("start")?, bound("stop")?, step));
            }
            _ => {}
        }
        if value.is_null() { Some(Self::NewAxis) } else { isize::from_value(value).map(Self::At) }
    }

    fn is_axis(self) -> bool {
        matches!(self, Self::At(_) | Self::Range(..))
    }
}

const WHOLE: Item = Item::Range(None, None, 1);

/// The key of a call, with ranges for the axes that it leaves out.
fn key(rank: usize, arguments: &Arguments<'_>) -> Result<Vec<Item>> {
    let value = arguments.at(1).ok_or_else(|| Error::argument(arguments.class, "key", "an index", "none"))?;
    let refused = |expected: String| Error::argument(arguments.class, "key", expected, shorten(value));
    let tuple = value.get("items").or_else(|| value.pointer("/config/items")).unwrap_or(value);
    let items = match tuple {
        Value::Array(items) => items.iter().map(Item::parse).collect::<Option<Vec<_>>>(),
        one => Item::parse(one).map(|item| vec![item]),
    };
    let mut items =
        items.ok_or_else(|| refused("whole numbers, slices without step 0, an ellipsis, new axes".into()))?;
    let named = items.iter().filter(|item| item.is_axis()).count();
    if named > rank || items.iter().filter(|item| **item == Item::Rest).count() > 1 {
        return Err(refused(format!("at most {rank} axes and one ellipsis")));
    }
    let at = items.iter().position(|item| *item == Item::Rest).unwrap_or(items.len());
    let rest = at..(at + 1).min(items.len());
    items.splice(rest, std::iter::repeat_n(WHOLE, rank - named));
    Ok(items)
}

/// The number of an element that may be counted from the end.
fn place(index: isize, size: usize, arguments: &Arguments<'_>) -> Result<usize> {
    let at = if index < 0 { index + size as isize } else { index };
    let at = usize::try_from(at).ok().filter(|at| *at < size);
    at.ok_or_else(|| {
        Error::argument(arguments.class, "key", format!("a number within an axis of size {size}"), index)
    })
}

/// First element and number of elements of a range over an axis.
fn extent(start: Option<isize>, stop: Option<isize>, step: isize, size: usize) -> (isize, usize) {
    let size = size as isize;
    let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
    let bound = |given: Option<isize>, default: isize| match given {
        None => default,
        Some(index) => (if index < 0 { index.saturating_add(size) } else { index }).clamp(low, high),
    };
    let (first, end) = if step > 0 {
        (bound(start, low), bound(stop, high))
    } else {
        (bound(start, high), bound(stop, low))
    };
    let distance = if step > 0 { end - first } else { first - end };
    (first, if distance > 0 { distance.unsigned_abs().div_ceil(step.unsigned_abs()) } else { 0 })
}

pub(super) fn get_item(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = only(arguments, operands)?;
    let (mut ranges, mut backwards, mut shape) = (Vec::new(), Vec::new(), Vec::new());
    for item in key(x.rank(), arguments)? {
        // Each item but a new axis takes the next axis.
        let size = x.shape().get(ranges.len()).copied().unwrap_or(1);
        match item {
            Item::NewAxis => shape.push(1),
            Item::At(index) => {
                let at = place(index, size, arguments)?;
                ranges.push((at..at + 1, 1));
            }
            Item::Range(start, stop, step) => {
                let (first, count) = extent(start, stop, step, size);
                if count == 0 {
                    let expected = "slices with at least one element";
                    return Err(Error::shape(arguments.class, "inputs", expected, Shape::from(x.shape())));
                }
                let last = first + (count as isize - 1) * step;
                let (from, to) = (first.min(last).unsigned_abs(), first.max(last).unsigned_abs());
                if step < 0 {
                    backwards.push(ranges.len() as isize);
                }
                ranges.push((from..to + 1, step.unsigned_abs()));
                shape.push(count);
            }
            Item::Rest => {}
        }
    }
    let mut y = x.slice_with_steps(&ranges)?;
    if !backwards.is_empty() {
        y = y.flip(&backwards)?;
    }
    Ok(vec![y.reshape(shape)?])
}

pub(super) fn get_item_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let (x, dtype) = only(arguments, operands)?;
    let mut sizes = x.dims().iter();
    let mut dims = Vec::new();
    for item in key(x.rank(), arguments)? {
        match item {
            Item::NewAxis => dims.push(Some(1)),
            Item::At(index) => {
                if let Some(Some(size)) = sizes.next() {
                    place(index, *size, arguments)?;
                }
            }
            Item::Range(start, stop, step) => {
                let size = sizes.next().copied().flatten();
                dims.push(size.map(|size| extent(start, stop, step, size).1));
            }
            Item::Rest => {}
        }
    }
    Ok(vec![(Shape::new(dims), *dtype)])
}

fn with_indices<'t, T>(operands: &'t [T], arguments: &Arguments<'_>) -> Result<(&'t T, &'t T)> {
    match operands {
        [x, indices] => Ok((x, indices)),
        many => Err(Error::argument(
            arguments.class,
            "inputs",
            "a tensor and indices",
            format!("{} operands", many.len()),
        )),
    }
}

/// Entries of an axis; of the flattened tensor where there is no axis.
pub(super) fn take(operands: &[Tensor], arguments: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let (x, indices) = with_indices(operands, arguments)?;
    let (x, axis) = match arguments.maybe_whole("axis")? {
        Some(axis) => (x.clone(), x.axis(arguments.class, axis)?),
        None => (x.reshape([x.len()])?, 0),
    };
    let size = x.shape()[axis];
    // Burn does not check numbers; negative ones count from the end.
    let mut places = Vec::with_capacity(indices.len());
    for index in indices.to_f64_vec()? {
        places.push(place(index as isize, size, arguments)? as i32);
    }
    let flat = crate::tensor::TensorData::from_values(&places, vec![places.len()])?;
    let picked = x.take(&Tensor::from_data_on(flat, x.device())?, axis as isize)?;
    Ok(vec![picked.reshape([&x.shape()[..axis], indices.shape(), &x.shape()[axis + 1..]].concat())?])
}

pub(super) fn take_spec(operands: &[Spec], arguments: &Arguments<'_>) -> Result<Vec<Spec>> {
    let ((x, dtype), (indices, _)) = with_indices(operands, arguments)?;
    let dims = match arguments.maybe_whole("axis")? {
        None => indices.dims().to_vec(),
        Some(axis) => {
            let axis = resolve_axis(arguments.class, axis, x.rank())?;
            [&x.dims()[..axis], indices.dims(), &x.dims()[axis + 1..]].concat()
        }
    };
    Ok(vec![(Shape::new(dims), *dtype)])
}
