//! Optimizers: configurations, refusals, state that is put back, odd gradients.

use crate::support::variables::{gradients, parts, tensor, values, variables};
use crate::support::{devices, load};
use keras_rs::config::IntoConfig;
use keras_rs::layers::{Dense, LayerExt};
use keras_rs::optimizers::schedules::ExponentialDecay;
use keras_rs::optimizers::{Adam, AdamW, Optimizer, OptimizerExt, SGD};
use keras_rs::{DType, Error, Shape, TensorData};
use serde_json::Value;

#[test]
fn configurations_are_those_of_keras() {
    for part in parts() {
        for case in part["cases"].as_array().unwrap() {
            let optimizer: Optimizer = load(&case["object"]).unwrap();
            assert_eq!(optimizer.to_config().to_string(), case["object"].to_string(), "{}", case["name"]);
        }
        for (class, object) in part["defaults"].as_object().unwrap() {
            for name in [class.clone(), class.to_lowercase(), class.to_uppercase()] {
                let optimizer = Optimizer::try_from(name.as_str()).unwrap();
                assert_eq!(optimizer.to_config().to_string(), object.to_string(), "{name}");
            }
        }
    }
}

#[test]
fn what_keras_refuses_is_an_error_before_anything_changes() {
    let device = &devices()[0];
    for part in parts() {
        for case in part["refused"].as_array().unwrap() {
            let Ok(optimizer) = load::<Optimizer>(case) else { continue };
            let variables = variables(DType::F32, device, &Value::Null);
            let before = variables[0].value().unwrap().to_f64_vec().unwrap();
            let gradients: Vec<_> = variables.iter().map(|v| Some(v.value().unwrap())).collect();
            assert!(optimizer.apply_gradients(&gradients, &variables).is_err(), "{case}");
            assert_eq!(variables[0].value().unwrap().to_f64_vec().unwrap(), before, "{case}");
        }
    }
}

#[test]
fn what_was_saved_goes_on_where_it_was() {
    let make = || {
        let base = Adam::new(0.02).amsgrad(true).use_ema(true).gradient_accumulation_steps(2);
        Optimizer::from(base.clipnorm(1.0).weight_decay(0.01))
    };
    for device in devices() {
        let (through, stopped) = (variables(DType::F32, &device, &Value::Null), make());
        let (whole, resumed) = (make(), make());
        for step in 1..=7 {
            whole.apply_gradients(&gradients(step, &device), &through).unwrap();
        }
        let again = variables(DType::F32, &device, &Value::Null);
        (1..=3).for_each(|step| stopped.apply_gradients(&gradients(step, &device), &again).unwrap());
        stopped.set_learning_rate(0.04).unwrap();
        let saved: Vec<TensorData> =
            stopped.variables().unwrap().iter().map(|v| v.value().unwrap().to_data().unwrap()).collect();
        assert!(resumed.set_variables(saved.clone()).is_err(), "nothing is built yet");
        resumed.build(&again).unwrap();
        assert!(resumed.set_variables(saved[1..].to_vec()).is_err());
        resumed.set_variables(saved).unwrap();
        assert_eq!((resumed.iterations(), resumed.learning_rate().unwrap()), (1, f64::from(0.04_f32)));
        resumed.set_learning_rate(0.02).unwrap();
        (4..=7).for_each(|step| resumed.apply_gradients(&gradients(step, &device), &again).unwrap());
        assert_eq!(values(&again), values(&through));
        assert_eq!(values(&resumed.variables().unwrap()), values(&whole.variables().unwrap()));
    }
}

