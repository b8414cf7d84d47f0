//! Every function with a row in the table of operations, a test for each family.

use super::*;

#[test]
fn elements() {
    cases! {
        "Add" (x, y) ops::add(x, y);
        "Add" (x) ops::add(x, &2.5);
        "Add" (x, vector) ops::add(x, vector);
        "Subtract" (x, y) ops::subtract(x, y);
        "Subtract" (x) ops::subtract(&1, x);
        "Multiply" (x, n) ops::multiply(x, n);
        "Divide" (x, large) ops::divide(x, large);
        "TrueDivide" (x, large) ops::true_divide(x, large);
        "DivideNoNan" (x, n) ops::divide_no_nan(x, n);
        "FloorDivide" (x, large) ops::floor_divide(x, large);
        "Mod" (x, large) ops::mod_(x, large);
        "Power" (small, large) ops::power(small, large);
        "Power" (x) ops::power(x, &2);
        "Maximum" (x) ops::maximum(x, &0.0);
        "Minimum" (x, y) ops::minimum(x, y);
        "Logaddexp" (x, y) ops::logaddexp(x, y);
        "Logaddexp2" (x, y) ops::logaddexp2(x, y);
        "Arctan2" (x, y) ops::arctan2(x, y);
        "Hypot" (x, y) ops::hypot(x, y);
        "Heaviside" (x, y) ops::heaviside(x, y);
        "Negative" (x) ops::negative(x);
        "Absolute" (x) ops::absolute(x);
        "Abs" (n) ops::abs(n);
        "Fabs" (n) ops::fabs(n);
        "Square" (x) ops::square(x);
        "Sqrt" (small) ops::sqrt(small);
        "Rsqrt" (small) ops::rsqrt(small);
        "Cbrt" (x) ops::cbrt(x);
        "Exp" (x) ops::exp(x);
        "Exp2" (x) ops::exp2(x);
        "Expm1" (x) ops::expm1(x);
        "Log" (small) ops::log(small);
        "Log1p" (small) ops::log1p(small);
        "Log2" (small) ops::log2(small);
        "Log10" (small) ops::log10(small);
        "Reciprocal" (large) ops::reciprocal(large);
        "Sin" (x) ops::sin(x);
        "Cos" (x) ops::cos(x);
        "Tan" (x) ops::tan(x);
        "Sinh" (x) ops::sinh(x);
        "Cosh" (x) ops::cosh(x);
        "Tanh" (x) ops::tanh(x);
        "Arcsin" (small) ops::arcsin(small);
        "Arccos" (small) ops::arccos(small);
        "Arctan" (x) ops::arctan(x);
        "Arcsinh" (x) ops::arcsinh(x);
        "Arccosh" (large) ops::arccosh(large);
        "Arctanh" (small) ops::arctanh(small);
        "Sinc" (x) ops::sinc(x);
        "Deg2rad" (x) ops::deg2rad(x);
        "Rad2deg" (x) ops::rad2deg(x);
        "Erf" (x) ops::erf(x);
        "Erfc" (x) ops::erfc(x);
        "Floor" (x) ops::floor(x);
        "Ceil" (x) ops::ceil(x);
        "Trunc" (x) ops::trunc(x);
        "Sign" (x) ops::sign(x);
        "Copy" (x) ops::copy(x);
        "Round" (x) ops::round(x, 1);
        "Clip" (x) ops::clip(x, -0.5, 0.25);
        "Clip" (x) ops::clip(x, 0.0, None);
        "NanToNum" (x) ops::nan_to_num(x, 0.5, None, 3.0);
        "StopGradient" (x) ops::stop_gradient(x);
    }
}

