//! Layers: the [`Layer`] trait and every layer of Keras that is built so far.

#![allow(unused_imports, reason = "families are filled one by one")]

mod activation;
mod arguments;
mod base;
mod build;
mod call;
mod convolutional;
mod core;
mod envelope;
mod handle;
mod merging;
mod normalization;
mod operation;
mod pooling;
mod preprocessing;
mod regularization;
mod reshaping;
mod run;
mod snake_case;

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
pub use arguments::{DataFormat, Padding, Tuple};
pub use base::{Layer, LayerBase, LayerExt, Spec};
pub(crate) use base::{layer_base, setters};
pub use build::{BuildScope, Weight};
pub use call::{CallContext, Kwarg, Kwargs, Run, single};
pub use handle::LayerRef;
pub(crate) use handle::count;
pub use run::Masked;
pub use snake_case::snake_case;

use crate::serialization::Registry;

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
