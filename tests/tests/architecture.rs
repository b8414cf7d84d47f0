//! The arrows between modules.

use crate::support::repository;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Modules by the line of `docs/architecture.md` that they stand on.
fn lines() -> HashMap<String, usize> {
    let text = std::fs::read_to_string(repository("docs/architecture.md")).unwrap();
    let list = text.split("```modules").nth(1).unwrap().split("```").next().unwrap();
    let mut lines = HashMap::new();
    for line in list.lines().filter(|l| !l.trim().is_empty()) {
        let (number, modules) = line.split_once(':').unwrap();
        for module in modules.split_whitespace() {
            lines.insert(module.to_string(), number.parse().unwrap());
        }
    }
    lines
}

#[test]
fn modules_use_what_stands_above_them() {
    let lines = lines();
    let root = repository("keras-rs/src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 100);
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&root).unwrap();
        let module =
            inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let own = *lines.get(module).unwrap_or_else(|| panic!("docs/architecture.md does not list {module}"));
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|l| !l.trim_start().starts_with("//"));
        // Tests may use everything.
        let code: Vec<&str> = code.take_while(|l| !l.contains("#[cfg(test)]")).collect();
        if file.file_stem().unwrap().to_str().unwrap().ends_with("tests") {
            continue;
        }
        for part in code.join("\n").split("crate::").skip(1) {
            let used: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if lines.get(&used).is_some_and(|&line| line > own) {
                wrong.push(format!("{} uses {used}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
