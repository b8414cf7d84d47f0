//! Burn modules as layers.

use super::*;

#[test]
fn parameters_are_variables_under_their_burn_names() {
    let net = Net::new(&flex());
    let layer = BurnModule::new(net.clone(), Net::forward).shared();
    let x = numbers(&[2, 3, 6, 6], 0);
    let y = layer.call(&[x.clone()]).unwrap().swap_remove(0);
    assert_eq!(difference(&y, &ours(net.forward(burn(&x)))), 0.0);

    let names: Vec<String> = layer.variables().iter().map(|v| v.path()).collect();
    let expected = [
        "conv.weight",
        "conv.bias",
        "norm.gamma",
        "norm.beta",
        "head.0.weight",
        "head.0.bias",
        "head.1.weight",
        "head.1.bias",
        "norm.running_mean",
        "norm.running_var",
    ];
    assert_eq!(names, expected.map(|name| format!("net/{name}")));
    assert_eq!(layer.trainable_variables().len(), 8);
    assert_eq!(layer.count_params(), net.num_params());
    layer.set_trainable(false);
    assert_eq!(layer.trainable_variables().len(), 0);
}

#[test]
fn shapes_come_from_a_dry_run() {
    let x = Input::new([3, 6, 6]);
    let y = BurnModule::new(Net::new(&flex()), Net::forward).apply(&x).unwrap();
    assert_eq!(y.shape(), &Shape::from([None, Some(2)]));
    let error = BurnModule::new(Net::new(&flex()), Net::forward).apply(Input::new([4, 6, 6])).unwrap_err();
    let text = format!("{error:?}");
    assert!(text.contains("net") && text.contains("panicked"), "{text}");
    let error = BurnModule::new(Net::new(&flex()), Net::forward).apply(Input::new([4])).unwrap_err();
    assert!(format!("{error:?}").contains("4 axes"), "{error:?}");
}

#[test]
fn training_changes_running_statistics_as_burn_does() {
    let device = flex().autodiff();
    let theirs = BatchNormConfig::new(3).init(&device);
    let layer = BurnModule::new(BatchNormConfig::new(3).init(&flex()), BatchNorm::forward::<2>).shared();
    for step in 0..3 {
        let x = numbers(&[8, 3], step);
        let y = layer.call_with(&[x.clone()], &mut ForwardPass::new(true)).unwrap().swap_remove(0);
        let expected = theirs.forward(burn::<2>(&x).autodiff());
        assert!(!y.is_recorded());
        assert!(difference(&y, &ours(expected)) < 1e-6);
    }
    let theirs = theirs.valid();
    let mean = layer.variable("running_mean").unwrap();
    assert!(!mean.trainable() && layer.variable("gamma").unwrap().trainable());
    assert!(difference(&mean.value().unwrap(), &ours(theirs.running_mean.value())) < 1e-6);
    let variance = layer.variable("running_var").unwrap().value().unwrap();
    assert!(difference(&variance, &ours(theirs.running_var.value())) < 1e-6);
    let x = numbers(&[8, 3], 7);
    let y = layer.call(&[x.clone()]).unwrap().swap_remove(0);
    assert!(difference(&y, &ours(theirs.forward(burn::<2>(&x)))) < 1e-6);

    // Frozen, it behaves as after Burn's `freeze`.
    layer.set_trainable(false);
    let before = mean.version();
    let frozen = layer.call_with(&[x.clone()], &mut ForwardPass::new(true)).unwrap().swap_remove(0);
    assert_eq!(difference(&frozen, &y), 0.0);
    assert_eq!(mean.version(), before);
}

#[test]
fn dropout_follows_the_training_flag() {
    let layer = BurnModule::new(DropoutConfig::new(0.5).init(), Dropout::forward::<2>).shared();
    let x = Tensor::ones([20, 50], DType::F32).unwrap();
    assert_eq!(difference(&layer.call(&[x.clone()]).unwrap()[0], &x), 0.0);
    let dropped = layer.call_with(&[x], &mut ForwardPass::new(true)).unwrap()[0].to_vec::<f32>().unwrap();
    let zeros = dropped.iter().filter(|v| **v == 0.0).count();
    assert!((350..650).contains(&zeros), "{zeros}");
    assert!(dropped.iter().all(|v| *v == 0.0 || *v == 2.0));
}

