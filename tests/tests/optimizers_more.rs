//! Lion, Adafactor, Ftrl, Lamb, Muon, ScheduleFreeAdamW and LossScaleOptimizer: what `optimizers.rs` does not ask.

use crate::support::{devices, load};
use keras_rs::initializers::Initializer;
use keras_rs::optimizers::{
    Adafactor, Adam, Ftrl, Lamb, Lion, LossScaleOptimizer, Muon, Optimizer, OptimizerExt, SGD,
    ScheduleFreeAdamW,
};
use keras_rs::{DType, Device, Error, Tensor, TensorData, Variable, VariableSpec};
use serde_json::{Value, json};

fn tensor(values: &[f32], shape: &[usize], device: &Device) -> Tensor {
    Tensor::from_data_on(TensorData::from_values(values, shape.to_vec()).unwrap(), device).unwrap()
}

fn variable(name: &str, values: &[f32], shape: &[usize], device: &Device) -> Variable {
    let spec = VariableSpec {
        name: name.into(),
        shape: shape.to_vec(),
        dtype: DType::F32,
        trainable: true,
        initializer: Initializer::zeros(),
        regularizer: None,
        constraint: None,
    };
    let variable = Variable::new(spec, device).unwrap();
    variable.assign(&tensor(values, shape, device)).unwrap();
    variable
}

/// An update of two variables, by gradients that grow.
fn update(optimizer: &Optimizer, variables: &[Variable], step: usize) {
    let gradient = |v: &Variable| {
        let len = v.shape().iter().product::<usize>();
        let values: Vec<f32> = (0..len).map(|k| (k + step) as f32 / 8.0 - 0.5).collect();
        Some(tensor(&values, v.shape(), &v.device()))
    };
    let gradients: Vec<_> = variables.iter().map(gradient).collect();
    optimizer.apply_gradients(&gradients, variables).unwrap();
}

fn state(optimizer: &Optimizer) -> Vec<TensorData> {
    let all = optimizer.variables().unwrap();
    all.iter().map(|v| v.value().unwrap().to_data().unwrap()).collect()
}

#[test]
fn state_that_is_put_back_goes_on_alike() {
    let made: Vec<fn() -> Optimizer> = vec![
        || Lion::default().into(),
        || Adafactor::default().into(),
        || Ftrl::default().into(),
        || Lamb::default().into(),
        || Muon::default().into(),
        || ScheduleFreeAdamW::default().into(),
        || LossScaleOptimizer::new(Adam::default()).dynamic_growth_steps(3_u64).into(),
        || LossScaleOptimizer::new(LossScaleOptimizer::new(SGD::default().momentum(0.9))).into(),
    ];
    for (make, device) in made.iter().flat_map(|make| devices().into_iter().map(move |d| (make, d))) {
        let variables = || {
            let kernel = variable("kernel", &[0.5, -0.25, 1.0, 0.75, -1.0, 0.125], &[3, 2], &device);
            [kernel, variable("bias", &[0.5, -1.0], &[2], &device)]
        };
        let ((whole, through), (resumed, again)) = ((make(), variables()), (make(), variables()));
        (1..=4).for_each(|step| update(&whole, &through, step));
        resumed.build(&again).unwrap();
        let mut short = state(&whole);
        short.pop();
        assert!(matches!(resumed.set_variables(short), Err(Error::Argument { .. })), "{whole:?}");
        let mut misshapen = state(&whole);
        *misshapen.last_mut().unwrap() = TensorData::from_values(&[1.0_f32; 7], vec![7]).unwrap();
        let before: Vec<_> = state(&resumed).iter().map(|d| d.bytes().to_vec()).collect();
        assert!(matches!(resumed.set_variables(misshapen), Err(Error::Shape { .. })), "{whole:?}");
        let after: Vec<_> = state(&resumed).iter().map(|d| d.bytes().to_vec()).collect();
        assert_eq!(before, after, "{whole:?}: nothing changes");
        resumed.set_variables(state(&whole)).unwrap();
        through.iter().zip(&again).for_each(|(from, to)| to.assign(&from.value().unwrap()).unwrap());
        for step in 5..=8 {
            update(&whole, &through, step);
            update(&resumed, &again, step);
        }
        for (a, b) in through.iter().zip(&again) {
            let (a, b) = (a.value().unwrap().to_f64_vec().unwrap(), b.value().unwrap().to_f64_vec().unwrap());
            assert_eq!(a, b, "{whole:?}");
        }
    }
}

