//! `keras-rs`: runs, inspects and converts Keras models from the command line.
//!
//! Commands return their output as text; this file, `terminal.rs` and the server, which has something to say before it
//! ends, alone write to stdout and stderr.

mod apps;
mod architecture;
mod backends;
mod bench;
mod builtin;
mod columns;
mod convert;
mod curves;
mod download;
mod drawing;
mod evaluate;
mod explain;
mod files;
mod fit;
mod images;
mod inputs;
mod inspect;
mod manual;
mod model;
mod outputs;
mod pictures;
mod plot;
mod predict;
mod report;
mod serve;
mod summary;
mod terminal;
mod training;
mod usage;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use anyhow::Result;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use keras_rs::backend::{self, Backend};
use keras_rs::limits;

use usage::Usage;

/// Run, inspect and convert Keras models
#[derive(Parser)]
#[command(name = "keras-rs", version, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  keras-rs predict                               the built-in network reads a digit
  keras-rs predict densenet121 photo.jpg         what a photograph shows
  keras-rs inspect model.keras                   what is in a file
  keras-rs plot model.keras -o model.svg         a picture of a model
  keras-rs fit model.keras data.npz -o new.keras")]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Backend to compute on [default: $KERAS_RS_BACKEND, else the first that is compiled in]
    #[arg(long, global = true, value_name = "BACKEND")]
    #[arg(value_parser = PossibleValuesParser::new(Backend::ALL.map(shown_if_enabled))
        .try_map(|name| name.parse::<Backend>()))]
    backend: Option<Backend>,

    /// Most memory that the program may use, such as 512MB or 2GiB [default: $KERAS_RS_MAX_MEMORY,
    /// else what the machine can give]
    #[arg(long, global = true, value_name = "SIZE", value_parser = limits::parse_size)]
    max_memory: Option<u64>,

    /// Print nothing but results and errors
    #[arg(long, short, global = true)]
    quiet: bool,

    /// Say on stderr how long things take
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    verbose: bool,
}

/// A backend's name; `--help` shows those that are compiled in, the error about another says what is missing.
fn shown_if_enabled(backend: Backend) -> PossibleValue {
    PossibleValue::new(backend.name()).hide(!backend.is_enabled())
}

#[derive(Subcommand)]
enum Command {
    Predict(predict::Predict),
    Evaluate(evaluate::Evaluate),
    Explain(explain::Explain),
    // Boxed, because it is the largest variant.
    Fit(Box<fit::Fit>),
    Summary(summary::Summary),
    Inspect(inspect::Inspect),
    Plot(plot::Plot),
    Apps(apps::Apps),
    Download(download::Download),
    Backends(backends::Backends),
    Convert(convert::Convert),
    Bench(bench::Bench),
    // Boxed, because it is large.
    Serve(Box<serve::Serve>),
    Completions(manual::Completions),
    Man(manual::Man),
    #[command(hide = true)]
    Page(manual::Page),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // The panic handler has printed the message; the exit code is set here.
    let Ok(result) = catch_unwind(AssertUnwindSafe(|| run(&cli))) else {
        return ExitCode::FAILURE;
    };
    match result.and_then(|text| terminal::print(&text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<terminal::Closed>() => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn run(cli: &Cli) -> Result<String> {
    terminal::set_quiet(cli.quiet);
    terminal::set_verbose(cli.verbose);
    if let Some(backend) = cli.backend {
        backend::set_default_backend(backend)?;
    }
    if let Some(bytes) = cli.max_memory {
        limits::set_max_memory(bytes);
    }
    // A wrong environment variable shows here, not as the failure of some layer.
    limits::max_memory()?;
    match &cli.command {
        Command::Predict(predict) => predict.run(),
        Command::Evaluate(evaluate) => evaluate.run(),
        Command::Explain(explain) => explain.run(),
        Command::Fit(fit) => fit.run(),
        Command::Summary(summary) => summary.run(),
        Command::Inspect(inspect) => inspect.run(),
        Command::Plot(plot) => plot.run(),
        Command::Apps(apps) => apps.run(),
        Command::Download(download) => download.run(),
        Command::Backends(backends) => Ok(backends.run()),
        Command::Convert(convert) => convert.run(),
        Command::Bench(bench) => bench.run(),
        Command::Serve(serve) => serve.run(),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
        Command::Page(page) => Ok(page.run()),
    }
}

/// Prints the error and its causes to stderr.
fn fail(error: &anyhow::Error) -> ExitCode {
    let is_usage = error.downcast_ref::<Usage>().is_some();
    let hint = if is_usage { "\n\nFor more information, try '--help'." } else { "" };
    terminal::error(format!("{error:#}{hint}"));
    ExitCode::from(if is_usage { 2 } else { 1 })
}
