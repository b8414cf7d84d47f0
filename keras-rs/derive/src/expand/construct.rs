//! The constructor, and the values that fields have at first.

use crate::class::Class;
use crate::field::{Field, first_paragraph, is_plain};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Type};

/// The value of a field that nothing sets.
pub(super) fn initial(field: &Field) -> TokenStream {
    normalized(field, &unset(field))
}

fn unset(field: &Field) -> TokenStream {
    let ty = &field.ty;
    match (&field.default, field.literal_default()) {
        (_, Some(literal)) if is_plain(ty) => quote!(#literal),
        (_, Some(literal)) => match field.inner() {
            Some(inner) if is_plain(inner) => quote!(::core::option::Option::Some(#literal)),
            Some(inner) => {
                quote!(::core::option::Option::Some(<#inner as ::core::convert::From<_>>::from(#literal)))
            }
            None => quote!(<#ty as ::core::convert::From<_>>::from(#literal)),
        },
        (Some(expr), None) => quote!(#expr),
        (None, None) => match field.inner() {
            Some(_) => quote!(::core::option::Option::None),
            None => quote!(<#ty as ::core::default::Default>::default()),
        },
    }
}

/// A value after the field's normalisation.
pub(super) fn normalized(field: &Field, value: &TokenStream) -> TokenStream {
    match &field.normalize {
        None => value.clone(),
        Some(function) => {
            let ty = &field.ty;
            quote!({
                let normalize: fn(#ty) -> #ty = #function;
                normalize(#value)
            })
        }
    }
}

/// An argument of a constructor or a setter: plain types as they are, others as what converts to them.
pub(super) fn argument(ident: &Ident, ty: &Type) -> TokenStream {
    if is_plain(ty) { quote!(#ident: #ty) } else { quote!(#ident: impl ::core::convert::Into<#ty>) }
}

pub(super) fn constructor(class: &Class) -> TokenStream {
    if class.no_new || class.is_unit {
        return TokenStream::new();
    }
    let mut arguments = Vec::new();
    let mut values = Vec::new();
    for field in &class.fields {
        let ident = &field.ident;
        if field.is_new {
            let inner = field.set_inner();
            let ty = inner.unwrap_or(&field.ty);
            arguments.push(argument(ident, ty));
            let value = quote!(::core::convert::Into::<#ty>::into(#ident));
            let value = if inner.is_some() { quote!(::core::option::Option::Some(#value)) } else { value };
            let value = normalized(field, &value);
            values.push(quote!(let #ident = #value;));
        } else {
            let value = initial(field);
            let mut set = Vec::new();
            for (inner, ty) in &field.base_new {
                arguments.push(argument(inner, ty));
                set.push(quote!(value.#inner = ::core::convert::Into::into(#inner);));
            }
            values.push(if set.is_empty() {
                let ty = &field.ty;
                quote!(let #ident: #ty = #value;)
            } else {
                quote!(let #ident = { let mut value = #value; #(#set)* value };)
            });
        }
    }
    let names: Vec<_> = class.fields.iter().map(|field| &field.ident).collect();
    let docs = documentation(class);
    let (visibility, name) = match &class.constructor {
        Some(name) => (quote!(), quote!(#name)),
        None => {
            let visibility = &class.visibility;
            (quote!(#visibility), quote!(new))
        }
    };
    quote! {
        #(#[doc = #docs])*
        #visibility fn #name(#(#arguments),*) -> Self {
            #(#values)*
            Self { #(#names),* }
        }
    }
}

/// The constructor's documentation: a line, then its arguments.
fn documentation(class: &Class) -> Vec<String> {
    let arguments: Vec<&Field> = class.fields.iter().filter(|f| f.is_new).collect();
    let of_base = class.fields.iter().flat_map(|f| &f.base_new).map(|(name, _)| name);
    let names: Vec<_> = of_base.chain(arguments.iter().map(|f| &f.ident)).map(|n| format!("`{n}`")).collect();
    let mut lines = Vec::new();
    match &class.new_doc {
        Some(line) => lines.push(line.value()),
        None if names.is_empty() => lines.push("With Keras' defaults.".to_string()),
        None => lines.push(format!("With {}, and Keras' defaults for the rest.", names.join(" and "))),
    }
    let mut described = arguments.iter().map(|f| (&f.ident, first_paragraph(&f.docs))).peekable();
    if described.peek().is_some() {
        lines.push(String::new());
    }
    lines.extend(
        described.filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("- `{name}`: {text}")),
    );
    lines
}

/// `Default`, where no argument is required.
pub(super) fn default(class: &Class) -> TokenStream {
    let is_required = class.fields.iter().any(Field::is_required);
    if is_required || class.no_new || class.is_unit || class.constructor.is_some() {
        return TokenStream::new();
    }
    let values = class.fields.iter().map(|field| {
        let (ident, ty, value) = (&field.ident, &field.ty, initial(field));
        quote!(let #ident: #ty = #value;)
    });
    let names = class.fields.iter().map(|field| &field.ident);
    let ident = &class.ident;
    let (generics, arguments, bounds) = class.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #generics ::core::default::Default for #ident #arguments #bounds {
            fn default() -> Self {
                #(#values)*
                Self { #(#names),* }
            }
        }
    }
}
