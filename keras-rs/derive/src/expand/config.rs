//! Reading and writing configurations.

use super::construct::{initial, normalized};
use crate::class::Class;
use crate::field::Field;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

pub(super) fn config(class: &Class) -> TokenStream {
    let ident = &class.ident;
    let (generics, arguments, bounds) = class.generics.split_for_impl();
    let identity = identity(class);
    let write = class.fields.iter().filter_map(|field| {
        let ident = &field.ident;
        write(field, &quote!(&self.#ident))
    });
    let write_also = class.write_also.as_ref().map(|function| {
        quote! {
            let also: fn(&Self, &mut ::keras_rs::config::Config) = #function;
            also(self, &mut config);
        }
    });
    let read = read_all(class);
    let described = class.fields.iter().filter_map(describe);
    quote! {
        #[automatically_derived]
        impl #generics ::keras_rs::config::KerasConfig for #ident #arguments #bounds {
            #identity

            #[allow(unused_mut)]
            fn config(&self) -> ::keras_rs::config::Config {
                let mut config = ::keras_rs::config::Config::new();
                #(#write)*
                #write_also
                config
            }

            #[allow(unused_variables)]
            fn from_config(c: &mut ::keras_rs::config::ConfigReader<'_>) -> ::keras_rs::Result<Self> {
                #read
            }

            #[allow(unused_mut)]
            fn arguments() -> ::std::vec::Vec<::keras_rs::config::ConstructorArgument> {
                let mut arguments = ::std::vec::Vec::new();
                #(#described)*
                arguments
            }
        }
    }
}

/// `class_name`, `module` and `registered_name`.
fn identity(class: &Class) -> TokenStream {
    let name = match (&class.name_with, &class.name) {
        (Some(function), _) => quote! {
            let class_name: fn(&Self) -> &str = #function;
            class_name(self)
        },
        (None, Some(name)) => quote!(#name),
        (None, None) => {
            let name = class.ident.to_string();
            quote!(#name)
        }
    };
    let module = match &class.module {
        Some(module) => quote!(::core::option::Option::Some(#module)),
        None => quote!(::core::option::Option::None),
    };
    let registered = match (&class.registered_name, &class.package, &class.module) {
        (Some(name), _, _) => quote!(::core::option::Option::Some(#name.into())),
        (None, Some(package), _) => {
            quote!(::core::option::Option::Some(::std::format!("{}>{}", #package, self.class_name())))
        }
        (None, None, Some(_)) => quote!(::core::option::Option::None),
        (None, None, None) => quote!(::core::option::Option::Some(self.class_name().into())),
    };
    quote! {
        fn class_name(&self) -> &str {
            #name
        }

        fn module(&self) -> ::core::option::Option<&str> {
            #module
        }

        fn registered_name(&self) -> ::core::option::Option<::std::string::String> {
            #registered
        }
    }
}

/// The value of a field in files; `value` is a reference to the field.
fn written(field: &Field, value: &TokenStream) -> TokenStream {
    let ty = &field.ty;
    match &field.write_with {
        Some(function) => quote!({
            let write: fn(&#ty) -> ::keras_rs::config::Value = #function;
            write(#value)
        }),
        None => quote_spanned!(ty.span()=> ::keras_rs::config::IntoConfig::to_config(#value)),
    }
}

/// Adds a field's entries to `config`; `value` is a reference to the field.
fn write(field: &Field, value: &TokenStream) -> Option<TokenStream> {
    let ty = &field.ty;
    if field.is_base() {
        return Some(match &field.write_with {
            Some(function) => quote! {
                let write: fn(&#ty, &mut ::keras_rs::config::Config) = #function;
                write(#value, &mut config);
            },
            None => quote!(::keras_rs::config::BaseConfig::write(#value, &mut config);),
        });
    }
    if !field.is_argument() || field.no_write {
        return None;
    }
    let (key, form) = (field.key(), written(field, value));
    let insert = quote!(config.insert(#key.into(), #form););
    Some(match &field.write_if {
        Some(condition) => quote!({
            let is_written: fn(&#ty) -> bool = #condition;
            if is_written(#value) {
                #insert
            }
        }),
        None if field.only_set => quote!(if (#value).is_some() { #insert }),
        None => insert,
    })
}

/// The whole of `from_config`.
fn read_all(class: &Class) -> TokenStream {
    let ignored = &class.ignored;
    let ignore = (!ignored.is_empty()).then(|| quote!(c.ignore(&[#(#ignored),*]);));
    if class.is_unit {
        return quote! {
            #ignore
            ::core::result::Result::Ok(Self)
        };
    }
    let names: Vec<_> = class.fields.iter().map(|field| &field.ident).collect();
    let types = class.fields.iter().map(|field| &field.ty);
    let values = class.fields.iter().map(read);
    let check = class.check.as_ref().map(|function| {
        quote! {
            let check: fn(&Self, &str) -> ::keras_rs::Result<()> = #function;
            check(&made, c.object())?;
        }
    });
    quote! {
        #ignore
        #(let #names: #types = #values;)*
        let made = Self { #(#names),* };
        #check
        ::core::result::Result::Ok(made)
    }
}

/// A field's value from the entries that are left.
fn read(field: &Field) -> TokenStream {
    let ty = &field.ty;
    let key = field.key();
    if field.is_base() {
        let default = initial(field);
        return match &field.read_with {
            Some(function) => quote!({
                let read: fn(#ty, &mut ::keras_rs::config::ConfigReader<'_>) -> ::keras_rs::Result<#ty> = #function;
                read(#default, c)?
            }),
            None => quote!(::keras_rs::config::BaseConfig::read(#default, c)?),
        };
    }
    if !field.is_argument() || field.no_read {
        return initial(field);
    }
    let key = match &field.alias {
        None => quote!(#key),
        Some(alias) => quote!((if c.has(#alias) && !c.has(#key) { #alias } else { #key })),
    };
    // Errors point at the type; names are the derive's own where a macro wrote the type.
    let at = proc_macro2::Span::call_site().located_at(ty.span());
    let take = match &field.read_with {
        Some(function) => quote!({
            let read: fn(&mut ::keras_rs::config::ConfigReader<'_>, &str) -> ::keras_rs::Result<#ty> = #function;
            read(c, #key)?
        }),
        None => match field.set_inner().filter(|_| field.is_required()) {
            Some(inner) => quote_spanned!(at=> ::core::option::Option::Some(c.take::<#inner>(#key)?)),
            None => quote_spanned!(at=> c.take::<#ty>(#key)?),
        },
    };
    let take = normalized(field, &take);
    if field.is_required() {
        return take;
    }
    let default = initial(field);
    let present = match &field.alias {
        None => quote!(c.has(#key)),
        Some(alias) => {
            let key = field.key();
            quote!(c.has(#key) || c.has(#alias))
        }
    };
    quote!(if #present { #take } else { #default })
}

/// Adds a field's names and defaults to `arguments`.
fn describe(field: &Field) -> Option<TokenStream> {
    let (ty, key) = (&field.ty, field.key());
    let default = initial(field);
    if field.is_base() {
        let write = write(field, &quote!(&base));
        return Some(quote! {
            {
                let base: #ty = #default;
                let mut config = ::keras_rs::config::Config::new();
                #write
                arguments.extend(config.into_iter().map(|(name, default)| ::keras_rs::config::ConstructorArgument {
                    name,
                    default: ::core::option::Option::Some(default),
                }));
            }
        });
    }
    if !field.is_argument() {
        return None;
    }
    let default = if field.is_required() {
        quote!(::core::option::Option::None)
    } else {
        let value = written(field, &quote!(&default));
        quote!({
            let default: #ty = #default;
            ::core::option::Option::Some(#value)
        })
    };
    Some(quote! {
        arguments.push(::keras_rs::config::ConstructorArgument { name: #key.into(), default: #default });
    })
}
