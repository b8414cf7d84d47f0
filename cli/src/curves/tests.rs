#![allow(clippy::unwrap_used)]
use super::*;
use crate::usage::Usage;
use std::path::PathBuf;

fn history(entries: &[(&str, Vec<f64>)]) -> IndexMap<String, Vec<f64>> {
    entries.iter().map(|(key, values)| ((*key).to_string(), values.clone())).collect()
}

/// A curve from `start` down or up to `end`, with some noise.
fn curve(epochs: usize, start: f64, end: f64) -> Vec<f64> {
    let noise = |i: usize| ((i * 7919 % 101) as f64 / 101.0 - 0.5) * 0.06 * (start - end).abs();
    (0..epochs).map(|i| end + (start - end) * (-4.0 * i as f64 / epochs as f64).exp() + noise(i)).collect()
}

fn pictures() -> Vec<(&'static str, IndexMap<String, Vec<f64>>)> {
    let mut broken = curve(40, 2.0, 0.3);
    broken[12] = f64::NAN;
    broken[14] = f64::NAN;
    broken[30..].fill(f64::INFINITY);
    vec![
        ("one_epoch", history(&[("loss", vec![0.731]), ("val_loss", vec![0.802])])),
        (
            "five_epochs",
            history(&[
                ("loss", vec![0.62, 0.31, 0.22, 0.17, 0.13]),
                ("accuracy", vec![0.81, 0.91, 0.934, 0.95, 0.962]),
                ("val_loss", vec![0.4, 0.28, 0.23, 0.21, 0.215]),
                ("val_accuracy", vec![0.88, 0.915, 0.93, 0.938, 0.937]),
            ]),
        ),
        (
            "many_epochs",
            history(&[
                ("loss", curve(300, 2.3, 0.1)),
                ("sparse_categorical_accuracy", curve(300, 0.1, 0.97)),
                ("mean_absolute_error", curve(300, 123_456_789.0, 2000.0)),
                ("learning_rate", (0..300).map(|i| 1e-3 * 0.5f64.powi(i / 60)).collect()),
                ("val_loss", curve(300, 2.2, 0.35)),
                ("val_sparse_categorical_accuracy", curve(300, 0.12, 0.91)),
                ("val_mean_absolute_error", curve(150, 123_456_789.0, 9000.0)),
            ]),
        ),
        ("broken", history(&[("loss", broken), ("val_loss", curve(40, 2.1, 0.5))])),
        ("no_numbers", history(&[("loss", vec![f64::NAN; 3]), ("größe", vec![1e308, -1e308, 5e-324])])),
        ("constant", history(&[("loss", vec![0.0; 12]), ("mae", vec![1.0; 12]), ("mse", vec![-3e-7; 12])])),
    ]
}

#[test]
fn pictures_are_drawn() {
    let scratch = tempfile::tempdir().unwrap();
    // For looking at them.
    let directory =
        std::env::var_os("KERAS_RS_WRITE_PLOTS").map_or(scratch.path().to_path_buf(), PathBuf::from);
    for (name, history) in pictures() {
        let path = directory.join(name).with_extension("svg");
        plot_history(&history, &path).unwrap();
        let svg = std::fs::read_to_string(&path).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{name}");
        assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{name}");
        for key in history.keys() {
            let (metric, curve) =
                key.strip_prefix("val_").map_or((key.as_str(), "training"), |m| (m, "validation"));
            for text in [metric, curve, "epoch"] {
                assert!(svg.contains(&format!(">\n{text}\n</text>")), "{name}: {text}");
            }
        }
        let path = directory.join(name).with_extension("PNG");
        plot_history(&history, &path).unwrap();
        let decoder = ::png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&path).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let (columns, rows) = match Panel::of(&history).len() {
            1 => (1, 1),
            2 => (2, 1),
            _ => (2, 2),
        };
        assert_eq!((info.width, info.height), (columns * 1040, rows * 720), "{name}");
        assert!(pixels.iter().any(|v| *v < 0x60), "{name}: an empty picture");
    }
}

