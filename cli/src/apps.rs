//! `keras-rs apps`: lists the applications.

use clap::Args;
use keras_rs_applications::VARIANTS;

use crate::report::thousands;

/// List the applications: name, parameters, input size, published weights
#[derive(Args)]
pub(crate) struct Apps {}

impl Apps {
    /// The table.
    pub(crate) fn run(&self) -> String {
        let mut table = format!("{:<14}{:>12}  {:<12}{}\n", "Name", "Parameters", "Input", "Weights");
        for variant in VARIANTS {
            let (size, parameters) = (variant.default_size, variant.flavor(true).parameters);
            table += &format!(
                "{:<14}{:>12}  {:<12}imagenet\n",
                variant.name,
                thousands(parameters),
                format!("{size}x{size}x3"),
            );
        }
        table
    }
}
