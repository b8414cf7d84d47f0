//! Summaries against the text that real Keras prints.

use crate::support::{chain, fixture};
use keras_rs::models::Summary;
use keras_rs::prelude::*;
use keras_rs::{load_model, model_from_json};

/// The models of the fixtures that Keras printed summaries of, by folder.
fn models() -> Vec<(String, keras_rs::Result<Model>)> {
    let only = std::env::var("CASE").unwrap_or_default();
    let mut names: Vec<String> = std::fs::read_dir(fixture("models"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(&only) && fixture(&format!("models/{name}/summary.txt")).exists())
        .collect();
    names.sort();
    let load = |name: &String| {
        let case = crate::support::json(&format!("models/{name}/case.json"));
        load_model(fixture(&format!("models/{name}")).join(case["model"].as_str().unwrap()))
    };
    names.iter().map(|name| (name.clone(), load(name))).collect()
}

/// Leaves out what Keras counts of the optimizer of a model that it printed while it was compiled.
fn without_optimizer(text: &str) -> String {
    let compiled = text.contains(" Optimizer params:");
    let counted =
        |line: &&str| !line.starts_with(" Optimizer params:") && !line.starts_with(" Total params:");
    if compiled { text.lines().filter(counted).collect::<Vec<_>>().join("\n") } else { text.into() }
}

/// The first line in which two texts differ.
fn difference(got: &str, want: &str) -> Option<String> {
    let (mut got, mut want) = (got.lines(), want.trim_end().lines());
    loop {
        match (got.next(), want.next()) {
            (None, None) => return None,
            (a, b) if a == b => {}
            (a, b) => return Some(format!("\n  {}\n  {}", a.unwrap_or("(end)"), b.unwrap_or("(end)"))),
        }
    }
}

#[test]
fn summaries_are_kerass() {
    let mut failures = Vec::new();
    for (name, model) in models() {
        let model = match model {
            Ok(model) => model,
            Err(error) => {
                failures.push(format!("{name}: {}", chain(&error)));
                continue;
            }
        };
        let plain = Summary::new().line_length(100);
        let expanded = plain.clone().expand_nested(true).show_trainable(true);
        for (file, options) in [("summary.txt", plain), ("summary_expanded.txt", expanded)] {
            let Ok(want) = std::fs::read_to_string(fixture(&format!("models/{name}/{file}"))) else {
                continue;
            };
            let mut got = model.summary_with(&options).unwrap();
            if want.contains(" Optimizer params:") {
                got = got.lines().filter(|l| !l.starts_with(" Total params:")).collect::<Vec<_>>().join("\n");
            }
            if let Some(difference) = difference(&got, &without_optimizer(&want)) {
                failures.push(format!("{name}/{file}:{difference}"));
            }
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
}

/// What Keras 3.15.1 prints where the terminal has 80 columns.
#[test]
fn a_model_that_is_not_built_has_no_shapes() {
    let model = Sequential::new().add(Dense::new(3)).add(Dropout::new(0.5)).build().unwrap();
    let want = r#"Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ dense (Dense)                   │ ?                      │   0 (unbuilt) │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dropout (Dropout)               │ ?                      │             0 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 0 (0.00 B)
 Trainable params: 0 (0.00 B)
 Non-trainable params: 0 (0.00 B)"#;
    assert_eq!(difference(&model.summary(), want), None);

    model.build([None, Some(4)]).unwrap();
    let want = r#"Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━┓
┃ Layer (type)                ┃ Output Shape          ┃    Param # ┃ Trai… ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━┩
│ dense (Dense)               │ (None, 3)             │         15 │   Y   │
├─────────────────────────────┼───────────────────────┼────────────┼───────┤
│ dropout (Dropout)           │ (None, 3)             │          0 │   -   │
└─────────────────────────────┴───────────────────────┴────────────┴───────┘
 Total params: 15 (60.00 B)
 Trainable params: 15 (60.00 B)
 Non-trainable params: 0 (0.00 B)"#;
    let text = model.summary_with(&Summary::new().show_trainable(true)).unwrap();
    assert_eq!(difference(&text, want), None);
}

#[test]
fn an_empty_model_has_an_empty_table() {
    let want = r#"Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 0 (0.00 B)
 Trainable params: 0 (0.00 B)
 Non-trainable params: 0 (0.00 B)"#;
    assert_eq!(difference(&Sequential::new().build().unwrap().summary(), want), None);
}

#[test]
fn long_names_are_cut_and_shared_layers_listed_once() {
    let x = Input::new([4]).name("input_layer_4");
    let name = "a_very_long_name_that_will_not_fit_into_the_column_of_the_table_at_all_really_no";
    let dense = Dense::new(3).name(name).shared();
    let (a, b) = (dense.apply(&x).unwrap(), dense.apply(&x).unwrap());
    let y = Concatenate::new().apply([&a, &b]).unwrap();
    let model = Model::named("functional_2", &x, &y).unwrap();
    let want = r#"Model: "functional_2"
┏━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━┳━━━━━┓
┃               ┃ Output      ┃  Param ┃ Connected   ┃     ┃
┃ Layer (type)  ┃ Shape       ┃      # ┃ to          ┃ Tr… ┃
┡━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━╇━━━━━┩
│ input_layer_4 │ (None, 4)   │      0 │ -           │  -  │
│ (InputLayer)  │             │        │             │     │
├───────────────┼─────────────┼────────┼─────────────┼─────┤
│ a_very_long_… │ (None, 3)   │     15 │ input_laye… │  Y  │
│ (Dense)       │             │        │ input_laye… │     │
├───────────────┼─────────────┼────────┼─────────────┼─────┤
│ concatenate   │ (None, 6)   │      0 │ a_very_lon… │  -  │
│ (Concatenate) │             │        │ a_very_lon… │     │
└───────────────┴─────────────┴────────┴─────────────┴─────┘
 Total params: 15 (60.00 B)
 Trainable params: 15 (60.00 B)
 Non-trainable params: 0 (0.00 B)"#;
    let options = Summary::new().line_length(60).show_trainable(true);
    assert_eq!(difference(&model.summary_with(&options).unwrap(), want), None);
    assert!(model.summary_with(&Summary::new().line_length(10)).is_err());
}

#[test]
fn a_loaded_configuration_has_a_summary_before_it_has_weights() {
    let model = Sequential::new().add(Input::new([4])).add(Dense::new(2)).build().unwrap();
    assert_eq!(model_from_json(&model.to_json()).unwrap().summary(), model.summary());
}
