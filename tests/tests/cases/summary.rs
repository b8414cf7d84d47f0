//! Summaries against the text that real Keras prints.

use crate::fits::folders;
use crate::support::{chain, fixture, json, lines_differ};
use crate::{Checked, trial};
use keras_rs::load_model;
use keras_rs::models::Summary;
use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    let names = folders("models").into_iter();
    let names = names.filter(|name| fixture(&format!("models/{name}/summary.txt")).exists());
    names.map(|name| trial(&format!("summary::{name}"), move || check(&name))).collect()
}

const OPTIMIZER: &str = " Optimizer params:";

/// Leaves out what counts the optimizer.
fn without_optimizer(text: &str) -> String {
    let counted = |line: &&str| !line.starts_with(OPTIMIZER) && !line.starts_with(" Total params:");
    text.lines().filter(counted).collect::<Vec<_>>().join("\n")
}

fn check(name: &str) -> Checked {
    let folder = fixture(&format!("models/{name}"));
    let case = json(&format!("models/{name}/case.json"));
    // Keras does not read the settings of all the legacy files that it writes, so that its summary is
    // of the model before it was saved.
    let legacy = case["model"].as_str().unwrap().ends_with(".h5");
    let model = load_model(folder.join(case["model"].as_str().unwrap())).map_err(|e| chain(&e))?;
    let plain = Summary::new().line_length(100);
    let expanded = plain.clone().expand_nested(true).show_trainable(true);
    for (file, options) in [("summary", plain), ("summary_expanded", expanded)] {
        // What Keras prints of the loaded model, where that differs.
        let files = [format!("{file}_loaded.txt"), format!("{file}.txt")].map(|file| folder.join(file));
        let Some(found) = files.iter().find(|file| file.exists()) else { continue };
        let mut want = std::fs::read_to_string(found).unwrap();
        let mut got = model.summary_with(&options).map_err(|e| chain(&e))?;
        if legacy && !want.contains(OPTIMIZER) {
            (got, want) = (without_optimizer(&got), without_optimizer(&want));
        }
        if let Some(difference) = lines_differ(&got, &want) {
            return Err(format!("{file}:{difference}"));
        }
    }
    Ok(())
}
