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
    let fields: Vec<_> = class.fields.iter().filter(|field| field.is_sublayer()).collect();
    let sublayers = if fields.is_empty() {
        quote!(::std::vec::Vec::new())
    } else {
        let extend = fields.iter().map(|field| {
            let (ident, key) = (&field.ident, field.sublayer_key());
            quote!(all.extend(::keras_rs::layer::Sublayers::sublayers(&self.#ident, #key));)
        });
        quote! {
            let mut all = ::std::vec::Vec::new();
            #(#extend)*
            all
        }
    };
    quote! {
        #[automatically_derived]
        impl #generics ::keras_rs::layer::LayerFields for #ident #arguments #bounds {
            fn base(&self) -> &::keras_rs::layer::LayerBase {
                &self.base
            }

            fn base_mut(&mut self) -> &mut ::keras_rs::layer::LayerBase {
                &mut self.base
            }

            fn sublayers(&self) -> ::std::vec::Vec<(::std::string::String, ::keras_rs::layer::LayerRef)> {
                #sublayers
            }
        }
    }
}
