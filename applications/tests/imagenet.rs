use keras_rs::Tensor;
use keras_rs_applications::{Error, Labels, decode_predictions, imagenet_classes};
use md5::{Digest, Md5};

/// Python's `json.dumps` with its default separators; the labels need no escapes.
fn as_keras_json() -> String {
    let entries: Vec<String> = imagenet_classes()
        .iter()
        .enumerate()
        .map(|(i, class)| format!("\"{i}\": [\"{}\", \"{}\"]", class.wordnet_id, class.label))
        .collect();
    format!("{{{}}}", entries.join(", "))
}

#[test]
fn the_table_has_the_md5_of_keras_class_index() {
    let digest = Md5::digest(as_keras_json().as_bytes());
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(hex, "c2c37ea517e94d9795004a39431a14cb");
}

#[test]
fn labels_may_repeat_but_ids_do_not() {
    let mut ids: Vec<_> = imagenet_classes().iter().map(|c| c.wordnet_id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 1000);
    let count = |label| imagenet_classes().iter().filter(|c| c.label == label).count();
    assert_eq!((count("crane"), count("maillot")), (2, 2));
}

#[test]
fn predictions_equal_keras() {
    let values: Vec<f32> = (0..3000).map(|i| (i * 7919 % 3000) as f32 / 4096.0).collect();
    for case in crate::fixture("predictions.json").as_array().unwrap() {
        let top = case["top"].as_u64().unwrap() as usize;
        let decoded = decode_predictions(&values, top).unwrap();
        let rows = case["rows"].as_array().unwrap();
        assert_eq!(decoded.len(), rows.len());
        for (got, expected) in decoded.iter().zip(rows) {
            let got: Vec<_> =
                got.iter().map(|p| serde_json::json!([p.wordnet_id, p.label, f64::from(p.score)])).collect();
            assert_eq!(&serde_json::Value::from(got), expected);
        }
    }
}

#[test]
fn ties_and_nan_are_ordered() {
    let mut scores = vec![0.0; 1000];
    scores[3] = f32::NAN;
    scores[7] = -0.0;
    let best = &decode_predictions(&scores, 2000).unwrap()[0];
    assert_eq!(best.len(), 1000);
    assert_eq!((best[0].index, best[1].index, best[999].index), (3, 999, 0));
    assert_eq!(best[993].index, 7);
}

#[test]
fn other_widths_are_refused() {
    assert!(decode_predictions(&[], 5).unwrap().is_empty());
    let error = decode_predictions(&[0.0; 1001], 5).unwrap_err();
    assert!(matches!(error, Error::Argument { argument: "values", .. }));
}

#[test]
fn labels_of_a_file_name_the_best_classes() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("labels.txt");
    std::fs::write(&file, "\u{feff}red fox \r\n\r\nHund\r\n\r\n").unwrap();
    let labels = Labels::read(&file).unwrap();
    assert_eq!(labels.names(), ["red fox", "", "Hund"]);
    let scores = Tensor::from_vec(vec![0.5_f32, 0.25, 0.25, 0.0, 1.0, -1.0], [2, 3]).unwrap();
    let best = labels.decode_predictions(&scores, 2).unwrap();
    let picked: Vec<Vec<_>> =
        best.iter().map(|row| row.iter().map(|p| (p.index, p.label)).collect()).collect();
    assert_eq!(picked, [[(0, "red fox"), (2, "Hund")], [(1, ""), (0, "red fox")]]);
    assert_eq!(labels.decode_predictions(&scores, 9).unwrap()[0].len(), 3);
}

#[test]
fn labels_that_do_not_fit_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("labels.txt");
    assert!(matches!(Labels::read(&file), Err(Error::Io { action: "read", .. })));
    std::fs::write(&file, "\n \n").unwrap();
    assert!(matches!(Labels::read(&file), Err(Error::Argument { argument: "path", .. })));
    std::fs::write(&file, [0xFF, 0xFE]).unwrap();
    assert!(matches!(Labels::read(&file), Err(Error::Io { .. })));
    for shape in [vec![6], vec![3, 2], vec![1, 2, 3]] {
        let scores = Tensor::from_vec(vec![0.0_f32; 6], shape).unwrap();
        let error = Labels::new(["a", "b", "c"]).decode_predictions(&scores, 1).unwrap_err();
        assert!(matches!(error, Error::Argument { argument: "scores", .. }), "{error}");
    }
    let none = Tensor::from_vec(vec![0.0_f32; 0], [1, 0]).unwrap();
    let error = Labels::new([""; 0]).decode_predictions(&none, 1).unwrap_err();
    assert!(matches!(error, Error::Argument { .. }), "{error}");
}
