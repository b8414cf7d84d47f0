//! Fields, weights in files, clones.

use super::*;

#[test]
fn layers_are_found_in_every_kind_of_field() {
    let expected = &expected()["everything"];
    let x = tensor(&expected["x"], &[4, 3]);
    let model = load("everything.keras");
    assert!(model.compile_config().is_none());
    close(&values(&model.predict(&x).unwrap()), &expected["y"], "loaded");
    // Keras counts names in a session, so that only their number and order are the same.
    assert_eq!(model.layers().len(), strings(&expected["layers"]).len());
    let kinds = |paths: Vec<String>| -> Vec<String> {
        paths.iter().map(|path| path.rsplit('/').next().unwrap().to_string()).collect()
    };
    let paths: Vec<String> = model.weights().iter().map(Variable::path).collect();
    assert_eq!(paths[0], "everything/shift");
    assert_eq!(kinds(paths), kinds(strings(&expected["paths"])));
    let sums: Vec<f64> = model.get_weights().unwrap().iter().map(|w| values(w).iter().sum::<f64>()).collect();
    close(&sums, &expected["sums"], "sums");

    // Lazily built, then filled.
    let model = Model::subclassed(Everything::new());
    assert!(!model.is_built() && model.load_weights(fixture("subclassing/everything.weights.h5")).is_err());
    model.build([None, Some(3)]).unwrap();
    model.load_weights(fixture("subclassing/everything.weights.h5")).unwrap();
    close(&values(&model.predict(&x).unwrap()), &expected["y"], "filled");

    // The file names each weight as Keras does, or they would not have been found; ours goes the same way.
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("again.weights.h5");
    model.save_weights(&path).unwrap();
    model.set_weights(model.get_weights().unwrap().iter().map(|w| w.mul_scalar(0.0).unwrap())).unwrap();
    model.load_weights(&path).unwrap();
    close(&values(&model.predict(&x).unwrap()), &expected["y"], "again");
}

#[test]
fn a_layer_of_a_user_works_in_a_functional_model() {
    let expected = &expected()["halving"];
    let (x, y) = (tensor(&expected["x"], &[6, 7, 3]), tensor(&expected["y"], &[6, 1]));
    let model = load("halving.keras");
    close(&values(&model.predict(&x).unwrap()), &expected["before"], "before");
    let options = Fit::new().epochs(3).batch_size(3).shuffle(false).verbose(0);
    let history = model.fit(&x, &y, options).unwrap();
    close(&history["loss"], &expected["loss"], "loss");
    close(&values(&model.predict(&x).unwrap()), &expected["after"], "after");

    // Written by us and read again, whole and weights alone.
    let directory = tempfile::tempdir().unwrap();
    let (whole, weights) = (directory.path().join("m.keras"), directory.path().join("m.weights.h5"));
    model.save(&whole).unwrap();
    model.save_weights(&weights).unwrap();
    let again = load_model_with(&whole, &custom()).unwrap();
    close(&values(&again.predict(&x).unwrap()), &expected["after"], "again");
    let copy = clone_model(&again).unwrap();
    copy.load_weights(&weights).unwrap();
    close(&values(&copy.predict(&x).unwrap()), &expected["after"], "copy");
}

/// Layers by name and size, one after the other.
fn stack(layers: &Value) -> Model {
    let x = Input::new([3]);
    let mut y = x.keras_tensor().unwrap();
    for layer in layers.as_array().unwrap() {
        let units = layer[1].as_u64().unwrap() as usize;
        y = Dense::new(units).kernel_initializer("zeros").name(layer[0].as_str().unwrap()).apply(&y).unwrap();
    }
    Model::new(&x, &y).unwrap()
}

