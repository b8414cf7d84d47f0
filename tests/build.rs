//! Makes tests of the pages in `docs` whose Rust blocks stand inside a function that gives a result. Lines that rustdoc
//! would hide are shown where a page is read elsewhere, so that the end of the function is added here, not in the pages.

use std::error::Error;
use std::path::{Path, PathBuf};

/// Last line of every block: any error that a block's `?` meets.
const END: &str = "Ok::<(), Box<dyn std::error::Error>>(())\n";

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    for page in ["backends.md", "burn.md", "from-keras.md"] {
        let path = Path::new("../docs").join(page);
        println!("cargo::rerun-if-changed={}", path.display());
        std::fs::write(out.join(page), with_ends(&std::fs::read_to_string(path)?))?;
    }
    Ok(())
}

fn with_ends(page: &str) -> String {
    let (mut text, mut rust) = (String::new(), false);
    for line in page.lines() {
        if rust && line == "```" {
            text.push_str(END);
        }
        rust = if line.starts_with("```") { line == "```rust" } else { rust };
        text.push_str(line);
        text.push('\n');
    }
    text
}