#[test]
fn setters_are_arguments() {
    let made: Vec<(Optimizer, Value)> = vec![
        (Lion::default().beta_1(0.8).beta_2(0.7).into(), json!({"beta_1": 0.8, "beta_2": 0.7})),
        (
            Adafactor::default()
                .beta_2_decay(-0.5)
                .epsilon_1(1e-20)
                .epsilon_2(0.1)
                .clip_threshold(2.0)
                .relative_step(false)
                .into(),
            json!({"beta_2_decay": -0.5, "epsilon_1": 1e-20, "epsilon_2": 0.1, "clip_threshold": 2.0,
                "relative_step": false}),
        ),
        (
            Ftrl::default()
                .learning_rate_power(-0.25)
                .initial_accumulator_value(0.3)
                .l1_regularization_strength(0.4)
                .l2_regularization_strength(0.5)
                .l2_shrinkage_regularization_strength(0.6)
                .beta(0.7)
                .into(),
            json!({"learning_rate_power": -0.25, "initial_accumulator_value": 0.3,
                "l1_regularization_strength": 0.4, "l2_regularization_strength": 0.5,
                "l2_shrinkage_regularization_strength": 0.6, "beta": 0.7}),
        ),
        (
            Lamb::default().beta_1(0.8).beta_2(0.7).epsilon(0.1).into(),
            json!({"beta_1": 0.8, "beta_2": 0.7, "epsilon": 0.1}),
        ),
        (
            Muon::default()
                .adam_beta_1(0.8)
                .adam_beta_2(0.7)
                .epsilon(0.1)
                .exclude_layers(["head"])
                .muon_a(3.0)
                .muon_b(-4.0)
                .muon_c(2.0)
                .adam_lr_ratio(0.5)
                .momentum(0.9)
                .ns_steps(3_u64)
                .nesterov(false)
                .exclude_embeddings(false)
                .adam_weight_decay(None)
                .rms_rate(None)
                .into(),
            json!({"adam_beta_1": 0.8, "adam_beta_2": 0.7, "epsilon": 0.1, "exclude_layers": ["head"],
                "muon_a": 3.0, "muon_b": -4.0, "muon_c": 2.0, "adam_lr_ratio": 0.5, "momentum": 0.9,
                "ns_steps": 3, "nesterov": false, "exclude_embeddings": false, "adam_weight_decay": null,
                "rms_rate": null}),
        ),
        (
            ScheduleFreeAdamW::default().beta_1(0.8).beta_2(0.7).epsilon(0.1).warmup_steps(5_u64).into(),
            json!({"beta_1": 0.8, "beta_2": 0.7, "epsilon": 0.1, "warmup_steps": 5}),
        ),
    ];
    for (optimizer, own) in made {
        assert_eq!(Value::Object(optimizer.rule().config()), own, "{optimizer:?}");
    }
}

