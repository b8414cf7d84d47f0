//! Summaries of models that no file holds.

use crate::support::lines_differ as difference;
use keras_rs::models::Summary;
use keras_rs::prelude::*;
use keras_rs::training::Fit;
use keras_rs::{load_model, model_from_json};

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

/// The lines under the table.
fn totals(model: &Model) -> Vec<String> {
    model.summary().lines().filter(|line| line.contains(" params: ")).map(str::to_string).collect()
}

/// Numbers that Keras 3.15.1 prints of the same model on JAX, at the same moments.
#[test]
fn the_optimizer_counts_once_it_is_built() {
    let model = Sequential::new().add(Input::new([4])).add(Dense::new(3)).add(BatchNormalization::new());
    let model = model.build().unwrap();
    let own = [" Trainable params: 21 (84.00 B)", " Non-trainable params: 6 (24.00 B)"];
    let untrained = [" Total params: 27 (108.00 B)", own[0], own[1]];
    assert_eq!(totals(&model), untrained);
    model.compile("adam", "mse", ()).unwrap();
    assert_eq!(totals(&model), untrained, "before the first step it remembers nothing");

    let (x, y) = (Tensor::ones([8, 4], DType::F32).unwrap(), Tensor::ones([8, 3], DType::F32).unwrap());
    model.fit(&x, &y, Fit::new().verbose(0)).unwrap();
    let trained = [" Total params: 71 (284.00 B)", own[0], own[1], " Optimizer params: 44 (176.00 B)"];
    assert_eq!(totals(&model), trained);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trained.keras");
    model.save(&file).unwrap();
    assert_eq!(totals(&load_model(&file).unwrap()), trained, "loaded with its state");
    model.set_trainable(false);
    let frozen =
        [trained[0], " Trainable params: 0 (0.00 B)", " Non-trainable params: 27 (108.00 B)", trained[3]];
    assert_eq!(totals(&model), frozen);

    // Saved before it was trained, a loaded model's optimizer is built, too.
    let model = Sequential::new().add(Input::new([4])).add(Dense::new(3)).build().unwrap();
    model.compile("sgd", "mse", ()).unwrap();
    let file = folder.path().join("untrained.keras");
    model.save(&file).unwrap();
    let loaded = totals(&load_model(&file).unwrap());
    assert_eq!(loaded[0], " Total params: 17 (68.00 B)");
    assert_eq!(loaded[3], " Optimizer params: 2 (8.00 B)");
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
