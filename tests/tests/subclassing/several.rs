//! Models of users with several inputs and outputs.

use super::*;
use keras_rs::compile::PerOutput;
use keras_rs::data::Columns;
use keras_rs::losses::Huber;

/// What `fixtures/subclassing/generate.py` trains the models with: inputs and targets in order.
fn data(expected: &Value) -> ([Tensor; 2], [Tensor; 2]) {
    let part = |name: &str, features: usize| tensor(&expected[name], &[8, features]);
    ([part("image", 3), part("text", 2)], [part("kind", 1), part("price", 1)])
}

/// The loss of each output, its weight, its metrics.
fn compile(model: &Model, by_name: bool) {
    let kind = || PerOutput::from("sparse_categorical_crossentropy");
    let price = || PerOutput::from(Huber::new().name("distance"));
    let compile = match by_name {
        false => Compile::new()
            .optimizer("adam")
            .loss([kind(), price()])
            .loss_weights([1.0, 0.5])
            .metrics([["accuracy"], ["mae"]]),
        true => Compile::new()
            .optimizer("adam")
            .loss([("kind", kind()), ("price", price())])
            .loss_weights([("kind", 1.0), ("price", 0.5)])
            .metrics([("kind", ["accuracy"]), ("price", ["mae"])]),
    };
    model.compile_with(compile).unwrap();
}

fn all_close(got: &[Tensor], expected: &Value, what: &str) {
    assert_eq!(got.len(), 2, "{what}");
    for (got, expected) in got.iter().zip(expected.as_array().unwrap()) {
        close(&values(got), expected, what);
    }
}

/// The whole life of a model beside Keras: filled, compiled, trained, evaluated, saved, loaded, trained on.
fn lives(model: Model, name: &str, x: impl Fn() -> Columns, y: impl Fn() -> Columns) {
    let all = expected();
    let expected = &all["ads"][name];
    let weights = fixture(&format!("subclassing/ad_{name}.weights.h5"));
    model.predict_all(x()).unwrap();
    model.load_weights(&weights).unwrap();
    all_close(&model.predict_all(x()).unwrap(), &expected["before"], "before");
    compile(&model, name == "names");
    let options = || Fit::new().batch_size(4).shuffle(false).verbose(0);
    let history = model.fit(x(), y(), options().epochs(3)).unwrap();
    let names = expected["history"].as_object().unwrap();
    assert_eq!(history.history.len(), names.len(), "{history:?}");
    for (name, values) in names {
        close(&history[name.as_str()], values, name);
    }
    let evaluated = model.evaluate(x(), y(), Evaluate::new().batch_size(3).verbose(0)).unwrap();
    for (name, value) in expected["evaluate"].as_object().unwrap() {
        close(&[evaluated[name.as_str()]], &Value::from(vec![value.clone()]), name);
    }

    let directory = tempfile::tempdir().unwrap();
    let (whole, weights) = (directory.path().join("m.keras"), directory.path().join("m.weights.h5"));
    model.save(&whole).unwrap();
    model.save_weights(&weights).unwrap();
    let filled = clone_model(&model).unwrap();
    filled.predict_all(x()).unwrap();
    filled.load_weights(&weights).unwrap();
    let (ours, theirs) = (load_model_with(&whole, &custom()).unwrap(), load(&format!("ad_{name}.keras")));
    for (model, what) in
        [(&model, "trained"), (&ours, "ours"), (&theirs, "Keras'"), (&filled, "weights alone")]
    {
        all_close(&model.predict_all(x()).unwrap(), &expected["after"], what);
    }
    // The optimizer's state is in the file as well.
    for (model, what) in [(model, "trained"), (ours, "ours"), (theirs, "Keras'")] {
        let history = model.fit(x(), y(), options()).unwrap();
        close(&history["loss"], &expected["again"], what);
    }
}

#[test]
fn several_inputs_and_outputs_in_lists() {
    let ([image, text], [kind, price]) = data(&expected()["ads"]);
    let model = Model::subclassed(AdLists::new());
    assert!(model.input_names().is_err() && model.output_names().is_err());
    lives(model, "lists", || [&image, &text].into(), || (&kind, &price).into());
}

#[test]
fn several_inputs_and_outputs_in_dictionaries() {
    let ([image, text], [kind, price]) = data(&expected()["ads"]);
    let model = Model::subclassed(AdNames::new());
    assert_eq!(model.input_names().unwrap(), ["image", "text"]);
    assert_eq!(model.output_names().unwrap(), ["kind", "price"]);
    lives(
        model,
        "names",
        || [("text", &text), ("image", &image)].into(),
        || [("price", &price), ("kind", &kind)].into(),
    );
    // In the order of the keys as well.
    let model = Model::subclassed(AdNames::new());
    lives(model, "names", || [&image, &text].into(), || [&kind, &price].into());
}

#[test]
fn wrong_names_of_inputs_and_outputs_are_refused() {
    let ([image, text], [kind, price]) = data(&expected()["ads"]);
    let model = Model::subclassed(AdNames::new());
    let refused = |columns: Columns| model.predict_all(columns).unwrap_err().to_string();
    assert!(refused([("image", &image)].into()).contains("text"));
    assert!(refused([("image", &image), ("words", &text)].into()).contains("words"));
    assert!(refused((&image).into()).contains("expected 2 inputs"));
    compile(&model, true);
    let fit = |y: Columns| model.fit([&image, &text], y, Fit::new().verbose(0)).unwrap_err().to_string();
    assert!(fit([("kind", &kind), ("cost", &price)].into()).contains("cost"));
    let model = Model::subclassed(AdLists::new());
    let named = model.predict_all([("image", &image), ("text", &text)]).unwrap_err().to_string();
    assert!(named.contains("by position"), "{named}");
}
