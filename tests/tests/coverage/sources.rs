//! Public names in the sources.

use crate::support::repository;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Public names by module: `ops`, `optimizers::schedules`, `applications`; those of the library's root under `""`.
pub(super) struct Sources(BTreeMap<String, BTreeSet<String>>);

impl Sources {
    pub(super) fn read() -> Self {
        let mut names = BTreeMap::new();
        collect(&repository("keras-rs/src"), "", &mut names);
        collect(&repository("applications/src"), "applications", &mut names);
        Self(names)
    }

    /// The path of a name that a module has, itself or in a folder of files.
    pub(super) fn path(&self, module: &str, name: &str) -> Option<String> {
        let spelled = [name.to_string(), format!("{name}_")];
        let found = spelled.into_iter().find(|name| self.module(module, name))?;
        Some(match module.strip_prefix("applications") {
            Some(_) => format!("keras_rs_applications::{found}"),
            None => format!("keras_rs::{module}::{found}"),
        })
    }

    fn module(&self, module: &str, name: &str) -> bool {
        // A section of its own within another.
        let inside = |key: &str| {
            let rest = key.strip_prefix(module)?;
            (rest.is_empty() || (rest.starts_with("::") && !rest.starts_with("::schedules"))).then_some(())
        };
        self.0.iter().any(|(key, names)| inside(key).is_some() && names.contains(name))
    }

    /// Whether the last part of a path, without arguments, is a public name or a method in the module before it.
    pub(super) fn has(&self, path: &str) -> bool {
        let plain: String = path.chars().filter(|c| c.is_alphanumeric() || "_:".contains(*c)).collect();
        let last = plain.rsplit("::").next().unwrap_or_default();
        self.0.values().any(|names| names.contains(last) || names.contains(&format!(".{last}")))
    }
}

fn collect(folder: &Path, module: &str, names: &mut BTreeMap<String, BTreeSet<String>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_string();
        if stem == "tests" {
            continue;
        }
        let inner = match stem.as_str() {
            "mod" | "lib" => module.to_string(),
            _ if module.is_empty() => stem,
            _ => format!("{module}::{stem}"),
        };
        if path.is_dir() {
            collect(&path, &inner, names);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            names.entry(inner).or_default().extend(public(&text));
        }
    }
}

/// Public names of a file: definitions, re-exports, and those that a macro defines a line each.
fn public(text: &str) -> BTreeSet<String> {
    let identifier =
        |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = BTreeSet::new();
    let mut in_macro = false;
    for line in text.lines() {
        let code = line.trim_start();
        let definitions = ["fn", "const fn", "struct", "enum", "trait", "type", "const", "static"];
        for kind in definitions {
            if let Some(rest) = code.strip_prefix("pub ").and_then(|c| c.strip_prefix(kind))
                && let Some(rest) = rest.strip_prefix(' ')
            {
                // Methods are marked: they are no names of their module.
                let mark = if code.len() < line.len() { "." } else { "" };
                names.insert(format!("{mark}{}", identifier(rest)));
            }
        }
        in_macro = match line {
            "}" => false,
            _ => in_macro || (line.ends_with("! {") && !line.starts_with("macro_rules")),
        };
        if let (true, Some(entry)) = (in_macro, line.strip_prefix("    ")) {
            let name = identifier(entry);
            let ends = entry[name.len()..].chars().next();
            if !name.is_empty() && matches!(ends, Some(',' | ':')) {
                names.insert(name);
            }
        }
    }
    for exports in text.split("\npub use ").skip(1) {
        let list = exports.split(';').next().unwrap_or_default();
        let parts = list.split(['{', '}', ',']).map(str::trim).filter(|part| !part.ends_with("::"));
        for part in parts {
            let name = part.rsplit(" as ").next().unwrap_or_default();
            names.insert(identifier(name.rsplit("::").next().unwrap_or_default()));
        }
    }
    names.remove("");
    names
}
