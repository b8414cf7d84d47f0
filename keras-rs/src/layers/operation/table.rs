//! Every operation that is known: its class, module, arguments and function.

use super::arguments::{Arguments, Default, Form, Parameter};
use super::elementwise::{self as each, Rule};
use super::reduction::{self as reduce, Reduce};
use super::{
    attention, diagonal, einsum, index, join, normal, one_hot, order, reorder, reshape, shift, spatial,
    special,
};
use crate::activations as nn;
use crate::error::Result;
use crate::layer::Spec;
use crate::tensor::Tensor;

/// One class of operations.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) class: &'static str,
    /// The module that files name.
    pub(super) module: &'static str,
    pub(super) function: Function,
    /// Arguments of the class, in Keras' order.
    pub(super) parameters: &'static [Parameter],
    /// Arguments by keyword that calls may have.
    pub(super) keywords: &'static [&'static str],
}

/// How an operation computes; the rule says the data type of the result.
#[derive(Debug)]
pub(super) enum Function {
    /// From one tensor, of the same shape.
    Unary(fn(&Tensor) -> Result<Tensor>, Rule),
    /// From one tensor and arguments, of the same shape.
    Configured(fn(&Tensor, &Arguments<'_>) -> Result<Tensor>, Rule),
    /// From two tensors or numbers that broadcast.
    Binary(fn(&Tensor, &Tensor) -> Result<Tensor>, Rule),
    /// Over axes.
    Reduce(Reduce, Rule),
    /// In some other way, which says shapes and data types itself.
    Other {
        operands: Operands,
        call: fn(&[Tensor], &Arguments<'_>) -> Result<Vec<Tensor>>,
        spec: fn(&[Spec], &Arguments<'_>) -> Result<Vec<Spec>>,
    },
}

/// What the operands are, besides tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operands {
    /// Tensors only.
    Tensors,
    /// One list of tensors.
    List,
    /// Tensors, and constants of their type.
    Values,
    /// A condition, then tensors and constants of their type.
    Chosen,
    /// Tensors and numbers of elements.
    Indices,
    /// Tensors, constants of their type, and `null` for operands that are not given.
    Optional,
}

impl Function {
    pub(super) fn operands(&self) -> Operands {
        match self {
            Self::Binary(..) => Operands::Values,
            Self::Other { operands, .. } => *operands,
            Self::Unary(..) | Self::Configured(..) | Self::Reduce(..) => Operands::Tensors,
        }
    }
}

const NUMPY: &str = "keras.src.ops.numpy";
const NN: &str = "keras.src.ops.nn";
const CORE: &str = "keras.src.ops.core";
const MATH: &str = "keras.src.ops.math";
const LINALG: &str = "keras.src.ops.linalg";

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

macro_rules! rows {
    ($($module:ident: $class:literal $kind:ident($($inner:tt)*) $([$($parameter:expr),*])? $(with $($keyword:literal),+)?;)*) => {
        &[$(Row {
            class: $class,
            module: $module,
            function: rows!(@ $kind $($inner)*),
            parameters: &[$($($parameter),*)?],
            keywords: &[$($($keyword),+)?],
        }),*]
    };
    (@ unary $call:expr, $rule:ident) => { Function::Unary($call, Rule::$rule) };
    (@ configured $call:expr, $rule:ident) => { Function::Configured($call, Rule::$rule) };
    (@ binary $call:expr, $rule:ident) => { Function::Binary($call, Rule::$rule) };
    (@ reduce $call:expr, $rule:ident) => { Function::Reduce($call, Rule::$rule) };
    (@ other $operands:ident, $call:expr, $spec:expr) => {
        Function::Other { operands: Operands::$operands, call: $call, spec: $spec }
    };
}

/// Every known operation.
pub(super) static ROWS: &[Row] = rows! {
    // Arithmetic.
    NUMPY: "Add" binary(Tensor::add, Same);
    NUMPY: "Subtract" binary(Tensor::sub, Same);
    NUMPY: "Multiply" binary(Tensor::mul, Same);
    NUMPY: "Divide" binary(Tensor::div, Float);
    NUMPY: "TrueDivide" binary(Tensor::div, Float);
    NUMPY: "DivideNoNan" binary(each::divide_no_nan, Float);
    NUMPY: "FloorDivide" binary(each::floor_divide, Number);
    NUMPY: "Mod" binary(each::modulo, Number);
    NUMPY: "Power" binary(each::power, Same);
    NUMPY: "Maximum" binary(Tensor::maximum, Same);
    NUMPY: "Minimum" binary(Tensor::minimum, Same);
    NUMPY: "Logaddexp" binary(each::logaddexp, Float);
    NUMPY: "Negative" unary(Tensor::neg, Same);
    NUMPY: "Absolute" unary(Tensor::abs, Same);
    NUMPY: "Abs" unary(Tensor::abs, Same);
    NUMPY: "Square" unary(Tensor::square, Number);
    NUMPY: "Sqrt" unary(Tensor::sqrt, Float);
    NUMPY: "Exp" unary(Tensor::exp, Float);
    NUMPY: "Expm1" unary(Tensor::expm1, Float);
    NUMPY: "Log" unary(Tensor::log, Float);
    NUMPY: "Log1p" unary(Tensor::log1p, Float);
    NUMPY: "Log2" unary(each::log2, Float);
    NUMPY: "Log10" unary(each::log10, Float);
    NUMPY: "Reciprocal" unary(Tensor::recip, Float);
    NUMPY: "Sin" unary(Tensor::sin, Float);
    NUMPY: "Cos" unary(Tensor::cos, Float);
    NUMPY: "Tan" unary(each::tan, Float);
    NUMPY: "Tanh" unary(Tensor::tanh, Float);
    NUMPY: "Floor" unary(Tensor::floor, Float);
    NUMPY: "Ceil" unary(Tensor::ceil, Float);
    NUMPY: "Sign" unary(each::sign, Same);
    NUMPY: "Copy" unary(each::copy, Same);
    NUMPY: "Round" configured(each::round, Same) [parameter("decimals", Form::Whole, Default::Whole(0))];
    NUMPY: "Clip" configured(each::clip, Number) [
        parameter("x_min", Form::MaybeNumber, Default::Null),
        parameter("x_max", Form::MaybeNumber, Default::Null)
    ];
    NUMPY: "Cumsum" other(Tensors, special::running, special::running_spec) [AXIS_OR_ALL, DTYPE];
    NUMPY: "Cumprod" other(Tensors, special::running, special::running_spec) [AXIS_OR_ALL, DTYPE];
    NUMPY: "Arccos" unary(Tensor::acos, Float);
    NUMPY: "Arccosh" unary(Tensor::acosh, Float);
    NUMPY: "Arcsin" unary(Tensor::asin, Float);
    NUMPY: "Arcsinh" unary(Tensor::asinh, Float);
    NUMPY: "Arctan" unary(Tensor::atan, Float);
    NUMPY: "Arctanh" unary(Tensor::atanh, Float);
    NUMPY: "Arctan2" binary(special::arctan2, Float);
    NUMPY: "Cosh" unary(Tensor::cosh, Float);
    NUMPY: "Sinh" unary(Tensor::sinh, Float);
    NUMPY: "Sinc" unary(special::sinc, Float);
    NUMPY: "Deg2rad" unary(special::deg2rad, Float);
    NUMPY: "Rad2deg" unary(special::rad2deg, Float);
    NUMPY: "Exp2" unary(special::exp2, Float);
    NUMPY: "Cbrt" unary(special::cbrt, Float);
    NUMPY: "Fabs" unary(Tensor::abs, Float);
    NUMPY: "Trunc" unary(special::trunc, Same);
    NUMPY: "Hypot" binary(special::hypot, Float);
    NUMPY: "Heaviside" binary(special::heaviside, Float);
    NUMPY: "Logaddexp2" binary(special::logaddexp2, Float);
    NUMPY: "NanToNum" configured(special::nan_to_num, Same) [
        parameter("nan", Form::MaybeNumber, Default::Float(0.0)),
        parameter("posinf", Form::MaybeNumber, Default::Null),
        parameter("neginf", Form::MaybeNumber, Default::Null)
    ];
    MATH: "Rsqrt" unary(Tensor::rsqrt, Float);
    MATH: "Erf" unary(Tensor::erf, Float);
    MATH: "Erfc" unary(special::erfc, Float);

    // Comparisons and truth values.
    NUMPY: "Equal" binary(Tensor::equal, Bool);
    NUMPY: "NotEqual" binary(Tensor::not_equal, Bool);
    NUMPY: "Greater" binary(Tensor::greater, Bool);
    NUMPY: "GreaterEqual" binary(Tensor::greater_equal, Bool);
    NUMPY: "Less" binary(Tensor::less, Bool);
    NUMPY: "LessEqual" binary(Tensor::less_equal, Bool);
    NUMPY: "LogicalAnd" binary(each::logical_and, Bool);
    NUMPY: "LogicalOr" binary(each::logical_or, Bool);
    NUMPY: "LogicalXor" binary(each::logical_xor, Bool);
    NUMPY: "LogicalNot" unary(each::logical_not, Bool);
    NUMPY: "Isnan" unary(Tensor::is_nan, Bool);
    NUMPY: "Isfinite" unary(special::is_finite, Bool);
    NUMPY: "Isinf" unary(special::is_inf, Bool);
    NUMPY: "Isposinf" unary(special::is_positive_inf, Bool);
    NUMPY: "Isneginf" unary(special::is_negative_inf, Bool);
    NUMPY: "Isclose" other(Values, special::is_close, special::is_close_spec) [
        parameter("equal_nan", Form::Flag, Default::Flag(false))
    ];
    NUMPY: "Where" other(Chosen, reshape::choose, reshape::choose_spec);

    // Reductions.
    NUMPY: "Mean" reduce(reduce::mean, Float) [AXES, KEEPDIMS];
    NUMPY: "Sum" reduce(reduce::sum, Total) [AXES, KEEPDIMS];
    NUMPY: "Max" reduce(Tensor::max, Same) [AXES, KEEPDIMS, INITIAL];
    NUMPY: "Min" reduce(Tensor::min, Same) [AXES, KEEPDIMS, INITIAL];
    NUMPY: "Amax" reduce(Tensor::max, Same) [AXES, KEEPDIMS];
    NUMPY: "Amin" reduce(Tensor::min, Same) [AXES, KEEPDIMS];
    NUMPY: "Var" reduce(reduce::variance, Float) [AXES, KEEPDIMS];
    NUMPY: "Std" reduce(reduce::std, Float) [AXES, KEEPDIMS];
    NUMPY: "Any" reduce(reduce::any, Bool) [AXES, KEEPDIMS];
    NUMPY: "All" reduce(reduce::all, Bool) [AXES, KEEPDIMS];
    MATH: "Logsumexp" reduce(reduce::logsumexp, Float) [AXES, KEEPDIMS];
    NUMPY: "Ptp" reduce(reduce::ptp, Same) [AXES, KEEPDIMS];
    NUMPY: "CountNonzero" other(Tensors, reduce::count_nonzero, reduce::count_nonzero_spec) [AXES];
    NUMPY: "Average" other(Optional, normal::average, normal::average_spec) [AXIS_OR_ALL] with "weights";
    NN: "Moments" other(Tensors, normal::moments, normal::moments_spec) [
        parameter("axes", Form::Axes, Default::Null), KEEPDIMS,
        parameter("synchronized", Form::Flag, Default::Flag(false))
    ];
    LINALG: "Norm" other(Tensors, normal::norm, normal::norm_spec) [
        parameter("ord", Form::Order, Default::Null), AXES, KEEPDIMS
    ];
    NUMPY: "Prod" other(Tensors, reduce::typed_prod, reduce::typed_prod_spec) [AXES, KEEPDIMS, TYPE_OR_SAME];
    NUMPY: "Argmax" other(Tensors, reduce::argmax, reduce::argmax_spec) [AXIS_OR_ALL, KEEPDIMS];
    NUMPY: "Argmin" other(Tensors, reduce::argmax, reduce::argmax_spec) [AXIS_OR_ALL, KEEPDIMS];

    // Shapes.
    NUMPY: "Reshape" other(Tensors, reshape::reshape, reshape::reshape_spec) [
        parameter("newshape", Form::Sizes, Default::Null)
    ];
    NUMPY: "Ravel" other(Tensors, reshape::ravel, reshape::ravel_spec);
    NUMPY: "ExpandDims" other(Tensors, reshape::expand_dims, reshape::expand_dims_spec) [
        parameter("axis", Form::Axes, Default::Null)
    ];
    NUMPY: "Squeeze" other(Tensors, reshape::squeeze, reshape::squeeze_spec) [AXES];
    NUMPY: "BroadcastTo" other(Tensors, reshape::broadcast_to, reshape::broadcast_to_spec) [
        parameter("shape", Form::Sizes, Default::Null)
    ];
    NUMPY: "Transpose" other(Tensors, reorder::permute, reorder::permute_spec) [
        parameter("axes", Form::Axes, Default::Null)
    ];
    NUMPY: "Swapaxes" other(Tensors, reorder::permute, reorder::permute_spec) [
        parameter("axis1", Form::Whole, Default::Null), parameter("axis2", Form::Whole, Default::Null)
    ];
    NUMPY: "Moveaxis" other(Tensors, reorder::permute, reorder::permute_spec) [
        parameter("source", Form::Axes, Default::Null), parameter("destination", Form::Axes, Default::Null)
    ];
    NUMPY: "Flip" other(Tensors, reorder::flip, reorder::flip_spec) [AXES];
    NUMPY: "Fliplr" other(Tensors, reorder::flip, reorder::flip_spec);
    NUMPY: "Flipud" other(Tensors, reorder::flip, reorder::flip_spec);
    NUMPY: "Rot90" other(Tensors, shift::rot90, shift::rot90_spec) [
        parameter("k", Form::Whole, Default::Whole(1)), parameter("axes", Form::Axes, Default::Axes(&[0, 1]))
    ];
    NUMPY: "Roll" configured(shift::roll, Same) [parameter("shift", Form::Sizes, Default::Null), AXES];
    NUMPY: "Diff" other(Tensors, shift::diff, shift::diff_spec) [
        parameter("n", Form::Whole, Default::Whole(1)), LAST_AXIS
    ];
    NUMPY: "Hstack" other(List, join::stacked, join::stacked_spec);
    NUMPY: "Vstack" other(List, join::stacked, join::stacked_spec);
    NUMPY: "Dstack" other(List, join::stacked, join::stacked_spec);
    NUMPY: "Append" other(Values, join::append, join::append_spec) [AXIS_OR_ALL];
    CORE: "Unstack" other(Tensors, join::unstack, join::unstack_spec) [
        parameter("num", Form::MaybeWhole, Default::Null), FIRST_AXIS
    ];
    CORE: "Slice" other(Tensors, join::slice, join::slice_spec) [
        parameter("shape", Form::Sizes, Default::Null)
    ];
    NUMPY: "ArraySplit" other(Tensors, reorder::split, reorder::split_spec) [
        parameter("indices_or_sections", Form::Sizes, Default::Null), FIRST_AXIS
    ];
    NUMPY: "Hsplit" other(Tensors, reorder::split, reorder::split_spec) [
        parameter("indices_or_sections", Form::Sizes, Default::Null)
    ];
    NUMPY: "Vsplit" other(Tensors, reorder::split, reorder::split_spec) [
        parameter("indices_or_sections", Form::Sizes, Default::Null)
    ];
    NUMPY: "Dsplit" other(Tensors, reorder::split, reorder::split_spec) [
        parameter("indices_or_sections", Form::Sizes, Default::Null)
    ];
    NUMPY: "Diagonal" other(Tensors, diagonal::diagonal, diagonal::diagonal_spec) [OFFSET, AXIS1, AXIS2];
    NUMPY: "Trace" other(Tensors, diagonal::trace, diagonal::trace_spec) [OFFSET, AXIS1, AXIS2];
    NUMPY: "Tril" configured(diagonal::triangle, Same) [parameter("k", Form::Whole, Default::Whole(0))];
    NUMPY: "Triu" configured(diagonal::triangle, Same) [parameter("k", Form::Whole, Default::Whole(0))];
    NUMPY: "Concatenate" other(List, reorder::concatenate, reorder::concatenate_spec) [FIRST_AXIS];
    NUMPY: "Stack" other(List, reorder::stack, reorder::stack_spec) [FIRST_AXIS];
    NUMPY: "Split" other(Tensors, reorder::split, reorder::split_spec) [
        parameter("indices_or_sections", Form::Sizes, Default::Null), FIRST_AXIS
    ];
    NUMPY: "Repeat" other(Tensors, reorder::repeat, reorder::repeat_spec) [
        parameter("repeats", Form::Sizes, Default::Null), AXIS_OR_ALL
    ];
    NUMPY: "Tile" other(Tensors, reorder::tile, reorder::tile_spec) [
        parameter("repeats", Form::Sizes, Default::Null)
    ];
    NUMPY: "Pad" other(Tensors, reorder::pad, reorder::pad_spec) [
        parameter("pad_width", Form::Pairs, Default::Null),
        parameter("mode", Form::Text, Default::Text("constant"))
    ] with "constant_values";
    NUMPY: "GetItem" other(Tensors, index::get_item, index::get_item_spec);
    NUMPY: "Take" other(Indices, index::take, index::take_spec) [AXIS_OR_ALL];
    NUMPY: "TakeAlongAxis" other(Indices, order::take_along_axis, order::take_along_axis_spec) [AXIS_OR_ALL];
    NUMPY: "Sort" other(Tensors, order::sort, order::sort_spec) [AXIS_OR_LAST];
    NUMPY: "Argsort" other(Tensors, order::argsort, order::argsort_spec) [AXIS_OR_LAST];
    MATH: "TopK" other(Tensors, order::top_k, order::top_k_spec) [
        parameter("k", Form::Whole, Default::Null), parameter("sorted", Form::Flag, Default::Flag(true))
    ];
    MATH: "InTopK" other(Tensors, order::in_top_k, order::in_top_k_spec) [
        parameter("k", Form::Whole, Default::Null)
    ];

    // Products.
    NUMPY: "Matmul" other(Values, reorder::matmul, reorder::matmul_spec);
    NUMPY: "Einsum" other(Values, einsum::einsum, einsum::einsum_spec) [
        parameter("subscripts", Form::Text, Default::Null)
    ];
    NUMPY: "Dot" other(Values, einsum::product, einsum::product_spec);
    NUMPY: "Inner" other(Values, einsum::product, einsum::product_spec);
    NUMPY: "Outer" other(Values, einsum::product, einsum::product_spec);
    NUMPY: "Vdot" other(Values, einsum::product, einsum::product_spec);
    NUMPY: "Tensordot" other(Values, einsum::product, einsum::product_spec) [
        parameter("axes", Form::AxisPairs, Default::Whole(2))
    ];
    NN: "DotProductAttention" other(Tensors, attention::attention, attention::attention_spec) [
        parameter("is_causal", Form::Flag, Default::Flag(false)),
        parameter("flash_attention", Form::MaybeFlag, Default::Null),
        parameter("attn_logits_soft_cap", Form::MaybeNumber, Default::Null)
    ] with "bias", "mask", "scale";

    // Making and casting.
    NUMPY: "ZerosLike" other(Tensors, reshape::zeros_like, reshape::cast_spec) [TYPE_OR_SAME];
    NUMPY: "OnesLike" other(Tensors, reshape::ones_like, reshape::cast_spec) [TYPE_OR_SAME];
    NUMPY: "FullLike" other(Values, reshape::full_like, reshape::cast_spec) [TYPE_OR_SAME];
    CORE: "Cast" other(Tensors, reshape::cast, reshape::cast_spec) [TYPE];
    CORE: "SaturateCast" other(Tensors, special::saturate_cast, reshape::cast_spec) [TYPE];
    CORE: "ConvertToTensor" other(Tensors, reshape::cast, reshape::cast_spec) [
        DTYPE, parameter("sparse", Form::MaybeFlag, Default::Null),
        parameter("ragged", Form::MaybeFlag, Default::Null)
    ];
    NN: "OneHot" other(Tensors, one_hot::one_hot, one_hot::one_hot_spec) [
        parameter("num_classes", Form::Whole, Default::Null), LAST_AXIS, DTYPE, SPARSE
    ];
    NN: "MultiHot" other(Tensors, one_hot::multi_hot, one_hot::multi_hot_spec) [
        parameter("num_classes", Form::Whole, Default::Null), LAST_AXIS, DTYPE, SPARSE
    ];
    CORE: "StopGradient" unary(each::stop_gradient, Same);

    // Activations.
    NN: "Relu" unary(nn::relu, Same);
    NN: "Relu6" unary(nn::relu6, Same);
    NN: "Sigmoid" unary(nn::sigmoid, Float);
    NN: "SparseSigmoid" unary(nn::sparse_sigmoid, Float);
    NN: "LogSigmoid" unary(nn::log_sigmoid, Float);
    NN: "HardSigmoid" unary(nn::hard_sigmoid, Float);
    NN: "Silu" unary(nn::silu, Float);
    NN: "HardSilu" unary(nn::hard_silu, Float);
    NN: "HardTanh" unary(nn::hard_tanh, Float);
    NN: "TanhShrink" unary(nn::tanh_shrink, Float);
    NN: "Softplus" unary(nn::softplus, Float);
    NN: "Softsign" unary(nn::softsign, Float);
    NN: "SparsePlus" unary(nn::sparse_plus, Float);
    NN: "Selu" unary(nn::selu, Float);
    NN: "Elu" configured(each::elu, Float) [ALPHA];
    NN: "Celu" configured(each::celu, Float) [ALPHA];
    NN: "Gelu" configured(each::gelu, Float) [parameter("approximate", Form::Flag, Default::Flag(true))];
    NN: "LeakyRelu" configured(each::leaky_relu, Float) [
        parameter("negative_slope", Form::Number, Default::Float(0.2))
    ];
    NN: "Squareplus" configured(each::squareplus, Float) [parameter("b", Form::Number, Default::Whole(4))];
    NN: "SoftShrink" configured(each::soft_shrink, Float) [SHRINK];
    NN: "HardShrink" configured(each::hard_shrink, Float) [SHRINK];
    NN: "Threshold" configured(each::threshold, Float) [
        parameter("threshold", Form::Number, Default::Null),
        parameter("default_value", Form::Number, Default::Null)
    ];
    NN: "Softmax" configured(each::softmax, Float) [parameter("axis", Form::Axes, Default::Whole(-1))];
    NN: "LogSoftmax" configured(each::log_softmax, Float) [LAST_AXIS];
    NN: "Sparsemax" configured(each::sparsemax, Float) [LAST_AXIS];
    NN: "Glu" other(Tensors, reorder::glu, reorder::glu_spec) [LAST_AXIS];

    // Normalization.
    NN: "Normalize" configured(normal::normalize, Float) [
        parameter("axis", Form::Axes, Default::Whole(-1)), parameter("order", Form::Whole, Default::Whole(2)),
        EPSILON_OR_NONE
    ];
    NN: "LayerNorm" other(Optional, normal::layer_norm, normal::first_spec) [
        parameter("axis", Form::Axes, Default::Whole(-1)), EPSILON_OR_NONE,
        parameter("rms_scaling", Form::Flag, Default::Flag(false))
    ];
    NN: "RMSNorm" other(Optional, normal::rms_norm, normal::first_spec) [
        parameter("axis", Form::Axes, Default::Whole(-1)), EPSILON_OR_NONE
    ] with "scale";
    NN: "BatchNorm" other(Optional, normal::batch_norm, normal::first_spec) [
        parameter("axis", Form::Whole, Default::Null), parameter("epsilon", Form::Number, Default::Float(0.001))
    ];

    // Images.
    NN: "MaxPool" other(Tensors, spatial::pool, spatial::pool_spec) [
        parameter("pool_size", Form::Sizes, Default::Null), parameter("strides", Form::MaybeSizes, Default::Null),
        parameter("padding", Form::Text, Default::Text("valid")), DATA_FORMAT
    ];
    NN: "AveragePool" other(Tensors, spatial::pool, spatial::pool_spec) [
        parameter("pool_size", Form::Sizes, Default::Null), parameter("strides", Form::MaybeSizes, Default::Null),
        parameter("padding", Form::Text, Default::Text("valid")), DATA_FORMAT
    ];
    NN: "DepthToSpace" other(Tensors, spatial::blocks, spatial::blocks_spec) [
        parameter("block_size", Form::Whole, Default::Null), DATA_FORMAT
    ];
    NN: "SpaceToDepth" other(Tensors, spatial::blocks, spatial::blocks_spec) [
        parameter("block_size", Form::Whole, Default::Null), DATA_FORMAT
    ];
};