#[test]
fn truth_values() {
    cases! {
        "Equal" (n) ops::equal(n, &2);
        "NotEqual" (x, y) ops::not_equal(x, y);
        "Greater" (x, y) ops::greater(x, y);
        "GreaterEqual" (x, y) ops::greater_equal(x, y);
        "Less" (x) ops::less(x, &0.25);
        "LessEqual" (x, y) ops::less_equal(x, y);
        "LogicalAnd" (b, c) ops::logical_and(b, c);
        "LogicalOr" (b, c) ops::logical_or(b, c);
        "LogicalXor" (b, c) ops::logical_xor(b, c);
        "LogicalNot" (b) ops::logical_not(b);
        "Isnan" (x) ops::isnan(x);
        "Isfinite" (x) ops::isfinite(x);
        "Isinf" (x) ops::isinf(x);
        "Isposinf" (x) ops::isposinf(x);
        "Isneginf" (x) ops::isneginf(x);
        "Isclose" (x, y) ops::isclose(x, y, None, None, false);
        "Where" (b, x, y) ops::where_(b, x, y);
        "Where" (b, x) ops::where_(b, x, &0.5);
        "AllClose" (x, y) ops::allclose(x, y, None, None, false);
        "AllClose" (x, y) ops::allclose(x, y, None, 10.0, true);
        "IsIn" (n) ops::isin(n, &Tensor::from([1, 2])?, false);
        "IsIn" (n, ids) ops::isin(n, ids, true);
        "Select" (b, c, x, y) ops::select(&[b, c], &[x, y], 2.5);
        "Select" (b, c, n) ops::select(&[b, c], &[n, n], 7);
        "Select" (b, c, n) ops::select(&[b, c], &[n, n], 0.5);
    }
}

#[test]
fn reductions() {
    cases! {
        "Mean" (m) ops::mean(m, -1, true);
        "Mean" (m) ops::mean(m, [1, 2], false);
        "Sum" (m) ops::sum(m, 1, false);
        "Sum" (m) ops::sum(m, [1, -1], true);
        "Max" (m) ops::max(m, -1, false, None);
        "Max" (m) ops::max(m, [1, 2], true, 0.5);
        "Min" (m) ops::min(m, 1, true, None);
        "Amax" (m) ops::amax(m, [1, 2], false);
        "Amin" (m) ops::amin(m, -1, true);
        "Var" (m) ops::var(m, -1, false);
        "Std" (m) ops::std(m, [1, 2], true);
        "Any" (b) ops::any(b, -1, false);
        "All" (b) ops::all(b, -1, true);
        "Logsumexp" (m) ops::logsumexp(m, -1, true);
        "Ptp" (m) ops::ptp(m, 1, false);
        "CountNonzero" (n) ops::count_nonzero(n, 1);
        "Prod" (m) ops::prod(m, 1, true, None);
        "Argmax" (m) ops::argmax(m, -1, false);
        "Argmin" (m) ops::argmin(m, 1, true);
        "Average" (m) ops::average(m, 1, None);
        "Average" (x, small) ops::average(x, 1, Some(small));
        "Moments" (m) ops::moments(m, [1, 2], true);
        "Norm" (m) ops::norm(m, None, 1, true);
        "Norm" (m) ops::norm(m, ops::NormOrder::Frobenius, [1, 2], false);
        "Nanprod" (m) ops::nanprod(m, 1, true);
        "Nanargmax" (m) ops::nanargmax(m, -1, false);
        "Nanargmin" (m) ops::nanargmin(m, None, false);
        "Quantile" (m) ops::quantile(m, &0.3, (), QuantileMethod::Linear, false);
        "Quantile" (m) ops::quantile(m, &Tensor::from([0.2, 0.9])?, 1, QuantileMethod::Linear, true);
        "Nanquantile" (m) ops::nanquantile(m, &0.3, 1, QuantileMethod::Nearest, false);
        "Percentile" (m) ops::percentile(m, &Tensor::from([20.0, 95.0])?, -1, QuantileMethod::Lower, false);
        "Percentile" (m, line) ops::percentile(m, &ops::abs(line)?, [1, 2], QuantileMethod::Higher, true);
        "Nanpercentile" (m) ops::nanpercentile(m, &55, 1, QuantileMethod::Midpoint, true);
        "Trapezoid" (m) ops::trapezoid(m, None, 2.0, 1);
        "Corrcoef" (x) ops::corrcoef(x);
        "Cumsum" (x) ops::cumsum(x, 1, None);
        "Cumprod" (x) ops::cumprod(x, 1, DType::F32);
    }
}

