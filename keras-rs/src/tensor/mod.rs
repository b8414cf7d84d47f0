//! Tensors with run-time rank, data type and device; the only door to Burn.
//!
//! Every operation checks its arguments and returns a [`Result`]: Burn itself
//! panics on invalid shapes. Binary operations broadcast as NumPy does and promote data
//! types as [`DType::promote`](crate::DType::promote) says.

mod activation;
mod arithmetic;
mod attention;
mod autodiff;
mod batch_normalization;
mod bounded;
mod conv;
mod convert;
mod create;
mod cross_entropy;
mod data;
mod display;
mod element;
#[cfg(feature = "flex")]
mod flex;
mod floats;
mod formula;
mod integers;
mod join;
mod logic;
mod look_up;
mod math;
mod nested;
mod order;
mod pool;
mod recurrence;
mod reduce;
mod reshape;
mod scatter;
mod slices;
mod softmax;

pub(crate) use conv::{After, ConvNumbers};
pub use convert::{BurnKind, burn_dtype};
pub(crate) use cross_entropy::Truth;
pub use data::TensorData;
pub(crate) use data::byte_len;
pub use element::Element;
pub(crate) use formula::Formula;
pub use nested::{IntoTensor, Nested};
pub(crate) use pool::Window2d;

use crate::backend::{Backend, Device};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::Shape;
use burn::backend::DispatchTensor;

/// An n-dimensional array on a device.
///
/// Cloning is cheap: values are shared. Rank, data type and device are known at run time only.
///
/// ```
/// use keras_rs::Tensor;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [2, 2])?;
/// let y = x.matmul(&x)?.add_scalar(1.0)?;
/// assert_eq!(y.shape(), [2, 2]);
/// assert_eq!(y.to_vec::<f32>()?, [8.0, 11.0, 16.0, 23.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone)]
pub struct Tensor {
    /// Burn's handle; scalars (rank 0) have the shape `[1]` there.
    handle: DispatchTensor,
    shape: Vec<usize>,
    dtype: DType,
    device: Device,
}

impl From<&Tensor> for Tensor {
    /// A handle to the same values.
    fn from(tensor: &Tensor) -> Self {
        tensor.clone()
    }
}

impl Tensor {
    /// Shape, outermost axis first; empty for a scalar.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Bytes that the elements take.
    pub(crate) fn bytes(&self) -> u64 {
        byte_len(self.dtype, &self.shape).map_or(u64::MAX, |n| n as u64)
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }

    /// Element type.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The device that holds the values.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Size of an axis; negative axes count from the end.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such axis.
    pub fn dim(&self, axis: isize) -> Result<usize> {
        Ok(self.shape[self.axis("dim", axis)?])
    }

    /// Resolves an axis that may be negative.
    pub(crate) fn axis(&self, context: &str, axis: isize) -> Result<usize> {
        resolve_axis(context, axis, self.rank())
    }

    /// A tensor of the same device and data type from a raw handle of known shape.
    fn with(&self, handle: DispatchTensor, shape: Vec<usize>) -> Self {
        Self { handle, shape, dtype: self.dtype, device: self.device.clone() }
    }

    fn raw(&self) -> DispatchTensor {
        self.handle.clone()
    }

    /// Refuses where memory has no room for a result of this tensor's size.
    fn require_room(&self, context: &str) -> Result<()> {
        crate::limits::check(context, self.bytes())
    }

    fn require_float(&self, context: &str) -> Result<()> {
        if self.dtype.is_float() {
            return Ok(());
        }
        Err(Error::DType {
            context: context.into(),
            expected: "a float type".into(),
            got: self.dtype.to_string(),
        })
    }

    /// Burn panics where operands are on different devices.
    fn require_same_device(&self, context: &str, other: &Self) -> Result<()> {
        if self.device == other.device {
            return Ok(());
        }
        let both = format!("{:?} and {:?}", self.device, other.device);
        Err(Error::argument(context, "operands", "tensors on one device", both))
    }

    fn require_rank(&self, context: &str, at_least: usize) -> Result<()> {
        if self.rank() >= at_least {
            return Ok(());
        }
        Err(Error::shape(context, "tensor", format!("at least {at_least} axes"), tuple(&self.shape)))
    }
}

/// Refuses more axes than a backend has.
fn check_rank(context: &str, rank: usize, device: &Device) -> Result<()> {
    // Burn panics beyond.
    let most = if device.backend() == Backend::NdArray { 6 } else { crate::limits::MAX_RANK };
    if rank <= most {
        return Ok(());
    }
    let expected = format!("at most {most} axes on {}", device.backend());
    Err(Error::shape(context, "shape", expected, format!("{rank} axes")))
}

/// Resolves an axis that may count from the end.
pub(crate) fn resolve_axis(context: &str, axis: isize, rank: usize) -> Result<usize> {
    let resolved = if axis < 0 { axis.saturating_add(rank as isize) } else { axis };
    if (0..rank as isize).contains(&resolved) {
        return Ok(resolved as usize);
    }
    Err(Error::argument(context, "axis", format!("an axis of a tensor with {rank} axes"), axis))
}

/// The shape that operands of these shapes broadcast to.
pub(crate) fn broadcast_shapes(context: &str, a: &[usize], b: &[usize]) -> Result<Vec<usize>> {
    let rank = a.len().max(b.len());
    let at = |s: &[usize], i: usize| (i + s.len()).checked_sub(rank).map_or(1, |j| s[j]);
    (0..rank)
        .map(|i| match (at(a, i), at(b, i)) {
            (x, y) if x == y => Ok(x),
            (1, y) => Ok(y),
            (x, 1) => Ok(x),
            _ => Err(Error::shape(
                context,
                "operands",
                "shapes that broadcast together",
                format!("{} and {}", tuple(a), tuple(b)),
            )),
        })
        .collect()
}

/// The shape that symbolic operands broadcast to; an unknown size takes the other operand's.
pub(crate) fn broadcast_symbolic(context: &str, a: &Shape, b: &Shape) -> Result<Shape> {
    let rank = a.rank().max(b.rank());
    let at = |s: &Shape, i: usize| (i + s.rank()).checked_sub(rank).map_or(Some(1), |j| s.dims()[j]);
    let dims: Result<Vec<Option<usize>>> = (0..rank)
        .map(|i| match (at(a, i), at(b, i)) {
            (x, y) if x == y => Ok(x),
            (Some(1), y) => Ok(y),
            (x, Some(1)) => Ok(x),
            (None, y) => Ok(y),
            (x, None) => Ok(x),
            _ => Err(Error::shape(
                context,
                "operands",
                "shapes that broadcast together",
                format!("{a} and {b}"),
            )),
        })
        .collect();
    dims.map(Shape::new)
}