#[test]
fn gradients_flow_into_parameters_and_inputs() {
    let config = LinearConfig::new(3, 2);
    let module = config.init(&flex());
    let dense = Dense::new(2).shared();
    let x = numbers(&[4, 3], 1);
    dense.call(&[x.clone()]).unwrap();
    dense.variable("kernel").unwrap().assign(&ours(module.weight.val())).unwrap();
    dense.variable("bias").unwrap().assign(&ours(module.bias.as_ref().unwrap().val())).unwrap();
    let layer = BurnModule::new(module, Linear::forward::<2>).shared();
    layer.call(&[x.clone()]).unwrap();
    let gradients = |layer: &LayerRef| {
        let mut tape = GradientTape::new(&layer.variables()).unwrap();
        let x = tape.watch(&x).unwrap();
        let y = layer.call_with(&[x], tape.pass()).unwrap();
        let loss = y[0].square().unwrap().sum(&[], false).unwrap();
        tape.gradient(&loss).unwrap()
    };
    for (a, b) in gradients(&layer).iter().zip(&gradients(&dense)) {
        assert!(difference(a.as_ref().unwrap(), b.as_ref().unwrap()) < 1e-6);
    }
}

#[test]
fn our_optimizer_trains_a_burn_module_in_a_model() {
    let model = Sequential::new()
        .add(Input::new([4]))
        .add(linear(LinearConfig::new(4, 16)).name("first"))
        .add(Activation::new("tanh"))
        .add(linear(LinearConfig::new(16, 1)).name("second"))
        .build()
        .unwrap();
    let x = numbers(&[64, 4], 2);
    let y = x.square().unwrap().sum(&[1], true).unwrap();
    model.compile(Adam::new(0.01), "mse", ()).unwrap();
    let history = model.fit(&x, &y, Fit::new().epochs(30).verbose(0)).unwrap();
    assert!(history["loss"][29] < 0.3 * history["loss"][0], "{history:?}");
}

#[test]
fn files_hold_parameters_under_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let model = Sequential::new()
        .add(Input::new([4]))
        .add(linear(LinearConfig::new(4, 3)))
        .add(
            BurnModule::new(BatchNormConfig::new(3).init(&flex()), BatchNorm::forward::<2>)
                .class("mine>Norm"),
        )
        .add(Dense::new(1))
        .build()
        .unwrap();
    model.compile(Adam::new(0.01), "mse", ()).unwrap();
    let x = numbers(&[16, 4], 3);
    model.fit(&x, &numbers(&[16, 1], 4), Fit::new().epochs(2).verbose(0)).unwrap();
    let y = model.predict(&x).unwrap();

    let custom = CustomObjects::new().layer("burn>Linear", BurnModule::loader(linear)).layer(
        "mine>Norm",
        BurnModule::loader(|(): ()| {
            BurnModule::new(BatchNormConfig::new(3).init(&flex()), BatchNorm::forward::<2>).class("mine>Norm")
        }),
    );
    let whole = folder.path().join("model.keras");
    model.save(&whole).unwrap();
    let error = keras_rs::load_model(&whole).unwrap_err().to_string();
    assert!(error.contains("Linear") && error.contains("Norm"), "{error}");
    let again = keras_rs::load_model_with(&whole, &custom).unwrap();
    assert_eq!(difference(&again.predict(&x).unwrap(), &y), 0.0);
    let config = |model: &Model| model.as_layer().config();
    assert_eq!(config(&again), config(&model));
    assert_eq!(again.layers()[1].name(), "norm");

    for name in ["model.weights.h5", "model.safetensors"] {
        let path = folder.path().join(name);
        model.save_weights(&path).unwrap();
        let other = keras_rs::model_from_json_with(&model.to_json(), &custom).unwrap();
        assert!(difference(&other.predict(&x).unwrap(), &y) > 1e-3);
        other.load_weights(&path).unwrap();
        assert_eq!(difference(&other.predict(&x).unwrap(), &y), 0.0, "{name}");
    }
    let text =
        String::from_utf8_lossy(&std::fs::read(folder.path().join("model.weights.h5")).unwrap()).to_string();
    assert!(text.contains("running_mean") && text.contains("weight"));
}

