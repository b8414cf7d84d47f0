//! Images and scores as tensors: between files, a model, and what its classes mean.

use std::path::Path;

use keras_rs::{DType, Tensor};

use crate::{
    ChannelOrder, Error, LoadImg, Prediction, Result, Variant, decode_predictions, load_img, preprocess_input,
};

impl Variant {
    /// Prepares RGB images for the network, as the application's `preprocess_input` in Keras does.
    ///
    /// `images` has the shape `(batch, height, width, 3)` or `(height, width, 3)` and values in 0 to
    /// 255; the result is float32.
    ///
    /// # Errors
    /// [`Error::Argument`] if the shape is another.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs_applications::Variant;
    ///
    /// let pixel = Tensor::from_vec(vec![255.0_f32, 0.0, 127.5], [1, 1, 1, 3])?;
    /// let x = Variant::find("resnet50v2")?.preprocess_input(&pixel)?;
    /// assert_eq!(x.to_vec::<f32>()?, [1.0, -1.0, 0.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn preprocess_input(&self, images: &Tensor) -> Result<Tensor> {
        let mut values = images.cast(DType::F32)?.to_vec::<f32>()?;
        preprocess_input(&mut values, images.shape(), ChannelOrder::Last, self.preprocess)?;
        Ok(Tensor::from_vec(values, images.shape())?.to_device(images.device())?)
    }

    /// The `top` best classes of each image; `scores` has the shape `(batch, 1000)`.
    ///
    /// # Errors
    /// [`Error::Argument`] if the shape is another.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs_applications::Variant;
    ///
    /// let mut scores = vec![0.0_f32; 1000];
    /// scores[285] = 1.0;
    /// let scores = Tensor::from_vec(scores, [1, 1000])?;
    /// assert_eq!(Variant::find("vgg16")?.decode_predictions(&scores, 1)?[0][0].label, "Egyptian_cat");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decode_predictions(&self, scores: &Tensor, top: usize) -> Result<Vec<Vec<Prediction>>> {
        if !matches!(scores.shape(), [_, 1000]) {
            return Err(Error::Argument {
                context: "decode_predictions",
                argument: "scores",
                expected: "the shape (batch, 1000)".to_owned(),
                got: format!("{:?}", scores.shape()),
            });
        }
        decode_predictions(&scores.cast(DType::F32)?.to_vec::<f32>()?, top)
    }

    /// Image files as one batch for the network: read in its default size, by the nearest pixel, and
    /// preprocessed. The shape is `(number of files, size, size, 3)`.
    ///
    /// # Errors
    /// Those of [`load_img`]; [`Error::Argument`] if there are no files.
    ///
    /// ```
    /// use keras_rs_applications::Variant;
    ///
    /// # let directory = tempfile::tempdir().unwrap();
    /// # let photo = directory.path().join("photo.gif");
    /// # let gif = b"GIF87a\x01\x00\x01\x00\x80\x00\x00\x0A\x14\x1E\xFF\xFF\xFF,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
    /// # std::fs::write(&photo, gif).unwrap();
    /// let batch = Variant::find("densenet121")?.load_images([&photo])?;
    /// assert_eq!(batch.shape(), [1, 224, 224, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load_images<P: AsRef<Path>>(&self, paths: impl IntoIterator<Item = P>) -> Result<Tensor> {
        let size = self.default_size;
        let options = LoadImg::new().target_size(size, size);
        let (mut values, mut count) = (Vec::new(), 0);
        for path in paths {
            values.extend(load_img(path, options)?.values);
            count += 1;
        }
        if count == 0 {
            return Err(Error::Argument {
                context: "load_images",
                argument: "paths",
                expected: "at least one file".to_owned(),
                got: "none".to_owned(),
            });
        }
        let shape = [count, size, size, 3];
        preprocess_input(&mut values, &shape, ChannelOrder::Last, self.preprocess)?;
        Ok(Tensor::from_vec(values, shape)?)
    }
}
