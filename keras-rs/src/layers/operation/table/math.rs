//! Operations of `keras.ops.math`.

use super::super::arguments::{Default, Form};
use super::super::forms::{Function, Operands, Outputs, Row, rows};
use super::{AXES, KEEPDIMS, parameter};
use crate::ops;

const MATH: &str = "keras.src.ops.math";

/// The operations.
pub(super) static ROWS: &[Row] = rows! {
    MATH: "Erfinv" each(erfinv, erfinv_spec);
    MATH: "Rsqrt" each(rsqrt, rsqrt_spec);
    MATH: "Erf" each(erf, erf_spec);
    MATH: "Erfc" each(erfc, erfc_spec);
    MATH: "Logdet" each(logdet, logdet_spec);
    MATH: "Logsumexp" one(logsumexp, logsumexp_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    MATH: "TopK" apart(a => top_k: a.whole("k")?, a.flag("sorted")?; top_k_spec: a.whole("k")?) [
        parameter("k", Form::Whole, Default::Null), parameter("sorted", Form::Flag, Default::Flag(true))
    ];
    MATH: "InTopK" two(Tensors, in_top_k, in_top_k_spec, a => a.whole("k")?) [
        parameter("k", Form::Whole, Default::Null)
    ];
};
