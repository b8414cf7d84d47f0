//! Bounds on what a model from a file may make this process allocate and compute.
//!
//! Two kinds of bound work together. Fixed ones hold for what a file declares: one tensor, all
//! weights, the intermediate results of one forward pass. The other one holds for what is about
//! to be allocated: it must fit into the memory that is left, which is [`set_max_memory`]'s or
//! `KERAS_RS_MAX_MEMORY`'s number less what the process holds, or what the machine can give.

mod machine;
mod size;

pub use size::parse_size;

use crate::backend::default_device;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::Shape;
use crate::tensor::byte_len;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

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

/// Environment variable that sets the most memory to use, as [`parse_size`] reads it.
pub const MEMORY_VARIABLE: &str = "KERAS_RS_MAX_MEMORY";

/// Memory that is assumed to be there where neither the system nor the program says: 16 GiB.
const ASSUMED_MEMORY: u64 = 16 << 30;

/// Tensors of the largest size that the variables of a model from a file, or the intermediate
/// results of one run, may take together.
const TENSORS_AT_ONCE: u64 = 4;

static TENSOR_BYTES: AtomicU64 = AtomicU64::new(MAX_TENSOR_BYTES);
static MEMORY: RwLock<Option<u64>> = RwLock::new(None);
/// Bytes that may be allocated before the memory that is left is measured again.
static CREDIT: AtomicU64 = AtomicU64::new(0);

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

/// Most bytes of memory that this process may use, where one was set: by [`set_max_memory`], else
/// by the environment variable `KERAS_RS_MAX_MEMORY`.
///
/// # Errors
/// [`Error::Argument`] where the environment variable holds no size.
pub fn max_memory() -> Result<Option<u64>> {
    if let Some(bytes) = *MEMORY.read().unwrap_or_else(PoisonError::into_inner) {
        return Ok(Some(bytes));
    }
    match std::env::var(MEMORY_VARIABLE) {
        Ok(text) if !text.is_empty() => match parse_size(&text) {
            Err(Error::Argument { expected, got, .. }) => {
                Err(Error::argument("environment", MEMORY_VARIABLE, expected, got))
            }
            other => other.map(Some),
        },
        _ => Ok(None),
    }
}

/// Sets the most bytes of memory that this process may use; `None` for what the machine can give.
///
/// A tensor is refused with [`Error::TooLarge`] where it and a second one of its size, for what
/// is computed from it, would not fit into what is left of the memory. Where nothing is set,
/// that is the least of the memory that the system reports as available, of the limit of its
/// control group and of the limit on its address space; a number set here takes the place of
/// the first two. Memory of graphics processors is not counted.
///
/// ```standalone_crate
/// use keras_rs::{DType, Error, Tensor, limits};
///
/// limits::set_max_memory(100_000_000);
/// assert_eq!(limits::max_memory()?, Some(100_000_000));
/// let big = Tensor::zeros([100_000_000], DType::F32);
/// assert!(matches!(big, Err(Error::TooLarge { .. })));
/// limits::set_max_memory(None);
/// # Ok::<(), Error>(())
/// ```
pub fn set_max_memory(bytes: impl Into<Option<u64>>) {
    *MEMORY.write().unwrap_or_else(PoisonError::into_inner) = bytes.into();
    CREDIT.store(0, Ordering::Relaxed);
}

/// Bytes that may still be allocated, by [`max_memory`] or what the machine can give.
///
/// # Errors
/// As [`max_memory`].
pub fn available_memory() -> Result<u64> {
    let soft = match max_memory()? {
        Some(most) => most.saturating_sub(machine::resident_memory().unwrap_or(0)),
        // What a graphics processor holds is not this machine's memory.
        None if default_device().is_ok_and(|device| !device.backend().is_cpu()) => u64::MAX,
        None => machine::available_memory().unwrap_or(ASSUMED_MEMORY),
    };
    // Beyond its address space a process ends, whatever it was allowed.
    Ok(soft.min(machine::address_space().unwrap_or(u64::MAX)))
}

