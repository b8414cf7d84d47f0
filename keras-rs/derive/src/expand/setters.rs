//! One builder method an argument.

use super::construct::{argument, normalized};
use crate::class::Class;
use crate::field::Field;
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn setter(class: &Class, field: &Field) -> Option<TokenStream> {
    if !field.is_argument() || field.is_new || field.no_setter {
        return None;
    }
    let (ident, docs, visibility) = (&field.ident, &field.docs, &class.visibility);
    if let Some(accepted) = field.result() {
        return Some(quote! {
            #(#docs)*
            #[must_use]
            #visibility fn #ident(
                mut self,
                #ident: impl ::core::convert::TryInto<#accepted, Error: ::core::convert::Into<::keras_rs::Error>>,
            ) -> Self {
                self.#ident = #ident.try_into().map_err(::core::convert::Into::into);
                self
            }
        });
    }
    let inner = field.set_inner();
    let ty = inner.unwrap_or(&field.ty);
    let wrap = |value: TokenStream| {
        let value = if inner.is_some() { quote!(::core::option::Option::Some(#value)) } else { value };
        normalized(field, &value)
    };
    Some(if class.base().is_some() {
        let value = wrap(quote!(value));
        quote! {
            #(#docs)*
            #[must_use]
            #visibility fn #ident<V>(mut self, #ident: V) -> Self
            where
                V: ::core::convert::TryInto<#ty>,
                ::keras_rs::Error: ::core::convert::From<<V as ::core::convert::TryInto<#ty>>::Error>,
            {
                match ::core::convert::TryInto::<#ty>::try_into(#ident) {
                    ::core::result::Result::Ok(value) => self.#ident = #value,
                    ::core::result::Result::Err(error) => {
                        ::keras_rs::config::BaseConfig::defer(&mut self.base, ::core::convert::Into::into(error));
                    }
                }
                self
            }
        }
    } else {
        let argument = argument(ident, ty);
        let value = wrap(quote!(::core::convert::Into::<#ty>::into(#ident)));
        quote! {
            #(#docs)*
            #[must_use]
            #visibility fn #ident(mut self, #argument) -> Self {
                self.#ident = #value;
                self
            }
        }
    })
}