#[test]
fn shapes() {
    cases! {
        "Reshape" (m) ops::reshape(m, [-1, 2, 8]);
        "Ravel" (x) ops::ravel(x);
        "ExpandDims" (x) ops::expand_dims(x, 1);
        "ExpandDims" (x) ops::expand_dims(x, [1, -1]);
        "Squeeze" (m) ops::squeeze(&ops::expand_dims(m, 1)?, 1);
        "BroadcastTo" (vector) ops::broadcast_to(vector, [3, 4]);
        "Transpose" (m) ops::transpose(m, [0, 2, 1]);
        "Swapaxes" (m) ops::swapaxes(m, 1, 2);
        "Moveaxis" (image) ops::moveaxis(image, 3, 1);
        "Moveaxis" (image) ops::moveaxis(image, [3, 2], [1, 3]);
        "Flip" (m) ops::flip(m, [1, 2]);
        "Fliplr" (m) ops::fliplr(m);
        "Flipud" (vector) ops::flipud(vector);
        "Rot90" (m) ops::rot90(m, 1, [1, 2]);
        "Roll" (m) ops::roll(m, 2, 1);
        "Roll" (m) ops::roll(m, [1, -1], [1, 2]);
        "Diff" (m) ops::diff(m, 1, -1);
        "Concatenate" (x, y) ops::concatenate(&[x, y], -1);
        "Stack" (x, y) ops::stack(&[x, y, x], 1);
        "Hstack" (x, y) ops::hstack(&[x, y]);
        "Vstack" (x, y) ops::vstack(&[x, y]);
        "Dstack" (m) ops::dstack(&[m, m]);
        "Append" (x, y) ops::append(x, y, 1);
        "Unstack" (m) ops::unstack(m, 4, 1);
        "Split" (m) ops::split(m, 2, 1);
        "Split" (m) ops::split(m, [1, 3], -1);
        "ArraySplit" (m) ops::array_split(m, 3, 1);
        "Hsplit" (m) ops::hsplit(m, 2);
        "Vsplit" (vector) ops::vsplit(&ops::reshape(vector, [2, 2])?, 2);
        "Dsplit" (m) ops::dsplit(m, [1]);
        "Diagonal" (m) ops::diagonal(m, 1, 1, 2);
        "Trace" (m) ops::trace(m, 0, 1, 2);
        "Tril" (m) ops::tril(m, -1);
        "Triu" (m) ops::triu(m, 1);
        "Repeat" (m) ops::repeat(m, 2, 1);
        "Tile" (m) ops::tile(m, [1, 2, 1]);
        "Pad" (m) ops::pad(m, &[(0, 0), (1, 2), (0, 1)], PadMode::Constant, 0.5);
        "Pad" (m) ops::pad(m, &[(0, 0), (1, 1), (0, 1)], PadMode::Reflect, None);
        "Slice" (vector) ops::slice(vector, [1], [2]);
        "Diag" (vector) ops::diag(vector, -1);
        "Diag" (x) ops::diag(x, 1);
        "Diagflat" (x) ops::diagflat(x, 2);
        "Rearrange" (matrix) ops::rearrange(matrix, "(a b) c -> b (c a)", &[("b", 2)]);
        "Ndim" (m) ops::ndim(m);
        "Size" (m) ops::size(m);
        "ExtractSequences" (x) ops::extract_sequences(x, 2, 1);
        "Meshgrid" (vector, line) ops::meshgrid(&[vector, line, vector], "xy");
        "Meshgrid" (vector, ids) ops::meshgrid(&[&ops::slice(vector, [1], [2])?, &ops::cast(ids, DType::F32)?], "ij");
    }
}

