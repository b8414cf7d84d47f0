//! Elements at coordinates that lie between elements.

use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// What lies outside of a tensor that is sampled at coordinates.
///
/// ```
/// use keras_rs::ops::image::FillMode;
///
/// assert_eq!(FillMode::try_from("reflect")?, FillMode::Reflect);
/// assert!(FillMode::try_from("edge").is_err());
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FillMode {
    /// One number.
    #[default]
    Constant,
    /// The outermost element.
    Nearest,
    /// The elements from the other end.
    Wrap,
    /// The elements mirrored at the outermost one, which is not repeated.
    Mirror,
    /// The elements mirrored at the border.
    Reflect,
}

impl FillMode {
    const ALL: [Self; 5] = [Self::Constant, Self::Nearest, Self::Wrap, Self::Mirror, Self::Reflect];

    /// Keras' name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Nearest => "nearest",
            Self::Wrap => "wrap",
            Self::Mirror => "mirror",
            Self::Reflect => "reflect",
        }
    }

    /// Whole numbers as floats, brought to `0..size`.
    fn inside(self, index: &Tensor, size: usize) -> Result<Tensor> {
        let n = size as f64;
        let inside = match self {
            Self::Constant | Self::Nearest => index.clone(),
            Self::Wrap => index.sub(&index.div_scalar(n)?.floor()?.mul_scalar(n)?)?,
            Self::Mirror => mirrored(index, n)?,
            Self::Reflect => mirrored(&index.mul_scalar(2.0)?.add_scalar(1.0)?, 2.0 * n + 1.0)?
                .add_scalar(-1.0)?
                .div_scalar(2.0)?
                .floor()?,
        };
        inside.clip(Some(0.0), Some(n - 1.0))
    }
}

/// Mirrors whole numbers at 0 and at `size - 1`.
fn mirrored(index: &Tensor, size: f64) -> Result<Tensor> {
    let half = size - 1.0;
    if half == 0.0 {
        return index.full_like(index.shape(), 0.0);
    }
    let shifted = index.add_scalar(half)?;
    let period = 2.0 * half;
    let periods = shifted.div_scalar(period)?.floor()?.mul_scalar(period)?;
    shifted.sub(&periods)?.add_scalar(-half)?.abs()
}

impl TryFrom<&str> for FillMode {
    type Error = Error;

    /// Case is ignored.
    fn try_from(name: &str) -> Result<Self> {
        let lower = name.to_lowercase();
        let found = Self::ALL.into_iter().find(|known| known.name() == lower);
        found.ok_or_else(|| Error::unknown_name("fill mode", name, Self::ALL.map(Self::name)))
    }
}

impl std::fmt::Display for FillMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Elements between which is interpolated, and what lies outside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sampling {
    /// Whether to interpolate linearly, else the nearest element is taken.
    pub(super) linear: bool,
    pub(super) fill_mode: FillMode,
    pub(super) fill_value: f64,
}

/// Coordinates along one axis of a tensor whose elements lie in rows.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// The coordinates, floats.
    pub(super) coordinate: Tensor,
    /// Size of the axis.
    pub(super) size: usize,
    /// Rows from one element of the axis to the next.
    pub(super) stride: usize,
}

/// An element along an axis: the rows that it adds, whether it is inside, and its weight.
struct Node {
    rows: Tensor,
    valid: Option<Tensor>,
    weight: Option<Tensor>,
}

impl Axis {
    fn nodes(&self, sampling: Sampling) -> Result<Vec<Node>> {
        let x = &self.coordinate;
        let whole = |index: &Tensor| index.detach().cast(x.dtype().promote(DType::F32));
        if !sampling.linear {
            return Ok(vec![self.node(&whole(&rounded(&x.detach())?)?, None, sampling)?]);
        }
        let lower = x.floor()?.detach();
        let upper_weight = x.sub(&lower)?;
        let lower_weight = upper_weight.neg()?.add_scalar(1.0)?;
        let lower = whole(&lower)?;
        Ok(vec![
            self.node(&lower, Some(lower_weight), sampling)?,
            self.node(&lower.add_scalar(1.0)?, Some(upper_weight), sampling)?,
        ])
    }

    fn node(&self, index: &Tensor, weight: Option<Tensor>, sampling: Sampling) -> Result<Node> {
        let valid = match sampling.fill_mode {
            FillMode::Constant => {
                let below = index.less_scalar(self.size as f64)?;
                Some(index.greater_scalar(-1.0)?.logical_and(&below)?)
            }
            _ => None,
        };
        let inside = sampling.fill_mode.inside(index, self.size)?;
        Ok(Node { rows: inside.cast(DType::I32)?.mul_scalar(self.stride as f64)?, valid, weight })
    }
}

/// Rounds halves away from zero.
pub(super) fn rounded(x: &Tensor) -> Result<Tensor> {
    let size = x.abs()?;
    let whole = size.floor()?;
    // The difference is exact, which `x + 0.5` is not.
    let up = size.sub(&whole)?.less_scalar(0.5)?.logical_not()?.cast(x.dtype())?;
    let rounded = whole.add(&up)?;
    rounded.neg()?.where_(&x.less_scalar(0.0)?, &rounded)
}

