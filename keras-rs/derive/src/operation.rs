//! The attribute `#[operation]`: a function of tensors that takes symbolic tensors, too.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::HashMap;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Error, Expr, ExprLit, FnArg, GenericArgument, Ident, ItemFn, Lit, LitStr, Pat, PathArguments, Result,
    ReturnType, Token, Type, TypeArray, TypeParamBound, parenthesized, parse_quote,
};

/// What stands between the brackets: the class, and arguments of the function that are none of the class.
#[derive(Default)]
pub(crate) struct Options {
    class: Option<LitStr>,
    /// Arguments of the call, among the operands.
    positional: Vec<Ident>,
    /// Arguments of the call by keyword.
    keyword: Vec<Ident>,
    /// Arguments that Keras' class does not have.
    skip: Vec<Ident>,
    /// Structs whose fields are arguments of the class.
    spread: Vec<Ident>,
    /// Keras' names of arguments.
    renamed: HashMap<Ident, LitStr>,
    /// What is written for arguments that are not given.
    absent: HashMap<Ident, Expr>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut options = Self::default();
        while !input.is_empty() {
            if input.peek(LitStr) {
                options.class = Some(input.parse()?);
            } else {
                let name: Ident = input.parse()?;
                let content;
                parenthesized!(content in input);
                let names = |content: ParseStream<'_>| -> Result<Vec<Ident>> {
                    Ok(Punctuated::<Ident, Token![,]>::parse_terminated(content)?.into_iter().collect())
                };
                match name.to_string().as_str() {
                    "positional" => options.positional = names(&content)?,
                    "keyword" => options.keyword = names(&content)?,
                    "skip" => options.skip = names(&content)?,
                    "spread" => options.spread = names(&content)?,
                    "rename" => {
                        while !content.is_empty() {
                            let from: Ident = content.parse()?;
                            content.parse::<Token![=]>()?;
                            options.renamed.insert(from, content.parse()?);
                            let _ = content.parse::<Option<Token![,]>>()?;
                        }
                    }
                    "absent" => {
                        while !content.is_empty() {
                            let operand: Ident = content.parse()?;
                            content.parse::<Token![=]>()?;
                            options.absent.insert(operand, content.parse()?);
                            let _ = content.parse::<Option<Token![,]>>()?;
                        }
                    }
                    _ => {
                        let expected =
                            "expected `positional`, `keyword`, `skip`, `spread`, `rename` or `absent`";
                        return Err(Error::new(name.span(), expected));
                    }
                }
            }
            let _ = input.parse::<Option<Token![,]>>()?;
        }
        Ok(options)
    }
}

/// What an argument of the function is.
enum Kind {
    /// `&Tensor`.
    Operand,
    /// `impl Into<Tensor>`.
    Owned,
    /// `Option<&Tensor>`.
    Optional,
    /// `&[&Tensor]`.
    List,
    /// `[&Tensor; N]`.
    Array(usize),
    /// `impl Into<T>`, or `impl IntoDims` for `Vec<usize>`: converted to the type first.
    Converted(Box<Type>),
    /// Anything else.
    Plain,
}

/// The type's last name, where it is a plain path.
fn last_name(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        Type::Group(group) => last_name(&group.elem),
        _ => None,
    }
}

fn is_tensor(ty: &Type) -> bool {
    last_name(ty).is_some_and(|name| name == "Tensor")
}

fn is_tensor_reference(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if is_tensor(&reference.elem))
}

/// The first generic argument of a path's last segment.
fn argument_of(arguments: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

impl Kind {
    fn of(ty: &Type) -> Self {
        match ty {
            Type::Reference(reference) => match &*reference.elem {
                elem if is_tensor(elem) => Self::Operand,
                Type::Slice(slice) if is_tensor_reference(&slice.elem) => Self::List,
                _ => Self::Plain,
            },
            Type::Array(_) => tensor_count(ty).map_or(Self::Plain, Self::Array),
            Type::Path(path) => match path.path.segments.last() {
                Some(last)
                    if last.ident == "Option"
                        && argument_of(&last.arguments).is_some_and(is_tensor_reference) =>
                {
                    Self::Optional
                }
                _ => Self::Plain,
            },
            Type::ImplTrait(bounds) => match bounds.bounds.first() {
                Some(TypeParamBound::Trait(bound)) => match bound.path.segments.last() {
                    Some(last) if last.ident == "Into" => match argument_of(&last.arguments) {
                        Some(ty) if is_tensor(ty) => Self::Owned,
                        Some(ty) => Self::Converted(Box::new(ty.clone())),
                        None => Self::Plain,
                    },
                    Some(last) if last.ident == "IntoDims" => {
                        Self::Converted(Box::new(parse_quote!(::std::vec::Vec<usize>)))
                    }
                    _ => Self::Plain,
                },
                _ => Self::Plain,
            },
            _ => Self::Plain,
        }
    }
}

/// How many tensors `[&Tensor; N]` has.
fn tensor_count(ty: &Type) -> Option<usize> {
    match ty {
        Type::Array(TypeArray { elem, len: Expr::Lit(ExprLit { lit: Lit::Int(count), .. }), .. })
            if is_tensor_reference(elem) =>
        {
            count.base10_parse().ok()
        }
        _ => None,
    }
}

/// `Tensor` in a type replaced by another type.
fn replaced(ty: &Type, by: &Type) -> Type {
    match ty {
        ty if is_tensor(ty) => by.clone(),
        Type::Tuple(tuple) => {
            let mut tuple = tuple.clone();
            tuple.elems.iter_mut().for_each(|elem| *elem = replaced(elem, by));
            Type::Tuple(tuple)
        }
        Type::Array(array) => {
            let mut array = array.clone();
            *array.elem = replaced(&array.elem, by);
            Type::Array(array)
        }
        Type::Path(path) => {
            let mut path = path.clone();
            for segment in &mut path.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    for argument in &mut arguments.args {
                        if let GenericArgument::Type(ty) = argument {
                            *ty = replaced(ty, by);
                        }
                    }
                }
            }
            Type::Path(path)
        }
        other => other.clone(),
    }
}

