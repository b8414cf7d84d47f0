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
fn layers_inside_a_wrapped_layer_of_a_user_are_built_with_it() {
    let layer = TimeDistributed::new(Halving::new(2).shared()).shared();
    layer.apply(Input::new([2, 4, 3])).unwrap();
    // Of `merge` the tree of four leaves needs two.
    assert_eq!(layer.weights().len(), 6);
}

/// Writes models with the fixtures' weights; `tests/python/subclassed.py` has real Keras open them.
#[test]
fn files_for_python() {
    let directory = tempfile::tempdir().unwrap();
    let given = std::env::var_os("KERAS_RS_WRITE_FORMATS").map(std::path::PathBuf::from);
    let folder = given.unwrap_or_else(|| directory.path().to_path_buf());
    for name in ["everything", "halving", "vae"] {
        let model = load(&format!("{name}.keras"));
        model.save(folder.join(format!("{name}.keras"))).unwrap();
        model.save_weights(folder.join(format!("{name}.weights.h5"))).unwrap();
        let again = load_model_with(folder.join(format!("{name}.keras")), &custom()).unwrap();
        let (before, after) = (model.get_weights().unwrap(), again.get_weights().unwrap());
        assert!(before.iter().zip(&after).all(|(a, b)| values(a) == values(b)), "{name}");
    }
}