#[test]
fn several_inputs_and_outputs_of_any_kind() {
    #[derive(Module, Debug)]
    struct Pair {
        table: Embedding,
        linear: Linear,
        offsets: Param<burn::Tensor<1, Int>>,
    }
    let module = Pair {
        table: EmbeddingConfig::new(7, 3).init(&flex()),
        linear: LinearConfig::new(2, 3).init(&flex()),
        offsets: Param::initialized(burn::module::ParamId::new(), burn::Tensor::from_ints([1], &flex())),
    };
    let layer = BurnModule::new(module, |module, (tokens, x): (burn::Tensor<2, Int>, Burn<2>)| {
        let tokens = tokens.clone() + module.offsets.val().cast(tokens.dtype()).unsqueeze();
        let looked_up = module.table.forward(tokens);
        let moved = looked_up + module.linear.forward(x).unsqueeze_dim(1);
        (moved.clone(), moved.mean_dim(1).squeeze_dim::<2>(1))
    });
    let (tokens, x) = (Input::new([5]).dtype(DType::I32), Input::new([2]));
    let [steps, mean] = layer.apply_to([&tokens, &x]).unwrap();
    assert_eq!(steps.shape(), &Shape::from([None, Some(5), Some(3)]));
    assert_eq!(mean.shape(), &Shape::from([None, Some(3)]));
    let model = Model::new([&tokens, &x], [&steps, &mean]).unwrap();
    assert_eq!(model.weights().len(), 4);
    assert_eq!(model.weights()[3].dtype(), DType::I32);
    let data = [&Tensor::from_vec(vec![0_i32, 1, 2, 3, 4], [1, 5]).unwrap(), &numbers(&[1, 2], 0)];
    let y = model.predict_all(data).unwrap();
    assert!(difference(&y[0].mean(&[1], false).unwrap(), &y[1]) < 1e-6);
    model.set_trainable(true);
    let mut tape = GradientTape::new(&model.trainable_weights()).unwrap();
    let y = model.call_with(&data.map(Clone::clone), tape.pass()).unwrap();
    assert_eq!(tape.gradient(&y[1].sum(&[], false).unwrap()).unwrap().iter().flatten().count(), 3);
}

#[test]
fn parameters_that_are_shared_or_frozen_stay_so() {
    let module = vec![LinearConfig::new(3, 3).init(&flex()); 2];
    let module = module.freeze_group(ParamGroup::from_path("1.bias"));
    let layer = BurnModule::new(module.clone(), |module: &Vec<Linear>, x: Burn<2>| {
        module.iter().fold(x, |x, linear| linear.forward(x))
    })
    .shared();
    layer.build(&[Shape::from([None, Some(3)])]).unwrap();
    // Clones have the ids of what they were cloned from.
    assert_eq!(layer.variables().len(), 2);
    let frozen = BurnModule::new(module[0].clone().no_grad(), Linear::forward::<2>).shared();
    frozen.build(&[Shape::from([None, Some(3)])]).unwrap();
    assert_eq!(frozen.trainable_variables().len(), 0);
}

#[test]
fn a_layer_moves_between_devices_and_types() {
    let model = Sequential::new()
        .add(Input::new([3, 6, 6]))
        .add(BurnModule::new(Net::new(&flex()), Net::forward))
        .build()
        .unwrap();
    let x = numbers(&[2, 3, 6, 6], 5);
    let y = model.predict(&x).unwrap();
    let ndarray = Backend::NdArray.device().unwrap();
    model.to_device(&ndarray).unwrap();
    let there = model.predict(&x).unwrap();
    assert_eq!(there.device(), &ndarray);
    assert!(difference(&there.to_device(y.device()).unwrap(), &y) < 1e-5);

    let double = linear(LinearConfig::new(3, 2)).dtype("float64").shared();
    let y = double.call(&[numbers(&[2, 3], 0)]).unwrap();
    assert_eq!((y[0].dtype(), double.variables()[0].dtype()), (DType::F64, DType::F64));
    let mixed = linear(LinearConfig::new(3, 2)).dtype("mixed_bfloat16").shared();
    let y = mixed.call(&[numbers(&[2, 3], 0)]).unwrap();
    assert_eq!((y[0].dtype(), mixed.variables()[0].dtype()), (DType::BF16, DType::F32));
}

#[test]
fn threads_predict_on_one_module() {
    let layer = BurnModule::new(Net::new(&flex()), Net::forward).shared();
    let x = numbers(&[2, 3, 6, 6], 6);
    let y = layer.call(&[x.clone()]).unwrap().swap_remove(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    assert_eq!(difference(&layer.call(&[x.clone()]).unwrap()[0], &y), 0.0);
                }
            });
        }
    });
}
