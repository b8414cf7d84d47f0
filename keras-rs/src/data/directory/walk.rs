//! Files under a directory, in the order of Keras' loaders.

use crate::error::{Error, Result};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Names of the subdirectories that are classes, in order; names that start with a dot are ignored.
pub(super) fn subdirectories(directory: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for path in entries(directory)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// All files of one of the formats, however deep: directories in the order of their whole paths,
/// character by character, and files within one by name.
pub(super) fn files(directory: &Path, formats: &[&str], follow_links: bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![(directory.to_path_buf(), BTreeSet::new())];
    while let Some((root, mut above)) = open.pop() {
        // A link to a parent directory would be a cycle.
        if follow_links && !above.insert(root.canonicalize().map_err(|e| Error::io(&root, "resolve", e))?) {
            continue;
        }
        let mut names = Vec::new();
        for path in entries(&root)? {
            if !path.is_dir() {
                let name = path.file_name().unwrap_or_default().to_os_string();
                let lower = name.to_string_lossy().to_lowercase();
                if formats.iter().any(|format| lower.ends_with(format)) {
                    names.push(name);
                }
            } else if follow_links || !path.is_symlink() {
                open.push((path, above.clone()));
            }
        }
        names.sort();
        found.push((root, names));
    }
    // Rust orders paths by components, so that `a/b` would precede `a-b`, unlike in Python.
    found.sort_by(|(a, _), (b, _)| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    Ok(found.into_iter().flat_map(|(root, names)| names.into_iter().map(move |n| root.join(n))).collect())
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |e| Error::io(directory, "list", e);
    std::fs::read_dir(directory)
        .map_err(failed)?
        .map(|entry| entry.map(|e| e.path()).map_err(failed))
        .collect()
}
