//! One builder method an argument.

use super::construct::{argument, normalized};
use crate::class::Class;
use crate::field::Field;
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Ident;

pub(super) fn setter(class: &Class, field: &Field) -> Option<TokenStream> {
    if !field.is_argument() || field.is_new || field.no_setter {
        return None;
    }
    let (ident, docs, visibility) = (&field.ident, &field.docs, &class.visibility);
    let finished = finished(class, field);
    if let Some(accepted) = field.result() {
        return Some(quote! {
            #(#docs)*
            #[must_use]
            #visibility fn #ident(
                mut self,
                #ident: impl ::core::convert::TryInto<#accepted, Error: ::core::convert::Into<::keras_rs::Error>>,
            ) -> Self {
                self.#ident = #ident.try_into().map_err(::core::convert::Into::into);
                #finished
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
                #finished
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
                #finished
            }
        }
    })
}

/// The object after a field was set: state that the class makes from the field is made anew.
fn finished(class: &Class, set: &Field) -> TokenStream {
    let mut changed = vec![&set.ident];
    let mut made = Vec::new();
    for field in class.fields.iter().skip_while(|field| field.ident != set.ident).filter(|field| field.skip) {
        if let Some(expr) = field.default.as_ref().filter(|expr| names_any(expr.to_token_stream(), &changed))
        {
            let (ident, ty) = (&field.ident, &field.ty);
            changed.push(ident);
            made.push(quote!(let #ident: #ty = #expr;));
        }
    }
    if made.is_empty() {
        return quote!(self);
    }
    let names: Vec<_> = class.fields.iter().map(|field| &field.ident).collect();
    let kept = names.iter().filter(|name| **name == &set.ident || !changed.contains(name));
    quote! {
        let Self { #(#kept,)* .. } = self;
        #(#made)*
        Self { #(#names),* }
    }
}

/// Whether an expression names one of the fields. Behind a dot stand methods and fields of other objects.
fn names_any(tokens: TokenStream, fields: &[&Ident]) -> bool {
    let mut after_dot = false;
    tokens.into_iter().any(|token| {
        let found = match &token {
            TokenTree::Ident(ident) => !after_dot && fields.contains(&ident),
            TokenTree::Group(group) => names_any(group.stream(), fields),
            _ => false,
        };
        // The second dot of a range is none.
        after_dot = !after_dot && matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.');
        found
    })
}
