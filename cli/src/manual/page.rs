//! The command line as a page of Markdown.

use clap::{Arg, Command};

/// Options whose values depend on how the program was built.
const OF_THE_BUILD: [&str; 1] = ["backend"];

/// A chapter for each command, and one for the options of all.
pub(super) fn page(mut program: Command) -> String {
    program.build();
    let mut text = String::from(
        "# The command line\n\n\
         Made by the program itself, from what `keras-rs --help` says; `cli/tests/manual.rs` compares the two.\n\n",
    );
    let commands: Vec<&Command> = program
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name() != "help")
        .collect();
    for command in &commands {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let name = command.get_name();
        text += &format!("- [`{name}`](#keras-rs-{name}): {about}\n");
    }
    for command in &commands {
        text += &chapter(command);
    }
    text += "\n## Options of every command\n\n";
    let global: Vec<&Arg> = program.get_arguments().filter(|arg| arg.is_global_set()).collect();
    global.into_iter().for_each(|arg| text += &entry(arg));
    text
}

fn chapter(command: &Command) -> String {
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let mut text = format!("\n## keras-rs {}\n\n{}\n", command.get_name(), ended(&about));
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    text += &format!("\n```text\n{usage}\n```\n");
    let arguments: Vec<&Arg> = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set() && !arg.is_global_set() && arg.get_id() != "help")
        .collect();
    if !arguments.is_empty() {
        text.push('\n');
    }
    let (places, options): (Vec<&Arg>, Vec<&Arg>) =
        arguments.into_iter().partition(|arg| arg.is_positional());
    places.into_iter().chain(options).for_each(|arg| text += &entry(arg));
    if command.get_name() == "plot" {
        text += "\n![A model with three inputs, as plot draws it with --shapes and --names](plot.svg)\n";
    }
    if let Some(examples) = command.get_after_help().map(ToString::to_string) {
        let lines: Vec<&str> = examples.lines().filter(|line| *line != "Examples:").map(str::trim).collect();
        text += &format!("\n```sh\n{}\n```\n", lines.join("\n"));
    }
    text
}

/// An argument: how it is written, what it is, and what it may be.
fn entry(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default().replace('\n', " ");
    let mut text = format!("- `{}`: {}", written(arg), help);
    if !arg.get_action().takes_values() {
        return text + "\n";
    }
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !values.is_empty() && !OF_THE_BUILD.contains(&arg.get_id().as_str()) {
        text += &format!("; one of {}", values.join(", "));
    }
    let defaults: Vec<String> =
        arg.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
    if !defaults.is_empty() {
        text += &format!(" (default {})", defaults.join(", "));
    }
    text + "\n"
}

/// As it is typed: `-o, --output <OUT.npz>`.
fn written(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default().iter().map(|name| format!("<{name}>"));
    let value = names.collect::<Vec<_>>().join(" ");
    let flags: Vec<String> = arg
        .get_short()
        .map(|short| format!("-{short}"))
        .into_iter()
        .chain(arg.get_long().map(|long| format!("--{long}")))
        .collect();
    match (flags.is_empty(), arg.get_action().takes_values()) {
        (true, _) => value,
        (false, true) => format!("{} {value}", flags.join(", ")),
        (false, false) => flags.join(", "),
    }
}

/// A text that ends a sentence, paragraph by paragraph.
fn ended(text: &str) -> String {
    let end = |paragraph: &str| match paragraph.ends_with(['.', ':', '!', '?']) {
        true => paragraph.to_string(),
        false => format!("{paragraph}."),
    };
    text.split("\n\n").map(end).collect::<Vec<_>>().join("\n\n")
}
