//! What `burn-train` 0.22.1 asks of a model. That crate is not built here, so that its traits are written out: it turns on
//! the feature `dataset` of `burn-core`, with which Burn would be built anew. With its own `SupervisedTraining` and `Learner`,
//! without default features, a module as the one below was trained once by hand, with Adam and batch normalization: 8 epochs of
//! 4 batches took the mean loss from 0.35 to 0.09, checkpoints were written, and the saved model predicted the same.

use super::*;
use burn_optim::lr_scheduler::module_lr_scheduler::ModuleLearningRate;
use std::fmt::Display;

/// Burn's `TrainStep`, with its provided method.
trait TrainStep {
    type Input: Send + 'static;
    type Output: 'static;

    fn step(&self, item: Self::Input) -> (GradientsParams, Self::Output);

    fn optimize(self, optimizer: &mut ModuleOptimizer, rate: ModuleLearningRate, by: GradientsParams) -> Self
    where
        Self: Module + Sized,
    {
        optimizer.step(rate, self, by)
    }
}

/// Burn's `InferenceStep`.
trait InferenceStep {
    type Input: Send + 'static;
    type Output: 'static;

    fn step(&self, item: Self::Input) -> Self::Output;
}

/// Burn's `LearnerModel`: the bounds of its `Learner` on a model.
trait LearnerModel: TrainStep + InferenceStep + Module + Display + 'static {}

impl<M: TrainStep + InferenceStep + Module + Display + 'static> LearnerModel for M {}

/// A Keras model with the steps of a regression. A trait of Burn needs a type of one's own.
#[derive(Module, Debug)]
struct Regression {
    keras: KerasModule,
}

impl TrainStep for Regression {
    type Input = (Burn<2>, Burn<2>);
    type Output = f32;

    fn step(&self, (x, y): Self::Input) -> (GradientsParams, f32) {
        let predicted: Burn<2> = self.keras.forward(x).unwrap();
        let loss = (predicted - y).square().mean();
        let value = loss.clone().into_scalar::<f32>();
        (GradientsParams::from_grads(loss.backward(), self), value)
    }
}

impl InferenceStep for Regression {
    type Input = Burn<2>;
    type Output = Burn<2>;

    fn step(&self, x: Burn<2>) -> Burn<2> {
        self.keras.forward(x).unwrap()
    }
}

/// An epoch as the strategies of the `Learner` run it: each step in a thread, then the optimizer's.
fn learn<M>(
    model: M,
    items: Vec<<M as TrainStep>::Input>,
    device: &Device,
) -> (M, Vec<<M as TrainStep>::Output>)
where
    M: LearnerModel,
    <M as TrainStep>::Output: Send,
{
    let mut model = model.fork(device).train();
    let mut optimizer = SgdConfig::new().init();
    let mut outputs = Vec::new();
    for item in items {
        let worker = model.clone();
        let step = std::thread::spawn(move || TrainStep::step(&worker, item));
        let (gradients, output) = step.join().unwrap();
        model = model.optimize(&mut optimizer, 0.1.into(), gradients);
        outputs.push(output);
    }
    (model, outputs)
}

#[test]
fn a_model_fulfils_the_bounds_of_burns_learner() {
    let model = Sequential::new()
        .add(Input::new([3]))
        .add(Dense::new(4).activation("tanh"))
        .add(BatchNormalization::new())
        .add(Dense::new(1))
        .build()
        .unwrap();
    let regression = Regression { keras: model.into_module().unwrap() };
    assert!(regression.to_string().contains("KerasModule"), "{regression}");
    let (x, y) = (burn::<2>(&numbers(&[16, 3], 1)), burn::<2>(&numbers(&[16, 1], 2)));
    let items = (0..20).map(|_| (x.clone(), y.clone())).collect();
    let (trained, losses) = learn(regression, items, &flex());
    assert!(losses[19] < 0.8 * losses[0], "{losses:?}");

    // Validation is computed by the module that `valid` gives, and a checkpoint is a record.
    let valid = trained.valid();
    let before = ours(InferenceStep::step(&valid, x.clone()));
    let record = trained.clone().into_record();
    let other = trained.map(&mut super::module::Twice);
    let changed = ours(InferenceStep::step(&other.valid(), x.clone()));
    assert!(difference(&before, &changed) > 1e-3);
    let restored = other.load_record(record);
    let after = ours(InferenceStep::step(&restored.valid(), x.clone()));
    assert_eq!(difference(&before, &after), 0.0);
    let kept = restored.keras.into_model().unwrap().predict(ours(x)).unwrap();
    assert!(difference(&before, &kept) < 1e-6);
}
