//! The images that arguments stand for: files, folders, patterns and the program's input.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Ends of names of image files.
const EXTENSIONS: [&str; 6] = ["png", "jpg", "jpeg", "gif", "bmp", "webp"];

/// An image that is to be read.
#[derive(Debug, PartialEq)]
pub(crate) enum Picture {
    /// A file.
    File(PathBuf),
    /// Bytes with a name.
    Bytes(String, Vec<u8>),
}

impl Picture {
    /// What the report calls it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Bytes(name, _) => name.clone(),
        }
    }

    /// What the file holds.
    pub(crate) fn read(&self) -> Result<Vec<u8>> {
        match self {
            Self::File(path) => {
                std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
            }
            Self::Bytes(_, bytes) => Ok(bytes.clone()),
        }
    }
}

/// The images of all arguments in their order: a folder stands for the images in it and in the folders below it, by name; a
/// pattern with `*`, `?` or `[` that is no file's name for the files it fits.
pub(crate) fn find(arguments: &[PathBuf]) -> Result<Vec<Picture>> {
    let mut pictures = Vec::new();
    for argument in arguments {
        let text = argument.to_string_lossy();
        if argument.is_dir() {
            let before = pictures.len();
            folder(argument, &mut pictures)?;
            if pictures.len() == before {
                bail!("the folder {text} holds no images ({})", EXTENSIONS.join(", "));
            }
        } else if text.contains(['*', '?', '[']) && !argument.exists() {
            let files = glob::glob(&text).with_context(|| format!("{text} is no pattern of file names"))?;
            let files = files.collect::<Result<Vec<_>, _>>()?;
            if files.is_empty() {
                bail!("no file fits the pattern {text}");
            }
            pictures.extend(files.into_iter().filter(|file| file.is_file()).map(Picture::File));
        } else {
            pictures.push(Picture::File(argument.clone()));
        }
    }
    Ok(pictures)
}

/// Whether an argument stands for the program's input.
pub(crate) fn is_stdin(argument: &Path) -> bool {
    argument.as_os_str() == "-"
}

/// All of the program's input.
pub(crate) fn stdin() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read stdin")?;
    if bytes.is_empty() {
        bail!("stdin is empty: pipe an image or a .npy or .npz file into it");
    }
    Ok(bytes)
}

fn folder(path: &Path, pictures: &mut Vec<Picture>) -> Result<()> {
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let entries = entries.with_context(|| format!("cannot list the folder {}", path.display()))?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        // A link to a folder may lead back to where it lies.
        if path.is_dir() && !path.is_symlink() {
            folder(&path, pictures)?;
        } else if EXTENSIONS.contains(&extension.as_str()) {
            pictures.push(Picture::File(path));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn files_folders_and_patterns() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        std::fs::create_dir(at("inside")).unwrap();
        for name in ["b.png", "a.JPG", "notes.txt", "inside/c.webp"] {
            std::fs::write(at(name), b"").unwrap();
        }
        let files = |names: &[&str]| names.iter().map(|name| Picture::File(at(name))).collect::<Vec<_>>();
        let found = |argument: &str| find(&[at(argument)]);
        assert_eq!(found("").unwrap(), files(&["a.JPG", "b.png", "inside/c.webp"]));
        assert_eq!(found("*.png").unwrap(), files(&["b.png"]));
        assert_eq!(found("missing.png").unwrap(), files(&["missing.png"]));
        assert!(found("*.tif").unwrap_err().to_string().contains("no file fits"));
        std::fs::create_dir(at("empty")).unwrap();
        assert!(found("empty").unwrap_err().to_string().contains("holds no images"));
    }
}
