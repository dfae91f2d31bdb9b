"""`Preprocess` as a network layer of standard operations, so that it can live inside the exported file.

One thing must stay true: for any image of any size it gives what `core.images.network_input.to_network` gives.

Resizing is two matrix products, ``R @ image @ C.T``, with the weights of `core.images.resample` built from the
image's own height and width. The distance of a pixel from the centre of an output pixel is computed on integers, as
a multiple of half a pixel of the output: exact at any size, where float32 would lose a part in a thousand of a pixel
on large images.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from core.evaluation.readout import Readout
from core.images.channels import LUMA, ChannelMap
from core.images.preprocess import Preprocess, ResizeMode

_LEVELS: Final = 255.0


class PreprocessGraph(nn.Module):
    """(N, H, W, source) of any size, as `Preprocess.image` gives it, to (N, C, size, size) float32, normalised."""

    def __init__(self, preprocess: Preprocess) -> None:
        super().__init__()
        self.size = preprocess.size
        self.mode = preprocess.resize
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", torch.tensor(preprocess.mean, dtype=torch.float32).reshape(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(preprocess.std, dtype=torch.float32).reshape(1, -1, 1, 1))
        self.width = preprocess.width
        self.channels = ChannelLevels(preprocess.channels) if preprocess.channels else None

    def forward(self, images: Tensor) -> Tensor:
        """Return the network's input for `images`."""
        n, height, width, _ = images.shape
        side = self._side(extent(height), extent(width))
        rows = self._weights(height, side if side is not None else extent(height), height + width)
        columns = self._weights(width, side if side is not None else extent(width), height + width)
        values = images.to(torch.float32)
        levels = self.channels(values) if self.channels is not None else values
        levels = torch.matmul(rows, levels.reshape(n, height, width * self.width))
        levels = levels.reshape(n, self.size, width, self.width).permute(0, 3, 1, 2)
        levels = torch.matmul(levels, columns.transpose(0, 1))
        if self.mode in (ResizeMode.PAD, ResizeMode.NATIVE):
            # What the weights leave to 1 is outside of the image, where the mean colour is.
            covered = rows.sum(dim=1).reshape(-1, 1) * columns.sum(dim=1).reshape(1, -1)
            levels = levels + (1 - covered) * (self.mean * _LEVELS)
        return (levels / _LEVELS - self.mean) / self.std

    def _side(self, height: Tensor, width: Tensor) -> Tensor | None:
        """Return the side of the square box, () int64; None where the box is the whole image."""
        match self.mode:
            case ResizeMode.STRETCH:
                return None
            case ResizeMode.CROP:
                return torch.minimum(height, width)
            case ResizeMode.PAD:
                return torch.maximum(height, width)
            case ResizeMode.NATIVE:
                return torch.ones_like(height) * self.size

    def _weights(self, length: int, box: Tensor, longest: int) -> Tensor:
        """Return (size, length): what each pixel of a line gives to each output pixel of the box in its middle.

        Parameters
        ----------
        box
            () int64, the length of the box; it may be longer than the line.
        longest
            No box of `PAD` is longer.
        """
        line = torch.arange(length) - self._offset(extent(length), box)
        weights = self._triangle(line, box)
        if self.mode is ResizeMode.NATIVE:
            return weights  # box and output have the same pixels: each sum is 1 already
        whole = self._triangle(torch.arange(longest), box) if self.mode is ResizeMode.PAD else weights
        return weights / whole.sum(dim=1, keepdim=True)

    def _offset(self, length: Tensor, box: Tensor) -> Tensor:
        """Return where the box begins: () int64, negative where it is longer than the line."""
        before = torch.div(torch.clamp(length - box, min=0), 2, rounding_mode="floor")
        padded = torch.div(torch.clamp(box - length, min=0), 2, rounding_mode="floor")
        return before - padded

    def _triangle(self, positions: Tensor, box: Tensor) -> Tensor:
        """Return (size, P): the triangle over each output pixel's centre at the box's pixels `positions` (P,).

        With ``scale = box / size``, the distance of pixel j from the centre of output pixel i is
        ``j + 1/2 - (i + 1/2) * scale``, and the triangle is ``max(scale, 1)`` wide. Both are taken `2 * size` times,
        which makes them integers. Pixels that are not in the box weigh nothing.
        """
        outputs = torch.arange(self.size).unsqueeze(1)
        distances = torch.abs((2 * positions + 1) * self.size - (2 * outputs + 1) * box).to(torch.float32)
        width = (2 * torch.clamp(box, min=self.size)).to(torch.float32)
        within = ((positions >= 0) & (positions < box)).to(torch.float32)
        return torch.clamp(1 - distances / width, min=0) * within


