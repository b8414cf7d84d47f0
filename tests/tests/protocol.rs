//! The call protocol, seen from a user's own layers, and what a model's files and flags mean.

use keras_rs::config::CustomObjects;
use keras_rs::initializers::Initializer;
use keras_rs::layer::{Asset, Signature};
use keras_rs::optimizers::SGD;
use keras_rs::prelude::*;
use keras_rs::training::Fit;
use serde_json::{Value, json};
use std::sync::Mutex;

/// `x * scale + shift`, with the scale as a weight and the shift as a second argument.
#[derive(Clone, Debug, KerasConfig)]
#[keras(package = "tests")]
struct Shifted {
    base: LayerBase,
    /// First value of the scale.
    #[keras(new)]
    scale: f64,
}

impl Layer for Shifted {
    fn signature(&self) -> Signature {
        Signature::new(&["x", "shift", "negate"]).built_from(&["x", "shift"])
    }

    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        let initializer = Initializer::from(keras_rs::initializers::Constant::new(self.scale));
        scope.weight("scale", &[], &initializer).add()
    }

    fn call(&self, mut inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let negate = inputs.flag("negate", false)?;
        let shift = inputs.take("shift")?;
        let x = inputs.take("x")?.ok_or_else(|| Error::argument("Shifted", "x", "a tensor", "nothing"))?;
        let mut y = x.mul(&context.weight("scale")?)?;
        if let Some(shift) = shift {
            y = y.add(&shift)?;
        }
        Ok((if negate { y.neg()? } else { y }).into())
    }
}

fn custom() -> CustomObjects {
    CustomObjects::new().layer("tests>Shifted", Shifted::from_config).layer("tests>Words", Words::from_config)
}

fn rows(values: &[f32]) -> Tensor {
    Tensor::from_vec(values.to_vec(), [1, values.len()]).unwrap()
}

#[test]
fn named_tensors_are_symbolic_real_and_stored() {
    let (x, shift) = (Input::new([2]).name("x"), Input::new([2]).name("shift"));
    let layer = Shifted::new(2.0).shared();
    let both = layer.apply_with(&x, Call::new().argument("shift", &shift)).unwrap();
    let negated = layer.apply_with(&x, Call::new().argument("negate", true)).unwrap();
    let constant = rows(&[10.0, 20.0]);
    let fixed = layer.apply_with(&x, Call::new().argument("shift", &constant)).unwrap();
    let model = Model::new([&x, &shift], [&both, &negated, &fixed]).unwrap();
    let inputs = [rows(&[1.0, 2.0]), rows(&[5.0, 6.0])];
    let expected = [vec![7.0, 10.0], vec![-2.0, -4.0], vec![12.0, 24.0]];
    let again = keras_rs::model_from_json_with(&model.to_json(), &custom()).unwrap();
    for model in [&model, &again] {
        let outputs = model.predict_all(&inputs[..]).unwrap();
        let outputs: Vec<Vec<f32>> = outputs.iter().map(|y| y.to_vec().unwrap()).collect();
        assert_eq!(outputs, expected);
    }
    let written: Value = serde_json::from_str(&model.to_json()).unwrap();
    let layers = written["config"]["layers"].as_array().unwrap();
    let written = layers.iter().find(|l| l["class_name"] == "Shifted").unwrap();
    assert_eq!(
        written["build_config"]["shapes_dict"],
        json!({"x_shape": [null, 2], "shift_shape": [null, 2]})
    );
    assert_eq!((&written["module"], &written["registered_name"]), (&Value::Null, &json!("tests>Shifted")));
    assert_eq!(written["inbound_nodes"][0]["kwargs"]["shift"]["class_name"], "__keras_tensor__");
    assert_eq!(written["inbound_nodes"][2]["kwargs"]["shift"]["config"]["value"], json!([[10.0, 20.0]]));
}

#[test]
fn wrong_arguments_are_named() {
    let layer = Shifted::new(1.0).name("moved").shared();
    let error = layer.call_masked(rows(&[1.0]), Call::new().argument("shifts", 1.0)).unwrap_err();
    assert!(error.to_string().contains("moved") || format!("{error:?}").contains("moved"), "{error:?}");
    assert!(format!("{error:?}").contains("shifts"), "{error:?}");
}