/// Most bytes of memory that the process has held at a time, pages of mapped files included; `None` where the system
/// does not say: outside Linux. Memory of graphics processors is not counted.
///
/// ```
/// assert!(keras_rs::limits::peak_memory().is_none_or(|bytes| bytes > 0));
/// ```
pub fn peak_memory() -> Option<u64> {
    machine::peak_resident_memory()
}

/// Refuses a tensor that is larger than one may be, or that does not fit twice into the memory
/// that is left: what is computed from it needs as much again.
pub(crate) fn check(context: &str, bytes: u64) -> Result<()> {
    within(context, bytes, max_tensor_bytes())?;
    reserve(bytes.saturating_mul(2)).or_else(|room| within(context, bytes, room? / 2))
}

/// Refuses buffers that are allocated at the same time where they do not fit into the memory that
/// is left.
pub(crate) fn check_buffers(context: &str, bytes: u64) -> Result<()> {
    reserve(bytes).or_else(|room| within(context, bytes, room?))
}

/// Refuses a tensor of a shape that would take more bytes than one may, or has too many axes.
pub(crate) fn check_shape(context: &str, dtype: DType, shape: &[usize]) -> Result<()> {
    check_rank(context, shape.len())?;
    check(context, bytes_of(dtype, shape)).map_err(|error| with_shape(error, shape))
}

/// As [`check_shape`], for a tensor that is declared and not yet allocated.
pub(crate) fn check_declared(context: &str, dtype: DType, shape: &[usize]) -> Result<()> {
    check_rank(context, shape.len())?;
    let most = max_tensor_bytes().min(max_memory()?.unwrap_or(u64::MAX));
    within(context, bytes_of(dtype, shape), most).map_err(|error| with_shape(error, shape))
}

/// Refuses a symbolic shape whose known sizes alone are too large.
pub(crate) fn check_symbolic(context: &str, dtype: DType, shape: &Shape) -> Result<()> {
    let least: Vec<usize> = shape.dims().iter().map(|d| d.unwrap_or(1)).collect();
    check_declared(context, dtype, &least)
}

/// Refuses more bytes than tensors that live at the same time may take together.
pub(crate) fn check_together(context: &str, bytes: u64) -> Result<()> {
    let most = max_tensor_bytes().saturating_mul(TENSORS_AT_ONCE);
    within(context, bytes, most.min(max_memory()?.unwrap_or(u64::MAX)))
}

/// Takes bytes from the memory that is left; the error is what is left where that is less.
fn reserve(bytes: u64) -> Result<(), Result<u64>> {
    // Asking the system takes as long as computing a hundred kilobytes, so that what it said is
    // used up to a small part before it is asked again.
    if CREDIT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok() {
        return Ok(());
    }
    match available_memory() {
        Ok(room) if bytes <= room => {
            CREDIT.store((room - bytes).min(room / 16), Ordering::Relaxed);
            Ok(())
        }
        room => Err(room),
    }
}

fn within(context: &str, bytes: u64, limit: u64) -> Result<()> {
    if bytes <= limit { Ok(()) } else { Err(Error::TooLarge { context: context.into(), bytes, limit }) }
}

fn bytes_of(dtype: DType, shape: &[usize]) -> u64 {
    byte_len(dtype, shape).map_or(u64::MAX, |n| n as u64)
}

fn with_shape(error: Error, shape: &[usize]) -> Error {
    match error {
        Error::TooLarge { context, bytes, limit } => {
            Error::TooLarge { context: format!("{context}: shape {}", tuple(shape)), bytes, limit }
        }
        other => other,
    }
}

fn check_rank(context: &str, rank: usize) -> Result<()> {
    if rank <= MAX_RANK {
        return Ok(());
    }
    Err(Error::shape(context, "shape", format!("at most {MAX_RANK} axes"), format!("{rank} axes")))
}

#[cfg(test)]
mod tests;
