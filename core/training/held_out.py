"""The network inputs of the validation images, made once and memory-mapped: epochs only read them.

They are resized from the decoded images on float, never from the pixel cache. Kept in half precision, they stand off
the exact ones by a tenth of a grey level at most: near enough to choose an epoch by; what is reported is computed from
the images again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from core.images.formats import Raw
from core.images.network_input import to_network
from core.images.preprocess import Preprocess
from core.paths import atomic_write
from core.progress import Progress
from core.translation import mark

_CHUNK: Final = 64
_KEPT_FILES: Final = 3


def held_out_inputs(
    directory: Path,
    keys: Sequence[str],
    read: Callable[[int], Raw],
    preprocess: Preprocess,
    progress: Progress,
    workers: int,
) -> NDArray[np.float16]:
    """Return the inputs (N, C, S, S) float16 as a read-only memory map, making them if they are not there.

    Parameters
    ----------
    keys
        N content digests.
    read
        Gives the image of a row, as `Preprocess.image` does; called from several threads.

    Raises
    ------
    UserError
        ``disk_full``.
    Cancelled
        Nothing is left behind.
    """

    def prepare(row: int) -> torch.Tensor:
        return to_network([read(row)], preprocess)

    path = directory / f"{_fingerprint(keys, preprocess)}.npy"
    if not path.is_file():
        shape = (len(keys), preprocess.width, preprocess.size, preprocess.size)
        progress.begin(mark("Preparing validation images"), len(keys))
        header = {"descr": "<f2", "fortran_order": False, "shape": shape}
        with atomic_write(path) as part, part.open("wb") as file, _pool(workers) as pool:
            np.lib.format.write_array_header_2_0(file, header)
            for start in range(0, len(keys), _CHUNK):
                rows = range(start, min(start + _CHUNK, len(keys)))
                inputs = torch.cat(list(pool.map(prepare, rows)))
                file.write(inputs.numpy().astype("<f2").tobytes())
                progress.advance(len(rows))
        _forget_old(directory, path)
    inputs_map: NDArray[np.float16] = np.load(path, mmap_mode="r", allow_pickle=False)
    return inputs_map


@contextmanager
def _pool(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Give threads that compute on one core each: there are as many of them as cores."""
    threads = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(workers, "validation", torch.set_num_threads, (1,)) as pool:
            yield pool
    finally:
        # Setting the number in a thread also sets it for threads to come.
        torch.set_num_threads(threads)


def _fingerprint(keys: Sequence[str], preprocess: Preprocess) -> str:
    text = json.dumps([list(keys), preprocess.to_json()], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _forget_old(directory: Path, new: Path) -> None:
    others = [path for path in directory.glob("*.npy") if path != new]
    for path in sorted(others, key=lambda each: each.stat().st_mtime, reverse=True)[_KEPT_FILES - 1 :]:
        with suppress(OSError):  # on Windows a training may still read it; it goes next time
            path.unlink()
