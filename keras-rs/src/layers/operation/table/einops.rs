//! The operation of `keras.ops.einops`.

use super::super::adapters;
use super::super::forms::{Function, Operands, Row, rows};

const EINOPS: &str = "keras.src.ops.einops";

/// The operations.
pub(super) static ROWS: &[Row] = rows! {
    EINOPS: "Rearrange" other(Tensors, rearrange, rearrange_spec) with "*";
};
