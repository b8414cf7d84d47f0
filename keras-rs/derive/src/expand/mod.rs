//! What the derive writes.

mod base;
mod config;
mod construct;
mod setters;

use crate::class::Class;
use proc_macro2::TokenStream;
use quote::quote;

pub(crate) fn expand(class: &Class) -> TokenStream {
    let constructor = construct::constructor(class);
    let setters = class.fields.iter().filter_map(|field| setters::setter(class, field));
    let default = construct::default(class);
    let base = base::base(class);
    let config = if class.no_config { TokenStream::new() } else { config::config(class) };
    let ident = &class.ident;
    let (generics, arguments, bounds) = class.generics.split_for_impl();
    quote! {
        #[allow(dead_code, reason = "a program need not call every setter of its own classes")]
        impl #generics #ident #arguments #bounds {
            #constructor
            #(#setters)*
        }

        #default
        #base
        #config
    }
}
