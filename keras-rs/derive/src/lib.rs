//! The derive of `keras-rs`, which re-exports it as `keras_rs::config::KerasConfig` and documents it there.

mod class;
mod expand;
mod field;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes constructor, setters, `config` and `from_config` from a struct's fields.
///
/// The page of `keras_rs::config::KerasConfig` describes every attribute.
#[proc_macro_derive(KerasConfig, attributes(keras))]
pub fn keras_config(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    match class::Class::parse(input) {
        Ok(class) => expand::expand(&class).into(),
        Err(error) => error.into_compile_error().into(),
    }
}
