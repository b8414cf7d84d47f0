//! What is made from the command line itself: completions for shells, man pages, and the page of the documentation.

mod page;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::Cli;

/// Print a script that completes commands and options in a shell
#[derive(Args)]
#[command(after_help = "\
Examples:
  keras-rs completions bash > ~/.local/share/bash-completion/completions/keras-rs
  keras-rs completions zsh > ~/.zfunc/_keras-rs
  keras-rs completions fish > ~/.config/fish/completions/keras-rs.fish")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// The script.
    pub(crate) fn run(&self) -> Result<String> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "keras-rs", &mut script);
        Ok(String::from_utf8(script)?)
    }
}

/// Write man pages, one for each command
#[derive(Args)]
#[command(after_help = "\
Examples:
  keras-rs man ~/.local/share/man/man1
  man keras-rs-predict")]
pub(crate) struct Man {
    /// The folder; it is made where it is missing
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

impl Man {
    /// Writes the pages; gives an empty text.
    pub(crate) fn run(&self) -> Result<String> {
        let write = || {
            std::fs::create_dir_all(&self.directory)?;
            clap_mangen::generate_to(Cli::command(), &self.directory)
        };
        write().with_context(|| format!("cannot write man pages to {}", self.directory.display()))?;
        Ok(String::new())
    }
}

/// Print the page of the documentation on the command line
#[derive(Args)]
pub(crate) struct Page {}

impl Page {
    /// Markdown: `docs/cli.md`.
    pub(crate) fn run(&self) -> String {
        page::page(Cli::command())
    }
}
