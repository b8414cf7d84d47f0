//! Layers: the [`Layer`] trait and every layer of Keras that is built so far.

#![allow(unused_imports, reason = "families are filled one by one")]

mod activation;
mod arguments;
mod convolutional;
mod core;
mod merging;
mod normalization;
mod operation;
mod pooling;
mod preprocessing;
mod regularization;
mod reshaping;

pub use self::activation::*;
pub use self::convolutional::*;
pub use self::core::*;
pub use self::merging::*;
pub use self::normalization::*;
pub use self::operation::Operation;
pub use self::pooling::*;
pub use self::preprocessing::*;
pub use self::regularization::*;
pub use self::reshaping::*;
pub use crate::layer::{
    BuildScope, CallContext, Kwarg, Kwargs, Layer, LayerBase, LayerExt, LayerRef, Masked, Run, Spec, Weight,
    single,
};
pub use arguments::{DataFormat, Padding, Tuple};

use crate::config::Registry;

/// Adds Keras' layers.
pub(crate) fn register(registry: &mut Registry) {
    self::activation::register(registry);
    self::convolutional::register(registry);
    self::core::register(registry);
    self::merging::register(registry);
    self::normalization::register(registry);
    self::operation::register(registry);
    self::pooling::register(registry);
    self::preprocessing::register(registry);
    self::regularization::register(registry);
    self::reshaping::register(registry);
}
