#![allow(clippy::unwrap_used)]
use super::*;

fn columns(names: &[&str]) -> Result<(Columns, Columns, Columns)> {
    let array = || TensorData::from_values(&[1.0_f32], vec![1]).unwrap();
    npz_columns(names.iter().map(|name| (name.to_string(), array())).collect())
}

fn text(names: &[&str]) -> String {
    columns(names).unwrap_err().to_string()
}

#[test]
fn names_tell_parts_and_columns() {
    let (x, y, weight) = columns(&["y_b", "x", "sample_weight_b", "y_a"]).unwrap();
    assert!(matches!(x, Columns::List(x) if x.len() == 1));
    let Columns::Named(y) = y else { unreachable!() };
    assert_eq!(y.keys().collect::<Vec<_>>(), ["b", "a"]);
    assert!(matches!(weight, Columns::Named(w) if w.contains_key("b")));
    let (x, y, weight) = columns(&["x_sample_weight", "sample_weight"]).unwrap();
    assert!(matches!(x, Columns::Named(x) if x.contains_key("sample_weight")));
    assert!(y.is_none() && matches!(weight, Columns::List(_)));
}

#[test]
fn what_is_missing_or_unknown_is_named() {
    assert_eq!(
        text(&["y"]),
        "npz: invalid `x`: expected an array `x`, or `x_<input>` for each input, got neither"
    );
    for unknown in ["xs", "x_", "labels", "y-1", "", "sample_weights"] {
        let error = columns(&["x", unknown]).unwrap_err();
        assert!(matches!(&error, Error::UnknownName { name, .. } if name == unknown), "{error}");
    }
    assert!(text(&["x", "x_a"]).contains("both, with names [\"a\"]"));
}
