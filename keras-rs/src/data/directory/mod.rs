//! Datasets of files in directories, one directory a class.

mod files;
mod images;
mod settings;
mod shuffle;
mod texts;
mod walk;

pub use images::{
    ImageDataset, ImageDatasetFromDirectory, image_dataset_from_directory, image_datasets_from_directory,
};
pub use settings::{LabelMode, Labels, Subset};
pub use texts::{
    TextBatch, TextDataset, TextDatasetFromDirectory, text_dataset_from_directory,
    text_datasets_from_directory,
};
