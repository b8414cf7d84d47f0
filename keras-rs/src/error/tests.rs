#![allow(clippy::unwrap_used)]
use super::*;
use std::io;

fn missing_file() -> Error {
    Error::io("m.keras", "open", io::Error::new(io::ErrorKind::NotFound, "no such file"))
}

#[test]
fn debug_is_the_text_with_its_causes() {
    assert_eq!(missing_file().to_string(), "m.keras: open failed");
    assert_eq!(format!("{:?}", missing_file()), "m.keras: open failed: no such file");
    let shape = Error::shape("dense", "input", "(None, 4)", "(2, 3)");
    let text = "dense: `input` has the wrong shape: expected (None, 4), got (2, 3)";
    assert_eq!(format!("{shape:?}"), text);
    let nested = shape.in_layer("dense").in_layer("encoder");
    assert_eq!(nested.to_string(), "in layer encoder/dense");
    assert_eq!(format!("{nested:?}"), format!("in layer encoder/dense: {text}"));
    assert_eq!(format!("{nested:#?}"), format!("in layer encoder/dense\ncaused by: {text}"));
    let result: Result<()> = Err(missing_file());
    assert_eq!(format!("{result:?}"), "Err(m.keras: open failed: no such file)");
}

#[test]
fn a_cause_is_said_once() {
    // An error that repeats its own cause, as many libraries' do.
    #[derive(Debug, thiserror::Error)]
    #[error("reading failed: {0}")]
    struct Repeating(#[source] io::Error);

    let cause = Repeating(io::Error::other("the cable is out"));
    let error = Error::data("row 3", cause);
    let text = format!("{error:?}");
    assert_eq!(text, "row 3: the data source failed: reading failed: the cable is out");
}

#[test]
fn messages_have_a_bound() {
    let long = "ä".repeat(50_000);
    let paths = || (0..10_000).map(|i| format!("{i}/{long}"));
    let problems = paths().take(300).map(|path| WeightProblem::Missing { path, expected: vec![1; 64] });
    let classes =
        paths().take(300).map(|path| UnknownClass { path, class_name: long.clone(), module: long.clone() });
    let graph = |problem| Error::Graph { model: long.clone(), problem };
    let errors = [
        Error::shape(&long, &long, &long, &long),
        Error::argument(&long, &long, &long, &long),
        Error::format(&long, "HDF5", &long, &long),
        Error::UnknownName { kind: "layer", name: long.clone(), nearest: vec![long.clone(); 5] },
        Error::Config { object: long.clone(), key: long.clone(), expected: long.clone(), got: long.clone() },
        Error::Weights { problems: problems.collect() },
        Error::UnknownClasses { classes: classes.collect() },
        graph(GraphProblem::Unresolvable { layers: paths().take(300).collect() }),
        graph(GraphProblem::MissingReference { reference: long.clone() }),
        Error::TooLarge { context: long.clone(), bytes: 1, limit: 0 },
        Error::Panicked { context: long.clone(), message: long.clone() },
        Error::io(&long, "open", io::Error::other("no")).in_layer(&long).in_layer(&long),
    ];
    for error in errors {
        assert!(error.to_string().len() < 2048, "{} bytes: {error}", error.to_string().len());
        assert!(error.to_string().contains("bytes more"), "{error}");
        assert!(format!("{error:?}").len() < 4096);
    }
}

#[test]
fn long_lists_say_how_many_more_there_are() {
    let layers: Vec<String> = (0..1000).map(|i| format!("layer_{i}")).collect();
    let text = GraphProblem::Unresolvable { layers }.to_string();
    assert!(text.contains("form a cycle: layer_0, layer_1, "), "{text}");
    assert!(text.ends_with(", layer_100, and 899 more"), "{text}");
    let few = GraphProblem::Unresolvable { layers: vec!["a".into(), "b".into()] };
    assert!(few.to_string().ends_with(": a, b"));
}

#[test]
fn values_are_cut_in_the_middle() {
    assert_eq!(text::cut("short"), "short");
    let path = format!("/{}/model.keras", "deep/".repeat(1000));
    let cut = text::cut(&path);
    assert!(cut.starts_with("/deep/") && cut.ends_with("/model.keras"), "{cut}");
    assert!(cut.contains("[... 4") && cut.len() <= 440, "{cut}");
}
