"""Opens with TensorBoard the event files that the library's unit tests wrote.

    mkdir DIR; KERAS_RS_WRITE_FORMATS=DIR cargo test --workspace --lib what_is_written
    python check_events.py DIR
"""

import json
import pathlib
import sys

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.plugins.graph import keras_util
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.util import tensor_util

root = pathlib.Path(sys.argv[1]) / "events"
# The web server finds runs as this does: one for each directory with event files.
assert set(EventMultiplexer().AddRunsFromDirectory(str(root)).Runs()) == {"train", "validation"}


def load(run):
    events = EventAccumulator(str(root / run), size_guidance={"tensors": 0})
    events.Reload()
    assert events.file_version == 2.0
    return events


def values(events, tag):
    return [(t.step, tensor_util.make_ndarray(t.tensor_proto)) for t in events.Tensors(tag)]


def plugin(events, tag):
    return events.SummaryMetadata(tag).plugin_data.plugin_name


train = load("train")
histogram = "small/größe/kernel/histogram"
assert set(train.Tags()["tensors"]) == {"keras", "epoch_loss", histogram, "notes"}

assert plugin(train, "epoch_loss") == "scalars"
for i, (step, value) in enumerate(values(train, "epoch_loss")):
    assert step == i and value.shape == () and value.dtype == np.float32
    assert value == np.float32(1 / (i + 1))

assert plugin(train, histogram) == "histograms"
for i, (step, value) in enumerate(values(train, histogram)):
    expected = histogram_pb("", np.arange(100.0) * (i + 1)).value[0].tensor
    assert step == i and value.shape == (30, 3) and value[:, 2].sum() == 100
    np.testing.assert_array_equal(value, tensor_util.make_ndarray(expected))

assert plugin(train, "notes") == "text"
((step, text),) = values(train, "notes")
assert step == 3 and text.item().decode() == "# Ü\n*text*"

assert plugin(train, "keras") == "graph_keras_model"
assert train.SummaryMetadata("keras").plugin_data.content == b"1"
((step, text),) = values(train, "keras")
graph = keras_util.keras_model_to_graph_def(json.loads(text.item()))
assert step == 0
assert [node.name for node in graph.node][-2:] == ["small/größe", "small/dense"], graph
assert graph.node[-1].input == ["small/größe"], graph

validation = load("validation")
assert set(validation.Tags()["tensors"]) == {"epoch_loss", "evaluation_loss_vs_iterations"}
(_, (step, value)) = values(validation, "epoch_loss")
assert (step, value) == (2**40, -0.5) and np.isnan(values(validation, "epoch_loss")[0][1])
# What whole fits wrote is what Keras writes, but that nothing of an epoch is lost.
fixtures = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
for case in json.loads((fixtures / "tensorboard" / "fits.json").read_text()):
    root = pathlib.Path(sys.argv[1]) / "board" / case["name"]
    assert set(EventMultiplexer().AddRunsFromDirectory(str(root)).Runs()) == set(case["runs"]), case["name"]
    for run, tags in case["runs"].items():
        events = load(run)
        assert set(events.Tags()["tensors"]) == set(tags), (case["name"], run, events.Tags())
        for tag, (name, steps) in tags.items():
            assert plugin(events, tag) == name, (case["name"], run, tag)
            written = [step for step, _ in values(events, tag)]
            assert set(steps) <= set(written), (case["name"], run, tag, written)
            if name == "scalars":
                assert all(np.isfinite(value) for _, value in values(events, tag)), (case["name"], run, tag)
            if name == "graph_keras_model":
                graph = keras_util.keras_model_to_graph_def(json.loads(values(events, tag)[0][1].item()))
                assert [node.name for node in graph.node][-2:] == ["small/first", "small/second"], graph
            if name == "histograms":
                size = {"small/first/kernel": 6, "small/first/bias": 2, "small/second/kernel": 2, "small/second/bias": 1}
                count = size[tag.removesuffix("/histogram")]
                assert all(value[:, 2].sum() == count for _, value in values(events, tag)), (run, tag)
print("TensorBoard reads the event files")