#[test]
fn elements_by_number() {
    cases! {
        "GetItem" (m) ops::get_item(m, &[Index::Ellipsis, Index::from(1..)]);
        "GetItem" (m) m.slice((.., 1..3, -1));
        "GetItem" (m) m.slice((.., Index::NewAxis, Index::from(..).step(-2)));
        "GetItem" (m) m.slice((.., ..-1));
        "Take" (m, n) ops::take(m, n, 1);
        "Take" (m) ops::take(m, &2, 1);
        "TakeAlongAxis" (x, n) ops::take_along_axis(x, n, 1);
        "Sort" (x) ops::sort(x, -1);
        "Argsort" (x) ops::argsort(x, -1);
        "Argpartition" (m) ops::argpartition(m, 1, 1);
        "Argpartition" (x) ops::argpartition(x, -3, None);
        "SearchSorted" (line, x) ops::searchsorted(line, x, "left");
        "SearchSorted" (n) ops::searchsorted(&Tensor::from([0, 1, 2])?, n, "right");
        "Digitize" (x, line) ops::digitize(x, line);
        "Nonzero" (n) ops::nonzero(n);
        "UnravelIndex" (n) ops::unravel_index(n, &[2, 2]);
        "Bincount" (label) ops::bincount(label, None, 2);
        "Bincount" (n) ops::bincount(n, None, 6);
        "Histogram" (vector) ops::histogram(vector, 3, None);
        "Unique" (n) ops::unique(n, Unique::new());
        "Unique" (n) ops::unique(n, Unique::new().return_index(true).return_inverse(true).return_counts(true));
        "Unique" (n) ops::unique(n, Unique::new().axis(1).size(5).fill_value(9.0).return_inverse(true));
        "Scatter" (at, part) ops::scatter(at, part, &[3, 1]);
        "Scatter" (matrix) ops::scatter(&Tensor::from([[0], [1], [1], [4]])?, matrix, &[5, 2]);
        "ScatterUpdate" (x, at) ops::scatter_update(x, at, &ops::multiply(x, &2.0)?, None);
        "ScatterUpdate" (matrix, ids) ops::scatter_update(matrix, &ops::expand_dims(ids, 1)?, &ops::abs(matrix)?, ScatterReduction::Add);
        "ScatterUpdate" (matrix, ids) ops::scatter_update(matrix, &ops::expand_dims(ids, 1)?, &ops::abs(matrix)?, ScatterReduction::Max);
        "ScatterUpdate" (matrix) ops::scatter_update(matrix, &Tensor::from([[1], [1]])?, &Tensor::from([[2.0, 3.0], [4.0, 5.0]])?, ScatterReduction::Mul);
        "SliceUpdate" (matrix, part) ops::slice_update(matrix, [1, 1], part);
        "SliceUpdate" (x, part) ops::slice_update(x, [0, 2], part);
        "SegmentSum" (matrix, ids) ops::segment_sum(matrix, ids, 4);
        "SegmentProd" (matrix, ids) ops::segment_prod(matrix, ids, 3);
        "SegmentMax" (matrix, ids) ops::segment_max(matrix, ids, 3);
        "SegmentMin" (matrix) ops::segment_min(matrix, &Tensor::from([0, 0, 1, 1])?, 2);
        "TopK" (x) ops::top_k(x, 2, true);
        "InTopK" (label, x) ops::in_top_k(label, x, 2);
        "ZerosLike" (x) ops::zeros_like(x, None);
        "OnesLike" (x) ops::ones_like(x, DType::I32);
        "FullLike" (x) ops::full_like(x, &2.5, None);
        "EmptyLike" (x) ops::empty_like(x, DType::I32);
        "Full" (vector) ops::full([3, 4], vector, DType::F32);
        "Array" (x) ops::array(x, DType::I32);
        "View" (x) ops::view(x, DType::I32);
        "View" (x) ops::view(x, DType::U8);
        "Linspace" (x, y) ops::linspace(x, y, 5, true, None, 0);
        "Linspace" (x) ops::linspace(x, 2.0, 5, false, None, 1);
        "Linspace" (n) ops::linspace(n, 5, 3, true, None, -1);
        "Logspace" (x, y) ops::logspace(x, y, 3, true, 2.0, None, 1);
        "Geomspace" (small, large) ops::geomspace(small, large, 4, true, None, 0);
        "Cast" (x) ops::cast(x, DType::I32);
        "SaturateCast" (x) ops::saturate_cast(x, DType::U8);
        "ConvertToTensor" (n) ops::convert_to_tensor(n, DType::F32);
        "OneHot" (n) ops::one_hot(n, 4, -1, None);
        "MultiHot" (n) ops::multi_hot(n, 4, -1, None);
    }
}