/// `floor_divide` as `FloorDivide`.
fn camel(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('_').map(word).collect()
}

/// The function with a type for each operand, and what it does with symbolic ones.
pub(crate) fn expand(options: &Options, function: ItemFn) -> Result<TokenStream> {
    let ItemFn { attrs, vis, sig, block } = function;
    if let Some(parameter) = sig.generics.params.first() {
        return Err(Error::new_spanned(parameter, "an operation has no generic parameters"));
    }
    let name = &sig.ident;
    let class = match &options.class {
        Some(class) => class.value(),
        None => camel(&name.to_string()),
    };
    let mut inputs = Vec::new();
    for input in &sig.inputs {
        let FnArg::Typed(input) = input else {
            return Err(Error::new_spanned(input, "an operation is a free function"));
        };
        let Pat::Ident(pattern) = &*input.pat else {
            return Err(Error::new_spanned(&input.pat, "expected a plain name"));
        };
        inputs.push((pattern.ident.clone(), (*input.ty).clone(), Kind::of(&input.ty)));
    }
    let generic = |name: &Ident| format_ident!("{}", camel(&name.to_string()));
    let mut generics: Vec<Ident> = Vec::new();
    for (name, _, kind) in &inputs {
        if matches!(kind, Kind::Operand | Kind::Owned | Kind::List | Kind::Array(_)) {
            let plural = matches!(kind, Kind::List | Kind::Array(_)) || name == "inputs";
            generics.push(if plural && generics.is_empty() { format_ident!("X") } else { generic(name) });
        }
    }
    let Some(first) = generics.first().cloned() else {
        return Err(Error::new_spanned(name, "an operation has at least one operand"));
    };
    let joined: Type = match generics.split_last() {
        Some((last, [])) => parse_quote!(#last::Output),
        Some((last, rest)) => rest.iter().rev().fold(
            parse_quote!(#last),
            |joined: Type, next| parse_quote!(::keras_rs::ops::Joined<#next, #joined>),
        ),
        None => return Err(Error::new_spanned(name, "an operation has at least one operand")),
    };
    let mut next = generics.iter();
    let mut own = |ty: &Type, kind: &Kind| -> Type {
        match kind {
            Kind::Operand => next.next().map_or_else(|| ty.clone(), |x| parse_quote!(&#x)),
            Kind::Owned => next.next().map_or_else(|| ty.clone(), |x| parse_quote!(#x)),
            Kind::List => next.next().map_or_else(|| ty.clone(), |x| parse_quote!(&[&#x])),
            Kind::Array(count) => next.next().map_or_else(|| ty.clone(), |x| parse_quote!([&#x; #count])),
            Kind::Optional => parse_quote!(::std::option::Option<&#first>),
            Kind::Converted(_) | Kind::Plain => ty.clone(),
        }
    };
    let parameters: Vec<TokenStream> = inputs
        .iter()
        .map(|(name, ty, kind)| {
            let ty = own(ty, kind);
            quote!(#name: #ty)
        })
        .collect();
    let ReturnType::Type(_, output) = &sig.output else {
        return Err(Error::new_spanned(name, "an operation gives a `Result`"));
    };
    let Some(values) = (match &**output {
        Type::Path(path) => path.path.segments.last().and_then(|last| argument_of(&last.arguments)),
        _ => None,
    }) else {
        return Err(Error::new_spanned(output, "an operation gives a `Result`"));
    };
    let own_output = replaced(output, &joined);

    let conversions = inputs.iter().filter_map(|(name, ty, kind)| match kind {
        Kind::Converted(to) => {
            let is_dims =
                matches!(ty, Type::ImplTrait(bounds) if quote!(#bounds).to_string().contains("IntoDims"));
            Some(match is_dims {
                true => quote!(let #name: #to = ::keras_rs::shape::IntoDims::into_dims(#name);),
                false => quote!(let #name: #to = ::std::convert::Into::into(#name);),
            })
        }
        _ => None,
    });
    let is_in = |list: &[Ident], name: &Ident| list.contains(name);
    let mut steps = Vec::new();
    for (name, _, kind) in &inputs {
        let key = options.renamed.get(name).map_or_else(
            || name.to_string().trim_start_matches('_').trim_end_matches('_').to_string(),
            LitStr::value,
        );
        if is_in(&options.skip, name) {
            continue;
        }
        if is_in(&options.spread, name) {
            steps.push(quote!(#name.write_to(&mut call);));
            continue;
        }
        let mut data = quote!(::keras_rs::ops::ToData::to_data(&#name));
        if let Some(value) = options.absent.get(name) {
            data = quote!(#data.or(::keras_rs::ops::ToData::to_data(&#value)));
        }
        let given = match kind {
            Kind::Operand => quote!(::keras_rs::ops::Operand::given(#name)?),
            Kind::Owned => quote!(::keras_rs::ops::Operand::given(&#name)?),
            Kind::Optional => match options.absent.get(name) {
                Some(value) => quote!(::keras_rs::ops::Given::optional_or(#name, #value)?),
                None => quote!(::keras_rs::ops::Given::optional(#name)?),
            },
            Kind::List => quote!(::keras_rs::ops::Given::list(#name)?),
            Kind::Array(_) => quote!(::keras_rs::ops::Given::list(&#name)?),
            Kind::Converted(_) | Kind::Plain => quote!(::keras_rs::ops::Given::Data(#data)),
        };
        let is_data = matches!(kind, Kind::Converted(_) | Kind::Plain);
        steps.push(if is_in(&options.keyword, name) {
            quote!(call.keyword(#key, #given);)
        } else if is_data && !is_in(&options.positional, name) {
            quote!(call.argument(#key, #data);)
        } else {
            quote!(call.operand(#given);)
        });
    }

    // Numbers take their type from the operands that are tensors.
    let operands = || inputs.iter().filter(|(_, _, kind)| matches!(kind, Kind::Operand));
    let known = operands().map(|(name, _, _)| quote!(::keras_rs::ops::Operand::tensor(#name)));
    let beside = match operands().count() {
        0 => TokenStream::new(),
        1 => quote!(let beside = &[];),
        _ => quote!(let beside = &[#(#known),*];),
    };
    let mut bindings = Vec::new();
    let mut arguments = Vec::new();
    for (name, _, kind) in &inputs {
        match kind {
            Kind::Operand => arguments.push(quote!(&*::keras_rs::ops::Operand::real(#name, beside)?)),
            Kind::Owned => arguments.push(quote!(::keras_rs::ops::Operand::into_real(#name)?)),
            Kind::Optional => {
                let held = format_ident!("held_{}", name);
                bindings.push(quote!(let #held = ::keras_rs::ops::operand::optional(#name)?;));
                arguments.push(quote!(#held.as_deref()));
            }
            Kind::List => {
                let held = format_ident!("held_{}", name);
                bindings.push(quote!(let #held = ::keras_rs::ops::operand::list(#name)?;));
                arguments.push(quote!(&#held.iter().map(|held| &**held).collect::<::std::vec::Vec<_>>()));
            }
            Kind::Array(count) => {
                let held = format_ident!("held_{}", name);
                bindings.push(quote!(let #held = ::keras_rs::ops::operand::list(&#name)?;));
                let items = 0..*count;
                arguments.push(quote!([#(&*#held[#items]),*]));
            }
            Kind::Converted(_) | Kind::Plain => arguments.push(quote!(#name)),
        }
    }
    let inner = &sig.inputs;
    let inner_output = &sig.output;
    let inner_name = format_ident!("of_tensors");
    Ok(quote! {
        #(#attrs)*
        #vis fn #name<#(#generics: ::keras_rs::ops::Operand),*>(#(#parameters),*) -> #own_output {
            fn #inner_name(#inner) #inner_output #block
            #(#conversions)*
            if <#joined as ::keras_rs::ops::Value>::SYMBOLIC {
                let mut call = ::keras_rs::ops::OperationCall::new(#class);
                #(#steps)*
                return <#values as ::keras_rs::ops::operand::Results<#joined>>::of_call(call);
            }
            #beside
            #(#bindings)*
            ::keras_rs::ops::operand::Results::<#joined>::of_values(#inner_name(#(#arguments),*)?)
        }
    })
}
