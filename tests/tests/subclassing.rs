//! Models and layers that users write, beside the same classes in real Keras (`fixtures/subclassing`).

use crate::support::{fixture, lines_differ};
use keras_rs::config::CustomObjects;
use keras_rs::initializers::Initializer;
use keras_rs::layer::{Logs, Role, Signature, Step, Steps};
use keras_rs::metrics::Mean;
use keras_rs::models::{CloneModel, Summary, clone_layer, clone_model};
use keras_rs::prelude::*;
use keras_rs::training::{Evaluate, Fit};
use keras_rs::{LoadWeights, load_model_with};
use serde_json::Value;
use std::sync::Arc;

fn expected() -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixture("subclassing/subclassing.json")).unwrap()).unwrap()
}

fn tensor(value: &Value, shape: &[usize]) -> Tensor {
    Tensor::from_vec(floats(value).iter().map(|v| *v as f32).collect(), shape.to_vec()).unwrap()
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_string()).collect()
}

#[track_caller]
fn close(got: &[f64], expected: &Value, what: &str) {
    let expected = floats(expected);
    assert_eq!(got.len(), expected.len(), "{what}");
    for (g, e) in got.iter().zip(&expected) {
        assert!((g - e).abs() <= 1e-5 * (1.0 + e.abs()), "{what}: {got:?}, expected {expected:?}");
    }
}

fn values(tensor: &Tensor) -> Vec<f64> {
    tensor.to_f64_vec().unwrap()
}

fn dense(units: usize) -> LayerRef {
    Dense::new(units).activation("tanh").shared()
}

/// Every kind of field that layers may be kept in.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Everything {
    base: LayerBase,
    #[keras(default = 3)]
    units: usize,
    #[keras(skip = Dense::new(2).shared())]
    z_last: LayerRef,
    #[keras(skip = vec![dense(units), dense(units)])]
    blocks: Vec<LayerRef>,
    #[keras(skip = [("b", dense(units)), ("a", dense(units))].map(|(k, v)| (k.to_string(), v)).into())]
    by_name: indexmap::IndexMap<String, LayerRef>,
    #[keras(skip = dense(units), sublayer = "_hidden")]
    hidden: LayerRef,
    #[keras(skip = vec![vec![dense(units)], vec![dense(units), dense(units)]])]
    nested: Vec<Vec<LayerRef>>,
    #[keras(skip = z_last.clone())]
    also_last: LayerRef,
    #[keras(skip)]
    absent: Option<LayerRef>,
    #[keras(skip = Sequential::new().add(dense(units)).build().unwrap())]
    inner: Model,
    #[keras(skip = dense(7), untracked)]
    elsewhere: LayerRef,
    #[keras(skip = Mean::new().name("seen"))]
    seen: Mean,
}

impl Layer for Everything {
    fn role(&self) -> Role {
        Role::Model
    }

    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        scope.weight("shift", &[self.units], &Initializer::ones()).add()
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let mut x = context.apply(&self.inner, inputs.into_single()?)?;
        for block in self.blocks.iter().chain(self.by_name.values()) {
            x = context.apply(block, x)?;
        }
        x = context.apply(&self.hidden, x)?.add(&context.weight("shift")?)?;
        for block in self.nested.iter().flatten() {
            x = context.apply(block, x)?;
        }
        self.seen.update_state(&x.detach().mean(&[], false)?, None)?;
        assert!(self.absent.is_none() && !self.elsewhere.is_built());
        Ok(context.apply(&self.z_last, x)?.into())
    }
}

/// Joins the halves of a sequence again and again until one vector is left.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Halving {
    base: LayerBase,
    #[keras(new)]
    units: usize,
    #[keras(skip = dense(units))]
    leaf: LayerRef,
    #[keras(skip = vec![dense(units), dense(units), dense(units)])]
    merge: Vec<LayerRef>,
}

