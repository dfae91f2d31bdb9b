"""One step of the optimiser, in as few pieces as the device's memory allows.

A batch that is too large is cut into halves whose gradients add up to the same step; the effective batch never
changes. Nothing here waits for the device: losses and predictions are handed back as tensors that may not be ready.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch
from torch import Tensor, nn

from core.backbones.classifier import Classifier
from core.backbones.device import Device, DeviceKind, is_out_of_memory
from core.errors import UserError
from core.training.config import TrainConfig
from core.training.events import Notice
from core.training.loss import Loss

_CPU_PIECE_PIXELS: Final = 2**18
_FEWEST_IN_PIECE: Final = 4


class Stepper:
    """Makes steps on one model with one optimiser.

    Attributes
    ----------
    pieces
        Into how many pieces a batch is cut, a power of two.
    notices
        What the user should know of the last step; whoever calls `step` takes them.
    """

    def __init__(
        self,
        model: Classifier,
        optimiser: torch.optim.Optimizer,
        loss: Loss,
        config: TrainConfig,
        device: Device,
        pieces: int = 1,
    ) -> None:
        self.pieces = pieces
        self.notices: list[Notice] = []
        self.optimiser = optimiser
        self.scaler = torch.amp.GradScaler(device.kind.value, enabled=device.scales_gradients)
        self._model = model
        self._loss = loss
        self._config = config
        self._device = device
        self._learning = [parameter for group in optimiser.param_groups for parameter in group["params"]]

    def step(self, images: Tensor, y: Tensor, seed: int) -> tuple[Tensor, Tensor]:
        """Learn from one batch.

        Parameters
        ----------
        images
            (B, 3, S, S) network inputs on the device.
        y
            (B,) label indexes or (B, K) float32 targets (see `Loss`), on the device.
        seed
            Of the randomness inside the network, such as dropout.

        Returns
        -------
        tuple
            The loss, a scalar, and the logits (B, K), both without gradients and possibly not yet computed.

        Raises
        ------
        UserError
            ``training_out_of_memory`` where not even one image fits.
        """
        while True:
            try:
                loss, logits = self._accumulate(images, y, seed)
                break
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            # Outside the handler: its traceback holds on to the tensors that filled the memory.
            self._halve(len(y))
        if self._config.gradient_clip:
            self.scaler.unscale_(self.optimiser)
            torch.nn.utils.clip_grad_norm_(self._learning, self._config.gradient_clip)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        return loss, logits

    def _accumulate(self, images: Tensor, y: Tensor, seed: int) -> tuple[Tensor, Tensor]:
        self.optimiser.zero_grad(set_to_none=True)
        mass = self._loss.mass(y)
        losses, outputs = [], []
        pieces = min(self.pieces, len(y))
        with network_randomness(self._device, seed):
            for part, target in zip(images.tensor_split(pieces), y.tensor_split(pieces), strict=True):
                with self._device.autocast():
                    logits = self._model(self._device.move(part))
                loss = self._loss.summed(logits.float(), target) / mass
                self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
                losses.append(loss.detach())
                outputs.append(logits.detach())
        return torch.stack(losses).sum(), torch.cat(outputs)

    def _halve(self, batch: int) -> None:
        self.optimiser.zero_grad(set_to_none=True)
        self._device.release_memory()
        before = -(-batch // self.pieces)
        if batch < self.pieces * 2:
            raise UserError("training_out_of_memory", device=self._device.name, size=self._config.size)
        self.pieces *= 2
        self.notices.append(Notice("batch_halved", {"before": before, "after": -(-batch // self.pieces)}))


def comfortable_pieces(batch: int, size_px: int, device: Device) -> int:
    """Return into how many pieces, a power of two, a batch is best cut before memory is known to be short.

    On a CPU a piece of some 16 images of 128 px stays in its cache: a sixth quicker than 32 at once.
    """
    pieces = 1
    if device.kind is DeviceKind.CPU:
        while batch // pieces * size_px**2 > _CPU_PIECE_PIXELS and batch // (pieces * 2) >= _FEWEST_IN_PIECE:
            pieces *= 2
    return pieces


def learning(model: Classifier) -> None:
    """Put the model into training mode, but let all normalisation rest: it keeps the statistics it was pretrained with.

    Those of one batch of a few dozen images are noise beside them, and undo at first what the head was fitted to. It
    also makes a batch in pieces the same as a whole one. (On blood cells, macro-F1 on val after the first epoch was
    0.993 with the statistics at rest and 0.925 without.)
    """
    model.train()
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()


@contextmanager
def network_randomness(device: Device, seed: int) -> Iterator[None]:
    """Seed what a network draws from torch's own generators, and leave them afterwards as they were."""
    cuda = device.kind is DeviceKind.CUDA
    with torch.random.fork_rng(devices=[torch.cuda.current_device()] if cuda else []):
        torch.default_generator.manual_seed(seed)
        if cuda:
            torch.cuda.manual_seed(seed)
        elif device.kind is DeviceKind.MPS:
            torch.mps.manual_seed(seed)
        yield
