//! `docs/coverage.md`: a row for each name of Keras' API, and what there is of it here.
//!
//! What is done follows from the class tables and from the public names in the sources; `exceptions.rs` says why a
//! name is not there, or is there under another.

mod exceptions;
mod sources;

use crate::support::{json, repository};
use exceptions::{Exception, find};
use keras_rs::activations::Activation;
use keras_rs::config::Registered;
use keras_rs::constraints::Constraint;
use keras_rs::initializers::Initializer;
use keras_rs::layers::Layer;
use keras_rs::losses::Loss;
use keras_rs::metrics::Metric;
use keras_rs::optimizers::{LearningRateSchedule, Optimizer};
use keras_rs::regularizers::Regularizer;
use sources::Sources;
use std::collections::BTreeSet;

const HEAD: &str = "\
# What there is of Keras' API

A row for each public name of Keras 3.15.1. Made by `KERAS_RS_BLESS=1 cargo test --workspace --test all coverage` from the
class tables, the public names in the sources, and the reasons in `tests/tests/coverage/exceptions.rs`; a test holds it
against them.

- done: there, under the path that is named, or by name where files and arguments name it as text;
- refused: not there, for the reason that is named;
- preprocessing: belongs to preprocessing, which is not there yet.

What is done lacks these arguments: `lora_rank` and `lora_alpha` (to come with LoRA), `weights` of `Embedding`, `sparse` and `ragged`
(no such tensors), `synchronized` (one device), and of functions `compute_uv` of `svd`, `retstep` of `linspace`, `assume_unique` of
`isin`; `TensorBoard` is without images, embeddings and profiles.
";

/// What there is of a name.
#[derive(Clone, Debug, PartialEq)]
enum State {
    Done(String),
    Refused(&'static str),
    Preprocessing,
}

impl State {
    fn word(&self) -> &str {
        match self {
            Self::Done(_) => "done",
            Self::Refused(_) => "refused",
            Self::Preprocessing => "preprocessing",
        }
    }

    fn note(&self) -> &str {
        match self {
            Self::Done(path) => path,
            Self::Refused(reason) => reason,
            Self::Preprocessing => "",
        }
    }
}

/// Names that files and arguments may hold as text, of a section.
fn registered(section: &str) -> BTreeSet<&'static str> {
    match section {
        "layers" => <Box<dyn Layer>>::classes().names().collect(),
        "optimizers" => Optimizer::classes().names().collect(),
        "optimizers.schedules" => LearningRateSchedule::classes().names().collect(),
        "losses" => Loss::classes().names().collect(),
        "metrics" => Metric::classes().names().collect(),
        "initializers" => Initializer::classes().names().collect(),
        "regularizers" => Regularizer::classes().names().collect(),
        "constraints" => Constraint::classes().names().collect(),
        "activations" => Activation::classes().names().collect(),
        _ => BTreeSet::new(),
    }
}

/// What there is of a name of a section.
fn state(section: &str, name: &str, sources: &Sources) -> Result<State, String> {
    let module = section.replace('.', "::");
    let path = sources.path(&module, name);
    let by_name = || registered(section).contains(name).then(|| format!("by name: `\"{name}\"`"));
    let done = path.map(|path| format!("`{path}`")).or_else(by_name).map(State::Done);
    let exception = find(section, name);
    match (done, exception) {
        (Some(done), None) => Ok(done),
        (Some(_), Some(_)) => Err(format!("{section}.{name} is there: its exception is one too many")),
        (None, None) => Err(format!("{section}.{name} is not there, and no exception says why")),
        (None, Some(Exception::Refused(reason))) => Ok(State::Refused(reason)),
        (None, Some(Exception::Preprocessing)) => Ok(State::Preprocessing),
        (None, Some(Exception::At(path))) => match sources.has(path) {
            true => Ok(State::Done(format!("`{path}`"))),
            false => Err(format!("{section}.{name} should be at {path}, which is not in the sources")),
        },
    }
}

/// The page, and what is wrong with the exceptions.
fn page() -> (String, Vec<String>) {
    let names = json("objects/names.json");
    let sources = Sources::read();
    let (mut tables, mut wrong) = (String::new(), Vec::new());
    let mut counts = String::from("\n| section | done | refused | preprocessing |\n|---|---|---|---|\n");
    for (section, names) in names.as_object().unwrap() {
        tables.push_str(&format!("\n## {section}\n\n| name | state | where, or why not |\n|---|---|---|\n"));
        let mut count = [0; 3];
        for name in names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()) {
            let state = match state(section, name, &sources) {
                Ok(state) => state,
                Err(problem) => {
                    wrong.push(problem);
                    continue;
                }
            };
            let column = match &state {
                State::Done(_) => 0,
                State::Refused(_) => 1,
                State::Preprocessing => 2,
            };
            count[column] += 1;
            tables.push_str(&format!("| {name} | {} | {} |\n", state.word(), state.note()));
        }
        let [done, refused, preprocessing] = count;
        counts.push_str(&format!("| {section} | {done} | {refused} | {preprocessing} |\n"));
    }
    (format!("{HEAD}{counts}{tables}"), wrong)
}

#[test]
fn coverage_is_documented() {
    let path = repository("docs/coverage.md");
    let (page, wrong) = page();
    if std::env::var_os("KERAS_RS_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = page.lines().zip(written.lines()).find(|(a, b)| a != b);
    assert!(page == written, "refresh docs/coverage.md as it says itself; first difference: {differs:?}");
}

#[test]
fn every_exception_stands_for_a_name() {
    let names = json("objects/names.json");
    let unknown: Vec<String> = exceptions::all()
        .filter(|(section, name)| {
            !names[*section].as_array().is_some_and(|names| names.iter().any(|n| n == name))
        })
        .map(|(section, name)| format!("{section}.{name}"))
        .collect();
    assert!(unknown.is_empty(), "not in the list: {}", unknown.join(", "));
}