impl Halving {
    fn node(
        &self,
        x: &Tensor,
        steps: std::ops::Range<usize>,
        depth: usize,
        context: &mut CallContext<'_>,
    ) -> Result<Tensor> {
        if steps.len() == 1 {
            return context.apply(&self.leaf, x.narrow(1, steps)?.squeeze(&[1])?);
        }
        let middle = (steps.start + steps.end) / 2;
        let left = self.node(x, steps.start..middle, depth + 1, context)?;
        let right = self.node(x, middle..steps.end, depth + 1, context)?;
        context.apply(&self.merge[depth], Tensor::concat(&[left, right], -1)?)
    }
}

impl Layer for Halving {
    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = inputs.into_single()?;
        let steps = x.shape()[1];
        Ok(self.node(&x, 0..steps, 0, context)?.into())
    }
}

#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Default_ {
    base: LayerBase,
    #[keras(skip = dense(4))]
    hidden: LayerRef,
    #[keras(skip = Dense::new(1).shared())]
    out: LayerRef,
}

impl Layer for Default_ {
    fn role(&self) -> Role {
        Role::Model
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = context.apply(&self.hidden, inputs.into_single()?)?;
        Ok(context.apply(&self.out, x)?.into())
    }
}

/// Counts each sample by its first feature, halves the gradients, and follows the loss by a metric of its own.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Weighted {
    base: LayerBase,
    #[keras(skip = dense(4))]
    hidden: LayerRef,
    #[keras(skip = Dense::new(1).shared())]
    out: LayerRef,
    #[keras(skip = Arc::new(Mean::new().name("weighted")))]
    weighted: Arc<Mean>,
}

impl Layer for Weighted {
    fn role(&self) -> Role {
        Role::Model
    }

    fn steps(&self) -> Option<&dyn Steps> {
        Some(self)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = context.apply(&self.hidden, inputs.into_single()?)?;
        Ok(context.apply(&self.out, x)?.into())
    }
}

impl Weighted {
    fn loss(&self, step: &dyn Step, pass: &mut ForwardPass) -> Result<Tensor> {
        let y_pred = step.call(pass)?;
        let x = &step.inputs()?[0];
        let y = step.batch().y.tensors().next().unwrap().clone();
        let error = y.sub(y_pred.first()?)?.square()?;
        x.narrow(1, 0..1)?.abs()?.mul(&error)?.mean(&[], false)
    }

    fn logs(&self) -> Result<Logs> {
        let value = keras_rs::metrics::Measure::result(&*self.weighted)?;
        Ok([("weighted".to_string(), value.to_scalar()?)].into())
    }
}

impl Steps for Weighted {
    fn train_step(&self, step: &dyn Step) -> Result<Logs> {
        let variables = step.trainable_variables();
        let (loss, mut gradients) = GradientTape::gradients(&variables, |pass| self.loss(step, pass))?;
        for gradient in gradients.iter_mut().flatten() {
            *gradient = gradient.mul_scalar(0.5)?;
        }
        step.apply_gradients(&gradients, &variables)?;
        self.weighted.update_state(&loss, None)?;
        self.logs()
    }

    fn test_step(&self, step: &dyn Step) -> Result<Logs> {
        let loss = self.loss(step, &mut ForwardPass::default())?;
        self.weighted.update_state(&loss.mul_scalar(2.0)?, None)?;
        self.logs()
    }

    fn predict_step(&self, model: &LayerRef, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        model.call(inputs)?.iter().map(|y| y.mul_scalar(10.0)).collect()
    }
}

/// z = mean + exp(log_var / 2) * noise, with the penalty that keeps it near a normal distribution.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Sampling {
    base: LayerBase,
}

impl Layer for Sampling {
    fn signature(&self) -> Signature {
        Signature::tensors(&["mean", "log_var", "noise"])
    }

    fn call(&self, mut inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let mut take = |name: &str| inputs.take(name).map(Option::unwrap);
        let (mean, log_var, noise) = (take("mean")?, take("log_var")?, take("noise")?);
        let kl = log_var.add_scalar(1.0)?.sub(&mean.square()?)?.sub(&log_var.exp()?)?;
        context.add_loss(kl.sum(&[-1], false)?.mul_scalar(-0.5)?.mean(&[], false)?);
        Ok(mean.add(&log_var.mul_scalar(0.5)?.exp()?.mul(&noise)?)?.into())
    }
}

