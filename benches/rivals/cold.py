#!/usr/bin/env python3
"""A program that loads a model, predicts and ends. usage: cold.py tensorflow|jax MODEL.keras X.npy"""
import os
import sys

backend, path, x = sys.argv[1:]
os.environ["KERAS_BACKEND"] = backend
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras  # noqa: E402
import numpy as np  # noqa: E402

keras.models.load_model(path).predict(np.load(x), verbose=0)
