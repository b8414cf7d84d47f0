//! Every layer of Keras that is built so far.

mod activation;
mod aliases;
mod applications;
mod arguments;
mod attention;
mod convolutional;
mod core;
mod merging;
mod normalization;
mod operation;
mod pooling;
mod preprocessing;
mod recurrent;
mod regularization;
mod reshaping;

pub use self::activation::*;
pub use self::aliases::*;
pub use self::applications::*;
pub use self::attention::*;
pub use self::convolutional::*;
pub use self::core::*;
pub use self::merging::*;
pub use self::normalization::*;
pub use self::operation::Operation;
pub use self::pooling::*;
pub use self::preprocessing::*;
pub use self::recurrent::*;
pub use self::regularization::*;
pub use self::reshaping::*;
pub use crate::layer::{
    BuildScope, Call, CallContext, ForwardPass, InputShapes, Inputs, KeyValueCache, Layer, LayerBase,
    LayerExt, LayerRef, MaskedTensor, Outputs,
};
pub use arguments::{DataFormat, Padding, Tuple};

use crate::config::ClassTable;

/// Adds Keras' layers.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    self::activation::register(table);
    self::applications::register(table);
    self::attention::register(table);
    self::convolutional::register(table);
    self::core::register(table);
    self::merging::register(table);
    self::normalization::register(table);
    self::operation::register(table);
    self::pooling::register(table);
    self::preprocessing::register(table);
    self::recurrent::register(table);
    self::regularization::register(table);
    self::reshaping::register(table);
}
