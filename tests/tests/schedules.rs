//! Learning rate schedules: by hand and from files, names, refusals.

use crate::support::{json, load};
use keras_rs::Error;
use keras_rs::config::IntoConfig;
use keras_rs::optimizers::schedules::{
    CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, LearningRateSchedule,
    PiecewiseConstantDecay, PolynomialDecay,
};
use keras_rs::optimizers::{Optimizer, OptimizerExt, SGD};
use serde_json::Value;

#[test]
fn schedules_by_hand_are_those_of_files() {
    let by_name = |name: &str| -> Value {
        let fixture = json("training/schedules.json");
        let cases = fixture["cases"].as_array().unwrap();
        cases.iter().find(|case| case["name"] == name).unwrap()["object"].clone()
    };
    let cases: Vec<(&str, LearningRateSchedule)> = vec![
        ("exponential_staircase", ExponentialDecay::new(0.1, 10, 0.9).staircase(true).name("stairs").into()),
        ("inverse_time_float_steps", InverseTimeDecay::new(0.1, 1.0, 0.5).name("inverse").into()),
        ("inverse_time_staircase", InverseTimeDecay::new(0.1, 10, 0.5).staircase(true).into()),
        ("polynomial", PolynomialDecay::new(0.1, 50).into()),
        (
            "polynomial_cycle_power",
            PolynomialDecay::new(0.1, 10)
                .end_learning_rate(0.01)
                .power(1.5)
                .cycle(true)
                .name("cycles")
                .into(),
        ),
        ("piecewise_one", PiecewiseConstantDecay::new([10], [0.1, 0.01]).name("two").into()),
        ("cosine", CosineDecay::new(0.1, 50).into()),
        (
            "cosine_warmup_from",
            CosineDecay::new(0.01, 50).alpha(0.2).warmup_target(0.1).warmup_steps(20).name("warm").into(),
        ),
        ("restarts", CosineDecayRestarts::new(0.1, 10).into()),
        (
            "restarts_slow",
            CosineDecayRestarts::new(0.1, 10).t_mul(1.5).m_mul(0.8).alpha(0.01).name("slow").into(),
        ),
    ];
    for (name, schedule) in cases {
        assert_eq!(schedule.to_config().to_string(), by_name(name).to_string(), "{name}");
    }
}

#[test]
fn refused_schedules_are_typed_errors() {
    for case in json("training/schedules.json")["refused"].as_array().unwrap() {
        let error = load::<LearningRateSchedule>(case).map(drop).unwrap_err();
        assert!(matches!(error, Error::Argument { .. } | Error::Config { .. }), "{case}: {error:?}");
    }
    let by_hand: Vec<LearningRateSchedule> = vec![
        ExponentialDecay::new(0.1, 0, 0.5).into(),
        InverseTimeDecay::new(0.1, -1, 0.5).into(),
        PolynomialDecay::new(0.1, f64::NAN).into(),
        CosineDecay::new(0.1, 0).into(),
        CosineDecayRestarts::new(0.1, 0).into(),
        PiecewiseConstantDecay::new([1], [0.1]).into(),
        PiecewiseConstantDecay::new([0; 0], [0.1]).into(),
    ];
    for schedule in by_hand {
        assert!(matches!(schedule.call(1), Err(Error::Argument { .. })), "{schedule:?}");
    }
}

#[test]
fn default_names_are_kerass() {
    let names = &json("training/schedules.json")["names"];
    let made: Vec<LearningRateSchedule> = vec![
        ExponentialDecay::new(0.1, 1, 0.5).into(),
        InverseTimeDecay::new(0.1, 1, 0.5).into(),
        PolynomialDecay::new(0.1, 1).into(),
        CosineDecay::new(0.1, 1).into(),
        CosineDecayRestarts::new(0.1, 1).into(),
        PiecewiseConstantDecay::new([1], [0.1, 0.2]).into(),
    ];
    assert_eq!(made.len(), names.as_object().unwrap().len());
    for schedule in made {
        assert_eq!(schedule.config()["name"], names[schedule.class_name()], "{schedule:?}");
    }
}

#[test]
fn the_rate_of_a_schedule_cannot_be_set() {
    let optimizer = Optimizer::from(SGD::new(0.1).learning_rate(CosineDecay::new(0.5, 10)));
    assert_eq!(optimizer.learning_rate().unwrap(), 0.5);
    assert!(matches!(optimizer.set_learning_rate(0.1), Err(Error::Argument { .. })));
}
