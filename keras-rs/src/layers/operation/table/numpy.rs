//! Operations of `keras.ops.numpy`.

use super::super::adapters;
use super::super::arguments::{Default, Form, Parameter};
use super::super::forms::{Function, Operands, Outputs, Row, rows};
use super::{
    AXES, AXIS_OR_ALL, AXIS_OR_LAST, AXIS1, AXIS2, DTYPE, FIRST_AXIS, INITIAL, KEEPDIMS, LAST_AXIS, OFFSET,
    SPARSE, TYPE_OR_SAME, parameter,
};
use crate::ops;

const NUMPY: &str = "keras.src.ops.numpy";

const METHOD: Parameter = parameter("method", Form::Text, Default::Text("linear"));
const COUNT: Parameter = parameter("num", Form::Whole, Default::Whole(50));
const ENDPOINT: Parameter = parameter("endpoint", Form::Flag, Default::Flag(true));

/// The operations.
pub(super) static ROWS: &[Row] = rows! {
    // Arithmetic.
    NUMPY: "Add" two(Values, add, add_spec);
    NUMPY: "Subtract" two(Values, subtract, subtract_spec);
    NUMPY: "Multiply" two(Values, multiply, multiply_spec);
    NUMPY: "Divide" two(Values, divide, divide_spec);
    NUMPY: "TrueDivide" two(Values, true_divide, true_divide_spec);
    NUMPY: "DivideNoNan" two(Values, divide_no_nan, divide_no_nan_spec);
    NUMPY: "FloorDivide" two(Values, floor_divide, floor_divide_spec);
    NUMPY: "Mod" two(Values, mod_, mod_spec);
    NUMPY: "Power" two(Values, power, power_spec);
    NUMPY: "Maximum" two(Values, maximum, maximum_spec);
    NUMPY: "Minimum" two(Values, minimum, minimum_spec);
    NUMPY: "Logaddexp" two(Values, logaddexp, logaddexp_spec);
    NUMPY: "Fmax" two(Values, fmax, fmax_spec);
    NUMPY: "Fmin" two(Values, fmin, fmin_spec);
    NUMPY: "Fmod" two(Values, fmod, fmod_spec);
    NUMPY: "Ldexp" two(Values, ldexp, ldexp_spec);
    NUMPY: "Nextafter" two(Values, nextafter, nextafter_spec);
    NUMPY: "BitwiseAnd" two(Values, bitwise_and, bitwise_and_spec);
    NUMPY: "BitwiseOr" two(Values, bitwise_or, bitwise_or_spec);
    NUMPY: "BitwiseXor" two(Values, bitwise_xor, bitwise_xor_spec);
    NUMPY: "BitwiseLeftShift" two(Values, bitwise_left_shift, bitwise_left_shift_spec);
    NUMPY: "LeftShift" two(Values, left_shift, left_shift_spec);
    NUMPY: "BitwiseRightShift" two(Values, bitwise_right_shift, bitwise_right_shift_spec);
    NUMPY: "RightShift" two(Values, right_shift, right_shift_spec);
    NUMPY: "Gcd" two(Values, gcd, gcd_spec);
    NUMPY: "Lcm" two(Values, lcm, lcm_spec);
    NUMPY: "BitwiseNot" each(bitwise_not, bitwise_not_spec);
    NUMPY: "BitwiseInvert" each(bitwise_invert, bitwise_invert_spec);
    NUMPY: "Angle" each(angle, angle_spec);
    NUMPY: "Conj" each(conj, conj_spec);
    NUMPY: "Conjugate" each(conjugate, conjugate_spec);
    NUMPY: "Real" each(real, real_spec);
    NUMPY: "Imag" each(imag, imag_spec);
    NUMPY: "Isreal" each(isreal, isreal_spec);
    NUMPY: "Signbit" each(signbit, signbit_spec);
    NUMPY: "I0" each(i0, i0_spec);
    NUMPY: "Negative" each(negative, negative_spec);
    NUMPY: "Absolute" each(absolute, absolute_spec);
    NUMPY: "Abs" each(abs, abs_spec);
    NUMPY: "Slogdet" each(slogdet, slogdet_spec);
    NUMPY: "Square" each(square, square_spec);
    NUMPY: "Sqrt" each(sqrt, sqrt_spec);
    NUMPY: "Exp" each(exp, exp_spec);
    NUMPY: "Expm1" each(expm1, expm1_spec);
    NUMPY: "Log" each(log, log_spec);
    NUMPY: "Log1p" each(log1p, log1p_spec);
    NUMPY: "Log2" each(log2, log2_spec);
    NUMPY: "Log10" each(log10, log10_spec);
    NUMPY: "Reciprocal" each(reciprocal, reciprocal_spec);
    NUMPY: "Sin" each(sin, sin_spec);
    NUMPY: "Cos" each(cos, cos_spec);
    NUMPY: "Tan" each(tan, tan_spec);
    NUMPY: "Tanh" each(tanh, tanh_spec);
    NUMPY: "Floor" each(floor, floor_spec);
    NUMPY: "Ceil" each(ceil, ceil_spec);
    NUMPY: "Sign" each(sign, sign_spec);
    NUMPY: "Copy" each(copy, copy_spec);
    NUMPY: "Round" each(round, round_spec, a => a.whole("decimals")?) [parameter("decimals", Form::Whole, Default::Whole(0))];
    NUMPY: "Clip" each(clip, clip_spec, a => a.maybe_number("x_min")?, a.maybe_number("x_max")?) [
        parameter("x_min", Form::MaybeNumber, Default::Null),
        parameter("x_max", Form::MaybeNumber, Default::Null)
    ];
    NUMPY: "Cumsum" one(cumsum, cumsum_spec, a => a.maybe_whole("axis")?, a.maybe_dtype("dtype")?) [AXIS_OR_ALL, DTYPE];
    NUMPY: "Cumprod" one(cumprod, cumsum_spec, a => a.maybe_whole("axis")?, a.maybe_dtype("dtype")?) [AXIS_OR_ALL, DTYPE];
    NUMPY: "Nancumsum" one(nancumsum, cumsum_spec, a => a.maybe_whole("axis")?, a.maybe_dtype("dtype")?) [AXIS_OR_ALL, DTYPE];
    NUMPY: "Nancumprod" one(nancumprod, cumsum_spec, a => a.maybe_whole("axis")?, a.maybe_dtype("dtype")?) [AXIS_OR_ALL, DTYPE];
    NUMPY: "Arccos" each(arccos, arccos_spec);
    NUMPY: "Arccosh" each(arccosh, arccosh_spec);
    NUMPY: "Arcsin" each(arcsin, arcsin_spec);
    NUMPY: "Arcsinh" each(arcsinh, arcsinh_spec);
    NUMPY: "Arctan" each(arctan, arctan_spec);
    NUMPY: "Arctanh" each(arctanh, arctanh_spec);
    NUMPY: "Arctan2" two(Values, arctan2, arctan2_spec);
    NUMPY: "Cosh" each(cosh, cosh_spec);
    NUMPY: "Sinh" each(sinh, sinh_spec);
    NUMPY: "Sinc" each(sinc, sinc_spec);
    NUMPY: "Deg2rad" each(deg2rad, deg2rad_spec);
    NUMPY: "Rad2deg" each(rad2deg, rad2deg_spec);
    NUMPY: "Exp2" each(exp2, exp2_spec);
    NUMPY: "Cbrt" each(cbrt, cbrt_spec);
    NUMPY: "Fabs" each(fabs, fabs_spec);
    NUMPY: "Trunc" each(trunc, trunc_spec);
    NUMPY: "Hypot" two(Values, hypot, hypot_spec);
    NUMPY: "Heaviside" two(Values, heaviside, heaviside_spec);
    NUMPY: "Logaddexp2" two(Values, logaddexp2, logaddexp2_spec);
    NUMPY: "NanToNum" each(nan_to_num, nan_to_num_spec, a => a.maybe_number("nan")?.unwrap_or(0.0), a.maybe_number("posinf")?, a.maybe_number("neginf")?) [
        parameter("nan", Form::MaybeNumber, Default::Float(0.0)),
        parameter("posinf", Form::MaybeNumber, Default::Null),
        parameter("neginf", Form::MaybeNumber, Default::Null)
    ];

    // Comparisons and truth values.
    NUMPY: "Equal" two(Values, equal, equal_spec);
    NUMPY: "NotEqual" two(Values, not_equal, not_equal_spec);
    NUMPY: "Greater" two(Values, greater, greater_spec);
    NUMPY: "GreaterEqual" two(Values, greater_equal, greater_equal_spec);
    NUMPY: "Less" two(Values, less, less_spec);
    NUMPY: "LessEqual" two(Values, less_equal, less_equal_spec);
    NUMPY: "LogicalAnd" two(Values, logical_and, logical_and_spec);
    NUMPY: "LogicalOr" two(Values, logical_or, logical_or_spec);
    NUMPY: "LogicalXor" two(Values, logical_xor, logical_xor_spec);
    NUMPY: "LogicalNot" each(logical_not, logical_not_spec);
    NUMPY: "Isnan" each(isnan, isnan_spec);
    NUMPY: "Isfinite" each(isfinite, isfinite_spec);
    NUMPY: "Isinf" each(isinf, isinf_spec);
    NUMPY: "Isposinf" each(isposinf, isposinf_spec);
    NUMPY: "Isneginf" each(isneginf, isneginf_spec);
    NUMPY: "Isclose" other(Values, isclose, isclose_spec) [
        parameter("equal_nan", Form::Flag, Default::Flag(false))
    ];
    NUMPY: "AllClose" two_apart(Values, a => allclose: a.number("rtol")?, a.number("atol")?, a.flag("equal_nan")?; allclose_spec:) [
        parameter("rtol", Form::Number, Default::Float(1e-5)), parameter("atol", Form::Number, Default::Float(1e-8)),
        parameter("equal_nan", Form::Flag, Default::Flag(false))
    ];
    NUMPY: "IsIn" two_apart(Values, a => isin: a.flag("invert")?; isin_spec:) [
        parameter("assume_unique", Form::Flag, Default::Flag(false)), parameter("invert", Form::Flag, Default::Flag(false))
    ];
    NUMPY: "Where" three(where_, where_spec);
    NUMPY: "Select" other(Lists, select, select_spec);

    // Reductions.
    NUMPY: "Mean" one(mean, mean_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Sum" one(sum, sum_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Max" apart(a => max: a.axes("axis")?, a.flag("keepdims")?, a.maybe_number("initial")?; amax_spec: a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS, INITIAL];
    NUMPY: "Min" apart(a => min: a.axes("axis")?, a.flag("keepdims")?, a.maybe_number("initial")?; amin_spec: a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS, INITIAL];
    NUMPY: "Amax" one(amax, amax_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Amin" one(amin, amin_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Var" one(var, var_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Std" one(std, std_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Nansum" one(nansum, sum_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Nanmean" one(nanmean, mean_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Nanvar" one(nanvar, var_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Nanstd" one(nanstd, std_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Nanmax" one(nanmax, amax_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Nanmin" one(nanmin, amin_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Median" one(median, mean_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Nanmedian" one(nanmedian, mean_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Quantile" other(Values, quantile, quantile_spec) [AXES, METHOD, KEEPDIMS];
    NUMPY: "Nanquantile" two(Values, nanquantile, quantile_spec, a => a.axes("axis")?, a.quantile_method("method")?, a.flag("keepdims")?) [AXES, METHOD, KEEPDIMS];
    NUMPY: "Percentile" two(Values, percentile, quantile_spec, a => a.axes("axis")?, a.quantile_method("method")?, a.flag("keepdims")?) [AXES, METHOD, KEEPDIMS];
    NUMPY: "Nanpercentile" two(Values, nanpercentile, quantile_spec, a => a.axes("axis")?, a.quantile_method("method")?, a.flag("keepdims")?) [AXES, METHOD, KEEPDIMS];
    NUMPY: "Any" one(any, any_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "All" one(all, all_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "Ptp" one(ptp, ptp_spec, a => a.axes("axis")?, a.flag("keepdims")?) [AXES, KEEPDIMS];
    NUMPY: "CountNonzero" one(count_nonzero, count_nonzero_spec, a => a.axes("axis")?) [AXES];
    NUMPY: "Average" other(Optional, average, average_spec) [AXIS_OR_ALL] with "weights";
    NUMPY: "Prod" one(prod, prod_spec, a => a.axes("axis")?, a.flag("keepdims")?, a.maybe_dtype("dtype")?) [AXES, KEEPDIMS, TYPE_OR_SAME];
    NUMPY: "Nanprod" apart(a => nanprod: a.axes("axis")?, a.flag("keepdims")?; prod_spec: a.axes("axis")?, a.flag("keepdims")?, None) [AXES, KEEPDIMS];
    NUMPY: "Argmax" one(argmax, argmax_spec, a => a.maybe_whole("axis")?, a.flag("keepdims")?) [AXIS_OR_ALL, KEEPDIMS];
    NUMPY: "Argmin" one(argmin, argmax_spec, a => a.maybe_whole("axis")?, a.flag("keepdims")?) [AXIS_OR_ALL, KEEPDIMS];
    NUMPY: "Nanargmax" one(nanargmax, argmax_spec, a => a.maybe_whole("axis")?, a.flag("keepdims")?) [AXIS_OR_ALL, KEEPDIMS];
    NUMPY: "Nanargmin" one(nanargmin, argmax_spec, a => a.maybe_whole("axis")?, a.flag("keepdims")?) [AXIS_OR_ALL, KEEPDIMS];
    NUMPY: "Trapezoid" apart(a => trapezoid: None, a.number("dx")?, a.whole("axis")?; trapezoid_spec: a.whole("axis")?) [
        parameter("x", Form::Nothing, Default::Null), parameter("dx", Form::Number, Default::Float(1.0)), LAST_AXIS
    ];
    NUMPY: "Corrcoef" one(corrcoef, corrcoef_spec);

    // Shapes.
    NUMPY: "Reshape" one(reshape, reshape_spec, a => a.integers("newshape")?) [
        parameter("newshape", Form::Sizes, Default::Null)
    ];
    NUMPY: "Ravel" one(ravel, ravel_spec);
    NUMPY: "Ndim" one(ndim, count_spec);
    NUMPY: "Size" one(size, count_spec);
    NUMPY: "ExpandDims" one(expand_dims, expand_dims_spec, a => a.axes("axis")?) [
        parameter("axis", Form::Axes, Default::Null)
    ];
    NUMPY: "Squeeze" one(squeeze, squeeze_spec, a => a.axes("axis")?) [AXES];
    NUMPY: "BroadcastTo" one(broadcast_to, broadcast_to_spec, a => &a.shape("shape")?) [
        parameter("shape", Form::Sizes, Default::Null)
    ];
    NUMPY: "Transpose" one(transpose, transpose_spec, a => a.axes("axes")?) [
        parameter("axes", Form::Axes, Default::Null)
    ];
    NUMPY: "Swapaxes" one(swapaxes, swapaxes_spec, a => a.whole("axis1")?, a.whole("axis2")?) [
        parameter("axis1", Form::Whole, Default::Null), parameter("axis2", Form::Whole, Default::Null)
    ];
    NUMPY: "Moveaxis" one(moveaxis, moveaxis_spec, a => a.axes("source")?, a.axes("destination")?) [
        parameter("source", Form::Axes, Default::Null), parameter("destination", Form::Axes, Default::Null)
    ];
    NUMPY: "Flip" one(flip, flip_spec, a => a.axes("axis")?) [AXES];
    NUMPY: "Fliplr" one(fliplr, fliplr_spec);
    NUMPY: "Flipud" one(flipud, flipud_spec);
    NUMPY: "Rot90" one(rot90, rot90_spec, a => a.whole("k")?, a.axes("axes")?) [
        parameter("k", Form::Whole, Default::Whole(1)), parameter("axes", Form::Axes, Default::Axes(&[0, 1]))
    ];
    NUMPY: "Roll" each(roll, roll_spec, a => a.integers("shift")?, a.axes("axis")?) [parameter("shift", Form::Sizes, Default::Null), AXES];
    NUMPY: "Diff" one(diff, diff_spec, a => a.whole("n")?, a.whole("axis")?) [
        parameter("n", Form::Whole, Default::Whole(1)), LAST_AXIS
    ];
    NUMPY: "Hstack" list(hstack, hstack_spec);
    NUMPY: "Vstack" list(vstack, vstack_spec);
    NUMPY: "Dstack" list(dstack, dstack_spec);
    NUMPY: "Append" two(Values, append, append_spec, a => a.maybe_whole("axis")?) [AXIS_OR_ALL];
    NUMPY: "ArraySplit" one(array_split, array_split_spec, a => a.sections("indices_or_sections")?, a.whole("axis")?) [
        parameter("indices_or_sections", Form::Sizes, Default::Null), FIRST_AXIS
    ];
    NUMPY: "Hsplit" one(hsplit, hsplit_spec, a => a.sections("indices_or_sections")?) [
        parameter("indices_or_sections", Form::Sizes, Default::Null)
    ];
    NUMPY: "Vsplit" one(vsplit, vsplit_spec, a => a.sections("indices_or_sections")?) [
        parameter("indices_or_sections", Form::Sizes, Default::Null)
    ];
    NUMPY: "Dsplit" one(dsplit, dsplit_spec, a => a.sections("indices_or_sections")?) [
        parameter("indices_or_sections", Form::Sizes, Default::Null)
    ];
    NUMPY: "Diagonal" one(diagonal, diagonal_spec, a => a.whole("offset")?, a.whole("axis1")?, a.whole("axis2")?) [OFFSET, AXIS1, AXIS2];
    NUMPY: "Trace" one(trace, trace_spec, a => a.whole("offset")?, a.whole("axis1")?, a.whole("axis2")?) [OFFSET, AXIS1, AXIS2];
    NUMPY: "Diag" one(diag, diag_spec, a => a.whole("k")?) [parameter("k", Form::Whole, Default::Whole(0))];
    NUMPY: "Diagflat" one(diagflat, diagflat_spec, a => a.whole("k")?) [parameter("k", Form::Whole, Default::Whole(0))];
    NUMPY: "Tril" each(tril, triangle_spec, a => a.whole("k")?) [parameter("k", Form::Whole, Default::Whole(0))];
    NUMPY: "Triu" each(triu, triangle_spec, a => a.whole("k")?) [parameter("k", Form::Whole, Default::Whole(0))];
    NUMPY: "Concatenate" list(concatenate, concatenate_spec, a => a.whole("axis")?) [FIRST_AXIS];
    NUMPY: "Stack" list(stack, stack_spec, a => a.whole("axis")?) [FIRST_AXIS];
    NUMPY: "Split" one(split, split_spec, a => a.sections("indices_or_sections")?, a.whole("axis")?) [
        parameter("indices_or_sections", Form::Sizes, Default::Null), FIRST_AXIS
    ];
    NUMPY: "Repeat" one(repeat, repeat_spec, a => a.integers("repeats")?, a.maybe_whole("axis")?) [
        parameter("repeats", Form::Sizes, Default::Null), AXIS_OR_ALL
    ];
    NUMPY: "Tile" one(tile, tile_spec, a => a.integers("repeats")?) [
        parameter("repeats", Form::Sizes, Default::Null)
    ];
    NUMPY: "Pad" apart(a => pad: &a.pairs("pad_width")?, a.pad_mode("mode")?, a.number_keyword("constant_values")?; pad_spec: &a.pairs("pad_width")?) [
        parameter("pad_width", Form::Pairs, Default::Null),
        parameter("mode", Form::Text, Default::Text("constant"))
    ] with "constant_values";
    NUMPY: "GetItem" one(get_item, get_item_spec, a => &a.key()?);
    NUMPY: "Take" two(Indices, take, take_spec, a => a.maybe_whole("axis")?) [AXIS_OR_ALL];
    NUMPY: "TakeAlongAxis" two(Indices, take_along_axis, take_along_axis_spec, a => a.maybe_whole("axis")?) [AXIS_OR_ALL];
    NUMPY: "Sort" one(sort, sort_spec, a => a.maybe_whole("axis")?) [AXIS_OR_LAST];
    NUMPY: "Argsort" one(argsort, argsort_spec, a => a.maybe_whole("axis")?) [AXIS_OR_LAST];
    NUMPY: "Argpartition" one(argpartition, argpartition_spec, a => a.whole("kth")?, a.maybe_whole("axis")?) [
        parameter("kth", Form::Whole, Default::Null), AXIS_OR_LAST
    ];

    // Positions and counts.
    NUMPY: "SearchSorted" two_apart(Values, a => searchsorted: &a.text("side")?; searchsorted_spec:) [
        parameter("side", Form::Text, Default::Text("left"))
    ];
    NUMPY: "Digitize" two(Values, digitize, digitize_spec);
    NUMPY: "Nonzero" one(nonzero, nonzero_spec);
    NUMPY: "UnravelIndex" one(unravel_index, unravel_index_spec, a => &a.shape("shape")?) [
        parameter("shape", Form::Sizes, Default::Null)
    ];
    NUMPY: "Bincount" apart(a => bincount: None, a.count("minlength")?; bincount_spec:) [
        parameter("weights", Form::Nothing, Default::Null), parameter("minlength", Form::Whole, Default::Whole(0)), SPARSE
    ];
    NUMPY: "Histogram" apart(a => histogram: a.count("bins")?, a.range("range")?; histogram_spec: a.count("bins")?) [
        parameter("bins", Form::Whole, Default::Whole(10)), parameter("range", Form::MaybeRange, Default::Null)
    ];
    NUMPY: "Unique" other(Values, unique, unique_spec) [
        parameter("sorted", Form::Flag, Default::Flag(true)), parameter("return_index", Form::Flag, Default::Flag(false)),
        parameter("return_inverse", Form::Flag, Default::Flag(false)),
        parameter("return_counts", Form::Flag, Default::Flag(false)), AXIS_OR_ALL,
        parameter("size", Form::MaybeWhole, Default::Null), parameter("fill_value", Form::MaybeNumber, Default::Null)
    ];

    // Products.
    NUMPY: "Matmul" two(Values, matmul, matmul_spec);
    NUMPY: "Einsum" other(Values, einsum, einsum_spec) [
        parameter("subscripts", Form::Text, Default::Null)
    ];
    NUMPY: "Dot" two(Values, dot, dot_spec);
    NUMPY: "Inner" two(Values, inner, inner_spec);
    NUMPY: "Outer" two(Values, outer, outer_spec);
    NUMPY: "Vdot" two(Values, vdot, vdot_spec);
    NUMPY: "Tensordot" two(Values, tensordot, tensordot_spec, a => a.summed_axes("axes")?) [
        parameter("axes", Form::AxisPairs, Default::Whole(2))
    ];

    NUMPY: "Kron" two(Values, kron, kron_spec);
    NUMPY: "Cross" two(Values, cross, cross_spec, a => a.whole("axisa")?, a.whole("axisb")?, a.whole("axisc")?, a.maybe_whole("axis")?) [
        parameter("axisa", Form::Whole, Default::Whole(-1)), parameter("axisb", Form::Whole, Default::Whole(-1)),
        parameter("axisc", Form::Whole, Default::Whole(-1)), AXIS_OR_ALL
    ];
    NUMPY: "Correlate" two(Values, correlate, correlate_spec, a => &a.text("mode")?) [
        parameter("mode", Form::Text, Default::Text("valid"))
    ];
    NUMPY: "Vander" apart(a => vander: a.maybe_count("N")?, a.flag("increasing")?; vander_spec: a.maybe_count("N")?) [
        parameter("N", Form::MaybeWhole, Default::Null), parameter("increasing", Form::Flag, Default::Flag(false))
    ];

    // Making and casting.
    NUMPY: "Linspace" two_apart(Values, a => linspace: a.count("num")?, a.flag("endpoint")?, a.maybe_dtype("dtype")?, a.whole("axis")?; space_spec: a.count("num")?, a.maybe_dtype("dtype")?, a.whole("axis")?) [
        COUNT, ENDPOINT, parameter("retstep", Form::No, Default::Flag(false)), DTYPE, FIRST_AXIS
    ];
    NUMPY: "Logspace" two_apart(Values, a => logspace: a.count("num")?, a.flag("endpoint")?, a.number("base")?, a.maybe_dtype("dtype")?, a.whole("axis")?; space_spec: a.count("num")?, a.maybe_dtype("dtype")?, a.whole("axis")?) [
        COUNT, ENDPOINT, parameter("base", Form::Number, Default::Whole(10)), DTYPE, FIRST_AXIS
    ];
    NUMPY: "Geomspace" two_apart(Values, a => geomspace: a.count("num")?, a.flag("endpoint")?, a.maybe_dtype("dtype")?, a.whole("axis")?; space_spec: a.count("num")?, a.maybe_dtype("dtype")?, a.whole("axis")?) [
        COUNT, ENDPOINT, DTYPE, FIRST_AXIS
    ];
    NUMPY: "Meshgrid" other(Values, meshgrid, meshgrid_spec) [parameter("indexing", Form::Text, Default::Text("xy"))];
    NUMPY: "Full" other(Values, full, full_spec) [parameter("shape", Form::Sizes, Default::Null), DTYPE];
    NUMPY: "Array" one(array, cast_spec, a => a.maybe_dtype("dtype")?) [DTYPE];
    NUMPY: "View" one(view, view_spec, a => a.maybe_dtype("dtype")?) [DTYPE];
    NUMPY: "EmptyLike" one(empty_like, cast_spec, a => a.maybe_dtype("dtype")?) [TYPE_OR_SAME];
    NUMPY: "ZerosLike" one(zeros_like, cast_spec, a => a.maybe_dtype("dtype")?) [TYPE_OR_SAME];
    NUMPY: "OnesLike" one(ones_like, cast_spec, a => a.maybe_dtype("dtype")?) [TYPE_OR_SAME];
    NUMPY: "FullLike" other(Values, full_like, full_like_spec) [TYPE_OR_SAME];
};