#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Vae {
    base: LayerBase,
    #[keras(default = 2)]
    latent: usize,
    #[keras(default = 5)]
    features: usize,
    #[keras(skip = vec![relu(8), relu(6)])]
    encoder: Vec<LayerRef>,
    #[keras(skip = Dense::new(latent).shared())]
    mean: LayerRef,
    #[keras(skip = Dense::new(latent).shared())]
    log_var: LayerRef,
    #[keras(skip = Sampling::new().shared())]
    sampling: LayerRef,
    #[keras(skip = vec![relu(6), Dense::new(features).shared()])]
    decoder: Vec<LayerRef>,
}

fn relu(units: usize) -> LayerRef {
    Dense::new(units).activation("relu").shared()
}

impl Layer for Vae {
    fn role(&self) -> Role {
        Role::Model
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let mut inputs = inputs.into_list();
        let noise = inputs.remove(1);
        let mut x = inputs.remove(0);
        for layer in &self.encoder {
            x = context.apply(layer, x)?;
        }
        let (mean, log_var) = (context.apply(&self.mean, &x)?, context.apply(&self.log_var, &x)?);
        let [mut x] = context.apply_to(&self.sampling, [mean, log_var, noise])?;
        for layer in &self.decoder {
            x = context.apply(layer, x)?;
        }
        Ok(x.into())
    }
}

fn custom() -> CustomObjects {
    CustomObjects::new()
        .layer("tests>Everything", Everything::from_config)
        .layer("tests>Halving", Halving::from_config)
        .layer("tests>Sampling", Sampling::from_config)
        .layer("tests>Vae", Vae::from_config)
}

fn load(name: &str) -> Model {
    load_model_with(fixture(&format!("subclassing/{name}")), &custom()).unwrap()
}

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

#[test]
fn steps_of_a_models_own_train_as_in_keras() {
    let all = expected();
    let steps = &all["steps"];
    let (x, y) = (tensor(&steps["x"], &[8, 3]), tensor(&steps["y"], &[8, 1]));
    let run = |model: &Model, expected: &Value| {
        model.build([None, Some(3)]).unwrap();
        model.load_weights(fixture("subclassing/steps.weights.h5")).unwrap();
        let (x_val, y_val) = (x.narrow(0, 0..5).unwrap(), y.narrow(0, 0..5).unwrap());
        let options = Fit::new().epochs(3).batch_size(3).shuffle(false).verbose(0);
        let names = expected["history"].as_object().unwrap();
        let count = names.len();
        let watch = keras_rs::callbacks::LambdaCallback::new().on_epoch_end(move |_, logs, _| {
            assert_eq!(logs.len(), count);
            Ok(())
        });
        let history = model.fit(&x, &y, options.validation_data(&x_val, &y_val).callback(watch)).unwrap();
        for (name, values) in names {
            close(&history[name.as_str()], values, name);
        }
        let evaluated = model.evaluate(&x, &y, Evaluate::new().batch_size(3).verbose(0)).unwrap();
        for (name, value) in expected["evaluate"].as_object().unwrap() {
            close(&[evaluated[name.as_str()]], &Value::from(vec![value.clone()]), name);
        }
        close(&values(&model.call(&[x.clone()]).unwrap()[0]), &expected["after"], "after");
    };
    let model = Model::subclassed(Default_::new());
    model.compile("adam", "mse", ["mae"]).unwrap();
    run(&model, &steps["default"]);

    let model = Model::subclassed(Weighted::new());
    model.compile("adam", (), ()).unwrap();
    run(&model, &steps["custom"]);
    let (called, predicted) = (model.call(&[x.clone()]).unwrap(), model.predict(&x).unwrap());
    assert_eq!(values(&called[0].mul_scalar(10.0).unwrap()), values(&predicted));
    // One batch at a time goes through the steps, too.
    model.reset_metrics().unwrap();
    let logs = model.test_on_batch(&Batch::new(&x, &y)).unwrap();
    assert_eq!(logs.keys().collect::<Vec<_>>(), ["weighted"]);
}

