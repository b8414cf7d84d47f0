//! One field, and its attributes.

use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, Expr, GenericArgument, Ident, Lit, LitStr, PathArguments, Result, Token, Type, UnOp,
    parenthesized,
};

/// A field and what its `#[keras(...)]` says.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) docs: Vec<Attribute>,
    /// Whether `new` takes it.
    pub(crate) is_new: bool,
    /// Fields of a base that `new` takes.
    pub(crate) base_new: Vec<(Ident, Type)>,
    pub(crate) default: Option<Expr>,
    /// Whether it is state, no argument.
    pub(crate) skip: bool,
    rename: Option<LitStr>,
    /// The key in older files.
    pub(crate) alias: Option<LitStr>,
    /// `fn(&mut ConfigReader<'_>, key: &str) -> Result<T>`: reads an entry that is there.
    pub(crate) read_with: Option<Expr>,
    /// `fn(&T) -> Value`: the value in files.
    pub(crate) write_with: Option<Expr>,
    /// `fn(&T) -> bool`: whether files hold it.
    pub(crate) write_if: Option<Expr>,
    /// `fn(T) -> T`: applied to every value that is set or read.
    pub(crate) normalize: Option<Expr>,
    pub(crate) sublayer: bool,
    /// Whether layers and metrics in it are no part of the class.
    pub(crate) untracked: bool,
    sublayer_name: Option<LitStr>,
    pub(crate) no_setter: bool,
    nullable: bool,
    pub(crate) only_set: bool,
    pub(crate) no_read: bool,
    pub(crate) no_write: bool,
}

/// Types that setters and constructors take as they are, so that literals need no suffix.
const PLAIN: [&str; 14] =
    ["bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize"];

