//! Access to the arguments that every class of the kind has, and to the layers inside a layer.

use crate::class::Class;
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn base(class: &Class) -> TokenStream {
    let Some(base) = class.base() else { return TokenStream::new() };
    let (ident, ty) = (&class.ident, &base.ty);
    let (generics, arguments, bounds) = class.generics.split_for_impl();
    if !base.is_layer_base() {
        return quote! {
            #[automatically_derived]
            impl #generics ::keras_rs::config::HasBase for #ident #arguments #bounds {
                type Base = #ty;

                fn base(&self) -> &#ty {
                    &self.base
                }

                fn base_mut(&mut self) -> &mut #ty {
                    &mut self.base
                }
            }
        };
    }
    let fields: Vec<_> = class.fields.iter().filter(|field| !field.is_base() && !field.untracked).collect();
    let made = class.sublayers_with.iter().map(|function| {
        quote!({
            let made: fn(&Self) -> ::std::vec::Vec<(::std::string::String, ::keras_rs::layer::LayerRef)> = #function;
            all.extend(made(self));
        })
    });
    let layers = fields.iter().map(|field| {
        let (ident, key) = (&field.ident, field.sublayer_key());
        // Where layers are asked for, a type that holds none is an error.
        if field.sublayer {
            quote!(all.extend(::keras_rs::layer::Sublayers::sublayers(&self.#ident, #key));)
        } else {
            quote!(all.extend((&Field(&self.#ident)).layers(#key));)
        }
    });
    let trackers = fields.iter().map(|field| {
        let ident = &field.ident;
        quote!(all.extend((&Field(&self.#ident)).tracked());)
    });
    quote! {
        #[automatically_derived]
        impl #generics ::keras_rs::layer::LayerFields for #ident #arguments #bounds {
            fn base(&self) -> &::keras_rs::layer::LayerBase {
                &self.base
            }

            fn base_mut(&mut self) -> &mut ::keras_rs::layer::LayerBase {
                &mut self.base
            }

            #[allow(unused_imports, unused_mut, clippy::needless_borrow, clippy::vec_init_then_push)]
            fn sublayers(&self) -> ::std::vec::Vec<(::std::string::String, ::keras_rs::layer::LayerRef)> {
                use ::keras_rs::layer::probe::{Field, WithLayers as _, Without as _};
                let mut all = ::std::vec::Vec::new();
                #(#layers)*
                #(#made)*
                all
            }

            #[allow(unused_imports, unused_mut, clippy::needless_borrow, clippy::vec_init_then_push)]
            fn trackers(&self) -> ::std::vec::Vec<&dyn ::keras_rs::layer::Tracked> {
                use ::keras_rs::layer::probe::{Field, WithTrackers as _, Without as _};
                let mut all = ::std::vec::Vec::new();
                #(#trackers)*
                all
            }
        }
    }
}
