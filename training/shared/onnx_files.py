"""What exporters leave in ONNX files."""

import onnx


def without_traces(graph: onnx.ModelProto) -> onnx.ModelProto:
    """Take out what the exporter notes for debugging: paths of this machine, and shapes that quantising outdates."""
    for part in (graph, graph.graph, *graph.graph.node, *graph.graph.input, *graph.graph.output):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    for tensor in graph.graph.initializer:
        tensor.ClearField("metadata_props")
    graph.graph.ClearField("value_info")
    return graph