#[test]
fn shapes_without_a_shape_function_come_from_a_call() {
    let x = Input::new([3]);
    assert_eq!(Shifted::new(1.0).apply(&x).unwrap().shape().to_string(), "(None, 3)");
    let [only] = Shifted::new(1.0).apply_to(&x).unwrap();
    assert_eq!(only.shape().to_string(), "(None, 3)");
    assert!(Shifted::new(1.0).apply_to::<2>(&x).is_err());
}

/// Calls a dropout inside, and counts how often it behaved as in training.
#[derive(Clone, Debug, KerasConfig)]
struct Wrapping {
    base: LayerBase,
    #[keras(skip = Dropout::new(1.0).shared())]
    inner: LayerRef,
}

impl Layer for Wrapping {
    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        context.call_child(&self.inner, inputs.into_masked())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(inputs.to_list())
    }
}

#[test]
fn the_training_flag_and_masks_reach_what_is_inside() {
    let layer = Wrapping::new().shared();
    let x = rows(&[1.0, 1.0]);
    assert_eq!(layer.call(std::slice::from_ref(&x)).unwrap()[0].to_vec::<f32>().unwrap(), [1.0, 1.0]);
    let trained = layer.call_masked(&x, Call::new().training(true)).unwrap();
    assert_eq!(trained.to_vec::<f32>().unwrap(), [0.0, 0.0]);
    let mut pass = ForwardPass::new(true);
    let mask = Tensor::from_vec(vec![true, false], [1, 2]).unwrap();
    let input = MaskedTensor::new(x, Some(mask));
    let outputs = layer.run(layer.arguments(vec![input]), &mut pass).unwrap();
    assert_eq!(outputs.0[0].mask().unwrap().to_vec::<bool>().unwrap(), [true, false]);
    assert_eq!(outputs.0[0].tensor.to_vec::<f32>().unwrap(), [0.0, 0.0]);
}

#[test]
fn variables_are_found_by_key_and_may_come_late() {
    #[derive(Clone, Debug, KerasConfig)]
    struct Twice {
        base: LayerBase,
    }
    impl Layer for Twice {
        fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
            scope.weight("kernel", &[1], &Initializer::ones()).key("first").add()?;
            scope.weight("kernel", &[1], &Initializer::zeros()).key("second").add()
        }
        fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
            let late = context.variable("late").is_ok();
            let x = inputs.into_single()?.mul(&context.weight("first")?)?.add(&context.weight("second")?)?;
            Ok((if late { x.add(&context.weight("late")?)? } else { x }).into())
        }
    }
    let layer = Twice::new().shared();
    assert_eq!(layer.call(&[rows(&[3.0])]).unwrap()[0].to_vec::<f32>().unwrap(), [3.0]);
    let names: Vec<String> = layer.variables().iter().map(|v| v.name().to_string()).collect();
    assert_eq!(names, ["kernel", "kernel"]);
    layer.add_variables(|scope| scope.weight("late", &[1], &Initializer::ones()).add()).unwrap();
    assert_eq!(layer.call(&[rows(&[3.0])]).unwrap()[0].to_vec::<f32>().unwrap(), [4.0]);
    assert!(layer.add_variables(|scope| scope.weight("late", &[1], &Initializer::ones()).add()).is_err());
}

/// Keeps a text beside its weights.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Words {
    base: LayerBase,
    #[keras(skip)]
    text: Mutex<String>,
}

impl Layer for Words {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        Ok(inputs.into_single()?.into())
    }

    fn save_assets(&self) -> Result<Vec<Asset>> {
        Ok(vec![Asset { name: "words.txt".into(), bytes: self.text.lock().unwrap().clone().into_bytes() }])
    }

    fn load_assets(&self, assets: &[Asset]) -> Result<()> {
        *self.text.lock().unwrap() = String::from_utf8_lossy(&assets[0].bytes).into_owned();
        Ok(())
    }
}

#[test]
fn assets_come_back_from_the_archive() {
    let words = Words::new().name("words");
    *words.text.lock().unwrap() = "one two".into();
    let model = Sequential::new().add(Input::new([1])).add(words).build().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("words.keras");
    model.save(&path).unwrap();
    let again = keras_rs::load_model_with(&path, &custom()).unwrap();
    let layer = again.layer("words").unwrap();
    let assets = layer.layer().save_assets().unwrap();
    assert_eq!(assets[0].bytes, b"one two");
}

