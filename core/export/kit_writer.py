"""From a trained network to a kit: the graph, its proof, and everything that goes with them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import torch
from torch import nn

from core.errors import UserError
from core.export.graph import build_graph, finish_model
from core.export.preprocess_graph import ExportedClassifier
from core.export.proving import Prover, Reference
from core.export.readme import readme
from core.images.formats import Raw
from core.images.preprocess import Preprocess
from core.inference.predictor import Predictor
from core.kit import layout
from core.kit.metadata import KitMetadata
from core.kit.proof import TOLERANCES, Proof
from core.progress import Progress
from core.translation import mark

_DTYPES: Final = {"fp32": torch.float32, "fp16": torch.float16}


class Images(Protocol):
    """Images to prove a kit on, as `Preprocess.image` gives them; `expected` says about how many."""

    @property
    def expected(self) -> int:
        """How many are to be expected."""
        ...

    def __iter__(self) -> Iterator[Raw]:
        """Yield the images."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """What is exported.

    Attributes
    ----------
    network
        (N, C, size, size) float32 to logits (N, K), on the CPU.
    metadata
        What the file will say about itself; its preprocess, readout and precision are the ones used.
    """

    network: nn.Module
    metadata: KitMetadata

    @property
    def preprocess(self) -> Preprocess:
        """What happens to the pixels before the network."""
        return Preprocess.from_json(self.metadata.preprocess)


def check_precision(precision: str) -> None:
    """Raise `UserError` ``export_precision`` where a model cannot be exported in `precision`."""
    if precision not in TOLERANCES:
        raise UserError("export_precision", value=precision, known=", ".join(TOLERANCES))


def write_kit(
    subject: Subject, images: Images, directory: Path, *, overwrite: bool = False, progress: Progress | None = None
) -> Proof:
    """Write a proven kit to `directory`, or nothing.

    Between the stages it can be stopped; while the graph is traced (some seconds to two minutes) it cannot.

    Raises
    ------
    UserError
        ``export_precision``, ``export_unproven``, ``disk_full``, or as `core.kit.layout.check_target`.
    """
    progress = progress or Progress()
    check_precision(subject.metadata.precision)
    with layout.staged_directory(directory, overwrite=overwrite) as kit:
        progress.begin(mark("Building the graph"))
        (kit / layout.MODEL).write_bytes(_model_bytes(subject))
        progress.begin(mark("Proving it on real images"), images.expected)
        proof = _prove(subject, images, kit, progress)
        progress.begin(mark("Writing the kit"))
        (kit / layout.METADATA).write_text(subject.metadata.to_text(), encoding="utf-8")
        names = "".join(f"{name}\n" for name in subject.metadata.label_names)
        (kit / layout.LABELS).write_text(names, encoding="utf-8", newline="\n")
        (kit / layout.README).write_text(readme(subject.metadata, proof), encoding="utf-8", newline="\n")
        proof = proof.model_copy(update={"files": layout.digests(kit)})
        (kit / layout.PROOF).write_text(proof.to_text(), encoding="utf-8")
        progress.checkpoint()
    return proof


def _model_bytes(subject: Subject) -> bytes:
    metadata = subject.metadata
    network, dtype = subject.network.eval(), _DTYPES[metadata.precision]
    if dtype != torch.float32:
        network = copy.deepcopy(network)  # the proof compares with the network as it is
    module = ExportedClassifier(subject.preprocess, network, metadata.readout, dtype)
    model = build_graph(module, subject.preprocess.source, subject.preprocess.dtype)
    return finish_model(model, metadata.to_properties(), metadata.version)


def _prove(subject: Subject, images: Images, kit: Path, progress: Progress) -> Proof:
    metadata = subject.metadata
    # On the CPU, which every receiving team has; what a GPU answers is the business of `verify` where one is.
    predictor = Predictor.open(kit / layout.MODEL, gpu=False)
    reference = Reference(subject.network, subject.preprocess, metadata.readout)
    return Prover(reference, predictor, kit, TOLERANCES[metadata.precision]).run(images, progress)
