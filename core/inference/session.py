"""Opening an `.onnx` in ONNX Runtime, with a clear sentence for every way in which that can fail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UserError
from core.inference.providers import Provider
from core.kit.metadata import INPUT_NAME, OUTPUT_NAMES

if TYPE_CHECKING:
    import onnxruntime

_FATAL_ONLY = 4
INPUT_TYPES = {"uint8": "tensor(uint8)", "uint16": "tensor(uint16)", "float32": "tensor(float)"}


def open_session(path: Path, providers: list[Provider], threads: int | None) -> onnxruntime.InferenceSession:
    """Open the model at `path`.

    Parameters
    ----------
    providers
        As `core.inference.providers.usable_providers` gives them.
    threads
        Threads of one run on the CPU; None: one per core.

    Raises
    ------
    UserError
        ``model_missing``, ``model_damaged`` (not ONNX, or only part of it), or ``model_unusable`` (ONNX Runtime
        cannot run what is in it).
    """
    if not path.is_file():
        raise UserError("model_missing", path=str(path))
    if path.stat().st_size == 0:
        raise UserError("model_damaged", path=str(path))
    import onnxruntime

    # What goes wrong is raised and told by us; ONNX Runtime would write it to the terminal as well.
    onnxruntime.set_default_logger_severity(_FATAL_ONLY)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL_ONLY
    options.intra_op_num_threads = threads or 0
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except _damage() as error:
        raise UserError("model_damaged", path=str(path)) from error
    except runtime_errors() as error:
        raise UserError("model_unusable", path=str(path), reason=first_line(error)) from error


def is_ours(session: onnxruntime.InferenceSession) -> bool:
    """Return whether the model takes and gives what our kits take and give."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    return (
        [node.name for node in inputs] == [INPUT_NAME]
        and inputs[0].type in INPUT_TYPES.values()
        and len(inputs[0].shape) == 4
        and [node.name for node in outputs] == list(OUTPUT_NAMES)
    )


def runtime_errors() -> tuple[type[Exception], ...]:
    """Return what ONNX Runtime raises; its exceptions have no common root of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    names = ("EPFail", "EngineError", "Fail", "InvalidArgument", "InvalidGraph", "NoModel", "NotImplemented")
    kinds: list[Any] = [getattr(state, name) for name in (*names, "RuntimeException")]
    return (*kinds, *_damage(), ValueError, RuntimeError)


def first_line(error: Exception) -> str:
    """Return what ONNX Runtime said, without its prefixes, on one line of reasonable length."""
    line = next((part for part in str(error).splitlines() if part.strip()), type(error).__name__)
    return line.rsplit(" : ", 1)[-1].strip().rstrip(".")[:200]


def _damage() -> tuple[type[Exception], ...]:
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    return (state.InvalidProtobuf, state.NoSuchFile)