#[test]
fn products() {
    cases! {
        "Matmul" (m) ops::matmul(m, m);
        "Matmul" (m, vector) ops::matmul(m, vector);
        "Einsum" (m, x) ops::einsum("bij,bj->bi", &[m, x]);
        "Dot" (m, vector) ops::dot(m, vector);
        "Inner" (m, vector) ops::inner(m, vector);
        "Outer" (vector) ops::outer(vector, vector);
        "Vdot" (vector) ops::vdot(vector, vector);
        "Tensordot" (m, vector) ops::tensordot(m, vector, 1);
        "Kron" (x, y) ops::kron(x, y);
        "Kron" (vector, matrix) ops::kron(&ops::expand_dims(vector, 0)?, matrix);
        "Cross" (three) ops::cross(three, &ops::flip(three, 1)?, -1, -1, -1, None);
        "Cross" (three) ops::cross(three, &Tensor::from([1.0, 2.0])?, -1, -1, 0, None);
        "Correlate" (vector, line) ops::correlate(vector, line, "full");
        "Correlate" (vector) ops::correlate(vector, &Tensor::from([1.0, 2.0])?, "same");
        "Vander" (vector) ops::vander(vector, 3, true);
        "Vander" (vector) ops::vander(vector, None, false);
        "CDist" (m) ops::cdist(m, &ops::flip(m, 1)?);
        "Slogdet" (m) ops::slogdet(&ops::add(m, &ops::eye(4, None, 0, DType::F32)?)?);
        "Logdet" (m) ops::logdet(&ops::add(&ops::matmul(m, &ops::transpose(m, [0, 2, 1])?)?, &ops::eye(4, None, 0, DType::F32)?)?);
        "FFT" (m) ops::fft([m, &ops::square(m)?]);
        "FFT2" (m) ops::fft2([m, m]);
        "IFFT2" (m) ops::ifft2([m, m]);
        "RFFT" (m) ops::rfft(m, None);
        "RFFT" (m) ops::rfft(m, 6);
        "IRFFT" (m) ops::irfft([m, m], None);
        "IRFFT" (m) ops::irfft([m, m], 5);
        "Tensordot" (m, vector) ops::tensordot(m, vector, ([1], [0]));
        "DotProductAttention" (image) ops::dot_product_attention(image, image, image, ops::Attention::new().is_causal(true));
        "DotProductAttention" (image) ops::dot_product_attention(image, image, image, ops::Attention::new().scale(0.25));
    }
}

#[test]
fn linear_algebra() {
    use ops::NormOrder::{Frobenius, Nuclear, Number};
    cases! {
        "Cholesky" (definite) ops::cholesky(definite, false);
        "Cholesky" (definite) ops::cholesky(definite, true);
        "CholeskyInverse" (square) ops::cholesky_inverse(square, true);
        "Det" (definite) ops::det(definite);
        "Slogdet" (square) ops::slogdet(square);
        "Logdet" (definite) ops::logdet(definite);
        "Inv" (definite) ops::inv(definite);
        "LuFactor" (definite) ops::lu_factor(definite);
        "LuFactor" (tall) ops::lu_factor(tall);
        "Eigh" (definite) ops::eigh(definite);
        "Qr" (tall) ops::qr(tall, "reduced");
        "Qr" (m) ops::qr(m, "complete");
        "Solve" (definite) ops::solve(definite, definite);
        "Solve" (square, vector) ops::solve(square, vector);
        "Solve" (definite) ops::solve(definite, &Tensor::from([1.0, 2.0, 3.0])?.broadcast_to([2, 1, 3])?.transpose()?);
        "SolveTriangular" (triangle, definite) ops::solve_triangular(triangle, definite, true);
        "SolveTriangular" (square, vector) ops::solve_triangular(square, vector, false);
        "SVD" (m) ops::svd(m, true);
        "SVD" (tall) ops::svd(tall, false);
        "SVD" (m) ops::svdvals(m);
        "Lstsq" (tall, vector) ops::lstsq(tall, vector, None);
        "Lstsq" (tall, square) ops::lstsq(tall, square, 1e-4);
        "MatrixRank" (m) ops::matrix_rank(m, None);
        "MatrixRank" (tall) ops::matrix_rank(tall, 0.5);
        "Pinv" (m) ops::pinv(m, None);
        "Pinv" (tall) ops::pinv(tall, 1e-3);
        "Norm" (m) ops::norm(m, Nuclear, [1, 2], false);
        "Norm" (m) ops::norm(m, Number(2.0), [1, 2], true);
        "Norm" (m) ops::norm(m, Frobenius, [1, 2], true);
    }
}