#[test]
fn refused_arguments_are_typed_errors() {
    let device = &devices()[0];
    let x = variable("kernel", &[1.0, 2.0], &[2], device);
    let gradients = [Some(tensor(&[0.5, 0.5], &[2], device))];
    let refused: Vec<Optimizer> = vec![
        Lion::default().beta_1(0.0).into(),
        Lion::default().beta_1(1.5).into(),
        Ftrl::default().learning_rate_power(0.5).into(),
        Ftrl::default().initial_accumulator_value(-0.1).into(),
        Ftrl::default().l1_regularization_strength(-0.1).into(),
        Ftrl::default().l2_regularization_strength(-0.1).into(),
        Ftrl::default().l2_shrinkage_regularization_strength(-0.1).into(),
        Muon::default().exclude_layers(["("]).into(),
        LossScaleOptimizer::new(SGD::default()).initial_scale(0.0).into(),
        LossScaleOptimizer::new(SGD::default()).initial_scale(f64::INFINITY).into(),
        LossScaleOptimizer::new(SGD::default()).clipnorm(1.0).into(),
        LossScaleOptimizer::new(SGD::default()).learning_rate(1.0).into(),
        LossScaleOptimizer::new(Lion::default().beta_1(0.0)).into(),
    ];
    for optimizer in refused {
        let error = optimizer.apply_gradients(&gradients, std::slice::from_ref(&x)).unwrap_err();
        assert!(matches!(error, Error::Argument { .. }), "{optimizer:?}: {error:?}");
        assert_eq!(x.value().unwrap().to_vec::<f32>().unwrap(), [1.0, 2.0]);
    }
    for (class, config) in [
        ("Lion", json!({"beta_1": -1.0})),
        ("Ftrl", json!({"learning_rate_power": 1.0})),
        ("Lamb", json!({"amsgrad": true})),
        ("Muon", json!({"exclude_layers": 3})),
        ("LossScaleOptimizer", json!({})),
        ("LossScaleOptimizer", json!({"inner_optimizer": "sgd", "dynamic": false})),
        ("LossScaleOptimizer", json!({"inner_optimizer": "sgd", "weight_decay": 0.1})),
    ] {
        let error = load::<Optimizer>(&json!({"class_name": class, "config": config})).unwrap_err();
        assert!(matches!(error, Error::Argument { .. } | Error::Config { .. }), "{class}: {error:?}");
    }
    let old = json!({"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": "sgd", "dynamic": true,
        "initial_scale": 32768.0, "dynamic_growth_steps": 2000, "weight_decay": null, "ema_momentum": 0.99}});
    assert_eq!(load::<Optimizer>(&old).unwrap().config()["inner_optimizer"]["class_name"], "SGD");
}

#[test]
fn a_wrapped_optimizer_shows_through() {
    let device = &devices()[0];
    let inner = Optimizer::from(Adam::new(0.5).use_ema(true).loss_scale_factor(4.0));
    let outer = Optimizer::from(LossScaleOptimizer::new(inner.clone()).initial_scale(8.0));
    assert_eq!(inner.config()["loss_scale_factor"], Value::Null);
    outer.set_learning_rate(0.25).unwrap();
    assert_eq!(inner.learning_rate().unwrap(), 0.25);
    let loss = tensor(&[3.0], &[], device);
    assert_eq!(outer.scale_loss(&loss).unwrap().to_scalar().unwrap(), 24.0);
    let x = [variable("kernel", &[1.0, 2.0], &[2], device)];
    let bad = [Some(tensor(&[1.0, f32::NAN], &[2], device))];
    outer.apply_gradients(&bad, &x).unwrap();
    assert_eq!(x[0].value().unwrap().to_vec::<f32>().unwrap(), [1.0, 2.0]);
    assert_eq!(outer.iterations(), 0);
    assert_eq!(outer.scale_loss(&loss).unwrap().to_scalar().unwrap(), 12.0);
    outer.apply_gradients(&[Some(tensor(&[4.0, 4.0], &[2], device))], &x).unwrap();
    assert_eq!((outer.iterations(), inner.iterations()), (1, 1));
    assert_eq!(outer.averages().len(), 1);
    outer.finalize_variable_values().unwrap();
    assert!(matches!(outer.apply_gradients(&[None], &x), Err(Error::Argument { .. })));
}
