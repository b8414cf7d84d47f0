//! `keras-rs download`: published weights into the cache.

use anyhow::{Result, anyhow, bail};
use clap::Args;
use keras_rs_applications::{Downloader, VARIANTS, Variant};

use crate::apps::did_you_mean;
use crate::terminal;

/// Download the published weights of applications
///
/// They are kept where Keras keeps them, in $KERAS_HOME/models or ~/.keras/models, and are used from there. A file that is there
/// already is checked and not downloaded again; a broken download is taken up where it stopped. The paths are printed.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keras-rs download resnet50
  keras-rs download densenet121 vgg16 --no-top")]
pub(crate) struct Download {
    /// Names of applications (see `keras-rs apps`)
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,

    /// The weights without the classifier, for features and transfer learning
    #[arg(long)]
    no_top: bool,
}

impl Download {
    /// Downloads; gives the files' paths, a line each.
    pub(crate) fn run(&self) -> Result<String> {
        let variants = self.names.iter().map(|name| find(name)).collect::<Result<Vec<&Variant>>>()?;
        let downloader = Downloader::from_env()?.progress(!terminal::is_quiet());
        let mut text = String::new();
        let mut failed = Vec::new();
        for variant in &variants {
            match downloader.fetch(&variant.weights(!self.no_top)) {
                Ok(path) => text += &format!("{}\n", path.display()),
                Err(error) if variants.len() == 1 => return Err(error.into()),
                Err(error) => {
                    terminal::warn(format!("{}: {:#}", variant.model_name, anyhow!(error)));
                    failed.push(variant.model_name);
                }
            }
        }
        if !failed.is_empty() {
            terminal::print(&text)?;
            bail!("could not get the weights of {}", failed.join(", "));
        }
        Ok(text)
    }
}

fn find(name: &str) -> Result<&'static Variant> {
    let found = VARIANTS.iter().find(|variant| variant.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| anyhow!("there is no application {name}; {}", did_you_mean(name)))
}
