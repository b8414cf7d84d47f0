//! Memory stays flat however long one trains: measured in a process of its own.

use keras_rs::data::Batch;
use keras_rs::prelude::*;
use keras_rs::training::Fit;
use std::process::Command;

const CHILD: &str = "training_memory::child_trains_for_long";

/// Bytes of memory that the process holds, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(status.split_whitespace().nth(1)?.parse::<u64>().ok()? * 4096)
}

#[test]
fn ten_thousand_steps_and_a_hundred_fits_take_no_more_memory() {
    if resident().is_none() {
        return;
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", CHILD, "--ignored", "--nocapture"])
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
}

#[test]
#[ignore = "the process that the test above starts"]
fn child_trains_for_long() {
    let model = Sequential::new()
        .add(Input::new([8]))
        .add(Dense::new(16).activation("relu").kernel_regularizer("l2"))
        .add(BatchNormalization::new())
        .add(Dropout::new(0.2))
        .add(Dense::new(2))
        .build()
        .unwrap();
    model.compile("adam", "mse", ["mae"]).unwrap();
    let x = Tensor::from_vec((0..256).map(|i| (i % 13) as f32).collect(), [32, 8]).unwrap();
    let y = Tensor::zeros([32, 2], DType::F32).unwrap();
    let batch = Batch::new(&x, &y);
    let steps = |count: usize| (0..count).for_each(|_| drop(model.train_on_batch(&batch).unwrap()));
    let fits = |count: usize| {
        for _ in 0..count {
            let options = Fit::new().epochs(2).batch_size(8).validation_split(0.25).verbose(0);
            model.fit(&x, &y, options).unwrap();
        }
    };
    steps(1000);
    fits(10);
    let before = resident().unwrap();
    steps(10_000);
    fits(100);
    let after = resident().unwrap();
    // A leaked tensor of one step alone would be 40 MB by now.
    assert!(after < before + (8 << 20), "{before} bytes before, {after} after");
}