#[test]
fn a_variational_autoencoder_has_keras_loss_and_gradients() {
    let expected = &expected()["vae"];
    let (x, noise) = (tensor(&expected["x"], &[6, 5]), tensor(&expected["noise"], &[6, 2]));
    let model = Model::subclassed(Vae::new());
    model.call(&[x.clone(), noise.clone()]).unwrap();
    model.load_weights(fixture("subclassing/vae.weights.h5")).unwrap();
    let variables = model.trainable_weights();
    let paths: Vec<String> = variables.iter().map(Variable::path).collect();
    assert_eq!(paths, strings(&expected["paths"]));
    let (loss, gradients) = GradientTape::gradients(&variables, |pass| {
        let y = model.call_with(&[x.clone(), noise.clone()], pass)?.remove(0);
        let error = x.sub(&y)?.square()?.mean(&[], false)?;
        pass.losses.iter().try_fold(error, |sum, loss| sum.add(loss))
    })
    .unwrap();
    assert!((loss.to_scalar().unwrap() - expected["loss"].as_f64().unwrap()).abs() < 1e-5);
    for ((gradient, path), values) in
        gradients.iter().zip(&paths).zip(expected["gradients"].as_array().unwrap())
    {
        close(&gradient.as_ref().unwrap().to_f64_vec().unwrap(), values, path);
    }

    let options = Summary::new().line_length(80).show_trainable(true);
    let summary = model.summary_with(&options).unwrap();
    assert_eq!(lines_differ(&summary, expected["summary"].as_str().unwrap()), None);

    for model in [model, load("vae.keras")] {
        model.compile("adam", "mse", ["mae"]).unwrap();
        let options = Fit::new().epochs(3).batch_size(3).shuffle(false).verbose(0);
        let history = model.fit(vec![x.clone(), noise.clone()], &x, options).unwrap();
        close(&history["loss"], &expected["history"]["loss"], "loss");
        close(&history["mae"], &expected["history"]["mae"], "mae");
        let after = model.predict([&x, &noise]).unwrap();
        close(&values(&after), &expected["after"], "after");
    }
}

#[test]
fn losses_of_layers_count_in_functional_models() {
    let all = expected();
    let (expected, data) = (&all["sampling"], &all["vae"]);
    let (x, noise) = (tensor(&data["x"], &[6, 5]), tensor(&data["noise"], &[6, 2]));
    let model = load("sampling.keras");
    model.compile("sgd", "mse", ()).unwrap();
    let options = Fit::new().epochs(3).batch_size(6).shuffle(false).verbose(0);
    let history = model.fit(vec![x.clone(), noise.clone()], &x, options).unwrap();
    close(&history["loss"], &expected["loss"], "loss");
    close(&values(&model.predict([&x, &noise]).unwrap()), &expected["after"], "after");
}

#[test]
fn metrics_among_the_fields_are_logged_and_reset() {
    let model = Model::subclassed(Everything::new());
    model.compile("sgd", "mse", ()).unwrap();
    let (x, y) = (Tensor::ones([8, 3], DType::F32).unwrap(), Tensor::ones([8, 2], DType::F32).unwrap());
    let options = Fit::new().epochs(2).batch_size(4).verbose(0).validation_data(&x, &y);
    let history = model.fit(&x, &y, options).unwrap();
    for name in ["loss", "seen", "val_loss", "val_seen"] {
        assert_eq!(history[name].len(), 2, "{name}");
    }
    // Each validation has its own mean.
    model.reset_metrics().unwrap();
    let logs = model.test_on_batch(&Batch::new(&x, &y)).unwrap();
    assert!((logs["seen"] - history["val_seen"][1]).abs() < 1e-6);
    assert_eq!(model.test_on_batch(&Batch::new(&x, &y)).unwrap()["seen"], logs["seen"]);
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
