"""What images a model takes, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.translation import tr

if TYPE_CHECKING:
    from core.images.channels import ChannelMap
    from core.images.preprocess import Preprocess


def input_words(preprocess: Preprocess) -> str:
    """Return for example “8-bit RGB, any size” or “5 channels (uint16), of which it sees 0, 2, 3; any size”."""
    found = preprocess.channels
    if found is None:
        return tr("8-bit RGB, any size")
    kind = f"{found.dtype}"
    if found.luma:
        return tr("RGB ({kind}), of which it sees the luma; any size", kind=kind)
    if found.source == 1:
        return tr("Grey ({kind}), through {window}; any size", kind=kind, window=_windows(found))
    if found.channels == tuple(range(found.source)):
        return tr(
            "{n} channels ({kind}), through {window}; any size", n=found.source, kind=kind, window=_windows(found)
        )
    seen = ", ".join(found.names[index] if found.names else str(index) for index in found.channels)
    return tr("{n} channels ({kind}), of which it sees {seen}; any size", n=found.source, kind=kind, seen=seen)


def _windows(channels: ChannelMap) -> str:
    """Return the windows as ``300–4000``, each once; only how many there are where they are more than three."""
    windows = list(dict.fromkeys((window.low, window.high) for window in channels.windows))
    if len(windows) > 3:
        return tr("{n} windows", n=len(windows))
    return ", ".join(f"{low:g}–{high:g}" for low, high in windows)
