#![allow(clippy::unwrap_used)]
use super::*;
use serde_json::json;

#[test]
fn floats_that_json_lacks_survive_both_ways() {
    let text = r#"{"a": [Infinity, -Infinity, NaN], "b": "NaN, \"Infinity\" \\", "c": -1.5}"#;
    let value = parse_json(text.as_bytes(), "config.json").unwrap();
    assert_eq!(as_float(&value["a"][0]), Some(f64::INFINITY));
    assert_eq!(as_float(&value["a"][1]), Some(f64::NEG_INFINITY));
    assert!(as_float(&value["a"][2]).unwrap().is_nan());
    assert_eq!(value["b"], "NaN, \"Infinity\" \\");
    assert_eq!(as_float(&value["b"]), None);
    assert_eq!(as_float(&value["c"]), Some(-1.5));
    assert_eq!(to_json(&value), text);
    for x in [1.5, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(as_float(&float(x)), Some(x));
    }
    assert!(as_float(&float(f64::NAN)).unwrap().is_nan());
}

#[test]
fn of_equal_keys_the_last_counts() {
    assert_eq!(parse_json(br#"{"a": 1, "a": 2}"#, "x").unwrap(), json!({"a": 2}));
}

#[test]
fn errors_name_file_line_and_column_of_the_original_text() {
    for (text, place) in [
        ("{\n\"a\": NaN, \"b\": }", "line 2, column 16"),
        ("{\n\"a\": nul, \"b\": }", "line 2, column 9"),
        ("[-Infinity, x", "line 1, column 13"),
        ("[NaN, Infinity", "line 1, column 14"),
    ] {
        let error = parse_json(text.as_bytes(), "model.keras!config.json").unwrap_err().to_string();
        assert!(error.starts_with("model.keras!config.json: not a usable JSON file"), "{error}");
        assert!(error.ends_with(place), "{text}: {error}");
    }
}

#[test]
fn nesting_and_number_of_values_are_bounded() {
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    assert!(matches!(parse_json(&deep, "x"), Err(Error::Format { .. })));
    let many = [b"[0".to_vec(), b",0".repeat(MAX_VALUES), b"]".to_vec()].concat();
    assert!(matches!(parse_json(&many, "x"), Err(Error::TooLarge { .. })));
}

#[test]
fn broken_text_is_an_error() {
    for text in
        ["", "{", "\"", "\"\\", "{\"a\": \"\\u12", "Infinityy", "NaNNaN", "[1,]", "\u{feff}", "-Infinit"]
    {
        assert!(matches!(parse_json(text.as_bytes(), "x"), Err(Error::Format { .. })), "{text}");
    }
    assert!(matches!(parse_json(&[0xff, 0xfe], "x"), Err(Error::Format { .. })));
}
