use super::Error;

#[test]
fn debug_is_the_text_with_its_causes() {
    let missing = std::io::Error::new(std::io::ErrorKind::NotFound, "no such file");
    let source = keras_rs::Error::io("w.h5", "open", missing);
    let error = Error::Weights { path: "w.h5".into(), source };
    assert_eq!(format!("{error:?}"), "cannot load weights from w.h5: w.h5: open failed: no such file");
    let missing = std::io::Error::new(std::io::ErrorKind::NotFound, "no such file");
    let error = Error::Keras(keras_rs::Error::io("w.h5", "open", missing));
    assert_eq!(format!("{error:?}"), "w.h5: open failed: no such file");
}
