//! `keras-rs`: runs, inspects and converts Keras models from the command line.
//!
//! Commands return their output as text; this file, `terminal.rs` and the server, which has something to say before it
//! ends, alone write to stdout and stderr.

mod apps;
mod bench;
mod builtin;
mod convert;
mod evaluate;
mod explain;
mod files;
mod fit;
mod images;
mod inputs;
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

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use anyhow::Result;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use keras_rs::backend::{self, Backend};
use keras_rs::limits;

use usage::Usage;

/// Run, inspect and convert Keras models
#[derive(Parser)]
#[command(name = "keras-rs", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Backend to compute on [default: $KERAS_RS_BACKEND, else the first that is compiled in]
    #[arg(long, global = true, value_name = "BACKEND")]
    #[arg(value_parser = PossibleValuesParser::new(Backend::ALL.map(Backend::name))
        .try_map(|name| name.parse::<Backend>()))]
    backend: Option<Backend>,

    /// Most memory that the program may use, such as 512MB or 2GiB [default: $KERAS_RS_MAX_MEMORY,
    /// else what the machine can give]
    #[arg(long, global = true, value_name = "SIZE", value_parser = limits::parse_size)]
    max_memory: Option<u64>,

    /// Print nothing but results and errors
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    Predict(predict::Predict),
    Evaluate(evaluate::Evaluate),
    Explain(explain::Explain),
    // Boxed, because it is the largest variant.
    Fit(Box<fit::Fit>),
    Summary(summary::Summary),
    Apps(apps::Apps),
    Convert(convert::Convert),
    Bench(bench::Bench),
    // Boxed, because it is large.
    Serve(Box<serve::Serve>),
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
        Command::Apps(apps) => Ok(apps.run()),
        Command::Convert(convert) => convert.run(),
        Command::Bench(bench) => bench.run(),
        Command::Serve(serve) => serve.run(),
    }
}

/// Prints the error and its causes to stderr.
fn fail(error: &anyhow::Error) -> ExitCode {
    let mut stderr = std::io::stderr().lock();
    let is_usage = error.downcast_ref::<Usage>().is_some();
    let hint = if is_usage { "\n\nFor more information, try '--help'." } else { "" };
    // If stderr is closed too, the error cannot be reported.
    writeln!(stderr, "error: {error:#}{hint}").ok();
    ExitCode::from(if is_usage { 2 } else { 1 })
}
