//! Operations of `keras.ops.core`.

use super::super::adapters;
use super::super::arguments::{Default, Form};
use super::super::forms::{Function, Operands, Outputs, Row, rows};
use super::{DTYPE, FIRST_AXIS, TYPE, parameter};
use crate::ops;

const CORE: &str = "keras.src.ops.core";

/// The operations.
pub(super) static ROWS: &[Row] = rows! {
    CORE: "Unstack" one(unstack, unstack_spec, a => a.maybe_whole("num")?, a.whole("axis")?) [
        parameter("num", Form::MaybeWhole, Default::Null), FIRST_AXIS
    ];
    CORE: "Slice" one(slice, slice_spec, a => a.integers_at(1, "start_indices")?, a.integers("shape")?) [
        parameter("shape", Form::Sizes, Default::Null)
    ];
    CORE: "Scatter" two(Indices, scatter, scatter_spec, a => &a.shape("shape")?) [
        parameter("shape", Form::Sizes, Default::Null)
    ];
    CORE: "ScatterUpdate" other(Indices, scatter_update, updated_spec) [
        parameter("reduction", Form::MaybeText, Default::Null)
    ];
    CORE: "SliceUpdate" other(Indices, slice_update, updated_spec);
    CORE: "Cast" apart(a => cast: a.dtype("dtype")?; cast_spec: Some(a.dtype("dtype")?)) [TYPE];
    CORE: "SaturateCast" apart(a => saturate_cast: a.dtype("dtype")?; cast_spec: Some(a.dtype("dtype")?)) [TYPE];
    CORE: "ConvertToTensor" one(convert_to_tensor, cast_spec, a => a.maybe_dtype("dtype")?) [
        DTYPE, parameter("sparse", Form::MaybeFlag, Default::Null),
        parameter("ragged", Form::MaybeFlag, Default::Null)
    ];
    CORE: "StopGradient" each(stop_gradient, stop_gradient_spec);
};
