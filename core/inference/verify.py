"""A kit's promise, kept again: the golden samples through ONNX Runtime, against what PyTorch answered.

One thing must stay true: nothing but the kit is needed, and PyTorch is not.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableImage, UserError
from core.images.decode import decode
from core.images.formats import Raw
from core.images.preprocess import Preprocess
from core.inference.predictor import Predictor
from core.kit import layout
from core.kit.golden import NPY, Golden, is_golden_image, read_golden, read_golden_array
from core.kit.metadata import read_metadata
from core.kit.proof import TOLERANCES, Proof, Tolerance, compare, read_proof
from core.progress import Progress
from core.translation import mark

_CHUNK: Final = 32


@dataclass(frozen=True, slots=True)
class Failure:
    """A golden sample that did not hold, and where: ``missing``, ``changed``, ``label`` or ``probability``."""

    sample: str
    stage: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify_kit` found.

    Attributes
    ----------
    ok
        Whether everything holds.
    n
        Golden samples in the kit; `argmax_equal` of them get the label, or exactly the labels, they must (ties as in
        `core.kit.proof`).
    max_abs_dp
        Largest absolute difference of any probability; at most `tolerance` where all is well.
    failed
        The samples that do not hold.
    provider
        What it ran on.
    """

    ok: bool
    n: int
    argmax_equal: int
    max_abs_dp: float
    tolerance: float
    provider: str
    failed: list[Failure] = field(default_factory=list)


def verify_kit(directory: Path, *, progress: Progress | None = None, gpu: bool = True) -> VerifyReport:
    """Check that a kit is whole, and run its golden samples again.

    Raises
    ------
    UserError
        ``kit_missing``, ``kit_not_one``, ``kit_incomplete``, ``kit_damaged`` (a file is not what was exported),
        ``kit_newer``, or as `Predictor.open`.
    """
    progress = progress or Progress()
    progress.begin(mark("Checking the files"))
    proof = check_integrity(directory)
    predictor = Predictor.open(directory, gpu=gpu)
    if predictor.metadata != read_metadata(directory / layout.METADATA):
        raise UserError("kit_damaged", path=str(directory), name=layout.METADATA)
    golden = read_golden(directory, len(predictor.labels))
    _check_golden(directory, golden, proof)
    allowed = _allowed(proof, predictor.metadata.precision)
    failed: list[Failure] = []
    same, distance = np.zeros(len(golden), np.bool_), np.full(len(golden), np.inf)
    progress.begin(mark("Running the golden samples"), len(golden))
    for start in range(0, len(golden), _CHUNK):
        rows = list(range(start, min(start + _CHUNK, len(golden))))
        _run_rows(directory, predictor, golden, proof, allowed, rows, same, distance, failed)
        progress.advance(len(rows))
    known = distance[np.isfinite(distance)]
    return VerifyReport(
        ok=not failed,
        n=len(golden),
        argmax_equal=int(same.sum()),
        max_abs_dp=float(known.max(initial=0.0)),
        tolerance=allowed.probability,
        provider=predictor.provider,
        failed=failed,
    )


def check_integrity(directory: Path) -> Proof:
    """Return the proof of a kit whose files are all there and, golden images aside, as they were exported.

    Raises
    ------
    UserError
        ``kit_missing``, ``kit_not_one``, ``kit_incomplete`` or ``kit_damaged``.
    """
    layout.check_complete(directory)
    proof = read_proof(directory / layout.PROOF)
    listed = [name for name in proof.files if not is_golden_image(name)]
    for name in dict.fromkeys([*layout.REQUIRED, *listed]):
        if name != layout.PROOF and not _as_exported(directory, name, proof):
            raise UserError("kit_damaged", path=str(directory), name=name)
    return proof


def _as_exported(directory: Path, name: str, proof: Proof) -> bool:
    """Return whether the file `name`, as the proof has it, is in the kit with the bytes it was exported with."""
    relative = PurePosixPath(name)
    # The proof came along with the kit: it may not make us read what lies outside.
    if relative.is_absolute() or ".." in relative.parts or "\\" in name or ":" in name:
        return False
    path = directory / relative
    return path.is_file() and proof.files.get(name) == layout.sha256(path)


def _check_golden(directory: Path, golden: Golden, proof: Proof) -> None:
    """Raise ``kit_damaged`` where golden samples were taken away from, or added to, those that were proven."""
    listed = {name for name in proof.files if is_golden_image(name)}
    if not (len(golden) == len(listed) == proof.n and set(golden.names) == listed):
        raise UserError("kit_damaged", path=str(directory), name=layout.EXPECTED)


def _allowed(proof: Proof, precision: str) -> Tolerance:
    """Return what counts as the same answer: never more than an export of that precision allows."""
    most = TOLERANCES.get(precision, TOLERANCES["fp32"])
    return Tolerance(min(proof.tolerance, most.probability), min(proof.tie_margin, most.tie))


def _run_rows(
    directory: Path,
    predictor: Predictor,
    golden: Golden,
    proof: Proof,
    allowed: Tolerance,
    rows: list[int],
    same: NDArray[np.bool_],
    distance: NDArray[np.float64],
    failed: list[Failure],
) -> None:
    """Run the golden samples `rows`; fill in `same` and `distance`, and add what failed."""
    images: list[Raw] = []
    usable: list[int] = []
    for row in rows:
        stage, image = _golden_image(directory, golden.names[row], proof, predictor.preprocess)
        if image is None:
            failed.append(Failure(golden.names[row], stage))
        else:
            images.append(image)
            usable.append(row)
    if not usable:
        return
    found = predictor.predict(images).probabilities
    comparison = compare(golden.probabilities[usable], found, allowed.tie, predictor.metadata.thresholds)
    same[usable], distance[usable] = comparison.same_label, comparison.distance
    for row, equal, far in zip(usable, comparison.same_label, comparison.distance, strict=True):
        if not equal or far > allowed.probability:
            failed.append(Failure(golden.names[row], "probability" if equal else "label"))


def _golden_image(directory: Path, name: str, proof: Proof, preprocess: Preprocess) -> tuple[str, Raw | None]:
    """Return the golden image (H, W, C), or None and why not."""
    path = directory / name
    try:
        data = path.read_bytes()
    except OSError:
        return "missing", None
    if hashlib.sha256(data).hexdigest() != proof.files.get(name):
        return "changed", None
    image = _pixels(path)
    if image is None or image.shape[2] != preprocess.source or image.dtype != preprocess.dtype:
        return "changed", None
    return "", image


def _pixels(path: Path) -> Raw | None:
    """Return (H, W, C), or None where the file is no golden image."""
    if path.suffix == NPY:
        return read_golden_array(path)
    try:
        image = decode(path)
    except UnreadableImage:
        return None
    return image if image.ndim == 3 else None