#[test]
fn norms_that_are_no_numbers_spoil_what_keras_spoils() {
    // What real Keras makes of a variable [2, 2] by `SGD(1.0, ...)`, where "nan" stands for NaN.
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let cases = [
        ("clipnorm", [nan, 1.0], [nan, nan]),
        ("clipnorm", [inf, 1.0], [nan, 2.0]),
        ("clipnorm", [0.0, 0.0], [2.0, 2.0]),
        ("global_clipnorm", [nan, 1.0], [nan, nan]),
        ("global_clipnorm", [inf, 1.0], [nan, nan]),
        ("global_clipnorm", [0.0, 0.0], [2.0, 2.0]),
        ("clipvalue", [nan, 1.0], [nan, 1.5]),
        ("clipvalue", [-inf, 1.0], [2.5, 1.5]),
    ];
    for device in devices() {
        for (option, gradient, want) in cases {
            let layer = Dense::new(2).use_bias(false).shared();
            layer.build(&[Shape::from([None, Some(1)])]).unwrap();
            let all = layer.variables();
            all[0].to_device(&device).unwrap();
            all[0].assign(&tensor(&[2.0, 2.0], &[1, 2], DType::F32, &device)).unwrap();
            let sgd = match option {
                "clipnorm" => SGD::new(1.0).clipnorm(0.5),
                "global_clipnorm" => SGD::new(1.0).global_clipnorm(0.5),
                _ => SGD::new(1.0).clipvalue(0.5),
            };
            let gradient = [Some(tensor(&gradient, &[1, 2], DType::F32, &device))];
            Optimizer::from(sgd).apply_gradients(&gradient, &all).unwrap();
            let got = &values(&all)[0];
            let same = got.iter().zip(want).all(|(g, w)| *g == w || (g.is_nan() && w.is_nan()));
            assert!(same, "{option} {gradient:?} on {device:?}: {got:?}");
        }
    }
}

#[test]
fn bad_calls_change_nothing() {
    let device = &devices()[0];
    let all = variables(DType::F32, device, &Value::Null);
    let before = values(&all);
    let optimizer = Optimizer::from(SGD::new(0.1));
    assert!(matches!(optimizer.apply_gradients(&[], &all), Err(Error::Argument { .. })));
    assert!(matches!(
        optimizer.apply_gradients(&[None, None, None, None], &all),
        Err(Error::Argument { .. })
    ));
    optimizer.apply_gradients(&[], &[]).unwrap();
    assert_eq!(optimizer.iterations(), 0);

    // One element would broadcast.
    let mut wrong = gradients(1, device);
    wrong[3] = Some(tensor(&[1.0], &[1], DType::F32, device));
    assert!(matches!(optimizer.apply_gradients(&wrong, &all), Err(Error::Shape { .. })));

    let strangers = variables(DType::F32, device, &Value::Null);
    optimizer.build(&all).unwrap();
    let unknown = [all[0].clone(), strangers[1].clone(), all[2].clone(), all[3].clone()];
    let error = optimizer.apply_gradients(&gradients(1, device), &unknown);
    assert!(matches!(error, Err(Error::UnknownName { .. })));
    assert!(optimizer.exclude_from_weight_decay(["bias"], &[]).is_err(), "it is built");

    let pattern = Optimizer::from(AdamW::new(0.1).exclude_from_weight_decay(["(bias"]));
    let error = pattern.apply_gradients(&gradients(1, device), &all);
    assert!(
        matches!(error, Err(Error::Argument { argument, .. }) if argument == "exclude_from_weight_decay")
    );
    assert_eq!(values(&all), before);
}

#[test]
fn the_learning_rate_may_become_a_schedule_but_not_the_other_way() {
    let optimizer = Optimizer::from(SGD::new(0.1));
    assert!(optimizer.set_learning_rate(f64::NAN).is_err());
    optimizer.set_learning_rate(0.2).unwrap();
    assert_eq!(optimizer.variables().unwrap().len(), 2);
    optimizer.set_learning_rate(ExponentialDecay::new(0.5, 1, 0.5)).unwrap();
    assert_eq!(optimizer.learning_rate().unwrap(), 0.5);
    assert_eq!(optimizer.variables().unwrap().len(), 1);
    assert!(matches!(optimizer.set_learning_rate(0.1), Err(Error::Argument { .. })));
}

#[test]
fn gradients_of_another_type_are_cast() {
    let device = &devices()[0];
    let wide = variables(DType::F64, device, &Value::Null);
    let optimizer = Optimizer::from(Adam::new(0.1));
    optimizer.apply_gradients(&gradients(1, device), &wide).unwrap();
    assert!(wide.iter().all(|v| v.value().unwrap().dtype() == DType::F64));
}
