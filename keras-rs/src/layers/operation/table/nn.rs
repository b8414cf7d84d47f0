//! Operations of `keras.ops.nn`.

use super::super::adapters;
use super::super::arguments::{Default, Form, Parameter};
use super::super::forms::{Function, Operands, Outputs, Row, rows};
use super::{ALPHA, DATA_FORMAT, DTYPE, EPSILON_OR_NONE, KEEPDIMS, LAST_AXIS, SHRINK, SPARSE, parameter};
use crate::ops;

const NN: &str = "keras.src.ops.nn";

const STRIDES: Parameter = parameter("strides", Form::Sizes, Default::Whole(1));
const PADDING: Parameter = parameter("padding", Form::Text, Default::Text("valid"));
const DILATION_RATE: Parameter = parameter("dilation_rate", Form::Sizes, Default::Whole(1));
const KERNEL_SIZE: Parameter = parameter("kernel_size", Form::Sizes, Default::Null);
const DILATION: Parameter = parameter("dilation", Form::Sizes, Default::Whole(1));
const AROUND: Parameter = parameter("padding", Form::Sizes, Default::Whole(0));
const STRIDE: Parameter = parameter("stride", Form::Sizes, Default::Whole(1));
const FROM_LOGITS: Parameter = parameter("from_logits", Form::Flag, Default::Flag(false));
const MASK_INDEX: Parameter = parameter("mask_index", Form::Whole, Default::Whole(0));

