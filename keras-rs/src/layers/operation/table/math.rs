//! Operations of `keras.ops.math`.

use super::super::arguments::{Default, Form, Parameter};
use super::super::forms::{Function, Operands, Outputs, Row, rows};
use super::{AXES, KEEPDIMS, parameter};
use crate::ops;

const MATH: &str = "keras.src.ops.math";

const SEGMENTS: Parameter = parameter("num_segments", Form::MaybeWhole, Default::Null);
const SORTED: Parameter = parameter("sorted", Form::Flag, Default::Flag(false));
const FFT_LENGTH: Parameter = parameter("fft_length", Form::MaybeWhole, Default::Null);

const SEQUENCE_LENGTH: Parameter = parameter("sequence_length", Form::Whole, Default::Null);
const SEQUENCE_STRIDE: Parameter = parameter("sequence_stride", Form::Whole, Default::Null);
const WINDOW: Parameter = parameter("window", Form::Window, Default::Text("hann"));
const CENTER: Parameter = parameter("center", Form::Flag, Default::Flag(true));

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
    MATH: "SegmentSum" two(Indices, segment_sum, segment_spec, a => a.maybe_count("num_segments")?) [SEGMENTS, SORTED];
    MATH: "SegmentProd" two(Indices, segment_prod, segment_spec, a => a.maybe_count("num_segments")?) [SEGMENTS, SORTED];
    MATH: "SegmentMax" two(Indices, segment_max, segment_spec, a => a.maybe_count("num_segments")?) [SEGMENTS, SORTED];
    MATH: "SegmentMin" two(Indices, segment_min, segment_spec, a => a.maybe_count("num_segments")?) [SEGMENTS, SORTED];
    MATH: "CDist" two(Values, cdist, cdist_spec);
    MATH: "ExtractSequences" one(extract_sequences, extract_sequences_spec, a => a.count("sequence_length")?, a.count("sequence_stride")?) [
        SEQUENCE_LENGTH, SEQUENCE_STRIDE
    ];
    MATH: "FFT" pair(fft, fft_spec);
    MATH: "FFT2" pair(fft2, fft2_spec);
    MATH: "IFFT2" pair(ifft2, fft2_spec);
    MATH: "RFFT" one(rfft, rfft_spec, a => a.maybe_count("fft_length")?) [FFT_LENGTH];
    MATH: "IRFFT" pair(irfft, irfft_spec, a => a.maybe_count("fft_length")?) [FFT_LENGTH];
    MATH: "STFT" one(stft, stft_spec, a => a.count("sequence_length")?, a.count("sequence_stride")?, a.count("fft_length")?, a.signal_window("window")?, a.flag("center")?) [
        SEQUENCE_LENGTH, SEQUENCE_STRIDE, parameter("fft_length", Form::Whole, Default::Null), WINDOW, CENTER
    ];
    MATH: "ISTFT" pair(istft, istft_spec, a => a.count("sequence_length")?, a.count("sequence_stride")?, a.count("fft_length")?, a.maybe_count("length")?, a.signal_window("window")?, a.flag("center")?) [
        SEQUENCE_LENGTH, SEQUENCE_STRIDE, parameter("fft_length", Form::Whole, Default::Null),
        parameter("length", Form::MaybeWhole, Default::Null), WINDOW, CENTER
    ];
    MATH: "InTopK" two(Tensors, in_top_k, in_top_k_spec, a => a.whole("k")?) [
        parameter("k", Form::Whole, Default::Null)
    ];
};
