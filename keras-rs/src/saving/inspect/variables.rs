//! The variables in files: what their tables of contents say.

use super::{FileContents, FileFormat, FileVariable};
use crate::error::{Error, Result};
use crate::saving::hdf5::Group;
use crate::saving::safetensors::read_table;
use std::path::Path;

/// Groups may hold each other, or one group many times: a walk ends somewhere.
const MAX_GROUPS: usize = 20_000;
const MAX_DEPTH: usize = 64;

/// Groups of an optimizer's state, in files of Keras 3 and 2.
const OPTIMIZER: [&str; 2] = ["optimizer", "optimizer_weights"];

/// Every dataset below a group.
pub(super) fn of_tree(root: &Group, origin: &Path, found: &mut Vec<FileVariable>) -> Result<()> {
    let mut pending = vec![(String::new(), root.clone(), 0)];
    let mut visited = 0;
    while let Some((path, group, depth)) = pending.pop() {
        visited += 1;
        if depth > MAX_DEPTH || visited > MAX_GROUPS {
            let got = if depth > MAX_DEPTH { "deeper ones" } else { "more of them" };
            let expected = format!("at most {MAX_GROUPS} groups, {MAX_DEPTH} deep");
            return Err(Error::format(origin, "HDF5", expected, got));
        }
        let join = |name: &str| if path.is_empty() { name.to_string() } else { format!("{path}/{name}") };
        let mut names = group.datasets()?;
        // Sorted as text, 10 stands before 2.
        names.sort_by_key(|name| name.parse::<u64>().ok());
        let first = path.split('/').next().unwrap_or_default();
        let of_optimizer = OPTIMIZER.contains(&first);
        let layer = if names.is_empty() || of_optimizer { None } else { layer_of(&group, &path)? };
        for name in names {
            let (shape, dtype) = group.checked_info(&name)?;
            found.push(FileVariable { path: join(&name), layer: layer.clone(), shape, dtype, of_optimizer });
        }
        for name in group.groups()?.into_iter().rev() {
            pending.extend(group.find_group(&name)?.map(|inner| (join(&name), inner, depth + 1)));
        }
    }
    Ok(())
}

/// Keras 3 writes a layer's name beside its variables; in files of Keras 2 it is the name of a group.
fn layer_of(group: &Group, path: &str) -> Result<Option<String>> {
    if path == "vars" || path.ends_with("/vars") {
        return group.attr_str("name");
    }
    let mut parts = path.split('/');
    let first = parts.next().filter(|first| !first.is_empty());
    let layer = if first == Some("model_weights") { parts.next() } else { first };
    Ok(layer.map(str::to_string))
}

/// The tensors of a `.safetensors` file.
pub(super) fn of_safetensors(path: &Path) -> Result<FileContents> {
    let table = read_table(path)?;
    let mut contents = FileContents::new(FileFormat::Safetensors);
    contents.metadata = table.metadata.into_iter().collect();
    contents.metadata.sort_unstable_keys();
    contents.variables = table
        .tensors
        .into_iter()
        .map(|(path, (shape, dtype))| {
            let layer = path.rsplit_once('/').map(|(layer, _)| layer.to_string());
            FileVariable { path, layer, shape, dtype, of_optimizer: false }
        })
        .collect();
    Ok(contents)
}