/// Interpolates between rows of a matrix of floats: `base` has the first row of each result, the axes what is added.
///
/// Shapes: `(rows, channels)` and coordinates of one shape give `(elements of the coordinates, channels)`.
pub(super) fn sample(
    context: &str,
    values: &Tensor,
    base: Option<&Tensor>,
    axes: &[Axis],
    sampling: Sampling,
) -> Result<Tensor> {
    let rows = values.dim(0)?;
    if i32::try_from(rows).is_err() {
        let expected = format!("at most {} elements", i32::MAX);
        return Err(Error::argument(context, "images", expected, rows));
    }
    let fill = values.full_like([], sampling.fill_value)?;
    let nodes = axes.iter().map(|axis| axis.nodes(sampling)).collect::<Result<Vec<_>>>()?;
    let corners: usize = nodes.iter().map(Vec::len).product();
    let mut sum: Option<Tensor> = None;
    for corner in 0..corners {
        let (mut at, mut valid, mut weight) = (base.cloned(), None::<Tensor>, None::<Tensor>);
        let mut rest = corner;
        for axis in nodes.iter().rev() {
            let node = &axis[rest % axis.len()];
            rest /= axis.len();
            at = Some(match at {
                Some(at) => at.add(&node.rows)?,
                None => node.rows.clone(),
            });
            valid = match (valid, &node.valid) {
                (Some(valid), Some(of_node)) => Some(valid.logical_and(of_node)?),
                (None, of_node) => of_node.clone(),
                (valid, None) => valid,
            };
            weight = match (weight, &node.weight) {
                (Some(weight), Some(of_node)) => Some(weight.mul(of_node)?),
                (None, of_node) => of_node.clone(),
                (weight, None) => weight,
            };
        }
        let Some(at) = at else { continue };
        let count = at.len();
        let mut part = values.take(&at.reshape([count])?, 0)?;
        if let Some(valid) = valid {
            part = part.where_(&valid.reshape([count, 1])?, &fill)?;
        }
        if let Some(weight) = weight {
            part = part.mul(&weight.reshape([count, 1])?)?;
        }
        sum = Some(match sum {
            Some(sum) => sum.add(&part)?,
            None => part,
        });
    }
    sum.ok_or_else(|| Error::shape(context, "coordinates", "at least one axis", "none"))
}

/// The number outside, as the type of the elements holds it.
pub(super) fn fill_value(value: f64, dtype: DType) -> f64 {
    match dtype {
        DType::Bool => f64::from(u8::from(value != 0.0)),
        dtype if dtype.is_int() => value.trunc(),
        _ => value,
    }
}

/// Brings interpolated floats to the type of the elements; integers are rounded, halves away from zero.
pub(super) fn returned(y: &Tensor, dtype: DType) -> Result<Tensor> {
    let y = if dtype.is_int() { rounded(y)? } else { y.clone() };
    crate::ops::saturate_cast(&y, dtype)
}

/// The elements of a tensor at coordinates, interpolated. Keras' `ops.image.map_coordinates`.
///
/// Shapes: coordinates of `(axes of inputs, ...)`, one number for each axis, give `(...)`. `order` is 0 for the nearest
/// element and 1 for linear interpolation. Integers are rounded, and numbers out of range become the nearest in range.
///
/// # Errors
/// [`Error::Shape`] where the coordinates have fewer than two axes or the first is not the number of axes of the inputs, or
/// the inputs have no elements; [`Error::Argument`] for another order.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{FillMode, map_coordinates};
///
/// let x = Tensor::from([1.0, 2.0, 4.0])?;
/// let at = Tensor::from([[0.5, 1.5, 3.0]])?;
/// assert_eq!(map_coordinates(&x, &at, 1, FillMode::Constant, 9.0)?.to_vec::<f32>()?, [1.5, 3.0, 9.0]);
/// assert_eq!(map_coordinates(&x, &at, 1, FillMode::Wrap, 0.0)?.to_vec::<f32>()?, [1.5, 3.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn map_coordinates(
    inputs: &Tensor,
    coordinates: &Tensor,
    order: usize,
    fill_mode: FillMode,
    fill_value: f64,
) -> Result<Tensor> {
    let spec = |x: &Tensor| (Shape::from(x.shape()), x.dtype());
    map_coordinates_spec(&spec(inputs), &spec(coordinates), order)?;
    let shape = &coordinates.shape()[1..];
    if coordinates.is_empty() {
        return inputs.full_like(shape, 0.0);
    }
    if inputs.is_empty() {
        return Err(Error::shape("map_coordinates", "inputs", "at least one element", tuple(inputs.shape())));
    }
    let dtype = inputs.to_float()?.dtype().promote(coordinates.to_float()?.dtype());
    let at = coordinates.cast(dtype)?;
    let mut stride = inputs.len();
    let axes = inputs.shape().iter().enumerate().map(|(axis, &size)| {
        stride /= size;
        let coordinate = at.narrow(0, axis..axis + 1)?.squeeze(&[0])?;
        Ok(Axis { coordinate, size, stride })
    });
    let axes = axes.collect::<Result<Vec<_>>>()?;
    let fill_value = self::fill_value(fill_value, inputs.dtype());
    let sampling = Sampling { linear: order == 1, fill_mode, fill_value };
    let values = inputs.cast(dtype)?.reshape([inputs.len(), 1])?;
    let y = sample("map_coordinates", &values, None, &axes, sampling)?;
    returned(&y.reshape(shape)?, inputs.dtype())
}

pub(crate) fn map_coordinates_spec(inputs: &Spec, coordinates: &Spec, order: usize) -> Result<Spec> {
    let (shape, rank) = (&coordinates.0, inputs.0.rank());
    if shape.rank() < 2 || shape.dims()[0].is_some_and(|first| first != rank) {
        let expected = format!("at least two axes, the first of {rank} numbers, as the inputs have axes");
        return Err(Error::shape("map_coordinates", "coordinates", expected, shape));
    }
    if order > 1 {
        return Err(Error::argument("map_coordinates", "order", "0 or 1", order));
    }
    Ok((Shape::new(shape.dims()[1..].to_vec()), inputs.1))
}
