//! Bounds on what a model from a file may make this process allocate and compute.

use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::Shape;
use crate::tensor::byte_len;
use std::sync::atomic::{AtomicU64, Ordering};

/// Most bytes that one tensor may take unless [`set_max_tensor_bytes`] says otherwise: 16 GiB.
///
/// Real networks need far less; a hostile file that asks for more is refused before anything is
/// allocated.
pub const MAX_TENSOR_BYTES: u64 = 16 << 30;

/// Largest whole number that a configuration may hold where a size or an axis belongs.
///
/// Products of one such number and a tensor's size, which is bounded too, fit into 64 bits.
pub const MAX_CONFIG_NUMBER: usize = i32::MAX as usize;

/// Most axes that a tensor of a model may have, as in NumPy.
pub const MAX_RANK: usize = 64;

/// Most calls of layers in one run of a model, those inside nested models counted each time.
///
/// A few nested models that each call the next one twice would otherwise run for years.
pub const MAX_CALLS: u64 = 1 << 20;

/// Tensors of the largest size that the variables of a model from a file, or the intermediate
/// results of one run, may take together.
const TENSORS_AT_ONCE: u64 = 4;

static TENSOR_BYTES: AtomicU64 = AtomicU64::new(MAX_TENSOR_BYTES);

/// Most bytes that one tensor may take.
pub fn max_tensor_bytes() -> u64 {
    TENSOR_BYTES.load(Ordering::Relaxed)
}

/// Sets the most bytes that one tensor may take, for the whole process.
///
/// All variables of a model from a file together, and all tensors that one run of a model holds
/// at a time, may take four times as much. Servers that open models of strangers set it to what
/// they can spare.
///
/// ```standalone_crate
/// use keras_rs::prelude::*;
/// use keras_rs::limits;
///
/// limits::set_max_tensor_bytes(1 << 20);
/// let model = Sequential::new().add(Input::new([1000])).add(Dense::new(1000)).build();
/// assert!(matches!(model, Err(keras_rs::Error::InLayer { .. })));
/// limits::set_max_tensor_bytes(limits::MAX_TENSOR_BYTES);
/// ```
pub fn set_max_tensor_bytes(bytes: u64) {
    TENSOR_BYTES.store(bytes, Ordering::Relaxed);
}

/// Refuses a tensor of more bytes than one may take.
pub(crate) fn check(context: &str, bytes: u64) -> Result<()> {
    within(context, bytes, max_tensor_bytes())
}

/// Refuses a tensor of a shape that would take more bytes than one may, or has too many axes.
pub(crate) fn check_shape(context: &str, dtype: DType, shape: &[usize]) -> Result<()> {
    let bytes = byte_len(dtype, shape).map_or(u64::MAX, |n| n as u64);
    check_rank(context, shape.len())?;
    match check(context, bytes) {
        Err(Error::TooLarge { context, bytes, limit }) => {
            Err(Error::TooLarge { context: format!("{context}: shape {}", tuple(shape)), bytes, limit })
        }
        other => other,
    }
}

/// Refuses a symbolic shape whose known sizes alone are too large.
pub(crate) fn check_symbolic(context: &str, dtype: DType, shape: &Shape) -> Result<()> {
    let least: Vec<usize> = shape.dims().iter().map(|d| d.unwrap_or(1)).collect();
    check_shape(context, dtype, &least)
}

/// Refuses more bytes than tensors that live at the same time may take together.
pub(crate) fn check_together(context: &str, bytes: u64) -> Result<()> {
    within(context, bytes, max_tensor_bytes().saturating_mul(TENSORS_AT_ONCE))
}

fn within(context: &str, bytes: u64, limit: u64) -> Result<()> {
    if bytes <= limit { Ok(()) } else { Err(Error::TooLarge { context: context.into(), bytes, limit }) }
}

fn check_rank(context: &str, rank: usize) -> Result<()> {
    if rank <= MAX_RANK {
        return Ok(());
    }
    Err(Error::shape(context, "shape", format!("at most {MAX_RANK} axes"), format!("{rank} axes")))
}
