//! Steps, losses and metrics of a model's own.

use super::*;

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
fn attention_takes_masks_off_tensors_of_a_models_own_call() {
    let expected = &expected()["attentive"];
    let tokens = tensor(&expected["tokens"], &[4, 5]).cast(DType::I32).unwrap();
    let y = tensor(&expected["y"], &[4, 1]);
    let model = Model::subclassed(Attentive::new());
    model.call(&[tokens.clone()]).unwrap();
    model.load_weights(fixture("subclassing/attentive.weights.h5")).unwrap();
    close(&values(&model.predict(&tokens).unwrap()), &expected["before"], "before");
    model.compile("sgd", "mse", ()).unwrap();
    let options = Fit::new().epochs(3).batch_size(4).shuffle(false).verbose(0);
    let history = model.fit(&tokens, &y, options).unwrap();
    close(&history["loss"], &expected["loss"], "loss");
    close(&values(&model.predict(&tokens).unwrap()), &expected["after"], "after");
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