/// The operations.
pub(super) static ROWS: &[Row] = rows! {
    // Reductions.
    NN: "Moments" one(moments, moments_spec, a => a.axes("axes")?, a.flag("keepdims")?) [
        parameter("axes", Form::Axes, Default::Null), KEEPDIMS,
        parameter("synchronized", Form::Flag, Default::Flag(false))
    ];

    // Products.
    NN: "DotProductAttention" other(Tensors, attention, attention_spec) [
        parameter("is_causal", Form::Flag, Default::Flag(false)),
        parameter("flash_attention", Form::MaybeFlag, Default::Null),
        parameter("attn_logits_soft_cap", Form::MaybeNumber, Default::Null)
    ] with "bias", "mask", "scale";

    // Making and casting.
    NN: "OneHot" one(one_hot, one_hot_spec, a => a.whole("num_classes")?, a.whole("axis")?, a.maybe_dtype("dtype")?) [
        parameter("num_classes", Form::Whole, Default::Null), LAST_AXIS, DTYPE, SPARSE
    ];
    NN: "MultiHot" one(multi_hot, multi_hot_spec, a => a.whole("num_classes")?, a.whole("axis")?, a.maybe_dtype("dtype")?) [
        parameter("num_classes", Form::Whole, Default::Null), LAST_AXIS, DTYPE, SPARSE
    ];

    // Activations.
    NN: "Relu" each(relu, relu_spec);
    NN: "Relu6" each(relu6, relu6_spec);
    NN: "Sigmoid" each(sigmoid, sigmoid_spec);
    NN: "SparseSigmoid" each(sparse_sigmoid, sparse_sigmoid_spec);
    NN: "LogSigmoid" each(log_sigmoid, log_sigmoid_spec);
    NN: "HardSigmoid" each(hard_sigmoid, hard_sigmoid_spec);
    NN: "Silu" each(silu, silu_spec);
    NN: "HardSilu" each(hard_silu, hard_silu_spec);
    NN: "HardTanh" each(hard_tanh, hard_tanh_spec);
    NN: "TanhShrink" each(tanh_shrink, tanh_shrink_spec);
    NN: "Softplus" each(softplus, softplus_spec);
    NN: "Softsign" each(softsign, softsign_spec);
    NN: "SparsePlus" each(sparse_plus, sparse_plus_spec);
    NN: "Selu" each(selu, selu_spec);
    NN: "Elu" each(elu, elu_spec, a => a.number("alpha")?) [ALPHA];
    NN: "Celu" each(celu, celu_spec, a => a.number("alpha")?) [ALPHA];
    NN: "Gelu" each(gelu, gelu_spec, a => a.flag("approximate")?) [parameter("approximate", Form::Flag, Default::Flag(true))];
    NN: "LeakyRelu" each(leaky_relu, leaky_relu_spec, a => a.number("negative_slope")?) [
        parameter("negative_slope", Form::Number, Default::Float(0.2))
    ];
    NN: "Squareplus" each(squareplus, squareplus_spec, a => a.number("b")?) [parameter("b", Form::Number, Default::Whole(4))];
    NN: "SoftShrink" each(soft_shrink, soft_shrink_spec, a => a.number("threshold")?) [SHRINK];
    NN: "HardShrink" each(hard_shrink, hard_shrink_spec, a => a.number("threshold")?) [SHRINK];
    NN: "Threshold" each(threshold, threshold_spec, a => a.number("threshold")?, a.number("default_value")?) [
        parameter("threshold", Form::Number, Default::Null),
        parameter("default_value", Form::Number, Default::Null)
    ];
    NN: "Softmax" each(softmax, softmax_spec, a => a.axes("axis")?) [parameter("axis", Form::Axes, Default::Whole(-1))];
    NN: "LogSoftmax" each(log_softmax, log_softmax_spec, a => a.whole("axis")?) [LAST_AXIS];
    NN: "Sparsemax" each(sparsemax, sparsemax_spec, a => a.whole("axis")?) [LAST_AXIS];
    NN: "Glu" one(glu, glu_spec, a => a.whole("axis")?) [LAST_AXIS];

    // Normalization.
    NN: "Normalize" each(normalize, normalize_spec, a => a.axes("axis")?, a.whole("order")?, a.maybe_number("epsilon")?) [
        parameter("axis", Form::Axes, Default::Whole(-1)), parameter("order", Form::Whole, Default::Whole(2)),
        EPSILON_OR_NONE
    ];
    NN: "LayerNorm" other(Optional, layer_norm, first_spec) [
        parameter("axis", Form::Axes, Default::Whole(-1)), EPSILON_OR_NONE,
        parameter("rms_scaling", Form::Flag, Default::Flag(false))
    ];
    NN: "RMSNorm" other(Optional, rms_norm, first_spec) [
        parameter("axis", Form::Axes, Default::Whole(-1)), EPSILON_OR_NONE
    ] with "scale";
    NN: "BatchNorm" other(Optional, batch_norm, first_spec) [
        parameter("axis", Form::Whole, Default::Null), parameter("epsilon", Form::Number, Default::Float(0.001))
    ];

    // Losses and their label sequences.
    NN: "BinaryCrossentropy" two(Values, binary_crossentropy, binary_crossentropy_spec, a => a.flag("from_logits")?) [FROM_LOGITS];
    NN: "CategoricalCrossentropy" two(Values, categorical_crossentropy, categorical_crossentropy_spec, a => a.flag("from_logits")?, a.whole("axis")?) [
        FROM_LOGITS, LAST_AXIS
    ];
    NN: "SparseCategoricalCrossentropy" two(Values, sparse_categorical_crossentropy, sparse_categorical_crossentropy_spec, a => a.flag("from_logits")?, a.whole("axis")?) [
        FROM_LOGITS, LAST_AXIS
    ];
    NN: "CTCLoss" other(Values, ctc_loss, ctc_loss_spec) [MASK_INDEX];
    NN: "CTCDecode" two(Values, ctc_decode, ctc_decode_spec, a => a.ctc_decoding()?) [
        parameter("strategy", Form::Text, Default::Text("greedy")), parameter("beam_width", Form::Whole, Default::Whole(100)),
        parameter("top_paths", Form::Whole, Default::Whole(1)), parameter("merge_repeated", Form::Flag, Default::Flag(true)),
        MASK_INDEX
    ];

    // Images.
    NN: "Conv" other(Values, conv, conv_spec) [STRIDES, PADDING, DATA_FORMAT, DILATION_RATE];
    NN: "DepthwiseConv" other(Values, depthwise_conv, depthwise_conv_spec) [STRIDES, PADDING, DATA_FORMAT, DILATION_RATE];
    NN: "SeparableConv" other(Values, separable_conv, separable_conv_spec) [STRIDES, PADDING, DATA_FORMAT, DILATION_RATE];
    NN: "ConvTranspose" other(Values, conv_transpose, conv_transpose_spec) [
        STRIDES, PADDING, parameter("output_padding", Form::MaybeSizes, Default::Null), DATA_FORMAT, DILATION_RATE
    ];
    NN: "Unfold" one(unfold, unfold_spec, a => a.integers("kernel_size")?, a.integers("dilation")?, a.integers("padding")?, a.integers("stride")?) [
        KERNEL_SIZE, DILATION, AROUND, STRIDE
    ];
    NN: "Fold" one(fold, fold_spec, a => a.integers("output_size")?, a.integers("kernel_size")?, a.integers("dilation")?, a.integers("padding")?, a.integers("stride")?) [
        parameter("output_size", Form::Sizes, Default::Null), KERNEL_SIZE, DILATION, AROUND, STRIDE
    ];
    NN: "PSNR" two(Values, psnr, psnr_spec, a => a.number("max_val")?) [parameter("max_val", Form::Number, Default::Null)];
    NN: "MaxPool" one(max_pool, max_pool_spec, a => a.integers("pool_size")?, a.maybe_integers("strides")?, a.padding("padding")?, a.data_format("data_format")?) [
        parameter("pool_size", Form::Sizes, Default::Null), parameter("strides", Form::MaybeSizes, Default::Null),
        parameter("padding", Form::Text, Default::Text("valid")), DATA_FORMAT
    ];
    NN: "AveragePool" one(average_pool, average_pool_spec, a => a.integers("pool_size")?, a.maybe_integers("strides")?, a.padding("padding")?, a.data_format("data_format")?) [
        parameter("pool_size", Form::Sizes, Default::Null), parameter("strides", Form::MaybeSizes, Default::Null),
        parameter("padding", Form::Text, Default::Text("valid")), DATA_FORMAT
    ];
    NN: "AdaptiveMaxPool" one(adaptive_max_pool, adaptive_max_pool_spec, a => a.integers("output_size")?, a.data_format("data_format")?) [
        parameter("output_size", Form::Sizes, Default::Null), DATA_FORMAT
    ];
    NN: "AdaptiveAveragePool" one(adaptive_average_pool, adaptive_average_pool_spec, a => a.integers("output_size")?, a.data_format("data_format")?) [
        parameter("output_size", Form::Sizes, Default::Null), DATA_FORMAT
    ];
    NN: "DepthToSpace" one(depth_to_space, depth_to_space_spec, a => a.whole("block_size")?, a.data_format("data_format")?) [
        parameter("block_size", Form::Whole, Default::Null), DATA_FORMAT
    ];
    NN: "SpaceToDepth" one(space_to_depth, space_to_depth_spec, a => a.whole("block_size")?, a.data_format("data_format")?) [
        parameter("block_size", Form::Whole, Default::Null), DATA_FORMAT
    ];
};