#[test]
fn convolutions() {
    let kernel = |shape: &[usize]| floats(shape, 2.0, -1.0);
    let apart = Window { dilation_rate: &[2, 1], padding: Padding::Same, ..Window::default() };
    let steps = Window { strides: &[2, 1], ..Window::default() };
    let wide = Window { strides: &[2, 2], padding: Padding::Same, ..Window::default() };
    let first = Window { data_format: DataFormat::ChannelsFirst, ..Window::default() };
    cases! {
        "Conv" (image) ops::conv(image, &kernel(&[3, 3, 4, 5]), Window::default());
        "Conv" (image) ops::conv(image, &kernel(&[2, 3, 4, 2]), apart);
        "Conv" (image) ops::conv(image, &kernel(&[2, 1, 4, 2]), steps);
        "Conv" (image) ops::conv(image, &kernel(&[2, 2, 4, 3]), first);
        "Conv" (m) ops::conv(m, &kernel(&[2, 4, 3]), Window { strides: &[2], ..Window::default() });
        "Conv" (image) ops::conv(&ops::reshape(image, [-1, 4, 2, 2, 4])?, &kernel(&[2, 2, 1, 4, 3]), Window::default());
        "Conv" (image, matrix) ops::conv(image, &ops::reshape(matrix, [1, 1, 4, 2])?, Window::default());
        "DepthwiseConv" (image) ops::depthwise_conv(image, &kernel(&[3, 2, 4, 2]), Window::default());
        "DepthwiseConv" (m) ops::depthwise_conv(m, &kernel(&[2, 4, 1]), Window { padding: Padding::Same, ..Window::default() });
        "DepthwiseConv" (image) ops::depthwise_conv(image, &kernel(&[3, 3, 4, 1]), wide);
        "SeparableConv" (image) ops::separable_conv(image, &kernel(&[2, 2, 4, 2]), &kernel(&[1, 1, 8, 3]), wide);
        "SeparableConv" (image) ops::separable_conv(image, &kernel(&[2, 2, 4, 1]), &kernel(&[1, 1, 4, 3]), first);
        "ConvTranspose" (image) ops::conv_transpose(image, &kernel(&[3, 3, 5, 4]), None, steps);
        "ConvTranspose" (image) ops::conv_transpose(image, &kernel(&[3, 3, 5, 4]), Some(&[1, 0]), wide);
        "Unfold" (image) ops::unfold(image, 2, 1, 0, 1);
        "Unfold" (image) ops::unfold(image, [2, 3], [2, 1], [1, 0], [2, 1]);
        "Fold" (m) ops::fold(m, 3, 2, 1, 0, 1);
        "Fold" (m) ops::fold(m, [4, 1], [2, 2], 1, [0, 1], [2, 1]);
    }
}

