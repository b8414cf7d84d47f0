//! Burn's datasets as batches; needs the feature `dataset`.

use keras_rs::data::{Batch, Batches};
use keras_rs::{Error, Result, Tensor};
use std::collections::BTreeSet;

/// The values of an epoch's inputs, each batch's own sorted into one list.
fn sums(batches: &mut Batches, epoch: usize) -> Vec<String> {
    let mut sums = Vec::new();
    for batch in batches.epoch(epoch).unwrap() {
        let x = batch.unwrap().x.tensors().next().unwrap().clone();
        let rows = x.shape()[0];
        for row in 0..rows {
            let sum: f64 = x.narrow(0, row..row + 1).unwrap().to_f64_vec().unwrap().iter().sum();
            sums.push(format!("{sum:.3}"));
        }
    }
    sums
}

/// A dataset of Burn that a program might have written: it fails at one item, and panics beyond.
struct Rows;

#[derive(Debug)]
struct NoSuchRow(usize);

impl std::fmt::Display for NoSuchRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no row {}", self.0)
    }
}

impl std::error::Error for NoSuchRow {}

impl burn_dataset::Dataset<Vec<f32>, NoSuchRow> for Rows {
    fn get(&self, index: usize) -> std::result::Result<Vec<f32>, NoSuchRow> {
        match index {
            7 => Err(NoSuchRow(index)),
            9 => panic!("row {index} is cursed"),
            _ => Ok(vec![index as f32, 0.5]),
        }
    }

    fn len(&self) -> usize {
        10
    }
}

#[test]
fn datasets_of_burn_are_taken() {
    use burn_dataset::transform::MapperDataset;
    use burn_dataset::{Dataset as _, InMemDataset};

    let sample = |row: Vec<f32>| {
        let class = Tensor::scalar(row[0] as i32)?;
        Ok(Batch::new(Tensor::from_vec(row, [2])?, class))
    };
    let mut batches = Batches::from_burn_dataset(Rows, sample).batch_size(2).workers(2);
    let found: Vec<Result<Batch>> = batches.epoch(0).unwrap().collect();
    assert_eq!(found.len(), 5);
    for (i, batch) in found.iter().enumerate() {
        match (i, batch) {
            (3, Err(Error::Data { source, .. })) => assert_eq!(source.to_string(), "no row 7"),
            (4, Err(Error::Panicked { message, .. })) => assert_eq!(message, "row 9 is cursed"),
            (_, batch) => {
                let batch = batch.as_ref().unwrap();
                let x = batch.x.tensors().next().unwrap();
                assert_eq!(x.shape(), [2, 2]);
                assert_eq!(x.to_vec::<f32>().unwrap(), [2.0 * i as f32, 0.5, 2.0 * i as f32 + 1.0, 0.5]);
                let y = batch.y.tensors().next().unwrap();
                assert_eq!(y.to_vec::<i32>().unwrap(), [2 * i as i32, 2 * i as i32 + 1]);
            }
        }
    }

    // One of Burn's own, through one of its transforms, mixed.
    struct Square;
    impl burn_dataset::transform::Mapper<f32, (f32, f32)> for Square {
        fn map(&self, item: &f32) -> (f32, f32) {
            (*item, item * item)
        }
    }
    let dataset = MapperDataset::new(InMemDataset::new((0..16).map(|v| v as f32 / 16.0).collect()), Square);
    assert_eq!(dataset.len(), 16);
    let mut batches = Batches::from_burn_dataset(dataset, |(x, y): (f32, f32)| {
        Ok(Batch::new(Tensor::from_vec(vec![x], [1])?, Tensor::from_vec(vec![y], [1])?))
    })
    .batch_size(4)
    .shuffle(true)
    .seed(1);
    assert_eq!((batches.num_batches(), batches.num_samples()), (Some(4), Some(16)));
    let (first, second) = (sums(&mut batches, 0), sums(&mut batches, 1));
    assert_ne!(first, second);
    assert_eq!(first.iter().collect::<BTreeSet<_>>(), second.iter().collect());
}
