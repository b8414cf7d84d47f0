//! A step of one's own within `fit`: a small network learns from a larger one.
//!
//! The student is compiled and fitted as any model; what happens with a batch is replaced: its loss
//! mixes the labels with the teacher's opinion.
//!
//! usage: cargo run --example distillation

use keras_rs::losses::{ComputeLoss, KLDivergence, SparseCategoricalCrossentropy};
use keras_rs::metrics::{Measure, SparseCategoricalAccuracy};
use keras_rs::prelude::*;
use keras_rs::random;

fn classifier(units: usize) -> Result<Model> {
    Sequential::new()
        .add(Input::new([2]))
        .add(Dense::new(units).activation("relu"))
        .add(Dense::new(units).activation("relu"))
        .add(Dense::new(3).activation("softmax"))
        .build()
}

/// Numbers in [0, 1).
fn uniform(count: usize, seed: u64) -> Result<Vec<f64>> {
    let device = keras_rs::backend::default_device()?;
    random::uniform(&[count], 0.0, 1.0, DType::F64, &device, seed)?.to_vec()
}

/// Points on three arms of a spiral, and the arm of each.
fn spiral(points: usize) -> Result<(Tensor, Tensor)> {
    let noise = uniform(points, 5)?;
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for (i, noise) in noise.into_iter().enumerate() {
        let radius = (i / 3) as f64 / (points / 3) as f64;
        let angle = (i % 3) as f64 * std::f64::consts::TAU / 3.0 + 4.0 * radius + 0.3 * noise;
        x.extend([(radius * angle.cos()) as f32, (radius * angle.sin()) as f32]);
        y.push((i % 3) as i32);
    }
    Ok((Tensor::from_vec(x, [points, 2])?, Tensor::from_vec(y, [points])?))
}

/// Learns from labels and from a teacher.
#[derive(Debug)]
struct Distillation {
    teacher: Model,
    labels: SparseCategoricalCrossentropy,
    opinion: KLDivergence,
    accuracy: SparseCategoricalAccuracy,
}

impl TrainStep for Distillation {
    fn train_step(&mut self, student: &Model, batch: &Batch) -> Result<Logs> {
        let missing = || Error::argument("fit", "y", "labels", "none");
        let x: Vec<Tensor> = batch.x.tensors().cloned().collect();
        let y = batch.y.tensors().next().ok_or_else(missing)?;
        let taught = self.teacher.call(&x)?.remove(0);
        let variables = student.trainable_weights();
        let mut tape = GradientTape::new(&variables)?;
        let made = student.call_with(&x, tape.pass())?.remove(0);
        let opinion = self.opinion.compute(&taught, &made, None)?;
        let loss = self.labels.compute(y, &made, None)?.mul_scalar(0.3)?.add(&opinion.mul_scalar(0.7)?)?;
        let gradients = tape.gradient(&loss)?;
        student.optimizer()?.apply_gradients(&gradients, &variables)?;
        self.accuracy.update_state(y, &made, None)?;
        Ok(Logs::from([
            ("loss".to_string(), loss.to_scalar()?),
            ("accuracy".to_string(), self.accuracy.result()?.to_scalar()?),
        ]))
    }

    fn reset_metrics(&mut self) {
        self.accuracy.reset_state();
    }
}

/// The example at any size; gives the student's history.
pub fn run(points: usize, epochs: usize, verbose: i32) -> Result<History> {
    random::set_seed(3);
    let (x, y) = spiral(points)?;
    let teacher = classifier(64)?;
    teacher.compile(
        keras_rs::optimizers::Adam::new(1e-2),
        "sparse_categorical_crossentropy",
        ["accuracy"],
    )?;
    teacher.fit(&x, &y, Fit::new().epochs(epochs).verbose(verbose))?;

    let student = classifier(12)?;
    student.compile(keras_rs::optimizers::Adam::new(1e-2), (), ())?;
    let step = Distillation {
        teacher,
        labels: SparseCategoricalCrossentropy::new(),
        opinion: KLDivergence::new(),
        accuracy: SparseCategoricalAccuracy::new(),
    };
    student.fit(&x, &y, Fit::new().epochs(epochs).verbose(verbose).train_step(step))
}

#[allow(dead_code, reason = "the tests call `run`")]
fn main() -> Result<()> {
    let history = run(900, 30, 2)?;
    println!("the student's accuracy: {:.3}", history["accuracy"].last().unwrap_or(&f64::NAN));
    Ok(())
}