#[test]
fn losses_and_signals() {
    let beams = CtcDecoding::new().strategy(CtcStrategy::BeamSearch).beam_width(6).top_paths(3);
    let numbers = || Tensor::from([3, 2]);
    cases! {
        "BinaryCrossentropy" (b, small) ops::binary_crossentropy(&ops::cast(b, DType::F32)?, small, false);
        "BinaryCrossentropy" (small, x) ops::binary_crossentropy(small, x, true);
        "CategoricalCrossentropy" (y, small) ops::categorical_crossentropy(y, small, false, -1);
        "CategoricalCrossentropy" (m) ops::categorical_crossentropy(m, m, true, 1);
        "SparseCategoricalCrossentropy" (label, small) ops::sparse_categorical_crossentropy(label, small, false, -1);
        "SparseCategoricalCrossentropy" (n, m) ops::sparse_categorical_crossentropy(n, m, true, 2);
        "PSNR" (x, y) ops::psnr(x, y, 2.0);
        "PSNR" (x) ops::psnr(x, &floats(&[2, 4], 1.0, 0.0), 1.5);
        "CTCLoss" (n, m, label) ops::ctc_loss(n, m, label, &ops::add(label, &1)?, 0);
        "CTCLoss" (n, m, label) ops::ctc_loss(n, m, label, &ops::full_like(label, &4, None)?, 3);
        "CTCDecode" (m, label) ops::ctc_decode(m, label, CtcDecoding::new());
        "CTCDecode" (m, label) ops::ctc_decode(m, label, CtcDecoding::new().merge_repeated(false).mask_index(2));
        "CTCDecode" (m, label) ops::ctc_decode(m, label, beams);
        "CTCDecode" (m) ops::ctc_decode(m, &numbers()?, beams.mask_index(1));
        "STFT" (m) ops::stft(m, 3, 2, 4, SignalWindow::Hann, true);
        "STFT" (m) ops::stft(m, 2, 1, 3, SignalWindow::Hamming, false);
        "STFT" (x) ops::stft(x, 2, 1, 2, SignalWindow::Ones, true);
        "STFT" (x) ops::stft(x, 2, 1, 2, vec![0.5, 2.0], true);
        "ISTFT" (m) ops::istft([m, &ops::square(m)?], 5, 2, 6, None, SignalWindow::Hann, true);
        "ISTFT" (m) ops::istft([m, m], 4, 3, 6, 7, SignalWindow::Hamming, true);
        "ISTFT" (m) ops::istft([m, m], 6, 2, 6, None, SignalWindow::Ones, false);
    }
}

#[test]
fn networks() {
    cases! {
        "Relu" (x) ops::relu(x);
        "Relu6" (x) ops::relu6(x);
        "Sigmoid" (x) ops::sigmoid(x);
        "SparseSigmoid" (x) ops::sparse_sigmoid(x);
        "LogSigmoid" (x) ops::log_sigmoid(x);
        "HardSigmoid" (x) ops::hard_sigmoid(x);
        "Silu" (x) ops::silu(x);
        "HardSilu" (x) ops::hard_silu(x);
        "HardTanh" (x) ops::hard_tanh(x);
        "TanhShrink" (x) ops::tanh_shrink(x);
        "Softplus" (x) ops::softplus(x);
        "Softsign" (x) ops::softsign(x);
        "SparsePlus" (x) ops::sparse_plus(x);
        "Selu" (x) ops::selu(x);
        "Elu" (x) ops::elu(x, 0.5);
        "Celu" (x) ops::celu(x, 0.5);
        "Gelu" (x) ops::gelu(x, false);
        "LeakyRelu" (x) ops::leaky_relu(x, 0.3);
        "Squareplus" (x) ops::squareplus(x, 3.0);
        "SoftShrink" (x) ops::soft_shrink(x, 0.25);
        "HardShrink" (x) ops::hard_shrink(x, 0.25);
        "Threshold" (x) ops::threshold(x, 0.25, -2.0);
        "Softmax" (m) ops::softmax(m, -1);
        "Softmax" (m) ops::softmax(m, [1, 2]);
        "LogSoftmax" (m) ops::log_softmax(m, 1);
        "Sparsemax" (m) ops::sparsemax(m, -1);
        "Glu" (m) ops::glu(m, -1);
        "Normalize" (m) ops::normalize(m, -1, 2, None);
        "LayerNorm" (m) ops::layer_normalization(m, None, None, -1, 1e-3);
        "LayerNorm" (m, vector) ops::layer_normalization(m, Some(vector), Some(vector), -1, None);
        "RMSNorm" (m) ops::rms_normalization(m, None, -1, 1e-3);
        "RMSNorm" (m, vector) ops::rms_normalization(m, Some(vector), -1, None);
        "BatchNorm" (m, vector) ops::batch_normalization(m, vector, &ops::square(vector)?, -1, Some(vector), Some(vector), 1e-2);
        "MaxPool" (image) ops::max_pool(image, 2, None, Padding::Valid, LAST);
        "AveragePool" (image) ops::average_pool(image, 2, None, Padding::Valid, LAST);
        "AveragePool" (image) ops::average_pool(image, [2, 3], Some(1.into()), Padding::Same, LAST);
        "AdaptiveMaxPool" (image) ops::adaptive_max_pool(image, 3, LAST);
        "AdaptiveAveragePool" (image) ops::adaptive_average_pool(image, [3, 2], LAST);
        "DepthToSpace" (image) ops::depth_to_space(image, 2, LAST);
        "SpaceToDepth" (image) ops::space_to_depth(image, 2, LAST);
    }
}

