//! Several optimizers as one: what is refused, state that is put back, and what files hold.

use crate::support::variables::{gradients, values, variables};
use crate::support::{devices, load};
use keras_rs::config::IntoConfig;
use keras_rs::optimizers::{
    Adam, LossScaleOptimizer, MultiOptimizer, Optimizer, OptimizerExt, OptimizerMap, SGD,
};
use keras_rs::{DType, Error, TensorData};
use serde_json::{Value, json};

fn map() -> OptimizerMap {
    OptimizerMap::new(SGD::new(0.05).momentum(0.9)).with("dense/.*", Adam::new(0.02)).unwrap()
}

fn is_argument<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::Argument { .. })), "{result:?}");
}

#[test]
fn keys_are_paths_or_patterns_of_whole_paths() {
    let map = map().with("dense/kernel", Adam::new(1.0)).unwrap().with(".*/bias", SGD::new(1.0)).unwrap();
    let rate = |path: &str| map.get(path).unwrap().learning_rate().unwrap();
    assert_eq!(rate("dense/kernel"), 1.0);
    assert_eq!(rate("conv/bias"), 1.0);
    assert_eq!(rate("dense/gamma"), f64::from(0.02_f32));
    assert_eq!(rate("a/dense/gamma"), f64::from(0.05_f32));
    is_argument(map.get("dense/bias").map(Optimizer::class_name));
    is_argument(map.clone().with("dense/kernel", Adam::new(1.0)));
    is_argument(map.clone().with("(", Adam::new(1.0)));
    is_argument(map.clone().with("x", LossScaleOptimizer::new(Adam::new(1.0))));
    is_argument(map.clone().with("x", MultiOptimizer::new(map)));
}

#[test]
fn arguments_belong_to_the_optimizers_inside() {
    for refused in [
        MultiOptimizer::new(map()).learning_rate(0.1).shared(),
        MultiOptimizer::new(map()).clipnorm(1.0).shared(),
        MultiOptimizer::new(map()).use_ema(true).shared(),
        MultiOptimizer::new(OptimizerMap::new(MultiOptimizer::new(map()))).shared(),
    ] {
        is_argument(refused.build(&[]));
    }
    let several = MultiOptimizer::new(map()).loss_scale_factor(4.0).shared();
    is_argument(several.learning_rate());
    is_argument(several.set_learning_rate(0.1));
    is_argument(several.exclude_from_weight_decay(["bias"], &[]));
    let inside = several.inner_optimizers();
    assert!(inside.iter().all(|optimizer| optimizer.config()["loss_scale_factor"] == 4.0));
    let scaled = Optimizer::from(LossScaleOptimizer::new(several));
    assert_eq!(scaled.inner().unwrap().config()["loss_scale_factor"], Value::Null);
    assert!(inside.iter().all(|optimizer| optimizer.config()["loss_scale_factor"].is_null()));
}

#[test]
fn configurations_that_are_none_are_errors() {
    let config = MultiOptimizer::new(map()).shared().to_config();
    assert_eq!(load::<Optimizer>(&config).unwrap().to_config(), config);
    let with = |map: Value| json!({"class_name": "MultiOptimizer", "config": {"optimizer_map": map}});
    let sgd = json!({"class_name": "SGD", "config": {}});
    for refused in [
        Value::Null,
        sgd.clone(),
        json!({"class_name": "OptimizerMap", "config": {}}),
        json!({"class_name": "OptimizerMap", "config": {"default_optimizer": sgd, "optimizer_map": [1]}}),
        json!({"class_name": "OptimizerMap", "config": {"default_optimizer": sgd, "optimizer_map": {"(": sgd}}}),
        json!({"class_name": "OptimizerMap", "config": {"default_optimizer": with(config["config"]["optimizer_map"].clone())}}),
    ] {
        assert!(load::<Optimizer>(&with(refused.clone())).is_err(), "{refused}");
    }
}

#[test]
fn what_was_saved_goes_on_where_it_was() {
    for device in devices() {
        let [through, again] = [(); 2].map(|()| variables(DType::F32, &device, &Value::Null));
        let [whole, cut, resumed] = [(); 3].map(|()| MultiOptimizer::new(map()).shared());
        (1..=6).for_each(|step| whole.apply_gradients(&gradients(step, &device), &through).unwrap());
        (1..=3).for_each(|step| cut.apply_gradients(&gradients(step, &device), &again).unwrap());
        let saved: Vec<TensorData> =
            cut.variables().unwrap().iter().map(|v| v.value().unwrap().to_data().unwrap()).collect();
        resumed.build(&again).unwrap();
        let before = values(&resumed.variables().unwrap());
        let mut wrong = saved.clone();
        wrong.swap(2, 4);
        assert!(resumed.set_variables(wrong).is_err());
        assert!(resumed.set_variables(saved[1..].to_vec()).is_err());
        assert_eq!(values(&resumed.variables().unwrap()), before);
        resumed.set_variables(saved).unwrap();
        assert_eq!(resumed.iterations(), 3);
        assert!(resumed.inner_optimizers().iter().all(|optimizer| optimizer.iterations() == 3));
        (4..=6).for_each(|step| resumed.apply_gradients(&gradients(step, &device), &again).unwrap());
        assert_eq!(values(&again), values(&through));
        assert_eq!(values(&resumed.variables().unwrap()), values(&whole.variables().unwrap()));
    }
}

#[test]
fn an_optimizer_without_any_gradient_is_an_error_before_anything_changes() {
    let device = &devices()[0];
    let variables = variables(DType::F32, device, &Value::Null);
    let before = values(&variables);
    let mut missing = gradients(1, device);
    missing[0] = None;
    missing[1] = None;
    let several = MultiOptimizer::new(map()).shared();
    is_argument(several.apply_gradients(&missing, &variables));
    assert_eq!((values(&variables), several.iterations()), (before, 0));
}
