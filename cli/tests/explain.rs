use super::*;
use keras_rs_applications::{LoadImg, load_img};

fn network(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/grad_cam").join(name)
}

#[test]
fn the_overlay_has_the_images_size() {
    let directory = tempfile::tempdir().unwrap();
    let overlay = directory.path().join("overlay.png");
    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../applications/tests/fixtures/images/plain.jpg");
    let text = run_line("explain {} {} -o {} --class 2", &[&network("dense.keras"), &photo, &overlay]).ok();
    assert!(text.contains(": class 2 (") && text.contains("by layer last"), "{text}");
    assert!(text.ends_with(&format!("{}\n", overlay.display())), "{text}");
    let (own, made) =
        (load_img(&photo, LoadImg::new()).unwrap(), load_img(&overlay, LoadImg::new()).unwrap());
    assert_eq!((made.height, made.width), (own.height, own.width));
}

#[test]
fn what_cannot_be_explained_is_said() {
    let photo = asset("digit.png");
    let error = run_line("explain {} {} --class 4", &[&network("dense.keras"), &photo]).fails(1);
    assert!(error.contains("less than 4"), "{error}");
    let error = run_line("explain {} {} --layer pool", &[&network("dense.keras"), &photo]).fails(1);
    assert!(error.contains("`layer`"), "{error}");
}

/// Sizes that the application leaves open are those it was trained with.
#[test]
fn an_application_of_any_size_is_explained() {
    let directory = tempfile::tempdir().unwrap();
    let overlay = directory.path().join("overlay.png");
    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../applications/tests/fixtures/images/plain.jpg");
    let text = run_line("explain mobilenetv3small {} --weights none -o {}", &[&photo, &overlay]).ok();
    assert!(text.contains("by layer activation_17"), "{text}");
    assert!(overlay.exists());
}
