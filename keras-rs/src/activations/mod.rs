//! Activation functions, and [`Activation`], which layers keep one in.
//!
//! A function without a suffix has Keras' default arguments; with the suffix `_with` it takes all
//! of Keras' arguments, in Keras' order.

mod arguments;
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

/// The last use of a tensor may work in place, so functions take it by value.
type Function = fn(Tensor) -> Result<Tensor>;

const SIGMOID: Function = sigmoid;
const TANH: Function = |x| if x.dtype().is_float() { x.into_tanh() } else { tanh(&x) };

/// Keras' functions by the name that files hold.
static FUNCTIONS: &[(&str, Function)] = &[
    ("celu", |x| celu(&x)),
    ("elu", |x| elu(&x)),
    ("exponential", |x| exponential(&x)),
    ("gelu", |x| gelu(&x)),
    ("glu", |x| glu(&x)),
    ("hard_shrink", |x| hard_shrink(&x)),
    ("hard_sigmoid", |x| hard_sigmoid(&x)),
    ("hard_silu", |x| hard_silu(&x)),
    ("hard_tanh", |x| hard_tanh(&x)),
    ("leaky_relu", |x| leaky_relu(&x)),
    ("linear", Ok),
    ("log_sigmoid", |x| log_sigmoid(&x)),
    ("log_softmax", |x| log_softmax(&x)),
    ("mish", |x| mish(&x)),
    ("relu", relu),
    ("relu6", |x| relu6(&x)),
    ("selu", |x| selu(&x)),
    ("sigmoid", SIGMOID),
    ("silu", |x| silu(&x)),
    ("soft_shrink", |x| soft_shrink(&x)),
    ("softmax", |x| softmax(&x)),
    ("softplus", |x| softplus(&x)),
    ("softsign", |x| softsign(&x)),
    ("sparse_plus", |x| sparse_plus(&x)),
    ("sparse_sigmoid", |x| sparse_sigmoid(&x)),
    ("sparsemax", |x| sparsemax(&x)),
    ("squareplus", |x| squareplus(&x)),
    ("tanh", TANH),
    ("tanh_shrink", |x| tanh_shrink(&x)),
    ("threshold", threshold_alone),
];

/// Names that mean a function of another name.
static ALIASES: &[(&str, &str)] = &[("swish", "silu"), ("hard_swish", "hard_silu")];

/// `threshold` has no defaults: as in Keras its name is known, and calling it so fails.
fn threshold_alone(_: Tensor) -> Result<Tensor> {
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
