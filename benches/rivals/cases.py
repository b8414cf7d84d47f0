"""The models that are compared, as real Keras makes them."""

APPLICATIONS = {"resnet50": "ResNet50", "densenet121": "DenseNet121", "vgg16": "VGG16", "mobilenetv2": "MobileNetV2"}
# What is timed: (model, samples in a batch).
PREDICT = [*((name, batch) for name in APPLICATIONS for batch in (1, 8)), ("mlp", 1), ("mlp30", 1), ("gru_step", 1),
           ("lstm", 32), ("gru", 32), ("mha", 32)]
TRAIN = [("mlp", 128), ("cnn", 128), ("lstm", 32), ("gru", 32), ("mha", 32), ("resnet50", 8)]
# Without loops over steps, which not every format has.
EXPORTED = [*APPLICATIONS, "mlp", "mlp30", "mha"]
MOST_SAMPLES, VOCABULARY = 128, 10000


def model_of(name):
    import keras
    from keras import layers

    if name in APPLICATIONS:
        return settled(getattr(keras.applications, APPLICATIONS[name])(weights=None))
    if name == "mha":
        x = keras.Input((128, 256))
        y = layers.GlobalAveragePooling1D()(layers.MultiHeadAttention(8, 64)(x, x))
        return keras.Model(x, layers.Dense(10)(y))
    tokens = [keras.Input((200,), dtype="int32"), layers.Embedding(VOCABULARY, 64)]
    return keras.Sequential({
        "mlp": lambda: [keras.Input((784,)), layers.Dense(512, "relu"), layers.Dense(512, "relu"), layers.Dense(10)],
        "mlp30": lambda: [keras.Input((64,)), *(layers.Dense(64, "relu") for _ in range(30)), layers.Dense(10)],
        "cnn": lambda: [keras.Input((28, 28, 1)), layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
                        layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(10)],
        "gru_step": lambda: [keras.Input((1, 64)), layers.GRU(64)],
        "lstm": lambda: [*tokens, layers.LSTM(64), layers.Dense(1, "sigmoid")],
        "gru": lambda: [*tokens, layers.GRU(64), layers.Dense(1, "sigmoid")],
    }[name]())


def settled(model):
    """Has random weights give numbers as those of trained ones do: neither vanishing nor growing from layer to layer."""
    import keras
    import numpy as np

    rng = np.random.default_rng(0)
    normalizations = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D) and layer.use_bias:
            layer.bias.assign(rng.normal(0, 0.01, layer.bias.shape))
            if not normalizations:
                # Half of the values are lost to each relu.
                layer.kernel.assign(layer.kernel * 2**0.5)
    for layer in normalizations:
        layer.gamma.assign(rng.uniform(0.5, 1.5, layer.gamma.shape))
        layer.beta.assign(rng.normal(0, 0.1, layer.beta.shape))
        layer.momentum, layer.before = 0.0, layer.momentum
    if normalizations:
        # One pass of training sets the moving statistics to those of the batch.
        model(rng.random((8, *model.input_shape[1:]), dtype="float32"), training=True)
    for layer in normalizations:
        layer.momentum = layer.before
    return model


def compiled(name, model):
    """With the optimizer and the loss of a training step."""
    from keras import losses

    if name in ("lstm", "gru"):
        model.compile("adam", "binary_crossentropy")
    else:
        model.compile("adam", losses.SparseCategoricalCrossentropy(from_logits=name not in APPLICATIONS))
    return model


def inputs_of(name, model):
    import numpy as np

    rng, samples = np.random.default_rng(0), 8 if name in APPLICATIONS else MOST_SAMPLES
    shape = (samples, *model.input_shape[1:])
    if name in ("lstm", "gru"):
        return rng.integers(0, VOCABULARY, shape).astype("int32")
    return rng.random(shape, dtype="float32")


def targets_of(name, samples):
    import numpy as np

    rng = np.random.default_rng(0)
    if name in ("lstm", "gru"):
        return rng.integers(0, 2, (samples, 1)).astype("float32")
    return rng.integers(0, 10, samples).astype("int32")
