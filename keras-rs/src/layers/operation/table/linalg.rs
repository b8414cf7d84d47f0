//! Operations of `keras.ops.linalg`.

use super::super::arguments::{Default, Form};
use super::super::forms::{Function, Operands, Outputs, Row, rows};
use super::{AXES, KEEPDIMS, parameter};
use crate::ops;

const LINALG: &str = "keras.src.ops.linalg";

/// The operations.
pub(super) static ROWS: &[Row] = rows! {
    LINALG: "Norm" apart(a => norm: a.norm_order("ord")?, a.axes("axis")?, a.flag("keepdims")?; norm_spec: a.axes("axis")?, a.flag("keepdims")?) [
        parameter("ord", Form::Order, Default::Null), AXES, KEEPDIMS
    ];
};
