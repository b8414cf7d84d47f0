//! Every operation that files may name: its class, module and arguments, and the function of `ops` that it is.

mod core;
mod einops;
mod image;
mod linalg;
mod math;
mod nn;
mod numpy;

use super::arguments::{Default, Form, Parameter};
use super::forms::Row;

const fn parameter(name: &'static str, form: Form, default: Default) -> Parameter {
    Parameter { name, form, default }
}

const AXES: Parameter = parameter("axis", Form::Axes, Default::Null);
const AXIS_OR_ALL: Parameter = parameter("axis", Form::MaybeWhole, Default::Null);
const FIRST_AXIS: Parameter = parameter("axis", Form::Whole, Default::Whole(0));
const LAST_AXIS: Parameter = parameter("axis", Form::Whole, Default::Whole(-1));
const AXIS_OR_LAST: Parameter = parameter("axis", Form::MaybeWhole, Default::Whole(-1));
const KEEPDIMS: Parameter = parameter("keepdims", Form::Flag, Default::Flag(false));
const INITIAL: Parameter = parameter("initial", Form::MaybeNumber, Default::Null);
const TYPE: Parameter = parameter("dtype", Form::Type, Default::Null);
const TYPE_OR_SAME: Parameter = parameter("dtype", Form::MaybeType, Default::Null);
const DTYPE: Parameter = parameter("dtype", Form::MaybeType, Default::Null);
const EPSILON_OR_NONE: Parameter = parameter("epsilon", Form::MaybeNumber, Default::Null);
const DATA_FORMAT: Parameter = parameter("data_format", Form::MaybeText, Default::Text("channels_last"));
const OFFSET: Parameter = parameter("offset", Form::Whole, Default::Whole(0));
const AXIS1: Parameter = parameter("axis1", Form::Whole, Default::Whole(0));
const AXIS2: Parameter = parameter("axis2", Form::Whole, Default::Whole(1));
const SPARSE: Parameter = parameter("sparse", Form::MaybeFlag, Default::Flag(false));
const ALPHA: Parameter = parameter("alpha", Form::Number, Default::Float(1.0));
const SHRINK: Parameter = parameter("threshold", Form::Number, Default::Float(0.5));

/// Every known operation.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    [numpy::ROWS, nn::ROWS, core::ROWS, math::ROWS, linalg::ROWS, image::ROWS, einops::ROWS]
        .into_iter()
        .flatten()
}
