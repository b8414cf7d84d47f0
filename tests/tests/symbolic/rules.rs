//! What holds for all functions: operators, unknown sizes, refusals, the table.

use super::*;

#[test]
fn sizes_of_images_may_be_unknown() -> Result<()> {
    use ops::image::{self, Interpolation, Margins, Resize};
    let x = Input::new([None, None, Some(3)]);
    assert_eq!(image::resize(&x, [4, 5], Resize::new())?.shape().to_string(), "(None, 4, 5, 3)");
    let margins = Margins::new().top(1).bottom(1).left(0).target_width(7);
    assert_eq!(image::pad_images(&x, margins, LAST)?.shape().to_string(), "(None, None, 7, 3)");
    let patches = image::extract_patches(&x, 2, None, 1, Padding::Valid, LAST)?;
    assert_eq!(patches.shape().to_string(), "(None, None, None, 12)");
    // The batch of a symbolic tensor is unknown, and stays.
    let (scale, shift) = (Tensor::from([2.0, 2.0])?, Tensor::from([0.0, 0.0])?);
    let (open, dims) = ([None, Some(4), Some(5), Some(3)], [1, 2]);
    let y = image::scale_and_translate(&x, open, &scale, &shift, &dims, Interpolation::Bilinear, true)?;
    assert_eq!(y.shape().to_string(), "(None, 4, 5, 3)");
    let again = model_from_json(&Model::new(&x, &y)?.to_json())?;
    let got = again.predict(floats(&[3, 2, 3, 3], 1.0, 0.0))?;
    assert_eq!(got.shape(), [3, 4, 5, 3]);
    assert!(image::rgb_to_hsv(&Input::new([4, 4, 2]), LAST).is_err());
    assert!(image::crop_images(&Input::new([2, 2, 3]), margins.target_width(3), LAST).is_err());
    Ok(())
}

#[test]
fn rust_operators_make_keras_operations() {
    cases! {
        "Add" (x, y) x + y;
        "Add" (x) x + 1.5;
        "Subtract" (x) 1.0 - x;
        "Multiply" (x) 2 * x;
        "Multiply" (x, n) x * n;
        "TrueDivide" (x) x / 3.0;
        "TrueDivide" (large) 1.0 / large;
        "Mod" (n) n % 2;
        "Negative" (x) -x;
        "LogicalNot" (b) !b;
        "LogicalAnd" (b, c) b & c;
        "LogicalOr" (b, c) b | c;
        "LogicalXor" (b, c) b ^ c;
        "Add" (x, y) x * y + x;
        "Subtract" (x, y) y - (x * y);
        "Add" (x) x + Tensor::from([1.0, 2.0, 3.0, 4.0])?;
        "Matmul" (m) ops::matmul(m, &Tensor::from([[1.0], [2.0], [3.0], [4.0]])?);
    }
}

#[test]
fn inputs_stand_for_their_tensors() -> Result<()> {
    let (a, b) = (Input::new([2]), Input::new([2]));
    let y = (&(&a + &b)? * (1.0 - &a)?)?;
    let model = Model::new((&a, &b), &ops::mean(&y, -1, true)?)?;
    let (x, z) = (Tensor::from([[1.0, 2.0]])?, Tensor::from([[3.0, 4.0]])?);
    assert_eq!(model.predict((&x, &z))?.to_vec::<f32>()?, [-3.0]);
    Ok(())
}

#[test]
fn errors_name_class_and_argument() {
    let (a, b) = (Input::new([2]), Input::new([3]));
    let error = format!("{:?}", (&a + &b).unwrap_err());
    assert!(error.contains("add") && error.contains("(None, 2)"), "{error}");
    let error = format!("{:?}", ops::mean(&a, 3, false).unwrap_err());
    assert!(error.contains("mean") && error.contains("axis"), "{error}");
}

/// Keras caps logits on TPUs only.
#[test]
fn logits_of_attention_are_capped() -> Result<()> {
    let given = given("image");
    let capped = ops::Attention::new().scale(1.0).attn_logits_soft_cap(0.5);
    let x = &given.symbolic;
    let options = ops::Attention::new().scale(1.0).attn_logits_soft_cap(0.5);
    let model = Model::new(x, &ops::dot_product_attention(x, x, x, options)?)?;
    let got = model_from_json(&model.to_json())?.predict(&given.values)?;

    let heads = ops::transpose(&given.values, [0, 2, 1, 3])?;
    let logits = ops::matmul(&heads, &ops::transpose(&heads, [0, 1, 3, 2])?)?;
    let bounded = ops::multiply(&ops::tanh(&ops::multiply(&logits, &2.0)?)?, &0.5)?;
    let want = ops::transpose(&ops::matmul(&ops::softmax(&bounded, -1)?, &heads)?, [0, 2, 1, 3])?;
    let difference = ops::max(&ops::absolute(&ops::subtract(&got, &want)?)?, (), false, None)?;
    assert!(difference.to_scalar()? < 1e-6, "{difference}");
    let values = &given.values;
    assert_equal("capped", &[ops::dot_product_attention(values, values, values, capped)?], &[got]);
    let refused =
        ops::dot_product_attention(values, values, values, capped.attn_logits_soft_cap(0.0)).unwrap_err();
    assert!(refused.to_string().contains("attn_logits_soft_cap"), "{refused}");
    Ok(())
}

