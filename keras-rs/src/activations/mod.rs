//! Activation functions, and [`Activation`], which layers keep one in.
//!
//! A function without a suffix has Keras' default arguments; with the suffix `_with` it takes all
//! of Keras' arguments, in Keras' order.

mod functions;
mod handle;

pub use crate::ops::{
    celu as celu_with, elu as elu_with, gelu as gelu_with, glu as glu_with, hard_shrink as hard_shrink_with,
    hard_sigmoid, hard_silu, hard_tanh, leaky_relu as leaky_relu_with, log_sigmoid,
    log_softmax as log_softmax_with, relu, relu6, selu, sigmoid, silu, soft_shrink as soft_shrink_with,
    softmax as softmax_with, softplus, softsign, sparse_plus, sparse_sigmoid, sparsemax as sparsemax_with,
    squareplus as squareplus_with, tanh, tanh_shrink, threshold,
};
pub use functions::{
    celu, elu, exponential, gelu, glu, hard_shrink, hard_swish, leaky_relu, linear, log_softmax, mish,
    relu_with, soft_shrink, softmax, sparsemax, squareplus, swish,
};
pub use handle::Activation;

use crate::config::ClassTable;
use crate::error::{Error, Result};
use crate::tensor::Tensor;

type Function = fn(&Tensor) -> Result<Tensor>;

/// Keras' functions by the name that files hold.
static FUNCTIONS: &[(&str, Function)] = &[
    ("celu", celu),
    ("elu", elu),
    ("exponential", exponential),
    ("gelu", gelu),
    ("glu", glu),
    ("hard_shrink", hard_shrink),
    ("hard_sigmoid", hard_sigmoid),
    ("hard_silu", hard_silu),
    ("hard_tanh", hard_tanh),
    ("leaky_relu", leaky_relu),
    ("linear", linear),
    ("log_sigmoid", log_sigmoid),
    ("log_softmax", log_softmax),
    ("mish", mish),
    ("relu", relu),
    ("relu6", relu6),
    ("selu", selu),
    ("sigmoid", sigmoid),
    ("silu", silu),
    ("soft_shrink", soft_shrink),
    ("softmax", softmax),
    ("softplus", softplus),
    ("softsign", softsign),
    ("sparse_plus", sparse_plus),
    ("sparse_sigmoid", sparse_sigmoid),
    ("sparsemax", sparsemax),
    ("squareplus", squareplus),
    ("tanh", tanh),
    ("tanh_shrink", tanh_shrink),
    ("threshold", threshold_alone),
];

/// Names that mean a function of another name.
static ALIASES: &[(&str, &str)] = &[("swish", "silu"), ("hard_swish", "hard_silu")];

/// `threshold` has no defaults: as in Keras its name is known, and calling it so fails.
fn threshold_alone(_: &Tensor) -> Result<Tensor> {
    Err(Error::argument("threshold", "threshold", "`threshold` and `default_value`", "only `x`"))
}

crate::config::registered!(Activation, "activation");

crate::config::custom_object! {
    /// Adds an activation: a function under its registered name, or a class.
    activation: Activation
}

/// Adds Keras' functions.
fn register(table: &mut ClassTable<Activation>) {
    for &(name, function) in FUNCTIONS {
        table.add(&[name], move |_| Ok(Activation::known(name, function)));
    }
    for &(alias, name) in ALIASES {
        if let Some(&(name, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
            table.add(&[alias], move |_| Ok(Activation::known(name, function)));
        }
    }
}