class ChannelLevels(nn.Module):
    """Measured values to levels: a choice of channels, each through its window; see `core.images.channels`."""

    def __init__(self, channels: ChannelMap) -> None:
        super().__init__()
        self.low: Tensor
        self.scale: Tensor
        self.chosen: Tensor
        self.luma: Tensor
        # Every channel as it is needs no choosing, and every operation less is one less to run.
        self.all = channels.channels == tuple(range(channels.source))
        self.mixes = channels.luma
        self.register_buffer("chosen", torch.tensor(channels.channels, dtype=torch.int64))
        self.register_buffer("low", torch.tensor([window.low for window in channels.windows], dtype=torch.float32))
        scales = [255 / (window.high - window.low) for window in channels.windows]
        self.register_buffer("scale", torch.tensor(scales, dtype=torch.float32))
        self.register_buffer("luma", torch.tensor(LUMA, dtype=torch.float32))

    def forward(self, values: Tensor) -> Tensor:
        """Return levels (N, H, W, C) from 0 to 255 for float values (N, H, W, source)."""
        chosen = values if self.all else torch.index_select(values, 3, self.chosen)
        levels = torch.clamp((chosen - self.low) * self.scale, 0.0, _LEVELS)
        return (levels * self.luma).sum(dim=3, keepdim=True) if self.mixes else levels


class ExportedClassifier(nn.Module):
    """What the file holds: `Preprocess`, the network, and the calibrated softmax, or sigmoids for many labels.

    Parameters
    ----------
    network
        (N, C, size, size) float32 to logits (N, K).
    readout
        How the logits become probabilities.
    dtype
        The arithmetic of the network. Preprocess and calibration are in float32 always: the grey levels of large images
        do not fit into half precision, and rounding the answers would gain nothing.
    """

    def __init__(
        self, preprocess: Preprocess, network: nn.Module, readout: Readout, dtype: torch.dtype = torch.float32
    ) -> None:
        super().__init__()
        self.preprocess = PreprocessGraph(preprocess)
        self.network = network.to(dtype)
        self.readout = Probabilities(readout)
        self.dtype = dtype

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return probabilities and logits, (N, K) float32 each, for images (N, H, W, source)."""
        logits = self.network(self.preprocess(images).to(self.dtype)).to(torch.float32)
        return self.readout(logits), logits


class Probabilities(nn.Module):
    """A `Readout` as a layer: logits (N, K) float32 to probabilities (N, K) float32."""

    def __init__(self, readout: Readout) -> None:
        super().__init__()
        self.multi = readout.multi
        self.temperature = readout.temperature
        self.slopes: Tensor
        self.offsets: Tensor
        self.register_buffer("slopes", torch.tensor(readout.slopes, dtype=torch.float32))
        self.register_buffer("offsets", torch.tensor(readout.offsets, dtype=torch.float32))

    def forward(self, logits: Tensor) -> Tensor:
        """Return the probabilities."""
        if self.multi:
            return torch.sigmoid(logits * self.slopes + self.offsets)
        return torch.softmax(logits / self.temperature, dim=1)


def extent(length: int) -> Tensor:
    """Return `length` as a () int64 tensor that stays an open question in the graph.

    Turning the number into a tensor would write the example's own size into the file.
    """
    return torch.sum(torch.ones_like(torch.arange(length)))
