"""From a torch module to the bytes of an `.onnx` file."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import torch
from torch import nn

from core.errors import BugError
from core.kit.metadata import INPUT_NAME, OUTPUT_NAMES, PRODUCT

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET: Final = 20
_SCOPES: Final = "pkg.torch.onnx.name_scopes"
# Neither side nor their sum is a number the network uses itself, and none is 0 or 1, which tracing takes for constants.
_EXAMPLE_SHAPE: Final = (2, 37, 53)
_TYPES: Final = {"uint8": torch.uint8, "uint16": torch.uint16, "float32": torch.float32}


def build_graph(module: nn.Module, channels: int = 3, dtype: str = "uint8") -> ModelProto:
    """Export `module`, (N, H, W, channels) of `dtype` to probabilities and logits, with N, H and W open.

    It takes between some seconds and two minutes and cannot be interrupted.
    """
    names = ("N", "H", "W")
    shape = {axis: torch.export.Dim(name, min=1) for axis, name in enumerate(names)}
    with torch.no_grad():
        program = torch.onnx.export(
            module.eval(),
            (torch.zeros((*_EXAMPLE_SHAPE, channels), dtype=_TYPES[dtype]),),
            dynamo=True,
            opset_version=OPSET,
            input_names=[INPUT_NAME],
            output_names=list(OUTPUT_NAMES),
            dynamic_shapes=(shape,),
            verbose=False,
        )
    if program is None:
        raise BugError("the exporter returned nothing")
    model: ModelProto = program.model_proto
    _anonymise(model, [name for name, _ in module.named_children()])
    _describe_input(model, channels, dtype)
    return model


def finish_model(model: ModelProto, properties: Mapping[str, str], version: str) -> bytes:
    """Return the file's bytes with `properties` as its metadata, checked by ONNX's own checker."""
    import onnx

    model.producer_name, model.producer_version = PRODUCT, version
    model.domain, model.model_version = "", 1
    del model.metadata_props[:]
    for key, value in properties.items():
        model.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _anonymise(model: ModelProto, parts: list[str]) -> None:
    """Keep of the exporter's notes only the part of the network, as the node's name, such as ``network/node_conv_3``.

    The others hold the source code's paths on the machine that exported.
    """
    for node in model.graph.node:
        scopes = next((entry.value for entry in node.metadata_props if entry.key == _SCOPES), "[]")
        part = next((scope for scope in ast.literal_eval(scopes) if scope), "")
        if part in parts:
            node.name = f"{part}/{node.name}"
    model.doc_string = ""
    graph = model.graph
    graph.doc_string = ""
    graph.name = "classifier"
    del graph.metadata_props[:]
    for holder in (graph.node, graph.value_info, graph.initializer, graph.input, graph.output):
        for item in holder:
            item.doc_string = ""
            del item.metadata_props[:]
    for function in model.functions:
        function.doc_string = ""
        del function.metadata_props[:]
        for node in function.node:
            node.doc_string = ""
            del node.metadata_props[:]


def _describe_input(model: ModelProto, channels: int, dtype: str) -> None:
    """Say in ONNX's own terms that the input is an image: batch, height, width, channels."""
    image = model.graph.input[0]
    image.type.denotation = "IMAGE"
    values = "8-bit RGB pixels" if (channels, dtype) == (3, "uint8") else f"pixels of {channels} channels, {dtype}"
    image.doc_string = f"Raw {values}, any height and width; everything else happens inside the model."
    names = ("DATA_BATCH", "DATA_FEATURE", "DATA_FEATURE", "DATA_CHANNEL")
    for dimension, name in zip(image.type.tensor_type.shape.dim, names, strict=True):
        dimension.denotation = name
