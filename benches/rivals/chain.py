"""VGG16 as ONNX: tf2onnx takes 18 GB of memory for its weights of 0.5 GB."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def export(model, path):
    """Writes a chain of Conv2D, MaxPooling2D, Flatten and Dense, channels first inside."""
    nodes, weights, held = [], [], ["x"]

    def node(kind, *more, **attributes):
        held.append(f"v{len(held)}")
        nodes.append(helper.make_node(kind, [held[-2], *more], [held[-1]], **attributes))

    def weight(variable, axes=None):
        values = np.asarray(variable)
        weights.append(numpy_helper.from_array(np.ascontiguousarray(values.transpose(axes) if axes else values), variable.path))
        return variable.path

    node("Transpose", perm=[0, 3, 1, 2])
    for layer in model.layers[1:]:
        kind = type(layer).__name__
        if kind == "Conv2D":
            node("Conv", weight(layer.kernel, (3, 2, 0, 1)), weight(layer.bias), strides=layer.strides, auto_pad="SAME_UPPER")
        elif kind == "MaxPooling2D":
            node("MaxPool", kernel_shape=layer.pool_size, strides=layer.strides)
        elif kind == "Flatten":
            node("Transpose", perm=[0, 2, 3, 1])
            node("Flatten")
        elif kind == "Dense":
            node("Gemm", weight(layer.kernel), weight(layer.bias))
        else:
            raise NotImplementedError(kind)
        activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
        if activation != "linear":
            node({"relu": "Relu", "softmax": "Softmax"}[activation])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape[1:]])
            for name, shape in (("x", model.input_shape), (held[-1], model.output_shape))]
    graph = helper.make_graph(nodes, model.name, ends[:1], ends[1:], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