#[test]
fn weights_are_loaded_by_name_and_with_mismatches_as_in_keras() {
    let all = expected();
    let names = &all["names"];
    let mut wrong = Vec::new();
    for (key, expected) in names["results"].as_object().unwrap() {
        let mut words = key.split(' ');
        let (target, file) = (words.next().unwrap(), words.next().unwrap());
        let options: Vec<&str> = words.collect();
        let loading = LoadWeights::new()
            .by_name(options.contains(&"by_name"))
            .skip_mismatch(options.contains(&"skip_mismatch"));
        let model = stack(&names["targets"][target]);
        let path = fixture(&format!("subclassing/{file}"));
        let got = model.load_weights_with(path, &loading).ok().map(|()| {
            let sum = |w: &Tensor| values(w).iter().sum::<f64>();
            model.get_weights().unwrap().iter().map(sum).collect::<Vec<f64>>()
        });
        let same = match (&got, expected.is_null()) {
            (None, true) => true,
            (Some(got), false) => {
                let expected = floats(expected);
                got.len() == expected.len() && got.iter().zip(&expected).all(|(g, e)| (g - e).abs() < 1e-5)
            }
            _ => false,
        };
        if !same {
            wrong.push(format!("{key}: {got:?}, expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn described(model: &Model) -> (Vec<(String, String)>, Vec<Vec<Option<usize>>>) {
    let layers = model.layers().iter().map(|l| (l.name(), l.class_name().to_string())).collect();
    (layers, model.inputs().unwrap().iter().map(|t| t.shape().dims().to_vec()).collect())
}

#[test]
fn clones_are_like_those_of_keras() {
    let all = expected();
    let clones = &all["clones"];
    let inner = Sequential::new()
        .name("inner")
        .add(Input::new([4]))
        .add(Dense::new(3))
        .add(ReLU::new())
        .build()
        .unwrap();
    let x = Input::new([4]).name("in");
    let shared = Dense::new(4).name("shared").shared();
    let y = inner.apply(shared.apply(shared.apply(&x).unwrap()).unwrap()).unwrap();
    let model =
        Model::named("outer", &x, [&y, &keras_rs::layers::Operation::new("Exp").unwrap().apply(&y).unwrap()])
            .unwrap();
    model.compile("adam", "mse", ()).unwrap();
    let wider = |layer: &LayerRef| {
        Ok(if layer.class_name() == "Dense" {
            Dense::new(4).name(format!("{}_wide", layer.name())).shared()
        } else {
            clone_layer(layer)?
        })
    };
    let check = |copy: &Model, key: &str| {
        let (layers, inputs) = described(copy);
        let expected = &clones[key];
        let written: Vec<(String, String)> = serde_json::from_value(expected["layers"].clone()).unwrap();
        assert_eq!(layers.len(), written.len(), "{key}");
        for (got, expected) in layers.iter().zip(&written) {
            // The names of new inputs are counted in a session.
            assert!(got == expected || expected.1 == "InputLayer" && got.1 == expected.1, "{key}: {got:?}");
        }
        assert_eq!(serde_json::to_value(inputs).unwrap(), expected["inputs"], "{key}");
        assert_eq!(copy.compile_config().is_some(), expected["compiled"].as_bool().unwrap(), "{key}");
        let fresh = copy.weights();
        assert!(model.weights().iter().all(|old| fresh.iter().all(|new| !new.same(old))), "{key}");
    };
    check(&clone_model(&model).unwrap(), "functional");
    check(&CloneModel::new().recursive(true).copy(&model).unwrap(), "recursive");
    check(&CloneModel::new().recursive(true).clone_function(wider).copy(&model).unwrap(), "function");
    let call = |layer: &LayerRef, arguments| {
        let outputs = keras_rs::layer::Node::connect(layer, arguments)?;
        match layer.name().as_str() {
            "inner" => Ok(vec![Dropout::new(0.5).name("drop").apply(&outputs[0])?]),
            _ => Ok(outputs),
        }
    };
    check(&CloneModel::new().call_function(call).copy(&model).unwrap(), "call_function");
    let two = Input::new([4]).batch_size(2);
    check(&CloneModel::new().input_tensors(&two).copy(&model).unwrap(), "input_tensors");
    check(&clone_model(&inner).unwrap(), "sequential");
    let lazy = Sequential::new().name("lazy").add(Dense::new(3)).build().unwrap();
    assert!(!clone_model(&lazy).unwrap().is_built());

    // Same weights, same numbers.
    let copy = clone_model(&model).unwrap();
    copy.set_weights(model.get_weights().unwrap()).unwrap();
    let data = tensor(&Value::from(vec![0.1, -0.2, 0.3, 0.5]), &[1, 4]);
    let (a, b) = (model.predict_all(&data).unwrap(), copy.predict_all(&data).unwrap());
    assert!(a.iter().zip(&b).all(|(a, b)| values(a) == values(b)));
    assert!(copy.set_weights(&model.get_weights().unwrap()[1..]).is_err());

    // A model that a user wrote is made from its configuration.
    let written = Model::subclassed(Vae::new().latent(3));
    assert_eq!(clone_model(&written).unwrap().get_config()["latent"], 3);
    assert!(CloneModel::new().clone_function(|layer| Ok(layer.clone())).copy(&written).is_err());
}

#[test]
fn masks_that_layers_of_users_compute_reach_layers_that_take_masks() {
    let expected = &expected()["every_second"];
    let tokens = tensor(&expected["tokens"], &[4, 5]).cast(DType::I32).unwrap();
    let file = load("every_second.keras");
    // Wired here without a symbolic mask of that layer.
    let input = Input::new([5]).dtype(DType::I32);
    let x = Embedding::new(7, 3).mask_zero(true).apply(&input).unwrap();
    let x = EverySecond::new().apply(&x).unwrap();
    assert!(keras_rs::layer::CarriesMask::carried_mask(&x).is_none());
    let outputs = [GlobalAveragePooling1D::new().apply(&x).unwrap(), LSTM::new(2).apply(&x).unwrap()];
    let wired = Model::new(&input, outputs.each_ref()).unwrap();
    wired.set_weights(file.get_weights().unwrap()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("m.keras");
    wired.save(&path).unwrap();
    let again = load_model_with(&path, &custom()).unwrap();
    for (model, what) in [(file, "Keras'"), (wired, "wired"), (again, "saved")] {
        for (y, expected) in model.predict_all(&tokens).unwrap().iter().zip(expected["y"].as_array().unwrap())
        {
            close(&values(y), expected, what);
        }
    }
}

#[test]
fn layers_inside_a_wrapped_layer_of_a_user_are_built_with_it() {
    let layer = TimeDistributed::new(Halving::new(2).shared()).shared();
    layer.apply(Input::new([2, 4, 3])).unwrap();
    // Of `merge` the tree of four leaves needs two.
    assert_eq!(layer.weights().len(), 6);
}

#[test]
fn models_of_users_are_made_from_configurations() {
    let x = tensor(&Value::from(vec![0.1, -0.2, 0.3, 0.5]), &[2, 2]);
    let model = Model::subclassed(Everything::new().units(4).name("all"));
    let before = model.predict(&x).unwrap();
    let from_class = Model::from_config_as::<Everything>(&model.get_config(), &CustomObjects::new()).unwrap();
    assert!(!from_class.is_built());
    from_class.build([None, Some(2)]).unwrap();
    // JSON says what the model was built for.
    let from_json = keras_rs::model_from_json_with(&model.to_json(), &custom()).unwrap();
    for again in [from_class, from_json, clone_model(&model).unwrap()] {
        assert_eq!((again.name(), again.get_config()), ("all".into(), model.get_config()));
        let paths = |model: &Model| model.weights().iter().map(Variable::path).collect::<Vec<_>>();
        assert_eq!(paths(&again), paths(&model));
        again.set_weights(model.get_weights().unwrap()).unwrap();
        assert_eq!(values(&again.predict(&x).unwrap()), values(&before));
    }

    let unknown = Model::from_config_with(&model.get_config(), &custom()).unwrap_err().to_string();
    assert!(unknown.contains("from_config_as"), "{unknown}");
    let mut config = model.get_config();
    config.insert("unit".into(), 3.into());
    assert!(Model::from_config_as::<Everything>(&config, &custom()).is_err());
    assert!(keras_rs::model_from_json(&model.to_json()).is_err());
}

#[test]
fn layers_of_users_are_made_on_the_device_of_their_data() {
    let x = tensor(&Value::from(vec![0.1, -0.2, 0.3, 0.5, 0.2, 0.7, -0.4, 0.6]), &[1, 4, 2]);
    let flat = x.reshape([4, 2]).unwrap();
    let y = Tensor::ones([4, 2], DType::F32).unwrap();
    let default = keras_rs::backend::default_device().unwrap();
    for backend in [Backend::Flex, Backend::NdArray] {
        let device = backend.device().unwrap();
        let on = |tensor: &Tensor| tensor.to_device(&device).unwrap();
        let check = |layer: &LayerRef, count: usize, what: &str| {
            assert_eq!(layer.weights().len(), count, "{what}");
            for variable in layer.weights() {
                assert_eq!(variable.device(), device, "{what}: {}", variable.path());
            }
        };
        // A layer without variables of its own, alone and in a layer of Keras.
        let halving = Halving::new(2).shared();
        let there = halving.call(&[on(&x)]).unwrap().swap_remove(0);
        check(&halving, 6, "a layer");
        assert_eq!(there.device(), &device);
        let here = Halving::new(2).shared();
        here.call(&[x.clone()]).unwrap();
        here.set_weights(halving.get_weights().unwrap()).unwrap();
        let expected = values(&here.call(&[x.clone()]).unwrap()[0]);
        close(&values(&there), &expected.into(), "outputs");
        let wrapped = TimeDistributed::new(Halving::new(2).shared()).shared();
        wrapped.call(&[on(&x.reshape([1, 1, 4, 2]).unwrap())]).unwrap();
        check(&wrapped, 6, "a wrapped layer");

        // Models: with a variable of its own and a `Sequential` inside; lazy ones; in training.
        let model = Model::subclassed(Everything::new());
        assert_eq!(model.predict(on(&flat)).unwrap().device(), &device);
        check(&model.as_layer(), 21, "a model");
        let trained = Model::subclassed(Everything::new());
        trained.compile("adam", "mse", ()).unwrap();
        trained.fit(&on(&flat), &on(&y), Fit::new().verbose(0)).unwrap();
        check(&trained.as_layer(), 21, "a trained model");
        let lazy = Sequential::new().add(Dense::new(3)).add(Halving::new(2)).build().unwrap();
        lazy.predict(on(&x)).unwrap();
        check(&lazy.as_layer(), 8, "a Sequential");
        // Symbolic calls know no device.
        let symbolic = Halving::new(2).shared();
        symbolic.apply(Input::new([4, 2])).unwrap();
        assert!(symbolic.weights().iter().all(|variable| variable.device() == default));
    }
}

/// Writes models with the fixtures' weights; `tests/python/subclassed.py` has real Keras open them.
#[test]
fn files_for_python() {
    let directory = tempfile::tempdir().unwrap();
    let given = std::env::var_os("KERAS_RS_WRITE_FORMATS").map(std::path::PathBuf::from);
    let folder = given.unwrap_or_else(|| directory.path().to_path_buf());
    for name in
        ["everything", "halving", "vae", "ad_lists", "ad_names", "every_second", "cells", "stateful_cells"]
    {
        let model = load(&format!("{name}.keras"));
        model.save(folder.join(format!("{name}.keras"))).unwrap();
        model.save_weights(folder.join(format!("{name}.weights.h5"))).unwrap();
        let again = load_model_with(folder.join(format!("{name}.keras")), &custom()).unwrap();
        let (before, after) = (model.get_weights().unwrap(), again.get_weights().unwrap());
        assert!(before.iter().zip(&after).all(|(a, b)| values(a) == values(b)), "{name}");
    }
}
