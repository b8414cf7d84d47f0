//! The struct that derives, and its attributes.

use crate::field::Field;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Data, DeriveInput, Error, Expr, Fields, Generics, Ident, LitStr, Result, Token, Visibility, parenthesized,
};

/// The struct and what its `#[keras(...)]` says.
pub(crate) struct Class {
    pub(crate) ident: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) generics: Generics,
    pub(crate) is_unit: bool,
    pub(crate) fields: Vec<Field>,
    /// Class name in files, where it is another than the struct's.
    pub(crate) name: Option<LitStr>,
    /// `fn(&Self) -> &str`: the class name of a generic struct.
    pub(crate) name_with: Option<Expr>,
    pub(crate) module: Option<LitStr>,
    pub(crate) package: Option<LitStr>,
    pub(crate) registered_name: Option<LitStr>,
    /// Keys of old files that have no effect.
    pub(crate) ignored: Vec<LitStr>,
    /// First line of the constructor's documentation.
    pub(crate) new_doc: Option<LitStr>,
    /// Name of a private constructor that takes the place of `new` and `Default`.
    pub(crate) constructor: Option<Ident>,
    /// Whether there is no constructor at all.
    pub(crate) no_new: bool,
    /// Whether the class has no form in files.
    pub(crate) no_config: bool,
    /// `fn(&Self, object: &str) -> Result<()>`: checks what was read.
    pub(crate) check: Option<Expr>,
    /// `fn(&Self) -> Vec<(String, LayerRef)>`: layers inside that are made from several fields.
    pub(crate) sublayers_with: Option<Expr>,
    /// `fn(&Self, &mut Config)`: writes what no field holds.
    pub(crate) write_also: Option<Expr>,
}

impl Class {
    pub(crate) fn parse(input: DeriveInput) -> Result<Self> {
        let span = input.ident.span();
        let Data::Struct(data) = input.data else {
            return Err(Error::new(span, "KerasConfig can be derived for structs only"));
        };
        let is_unit = matches!(data.fields, Fields::Unit);
        let fields = match data.fields {
            Fields::Named(fields) => fields.named.into_iter().map(Field::parse).collect::<Result<_>>()?,
            Fields::Unit => Vec::new(),
            Fields::Unnamed(_) => return Err(Error::new(span, "KerasConfig needs fields with names")),
        };
        let mut class = Self {
            ident: input.ident,
            visibility: input.vis,
            generics: input.generics,
            is_unit,
            fields,
            name: None,
            name_with: None,
            module: None,
            package: None,
            registered_name: None,
            ignored: Vec::new(),
            new_doc: None,
            constructor: None,
            no_new: false,
            no_config: false,
            check: None,
            sublayers_with: None,
            write_also: None,
        };
        for attribute in input.attrs.iter().filter(|a| a.path().is_ident("keras")) {
            attribute.parse_nested_meta(|meta| class.read(&meta))?;
        }
        class.verify()?;
        Ok(class)
    }

    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let key = meta.path.require_ident()?.to_string();
        match key.as_str() {
            "class_name" => self.name = Some(meta.value()?.parse()?),
            "class_name_with" => self.name_with = Some(meta.value()?.parse()?),
            "module" => self.module = Some(meta.value()?.parse()?),
            "package" => self.package = Some(meta.value()?.parse()?),
            "registered_name" => self.registered_name = Some(meta.value()?.parse()?),
            "ignore" => {
                let content;
                parenthesized!(content in meta.input);
                self.ignored.extend(Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?);
            }
            "new" => self.new_doc = Some(meta.value()?.parse()?),
            "constructor" => self.constructor = Some(meta.value()?.parse()?),
            "no_new" => self.no_new = true,
            "no_config" => self.no_config = true,
            "check" => self.check = Some(meta.value()?.parse()?),
            "sublayers_with" => self.sublayers_with = Some(meta.value()?.parse()?),
            "write_also" => self.write_also = Some(meta.value()?.parse()?),
            _ => return Err(meta.error("no attribute of a class")),
        }
        Ok(())
    }

    fn verify(&self) -> Result<()> {
        if let (Some(package), true) = (&self.package, self.module.is_some()) {
            return Err(Error::new(package.span(), "a class has a module of Keras or a package, not both"));
        }
        for field in &self.fields {
            field.verify()?;
        }
        match self.fields.iter().filter(|f| f.is_base()).nth(1) {
            Some(second) => Err(Error::new(second.ty.span(), "a class has one base")),
            None => Ok(()),
        }
    }

    /// The field with the arguments of every class of the kind.
    pub(crate) fn base(&self) -> Option<&Field> {
        self.fields.iter().find(|f| f.is_base())
    }
}