#[test]
fn activations_that_are_layers_belong_to_their_convolution() {
    let activation = || PReLU::new().alpha_initializer("ones");
    let image = || Input::new([6, 6, 2]);
    let series = || Input::new([6, 2]);
    let volume = || Input::new([4, 4, 4, 2]);
    let outputs = [
        (Conv1D::new(2, 3).activation(activation()).shared(), series().keras_tensor().unwrap()),
        (Conv2D::new(2, 3).activation(activation()).shared(), image().keras_tensor().unwrap()),
        (Conv3D::new(2, 3).activation(activation()).shared(), volume().keras_tensor().unwrap()),
        (DepthwiseConv2D::new(3).activation(activation()).shared(), image().keras_tensor().unwrap()),
        (SeparableConv2D::new(2, 3).activation(activation()).shared(), image().keras_tensor().unwrap()),
        (Conv2DTranspose::new(2, 3).activation(activation()).shared(), image().keras_tensor().unwrap()),
    ];
    let directory = tempfile::tempdir().unwrap();
    for (layer, input) in outputs {
        let y = layer.apply(&input).unwrap();
        let model = Model::new(&input, &y).unwrap();
        let alpha = model.weights().into_iter().find(|v| v.name() == "alpha").expect("the slope of PReLU");
        alpha.assign(&alpha.value().unwrap().mul_scalar(0.25).unwrap()).unwrap();
        let shape: Vec<usize> = input.shape().dims().iter().map(|d| d.unwrap_or(2)).collect();
        let values = (0..shape.iter().product::<usize>()).map(|i| (i % 7) as f32 - 3.0).collect();
        let x = Tensor::from_vec(values, shape).unwrap();
        let path = directory.path().join("model.keras");
        model.save(&path).unwrap();
        let again = keras_rs::load_model(&path).unwrap();
        let difference = model.predict(&x).unwrap().sub(&again.predict(&x).unwrap()).unwrap();
        assert_eq!(difference.abs().unwrap().max(&[], false).unwrap().to_scalar().unwrap(), 0.0);
        let trained = model.trainable_weights();
        let (_, gradients) = GradientTape::gradients(&trained, |pass| {
            model.call_with(std::slice::from_ref(&x), pass)?[0].square()?.sum(&[], false)
        })
        .unwrap();
        let at = trained.iter().position(|v| v.name() == "alpha").expect("it is trained");
        let moved = gradients[at].as_ref().unwrap().abs().unwrap().max(&[], false).unwrap();
        assert!(moved.to_scalar().unwrap() > 0.0, "{}", layer.class_name());
    }
}

#[test]
fn a_thawed_layer_in_a_frozen_base_is_trained() {
    let base = Sequential::new().add(Input::new([2])).add(Dense::new(2)).add(Dense::new(2)).build().unwrap();
    let model = Sequential::new().add(Input::new([2])).add(&base).add(Dense::new(1)).build().unwrap();
    base.set_trainable(false);
    assert_eq!(model.trainable_weights().len(), 2);
    base.layers()[1].set_trainable(true);
    let paths: Vec<String> = model.trainable_weights().iter().map(Variable::path).collect();
    assert_eq!(paths.len(), 4, "{paths:?}");
    assert!(base.trainable_weights().is_empty(), "the outermost flag stops everything");
    model.compile(SGD::new(0.1), "mse", ()).unwrap();
    let before: Vec<Vec<f32>> = base.weights().iter().map(|v| v.value().unwrap().to_vec().unwrap()).collect();
    let (x, y) = (Tensor::ones([4, 2], DType::F32).unwrap(), Tensor::ones([4, 1], DType::F32).unwrap());
    model.fit(&x, &y, Fit::new().epochs(2).verbose(0)).unwrap();
    let after: Vec<Vec<f32>> = base.weights().iter().map(|v| v.value().unwrap().to_vec().unwrap()).collect();
    assert_eq!(before[..2], after[..2]);
    assert_ne!(before[2..], after[2..]);
    model.set_trainable(false);
    assert!(model.trainable_weights().is_empty());
}

