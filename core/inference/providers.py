"""Which hardware ONNX Runtime may use here.

One thing must stay true: want of a GPU is never an error and never a line on the terminal. ONNX Runtime lists CUDA
whenever it was built with it, and complains aloud if that is then not there, so CUDA is asked for only after the
driver itself has answered that there is a device.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import sys
from functools import cache
from typing import Any, Final

CUDA: Final = "CUDAExecutionProvider"
CPU: Final = "CPUExecutionProvider"

# TF32 would round every product to 10 bits, and answers would differ between machines by far more than promised. The
# search for the quickest convolution is a short one: its exhaustive form runs again for every new batch size.
_CUDA_OPTIONS: Final = {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"}

Provider = str | tuple[str, dict[str, Any]]


def usable_providers(*, gpu: bool = True) -> list[Provider]:
    """Return the execution providers to ask for, best first; the CPU is always the last.

    Parameters
    ----------
    gpu
        False: the CPU only.
    """
    import onnxruntime

    if gpu and CUDA in onnxruntime.get_available_providers() and cuda_devices() > 0:
        _load_cuda_libraries()
        return [(CUDA, dict(_CUDA_OPTIONS)), CPU]
    return [CPU]


@cache
def cuda_devices() -> int:
    """Return how many CUDA devices the driver knows; 0 without a driver."""
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver = ctypes.CDLL(name)
        count = ctypes.c_int(0)
        if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
            return 0
    except (OSError, AttributeError):
        return 0
    return count.value


@cache
def _load_cuda_libraries() -> None:
    """Let ONNX Runtime find the CUDA libraries that came with PyTorch; it reports on stdout what it lacks."""
    import onnxruntime

    with contextlib.redirect_stdout(io.StringIO()):
        onnxruntime.preload_dlls()
