//! Keras' `keras.ops`: functions of tensors under Keras' names, with Keras' arguments in Keras' order.
//!
//! Every function checks its arguments and returns a [`Result`](crate::Result). Where Keras takes an argument
//! in several forms, the types [`Axes`], [`Integers`], [`Sections`] and [`SummedAxes`] do the same: `-1`, `[0, 1]`,
//! or `()` for all axes. Optional numbers are given as they are, or as `None`. Names that are keywords of Rust end in an underscore: [`where_`],
//! [`mod_`]. Data types of results are those of Keras on JAX. Empty tensors give the results of NumPy.
//!
//! ```
//! use keras_rs::{Tensor, ops};
//!
//! let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
//! let mean = ops::mean(&x, -1, true)?;
//! let centred = ops::subtract(&x, &mean)?;
//! assert_eq!(ops::max(&centred, (), false, None)?.to_scalar()?, 0.5);
//! assert_eq!(ops::einsum("ij,kj->ik", &[&x, &x])?.shape(), [2, 2]);
//! # Ok::<(), keras_rs::Error>(())
//! ```
//!
//! | file | functions |
//! | --- | --- |
//! | `arithmetic`, `exponents`, `rounding`, `logic` | of elements: sums, powers, trigonometry, comparisons, choices |
//! | `reduction`, `running`, `sorting` | over axes: sums, means, extremes; running sums; order |
//! | `shapes`, `order`, `join`, `split`, `repeat`, `indexing`, `diagonal` | shapes, axes and positions of elements |
//! | `nan`, `quantile` | reductions that leave out NaN; medians, quantiles |
//! | `bits`, `floats` | bits of whole numbers; parts and neighbours of floats, special functions |
//! | `creation`, `spaces` | filled tensors, sequences, windows, grids; even distances and ratios |
//! | `products`, `correlation` | products, distances, areas; correlations |
//! | `lookup`, `counts`, `unique` | positions and counts of values, different ones |
//! | `scatter`, `segments` | values put into tensors; groups of rows |
//! | `casting`, `one_hot` | data types, filled tensors, numbers of classes |
//! | `linalg`, `einsum` | products and norms |
//! | `matrices` | determinants, inverses, equations; orthogonal factors, eigenvalues, singular values |
//! | `activation`, `normalization`, `attention`, `crossentropy` | Keras' `nn` |
//! | `ctc`, `ctc_decode` | label sequences without an alignment to time steps |
//! | `fourier`, `stft` | Fourier transforms of pairs of parts, and of windows of a signal |
//! | `operand`, `operators` | what functions take, Rust's operators |
//! | `rearrange`, `view` | axes by patterns, bits as another type |
//! | `conv`, `pool`, `window`, `sliding`, `blocks` | images and other spatial data |
//! | [`image`] | Keras' `ops.image`: resizing, colors, transforms of coordinates, filters |
//!
//! Where Keras takes a tensor, the functions take an [`Operand`]: a tensor, a symbolic tensor or a number. With a symbolic
//! tensor they make an operation of the model under construction, which files hold as Keras' own:
//!
//! ```
//! use keras_rs::ops;
//! use keras_rs::prelude::*;
//!
//! let x = Input::new([4, 3]);
//! let y = ops::softmax(&ops::einsum("bij,bkj->bik", &[&x, &x])?, -1)?;
//! assert_eq!(y.shape().to_string(), "(None, 4, 4)");
//! let again = keras_rs::model_from_json(&Model::new(&x, &y)?.to_json())?;
//! assert_eq!(again.output()?.shape().to_string(), "(None, 4, 4)");
//! # Ok::<(), keras_rs::Error>(())
//! ```
//!
//! A function is written for tensors, under the attribute `#[operation]` of `keras-rs-derive`, whose page says how. Next to
//! it is its rule for shapes and data types of symbolic tensors, named `..._spec`; a row of the table in
//! `layers/operation/table/` says how files name both. Without a row a function takes tensors only: filling with numbers, and
//! what has no rule; a file that names the class of such a function is refused.

mod activation;
mod arguments;
mod arithmetic;
mod attention;
mod bits;
mod blocks;
mod casting;
mod conv;
mod conv_shape;
mod correlation;
mod counts;
mod creation;
mod crossentropy;
mod ctc;
mod ctc_decode;
mod diagonal;
mod einsum;
mod exponents;
mod floats;
mod fourier;
mod host;
pub mod image;
mod indexing;
mod join;
mod linalg;
mod logic;
mod lookup;
mod matrices;
mod nan;
mod normalization;
mod one_hot;
pub mod operand;
pub(crate) mod operators;
mod order;
mod pool;
mod products;
mod quantile;
mod rearrange;
mod reduction;
mod repeat;
mod rounding;
mod rule;
mod running;
mod scatter;
mod segments;
mod shapes;
mod sliding;
mod sorting;
mod spaces;
mod split;
mod stft;
mod unique;
mod view;
mod window;

pub(crate) use keras_rs_derive::operation;

pub use activation::*;
pub use arguments::{Axes, Integers};
pub use arithmetic::*;
pub use attention::*;
pub use bits::*;
pub use blocks::*;
pub use casting::*;
pub use conv::{conv, conv_transpose, depthwise_conv, separable_conv};
pub(crate) use conv::{conv_then, depthwise_conv_then, separable_conv_then};
pub use conv_shape::{conv_output_shape, conv_transpose_output_shape};
pub(crate) use conv_shape::{conv_spec, conv_transpose_spec, depthwise_conv_spec, separable_conv_spec};
pub use correlation::*;
pub use counts::*;
pub use creation::*;
pub use crossentropy::*;
pub use ctc::ctc_loss;
pub(crate) use ctc::{alignments, ctc_loss_spec};
pub(crate) use ctc_decode::ctc_decode_spec;
pub use ctc_decode::{CtcDecoding, CtcStrategy, ctc_decode};
pub use diagonal::{diag, diagflat, diagonal, trace, tril, triu};
pub(crate) use diagonal::{diag_spec, diagflat_spec, diagonal_spec, trace_spec, triangle_spec};
pub use einsum::einsum;
pub(crate) use einsum::einsum_spec;
pub use exponents::*;
pub use floats::*;
pub use fourier::*;
pub use image::Interpolation;
pub use indexing::*;
pub use join::*;
pub use linalg::*;
pub use logic::*;
pub use lookup::*;
pub use matrices::*;
pub use nan::*;
pub use normalization::*;
pub use one_hot::*;
pub use operand::{Data, Given, Joined, Operand, OperationCall, ToData, Value};
pub use order::*;
pub use pool::*;
pub use products::*;
pub use quantile::*;
pub use rearrange::*;
pub use reduction::*;
pub use repeat::*;
pub use rounding::*;
pub use running::*;
pub use scatter::*;
pub use segments::*;
pub use shapes::*;
pub use sliding::*;
pub use sorting::*;
pub use spaces::*;
pub use split::*;
pub use stft::{SignalWindow, istft, stft};
pub(crate) use stft::{istft_spec, stft_spec};
pub use unique::*;
pub use view::view;
pub(crate) use view::view_spec;
pub use window::{DataFormat, Padding, Window};