/// Keras' own class of convolutions knows no groups.
#[test]
fn shapes_that_keras_does_not_wire_are_refused() {
    let (image, kernel) = (Input::new([8, 8, 4]), floats(&[3, 3, 2, 6], 1.0, 0.0));
    let window = Window::default();
    let image = image.keras_tensor().unwrap();
    let pair = Input::new([3]).dtype(DType::I32).keras_tensor().unwrap();
    let refused = [
        (ops::conv(&image, &kernel, window).unwrap_err(), "4"),
        (ops::depthwise_conv(&image, &kernel, window).unwrap_err(), "2 channels"),
        (ops::conv_transpose(&image, &kernel, None, window).unwrap_err(), "6 channels"),
        (ops::conv(&image, &kernel.reshape([9, 2, 6]).unwrap(), window).unwrap_err(), "kernel"),
        (ops::unfold(&pair, 2, 1, 0, 1).unwrap_err(), "(None, 3)"),
        (ops::fold(&Input::new([5, 4]), 3, 2, 1, 0, 1).unwrap_err(), "(None, 5, 4)"),
        (ops::psnr(&image, &pair, 1.0).unwrap_err(), "(None, 3)"),
        (ops::binary_crossentropy(&pair, &image, false).unwrap_err(), "(None, 3)"),
        (ops::stft(&pair, 4, 1, 2, SignalWindow::Hann, true).unwrap_err(), "fft_length"),
        (ops::istft([&pair, &image], 2, 1, 2, None, SignalWindow::Hann, true).unwrap_err(), "(None, 3)"),
        (ops::ctc_decode(&image, &pair, CtcDecoding::new()).unwrap_err(), "logits"),
    ];
    for (error, part) in &refused {
        let text = crate::support::chain(error);
        assert!(text.contains(part), "{text}: {part}");
    }
}

#[test]
fn what_keras_keeps_in_no_file_is_refused() {
    let x = Input::new([4]);
    let x = x.keras_tensor().unwrap();
    let n = Input::new([4]).dtype(DType::I32).keras_tensor().unwrap();
    let refused = [
        ops::trapezoid(&x, Some(&x), 1.0, -1).unwrap_err(),
        ops::bincount(&n, Some(&x), 3).unwrap_err(),
        ops::quantile(&x, &0.5, -1, QuantileMethod::Lower, false).unwrap_err(),
    ];
    for (error, names) in
        refused.iter().zip([["Trapezoid", "x"], ["Bincount", "weights"], ["Quantile", "method"]])
    {
        let text = crate::support::chain(error);
        assert!(names.iter().all(|name| text.contains(name)) && text.contains("Keras"), "{text}");
    }
}

/// Real Keras does not open what it saved of these.
#[test]
fn bounds_of_a_histogram_go_through_files() -> Result<()> {
    let x = Input::new(Shape::default()).batch_size(4).keras_tensor()?;
    let [counts, edges] = ops::histogram(&x, 2, (0.0, 1.0))?;
    let model = model_from_json(&Model::new(&x, [&counts, &edges])?.to_json())?;
    let outputs = model.call(&[Tensor::from([0.25, 0.75, 1.0, 7.0])?])?;
    assert_eq!(outputs[0].to_vec::<f32>()?, [1.0, 2.0]);
    assert_eq!(outputs[1].to_vec::<f32>()?, [0.0, 0.5, 1.0]);
    Ok(())
}

/// Every function that is generic over its operands names a class that files know.
#[test]
fn every_operation_is_in_the_table() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../keras-rs/src/ops");
    let mut folders = vec![folder];
    let (mut found, mut unknown) = (0, Vec::new());
    let known: Vec<&str> = Operation::class_names().collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for part in text.split("\n#[operation").skip(1) {
                let (options, rest) = part.split_once("fn ").unwrap();
                let named = options.strip_prefix("(\"").and_then(|options| options.split('"').next());
                let class = named.map(str::to_string).unwrap_or_else(|| {
                    let name = rest.split('(').next().unwrap();
                    name.split('_')
                        .map(|w| w[..w.len().min(1)].to_uppercase() + &w[w.len().min(1)..])
                        .collect()
                });
                found += 1;
                if !known.contains(&class.as_str()) {
                    unknown.push(class);
                }
            }
        }
    }
    assert!(found > 90, "{found}");
    assert!(unknown.is_empty(), "{unknown:?}");
}