#[test]
fn images() {
    use ops::image::{self, ElasticTransform, FillMode, Interpolation, Margins, Resize, Similarity};
    const FIRST: DataFormat = DataFormat::ChannelsFirst;
    let (linear, nearest) = (Interpolation::Bilinear, Interpolation::Nearest);
    let (shift, scale) = (Tensor::from([0.35, -0.8]).unwrap(), Tensor::from([0.7, 1.3]).unwrap());
    let margins = Margins::new().top(1).bottom(2);
    // One seed draws other numbers in Keras; displacements of zero are the same.
    let still = ElasticTransform::new().alpha(0.0).seed(3);
    cases! {
        "RGBToGrayscale" (photo) image::rgb_to_grayscale(photo, LAST);
        "RGBToGrayscale" (pixels) image::rgb_to_grayscale(pixels, LAST);
        "RGBToHSV" (photo) image::rgb_to_hsv(photo, LAST);
        "HSVToRGB" (photo) image::hsv_to_rgb(photo, LAST);
        "Resize" (photo) image::resize(photo, [3, 8], Resize::new());
        "Resize" (pixels) image::resize(pixels, [3, 8], Resize::new().interpolation(Interpolation::Lanczos3).antialias(true));
        "Resize" (image) image::resize(image, [3, 8], Resize::new().interpolation(nearest).crop_to_aspect_ratio(true).data_format(FIRST));
        "Resize" (photo) image::resize(photo, [3, 8], Resize::new().pad_to_aspect_ratio(true).fill_value(0.5));
        "AffineTransform" (photo, transform) image::affine_transform(photo, transform, linear, FillMode::Reflect, 0.0, LAST);
        "AffineTransform" (pixels, transform) image::affine_transform(pixels, transform, nearest, FillMode::Constant, 7.0, LAST);
        "PerspectiveTransform" (photo, start, end) image::perspective_transform(photo, start, end, linear, 0.5, LAST);
        "MapCoordinates" (picture, places) image::map_coordinates(picture, places, 1, FillMode::Mirror, 0.0);
        "MapCoordinates" (picture, places) image::map_coordinates(picture, places, 0, FillMode::Constant, 0.5);
        "ElasticTransform" (photo) image::elastic_transform(photo, still);
        "GaussianBlur" (photo) image::gaussian_blur(photo, [5, 3], [0.7, 2.0], LAST);
        "ExtractPatches" (photo) image::extract_patches(photo, 2, None, 1, Padding::Valid, LAST);
        "ExtractPatches" (photo) image::extract_patches(photo, [2, 3], Some([1, 2].into()), 1, Padding::Same, LAST);
        "ExtractPatches" (volume) image::extract_patches_3d(volume, 2, None, 1, Padding::Valid, LAST);
        "PadImages" (photo) image::pad_images(photo, margins.left(1).right(0), LAST);
        "PadImages" (pixels) image::pad_images(pixels, margins.left(1).target_width(9), LAST);
        "CropImages" (photo) image::crop_images(photo, margins.left(1).right(2), LAST);
        "CropImages" (photo) image::crop_images(photo, margins.right(1).target_width(3), LAST);
        "ScaleAndTranslate" (picture) image::scale_and_translate(picture, [4, 7, 3], &scale, &shift, &[0, 1], Interpolation::Bicubic, true);
        "SobelEdges" (photo) image::sobel_edges(photo, LAST);
        "SSIM" (photo) image::ssim(photo, photo, Similarity::new().filter_size(3));
    }
}
