//! The macros of `keras-rs`: the derive, which it re-exports as `keras_rs::config::KerasConfig` and documents there,
//! and the attribute of its functions of tensors.

mod class;
mod expand;
mod field;
mod operation;

use proc_macro::TokenStream;
use syn::{DeriveInput, ItemFn, parse_macro_input};

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

/// Makes a function of `keras_rs::ops` take symbolic tensors, too.
///
/// The function is written for tensors, beside a row of `layers/operation/table.rs` that says which class of Keras
/// files hold for it:
///
/// ```ignore
/// /// Means over axes.
/// #[operation]
/// pub fn mean(x: &Tensor, axis: impl Into<Axes>, keepdims: bool) -> Result<Tensor> { ... }
///
/// // becomes
/// pub fn mean<X: Operand>(x: &X, axis: impl Into<Axes>, keepdims: bool) -> Result<X::Output>
/// ```
///
/// For tensors it runs the body; for symbolic tensors it makes the operation that files hold, with the arguments of
/// the class. Every `&Tensor` gets a type of its own, so that a tensor, a symbolic tensor and a number may meet:
/// the result is symbolic where one of them is.
///
/// | argument of the function | what it becomes |
/// | --- | --- |
/// | `&Tensor` | an operand: `&X` |
/// | `impl Into<Tensor>` | an operand by value: `X`, or a reference to one |
/// | `&[&Tensor]`, `[&Tensor; N]` | a list of operands of one type: `&[&X]`, `[&X; N]` |
/// | `Option<&Tensor>` | an operand that may be left out, of the first operand's type |
/// | `impl Into<T>`, `impl IntoDims`, others | an argument of the class under the same name, by `keras_rs::ops::ToData` |
///
/// It returns `Result` of `Tensor`, of a pair, triple or array of them, or of `Vec<Tensor>`. Between the brackets
/// stand, in any order:
///
/// | option | meaning |
/// | --- | --- |
/// | `"GetItem"` | the class; without it the name of the function in camel case |
/// | `positional(key)` | an argument of the call beside the operands, not of the class |
/// | `keyword(weights)` | an argument of the call by keyword |
/// | `rename(x = "a")` | Keras' name of an argument |
/// | `skip(x)` | an argument that Keras' class does not have |
/// | `spread(window)` | a struct that writes several arguments of the class, with its method `write_to` |
/// | `absent(rtol = 1e-5)` | what is written for an argument that is `None`: a number for an operand, any data for others |
#[proc_macro_attribute]
pub fn operation(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let options = parse_macro_input!(attribute as operation::Options);
    let function = parse_macro_input!(item as ItemFn);
    operation::expand(&options, function).unwrap_or_else(syn::Error::into_compile_error).into()
}