/// Keras' constructor sets a flag of the layer alone, and `layer.trainable = False` those of the layers inside as well.
#[test]
fn attention_frozen_from_the_start_trains_its_projections_and_frozen_later_does_not() {
    let trained = |layer: LayerRef, later: bool| {
        let input = Input::new([3, 4]);
        let output = layer.apply([&input, &input]).unwrap();
        if later {
            layer.set_trainable(false);
        }
        Model::new(&input, &output).unwrap().trainable_weights().len()
    };
    let attention = || MultiHeadAttention::new(2, 3);
    assert_eq!(trained(attention().trainable(false).shared(), false), 8);
    assert_eq!(trained(attention().shared(), true), 0);
    // There is nothing inside yet.
    let unbuilt = attention().shared();
    unbuilt.set_trainable(false);
    assert_eq!(trained(unbuilt, false), 8);
}

#[test]
fn a_frozen_dense_trains_the_activation_that_is_not() {
    let layer = Dense::new(2).activation(PReLU::new()).trainable(false).shared();
    layer.call(&[rows(&[1.0])]).unwrap();
    let outer = Sequential::new().add(Input::new([1])).add(&layer).build().unwrap();
    let names: Vec<String> = outer.trainable_weights().iter().map(|v| v.name().to_string()).collect();
    assert_eq!(names, ["alpha"]);
}

#[test]
fn a_class_is_what_its_file_says() {
    let model = Sequential::new().add(Input::new([2])).add(Dense::new(1)).build().unwrap();
    let change = |entry: &dyn Fn(&mut Value)| {
        let mut written: Value = serde_json::from_str(&model.to_json()).unwrap();
        entry(&mut written["config"]["layers"][1]);
        keras_rs::model_from_json(&written.to_string())
    };
    assert!(change(&|_| {}).is_ok());
    for (module, registered) in [(json!("evil.layers"), Value::Null), (Value::Null, json!("Custom>Evil"))] {
        let error = change(&|dense| {
            dense["module"] = module.clone();
            dense["registered_name"] = registered.clone();
        });
        assert!(matches!(error, Err(Error::UnknownClasses { .. })), "{module} {registered}: {error:?}");
    }
    // A user's class of a built-in's name does not take the place of Keras' own.
    let custom = CustomObjects::new().layer("Dense", Shifted::from_config);
    let again = keras_rs::model_from_json_with(&model.to_json(), &custom).unwrap();
    assert_eq!(again.layers()[0].class_name(), "Dense");
    assert_eq!(again.count_params(), 3);
}

#[test]
fn base_arguments_of_python_classes_are_read() {
    let json = json!({
        "module": null, "class_name": "Shifted", "registered_name": "tests>Shifted",
        "config": {"name": "s", "trainable": true, "dtype": "float32", "autocast": false, "scale": 2.0},
    });
    let model = Sequential::new().add(Input::new([1])).add(Shifted::new(1.0)).build().unwrap();
    let mut written: Value = serde_json::from_str(&model.to_json()).unwrap();
    written["config"]["layers"][1] = json;
    let model = keras_rs::model_from_json_with(&written.to_string(), &custom()).unwrap();
    assert_eq!(model.predict(rows(&[3.0])).unwrap().to_vec::<f32>().unwrap(), [6.0]);
}

#[test]
fn an_empty_batch_gives_empty_outputs_and_predict_says_why_not() {
    let model = Sequential::new()
        .add(Input::new([6, 6, 2]))
        .add(Conv2D::new(3, 3).activation("relu"))
        .add(BatchNormalization::new())
        .add(MaxPooling2D::new(2))
        .add(Flatten::new())
        .add(Dense::new(4).activation("softmax"))
        .build()
        .unwrap();
    let empty = Tensor::zeros([0, 6, 6, 2], DType::F32).unwrap();
    assert_eq!(model.call(std::slice::from_ref(&empty)).unwrap()[0].shape(), [0, 4]);
    let error = model.predict(&empty).unwrap_err().to_string();
    assert!(error.contains("at least one sample"), "{error}");
}

#[test]
fn an_activation_that_keras_saved_before_it_was_built_keeps_its_first_values() {
    let model =
        keras_rs::load_model(crate::support::repository("tests/fixtures/formats/unbuilt_activation.keras"))
            .unwrap();
    let alpha = model.weights().into_iter().find(|v| v.name() == "alpha").expect("the slope of PReLU");
    assert_eq!(alpha.path(), "inner/hidden/p_re_lu/alpha");
    assert_eq!(alpha.value().unwrap().to_vec::<f32>().unwrap(), [0.0; 4]);
    let y = model.predict(Tensor::ones([1, 3], DType::F32).unwrap()).unwrap();
    assert_eq!(y.shape(), [1, 1]);
}