impl Field {
    pub(crate) fn parse(field: syn::Field) -> Result<Self> {
        let span = field.span();
        let Some(ident) = field.ident else {
            return Err(Error::new(span, "KerasConfig needs fields with names"));
        };
        let (docs, others): (Vec<_>, Vec<_>) =
            field.attrs.into_iter().partition(|a| a.path().is_ident("doc"));
        let mut parsed = Self {
            ident,
            ty: field.ty,
            docs,
            is_new: false,
            base_new: Vec::new(),
            default: None,
            skip: false,
            rename: None,
            alias: None,
            read_with: None,
            write_with: None,
            write_if: None,
            normalize: None,
            sublayer: false,
            untracked: false,
            sublayer_name: None,
            no_setter: false,
            nullable: false,
            only_set: false,
            no_read: false,
            no_write: false,
        };
        for attribute in others.iter().filter(|a| a.path().is_ident("keras")) {
            attribute.parse_nested_meta(|meta| parsed.read(&meta))?;
        }
        Ok(parsed)
    }

    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let key = meta.path.require_ident()?.to_string();
        match key.as_str() {
            "new" if meta.input.peek(syn::token::Paren) => {
                let content;
                parenthesized!(content in meta.input);
                let argument = |input: syn::parse::ParseStream<'_>| {
                    let ident = input.parse::<Ident>()?;
                    input.parse::<Token![:]>()?;
                    Ok((ident, input.parse::<Type>()?))
                };
                let arguments = Punctuated::<_, Token![,]>::parse_terminated_with(&content, argument)?;
                self.base_new = arguments.into_iter().collect();
            }
            "new" => self.is_new = true,
            "default" => self.default = Some(meta.value()?.parse()?),
            "skip" => {
                self.skip = true;
                if meta.input.peek(Token![=]) {
                    self.default = Some(meta.value()?.parse()?);
                }
            }
            "rename" => self.rename = Some(meta.value()?.parse()?),
            "alias" => self.alias = Some(meta.value()?.parse()?),
            "read_with" => self.read_with = Some(meta.value()?.parse()?),
            "write_with" => self.write_with = Some(meta.value()?.parse()?),
            "write_if" => self.write_if = Some(meta.value()?.parse()?),
            "normalize" => self.normalize = Some(meta.value()?.parse()?),
            "sublayer" => {
                self.sublayer = true;
                if meta.input.peek(Token![=]) {
                    self.sublayer_name = Some(meta.value()?.parse()?);
                }
            }
            "untracked" => self.untracked = true,
            "no_setter" => self.no_setter = true,
            "nullable" => self.nullable = true,
            "only_set" => self.only_set = true,
            "no_read" => self.no_read = true,
            "no_write" => self.no_write = true,
            _ => return Err(meta.error("no attribute of a field")),
        }
        Ok(())
    }

    pub(crate) fn verify(&self) -> Result<()> {
        let has_value = self.default.is_some() || self.is_new || self.skip || self.inner().is_some();
        let has_own = has_value || (self.is_base() && self.is_layer_base());
        if !has_own {
            let problem = "an argument needs `#[keras(new)]` or `#[keras(default = ...)]`, \
                           other state `#[keras(skip)]`";
            return Err(Error::new(self.ident.span(), problem));
        }
        if self.sublayer && self.untracked {
            return Err(Error::new(self.ident.span(), "`sublayer` and `untracked` exclude each other"));
        }
        if self.only_set && self.inner().is_none() {
            return Err(Error::new(self.ident.span(), "`only_set` is for fields of type `Option`"));
        }
        Ok(())
    }

    /// Whether it holds the arguments of every class of the kind.
    pub(crate) fn is_base(&self) -> bool {
        self.ident == "base" && !self.skip
    }

    /// Whether the type is the base of layers.
    pub(crate) fn is_layer_base(&self) -> bool {
        self.last_segment().is_some_and(|segment| segment.ident == "LayerBase")
    }

    /// Whether it is a constructor argument of the class itself.
    pub(crate) fn is_argument(&self) -> bool {
        !self.skip && !self.is_base()
    }

    /// Whether a file must hold it.
    pub(crate) fn is_required(&self) -> bool {
        self.is_new && self.default.is_none()
    }

    /// The key in files.
    pub(crate) fn key(&self) -> String {
        self.rename.as_ref().map_or_else(|| self.ident.unraw().to_string(), LitStr::value)
    }

    /// The attribute that Keras keeps the layer under.
    pub(crate) fn sublayer_key(&self) -> String {
        self.sublayer_name.as_ref().map_or_else(|| self.ident.unraw().to_string(), LitStr::value)
    }

    fn last_segment(&self) -> Option<&syn::PathSegment> {
        last_segment(&self.ty)
    }

    /// `T` of a field of type `Option<T>`.
    pub(crate) fn inner(&self) -> Option<&Type> {
        self.argument_of("Option")
    }

    /// `T` of a field of type `Result<T>`, which holds what a setter was given.
    pub(crate) fn result(&self) -> Option<&Type> {
        self.argument_of("Result")
    }

    /// `T` of a field of type `generic<T>`.
    fn argument_of(&self, generic: &str) -> Option<&Type> {
        let segment = self.last_segment().filter(|segment| segment.ident == generic)?;
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
        match arguments.args.first() {
            Some(GenericArgument::Type(inner)) => Some(inner),
            _ => None,
        }
    }

    /// `T` where setters take a `T` for an `Option<T>`.
    pub(crate) fn set_inner(&self) -> Option<&Type> {
        self.inner().filter(|_| !self.nullable)
    }

    /// The default where it is a literal.
    pub(crate) fn literal_default(&self) -> Option<&Expr> {
        self.default.as_ref().filter(|expr| is_literal(expr))
    }
}

fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// Whether values of the type are taken without a conversion.
pub(crate) fn is_plain(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.qself.is_none()
        && path.path.get_ident().is_some_and(|ident| PLAIN.iter().any(|plain| ident == plain))
}

fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(literal) => !matches!(literal.lit, Lit::Verbatim(_)),
        // What a `macro_rules` variable holds.
        Expr::Group(group) => is_literal(&group.expr),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Neg(_)) && is_literal(&unary.expr),
        _ => false,
    }
}

/// The text of documentation attributes, its first paragraph on one line.
pub(crate) fn first_paragraph(docs: &[Attribute]) -> String {
    let lines = docs.iter().filter_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value().trim().to_string()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
