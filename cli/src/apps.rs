//! `keras-rs apps`: lists the applications.

use anyhow::{Result, bail};
use clap::Args;
use keras_rs_applications::{VARIANTS, Variant};
use serde_json::{Value, json};

use crate::columns::columns;
use crate::report::thousands;

/// List the applications: name, parameters, input size, published weights and their size
#[derive(Args)]
#[command(after_help = "\
Examples:
  keras-rs apps
  keras-rs apps resnet
  keras-rs apps --json | jq -r '.[] | select(.parameters < 1e7) | .name'")]
pub(crate) struct Apps {
    /// Show only those whose names contain these words
    search: Vec<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Apps {
    /// The table.
    pub(crate) fn run(&self) -> Result<String> {
        let words: Vec<String> = self.search.iter().map(|word| word.to_lowercase()).collect();
        let matches = |variant: &&Variant| {
            let names = [variant.name, variant.model_name].map(str::to_lowercase);
            words.iter().all(|word| names.iter().any(|name| name.contains(word)))
        };
        let found: Vec<&Variant> = VARIANTS.iter().filter(matches).collect();
        if found.is_empty() {
            let search = self.search.join(" ");
            bail!("no application is called like {search}; {}", did_you_mean(&search));
        }
        if self.json {
            return Ok(format!("{}\n", found.into_iter().map(to_json).collect::<Value>()));
        }
        let mut rows = vec![["Name", "Parameters", "Input", "Weights", "MB"].map(String::from).to_vec()];
        rows.extend(found.into_iter().map(|variant| {
            let size = variant.default_size;
            vec![
                variant.name.to_string(),
                thousands(variant.flavor(true).parameters),
                format!("{size}x{size}x3"),
                "imagenet".into(),
                megabytes(variant).to_string(),
            ]
        }));
        Ok(columns(&rows, &[1, 4]))
    }
}

/// What the weights with the classifier take, in units of 1024 * 1024 bytes as in Keras' own table.
fn megabytes(variant: &Variant) -> u64 {
    (variant.flavor(true).parameters * size_of::<f32>() as u64).div_ceil(1 << 20)
}

fn to_json(variant: &Variant) -> Value {
    json!({
        "name": variant.model_name,
        "function": variant.name,
        "parameters": variant.flavor(true).parameters,
        "parameters_without_top": variant.flavor(false).parameters,
        "input_size": variant.default_size,
        "min_size": variant.min_size,
        "weights": ["imagenet"],
        "megabytes": megabytes(variant),
    })
}

/// As many names are proposed.
const PROPOSED: usize = 3;

/// How alike names must be to be proposed, of 1.
const ALIKE: f64 = 0.85;

/// What to do about an unknown name: the applications whose names are most like it, and how to see all.
pub(crate) fn did_you_mean(name: &str) -> String {
    let plain =
        |name: &str| name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let name = plain(name);
    let mut alike: Vec<(f64, &str)> = VARIANTS
        .iter()
        .map(|variant| (strsim::jaro_winkler(&name, &plain(variant.name)), variant.model_name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .collect();
    alike.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    // A name that was only spelled in another way is the one that was meant.
    let exact = alike.first().is_some_and(|(_, first)| plain(first) == name);
    let names: Vec<&str> =
        alike.into_iter().take(if exact { 1 } else { PROPOSED }).map(|(_, name)| name).collect();
    match names.as_slice() {
        [] => "`keras-rs apps` lists them".into(),
        [only] => format!("did you mean {only}? `keras-rs apps` lists all"),
        [first @ .., last] => {
            format!("did you mean {} or {last}? `keras-rs apps` lists all", first.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_names_are_proposed() {
        assert_eq!(did_you_mean("ResNet-50"), "did you mean resnet50? `keras-rs apps` lists all");
        assert!(did_you_mean("densnet121").starts_with("did you mean densenet121"));
        assert_eq!(did_you_mean("model"), "`keras-rs apps` lists them");
        assert_eq!(did_you_mean(""), "`keras-rs apps` lists them");
    }
}