#[test]
fn names_of_all_kinds_are_drawn() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("curves.svg");
    let long = "mean_absolute_percentage_error_of_the_second_output".repeat(3);
    let all = history(&[
        ("val_only", vec![1.0, 2.0]),
        ("<a & b>\u{1}", vec![1.0]),
        (&long, vec![1.0]),
        ("val_", vec![1.0]),
        ("空", vec![1.0]),
        ("empty", vec![]),
    ]);
    plot_history(&all, &path).unwrap();
    let svg = std::fs::read_to_string(&path).unwrap();
    for text in [
        "\nonly\n",
        "\n&lt;a &amp; b&gt;\u{fffd}\n",
        "\nmean_absolute_percentage",
        "…\n",
        "\nval_\n",
        "\n空\n",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(!svg.contains(&long) && !svg.contains("empty"));
    assert_eq!(svg.matches("\nvalidation\n").count(), 1);
    assert!(svg.starts_with("<svg width=\"1560\" height=\"720\" viewBox=\"0 0 3120 1440\""));
    plot_history(&all, &scratch.path().join("curves.png")).unwrap();
}

#[test]
fn seldom_validation_stands_at_its_epochs() {
    let seldom = history(&[("loss", vec![1.0; 6]), ("val_loss", vec![1.0; 2])]);
    assert!(format!("{:?}", Panel::of(&seldom)).contains("[(3, 1.0), (6, 1.0)]"));
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let scratch = tempfile::tempdir().unwrap();
    let some = history(&[("loss", vec![1.0])]);
    for name in ["curves.pdf", "curves", "svg"] {
        let path = scratch.path().join(name);
        let error = plot_history(&some, &path).unwrap_err();
        assert!(error.downcast_ref::<Usage>().is_some(), "{error}");
        assert!(error.to_string().contains(".svg or .png"), "{error}");
        assert!(!path.exists());
    }
    let path = scratch.path().join("curves.svg");
    for empty in [history(&[]), history(&[("loss", vec![])])] {
        let error = plot_history(&empty, &path).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&EmptyHistory));
        assert!(!path.exists());
    }
    let error = plot_history(&some, &scratch.path().join("missing/curves.png")).unwrap_err();
    assert!(format!("{error:#}").contains("curves.png"), "{error:#}");
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
}

#[test]
fn a_picture_replaces_another() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("curves.svg");
    std::fs::write(&path, "old").unwrap();
    plot_history(&history(&[("loss", vec![1.0, 0.5])]), &path).unwrap();
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("<svg"));
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 1);
}

#[test]
fn axes_show_round_numbers() {
    let of = |values: &[f64]| {
        let axis = axis::Axis::of(values.iter().copied());
        axis.ticks().iter().map(|tick| axis.label(*tick)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of(&[0.13, 0.62]), "0.2 0.3 0.4 0.5 0.6");
    assert_eq!(of(&[0.0, 1.0]), "0 0.2 0.4 0.6 0.8 1");
    assert_eq!(of(&[-1.0, 1.0]), "-1 -0.5 0 0.5 1");
    assert_eq!(of(&[2e-5, 1e-4]), "0.2e-4 0.4e-4 0.6e-4 0.8e-4 1e-4");
    assert_eq!(of(&[0.0, 2.4e7]), "0 0.5e7 1e7 1.5e7 2e7 2.5e7");
    assert_eq!(of(&[]), "0 0.2 0.4 0.6 0.8 1");
}

/// Values of every size, and those that hardly differ, give an axis with a few numbers on it.
#[test]
fn axes_of_all_sizes_have_numbers() {
    for exponent in (-300..300).chain([-308]) {
        let size = 10f64.powi(exponent);
        for values in [[size, 2.0 * size], [-size, size], [size, size], [size, size * (1.0 + 1e-8)]] {
            let axis = axis::Axis::of(values.into_iter());
            let ticks = axis.ticks();
            assert!((1..=axis::TICKS).contains(&ticks.len()), "{values:?}: {ticks:?}");
            for value in values.map(|value| axis.scaled(value)) {
                assert!(axis.range.contains(&value), "{values:?}: {:?}", axis.range);
            }
        }
    }
}
