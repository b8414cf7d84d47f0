#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;

fn named(value: Number) -> [(&'static str, Number); 1] {
    [("x", value)]
}

#[test]
fn numbers_are_written_as_python_writes_them() {
    let cases = include_str!("cases.txt");
    let mut count = 0;
    for line in cases.lines() {
        let [spec, kind, value, expected] = line.split('|').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let number = match kind {
            "i" => Number::Int(value.parse().unwrap()),
            _ => Number::Float(value.parse().unwrap()),
        };
        let text = fill(&format!("a{{x:{spec}}}b"), &named(number)).unwrap();
        assert_eq!(text, format!("a{expected}b"), "{spec} of {value}");
        count += 1;
    }
    assert!(count > 400);
}

#[test]
fn templates_are_filled() {
    let values = [("epoch", Number::Int(3)), ("val_loss", Number::Float(0.125))];
    assert_eq!(fill("{epoch:02d}-{val_loss:.2f}.keras", &values).unwrap(), "03-0.12.keras");
    assert_eq!(fill("{{{epoch}}}", &values).unwrap(), "{3}");
    let unknown = fill("{val_los}", &values).unwrap_err();
    assert!(matches!(&unknown, Error::UnknownName { nearest, .. } if nearest[0] == "val_loss"), "{unknown}");
    for wrong in
        ["{epoch", "epoch}", "{epoch:q}", "{val_loss:d}", "{epoch:.3d}", "{epoch:9999d}", "{epoch:}}"]
    {
        assert!(fill(wrong, &values).is_err(), "{wrong}");
    }
}
