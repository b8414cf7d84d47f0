//! Models as Burn modules.

use super::*;

/// What the layers of a model give one by one, as its module calls them.
fn exact(model: &Model, x: &Tensor) -> Tensor {
    model.predict_with(x, keras_rs::training::Predict::new().exact(true).verbose(0)).unwrap()
}

/// A model of which everything is known: weights from a formula.
fn mlp() -> Model {
    let model = Sequential::new()
        .add(Input::new([4]))
        .add(Dense::new(8).activation("tanh"))
        .add(Dense::new(3).activation("sigmoid"))
        .add(Dense::new(1))
        .build()
        .unwrap();
    for (i, weight) in model.weights().iter().enumerate() {
        weight.assign(&numbers(weight.shape(), i)).unwrap();
    }
    model
}

/// The largest difference of weights after steps by an optimizer of Burn and by ours.
fn after_steps(
    theirs: &mut ModuleOptimizer,
    ours: impl Into<keras_rs::optimizers::Optimizer>,
    rate: f64,
) -> f64 {
    let (x, y) = (numbers(&[16, 4], 8), numbers(&[16, 1], 9));
    let model = mlp();
    model.compile(ours, "mse", ()).unwrap();
    let trained = mlp();
    let mut module = trained.into_module().unwrap().train();
    for _ in 0..5 {
        model.train_on_batch(&Batch::new(&x, &y)).unwrap();
        let predicted: Burn<2> = module.forward(burn::<2>(&x)).unwrap();
        let loss = (predicted - burn(&y)).square().mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &module);
        module = theirs.step(rate, module, gradients);
    }
    let trained = module.into_model().unwrap();
    let pairs = model.weights().into_iter().zip(trained.weights());
    pairs.map(|(a, b)| difference(&a.value().unwrap(), &b.value().unwrap())).fold(0.0, f64::max)
}

#[test]
fn steps_of_optimizers_agree() {
    let sgd = after_steps(&mut SgdConfig::new().init(), SGD::new(0.1), 0.1);
    assert!(sgd < 1e-6, "{sgd}");
    // Burn adds epsilon to the corrected second moment's root, Keras to that of the second moment itself.
    let mut adam = AdamConfig::new().with_epsilon(1e-12).init();
    let adam = after_steps(&mut adam, Adam::new(0.01).epsilon(1e-12), 0.01);
    assert!(adam < 1e-5, "{adam}");
}

#[test]
fn a_model_as_a_module_keeps_burns_rules() {
    let model = mlp();
    let module = model.clone().into_module().unwrap();
    assert_eq!(module.num_params(), model.count_params());
    assert!(format!("{module}").contains("sequential.dense_1.kernel"), "{module}");
    let x = numbers(&[3, 4], 1);
    let y: Burn<2> = module.forward(burn::<2>(&x)).unwrap();
    assert_eq!(difference(&ours(y), &exact(&model, &x)), 0.0);
    let error = module.forward::<_, Burn<3>>(burn::<2>(&x)).unwrap_err();
    assert!(matches!(error, Error::Shape { .. }), "{error}");

    // Copies are independent of each other and of the model until it is handed the values.
    let changed = module.clone().map(&mut Twice);
    let doubled: Burn<2> = changed.forward(burn::<2>(&x)).unwrap();
    assert!(difference(&ours(doubled.clone()), &exact(&model, &x)) > 1e-2);
    let y: Burn<2> = module.forward(burn::<2>(&x)).unwrap();
    assert_eq!(difference(&ours(y), &exact(&model, &x)), 0.0);
    let model = changed.into_model().unwrap();
    assert_eq!(difference(&ours(doubled), &exact(&model, &x)), 0.0);

    // Ids are stable: through copies, training, validation, and for the model made a module again.
    let ids = |module: &KerasModule| ParamGroup::ids_from_module(module.clone());
    let first = format!("{:?}", ids(&module));
    assert_eq!(first, format!("{:?}", ids(&model.into_module().unwrap())));
    assert_eq!(first, format!("{:?}", ids(&module.clone().train().valid())));
}

/// Doubles every parameter.
pub(super) struct Twice;

impl burn::module::ModuleMapper for Twice {
    fn map_float<const D: usize>(&mut self, param: Param<Burn<D>>) -> Param<Burn<D>> {
        param.map(|value| value * 2.0)
    }
}

#[test]
fn records_hold_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.bpk");
    let (x, first) = (numbers(&[3, 4], 1), mlp());
    first.clone().into_module().unwrap().into_record().save(&path).unwrap();
    let other = mlp();
    other.weights().iter().for_each(|w| w.assign(&w.value().unwrap().mul_scalar(0.5).unwrap()).unwrap());
    let loaded = other.into_module().unwrap().try_load_file(&path).unwrap().into_model().unwrap();
    assert_eq!(difference(&loaded.predict(&x).unwrap(), &first.predict(&x).unwrap()), 0.0);
    let narrow = Sequential::new().add(Input::new([4])).add(Dense::new(2)).build().unwrap();
    assert!(narrow.into_module().unwrap().try_load_file(&path).is_err());
}

#[derive(Module, Debug)]
struct Both {
    keras: KerasModule,
    burn: Linear,
}

#[test]
fn a_model_is_a_field_of_a_module() {
    let model = Sequential::new()
        .add(Input::new([4]))
        .add(Dense::new(6).kernel_regularizer(L2::new(0.1)))
        .add(BatchNormalization::new())
        .add(keras_rs::layers::Dropout::new(0.5))
        .add(Dense::new(3).trainable(false))
        .build()
        .unwrap();
    let weights = model.weights();
    let before: Vec<Tensor> = weights.iter().map(|w| w.value().unwrap()).collect();
    let keras = model.clone().into_module().unwrap();
    let mut both = Both { keras, burn: LinearConfig::new(3, 1).init(&flex()) }.train();
    assert_eq!(both.num_params(), model.count_params() + 4);
    let mut optimizer = AdamConfig::new().init();
    let x = numbers(&[16, 4], 2);
    for _ in 0..3 {
        let (features, added): (Burn<2>, _) = both.keras.forward_with_losses(burn::<2>(&x)).unwrap();
        assert!(added.clone().into_scalar::<f32>() > 0.0);
        let loss = both.burn.forward(features).square().mean() + added.sum();
        let gradients = GradientsParams::from_grads(loss.backward(), &both);
        both = optimizer.step(1e-2, both, gradients);
    }
    // In validation neither dropout nor the moving statistics move.
    let valid = both.valid();
    let moving = weights.iter().find(|w| w.name() == "moving_mean").unwrap();
    let version = moving.version();
    let y: Burn<2> = valid.keras.forward(burn::<2>(&x)).unwrap();
    assert_eq!(moving.version(), version);
    assert!(version > 0);
    let model = both.keras.into_model().unwrap();
    assert!(difference(&ours(y), &model.predict(&x).unwrap()) < 1e-6);
    for (weight, before) in weights.iter().zip(&before) {
        let moved = difference(&weight.value().unwrap(), before) > 0.0;
        assert_eq!(moved, !weight.path().contains("dense_1"), "{}", weight.path());
    }
}

#[test]
fn burns_freezing_devices_and_adapters_apply() {
    let x = numbers(&[3, 4], 1);
    let module = mlp().into_module().unwrap();
    let y: Burn<2> = module.forward(burn::<2>(&x)).unwrap();

    let frozen = module.clone().train().freeze_group(ParamGroup::from_path("sequential.dense.kernel"));
    let predicted: Burn<2> = frozen.forward(burn::<2>(&x)).unwrap();
    let gradients = GradientsParams::from_grads(predicted.sum().backward(), &frozen);
    assert_eq!(gradients.len(), 5);

    let adapted = module.clone().apply_lora(burn::module::Lora::new(2, 1.0));
    assert!(adapted.num_params() > module.num_params());
    let same: Burn<2> = adapted.forward(burn::<2>(&x)).unwrap();
    assert!(difference(&ours(same), &ours(y.clone())) < 1e-6);

    #[allow(deprecated)]
    let ndarray = Device::ndarray();
    let moved = module.train().fork(&ndarray);
    assert_eq!(moved.devices(), [ndarray.clone()]);
    let there: Burn<2> = moved.forward(burn::<2>(&x).to_device(&ndarray)).unwrap();
    let there = there.without_autodiff().to_device(&flex());
    assert!(difference(&ours(there), &ours(y)) < 1e-5);
}

#[test]
fn integers_and_repeated_names_are_parameters() {
    let tokens = Input::new([5]).dtype(DType::I32);
    let x = keras_rs::layers::Embedding::new(9, 4).apply(&tokens).unwrap();
    let x = keras_rs::layers::Dropout::new(0.2).apply(&x).unwrap();
    let x = GlobalAveragePooling1D::new().apply(&x).unwrap();
    let model = Model::new(&tokens, Dense::new(2).apply(&x).unwrap()).unwrap();
    let data = Tensor::from_vec(vec![0_i32, 1, 2, 3, 4], [1, 5]).unwrap();
    let expected = exact(&model, &data);
    let module = model.into_module().unwrap();
    let tokens: burn::Tensor<2, Int> = data.into_burn().unwrap();
    let y: Burn<2> = module.forward(tokens).unwrap();
    assert_eq!(difference(&ours(y), &expected), 0.0);
}

#[test]
fn a_burn_module_in_a_model_in_a_burn_module() {
    let model = Sequential::new()
        .add(Input::new([3, 6, 6]))
        .add(BurnModule::new(Net::new(&flex()), Net::forward))
        .build()
        .unwrap();
    let mut module = model.into_module().unwrap().train();
    let x = numbers(&[8, 3, 6, 6], 3);
    let mut optimizer = SgdConfig::new().init();
    let mut losses = Vec::new();
    for _ in 0..20 {
        let y: Burn<2> = module.forward(burn::<4>(&x)).unwrap();
        let loss = (y - 1.0).square().mean();
        losses.push(loss.clone().into_scalar::<f32>());
        let gradients = GradientsParams::from_grads(loss.backward(), &module);
        module = optimizer.step(0.05, module, gradients);
    }
    assert!(losses[19] < 0.5 * losses[0], "{losses:?}");
    let loss = MeanSquaredError::new();
    let model = module.into_model().unwrap();
    let y = model.predict(&x).unwrap();
    assert!(
        loss.compute(&Tensor::ones([8, 2], DType::F32).unwrap(), &y, None).unwrap().to_scalar().unwrap()
            < 1.0
    );
}
