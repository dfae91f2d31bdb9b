"""The weights that training begins with: where they are, files that the user adds, and what is refused without them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.backbones.table import BACKBONES, BackboneSpec
from core.backbones.weights import WeightsState, weights_state
from core.errors import UserError
from core.paths import user_cache_dir
from core.progress import Progress
from core.translation import tr

if TYPE_CHECKING:
    from desktop_app.context import AppContext


class OwnWeights(QObject):
    """The weights on this computer.

    Signals
    -------
    added
        (name) the weights of this backbone came to this computer.
    """

    added = Signal(str)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context

    def state_of(self, backbone: str) -> WeightsState:
        """Tell where the weights of a backbone are."""
        return weights_state(BACKBONES[backbone], user_cache_dir())

    def add(self, file: Path) -> None:
        """Check a file of weights and keep it; its backbone is found by its tensors."""

        def work(progress: Progress) -> BackboneSpec:
            from core.backbones.weights import import_weights

            return import_weights(file, user_cache_dir())

        def done(spec: BackboneSpec) -> None:
            self.added.emit(spec.name)
            self._context.message.emit(tr("{backbone} can be trained with now.", backbone=spec.title))

        self._context.tasks.run(
            lambda: tr("Adding the weights “{name}”", name=file.name),
            work,
            done=done,
            summary=lambda spec: spec.title,
            lasting=True,
        )

    def refuse(self, backbone: str) -> bool:
        """Say so where the weights are neither here nor may be fetched: before a run is made, not after."""
        if self.state_of(backbone) is not WeightsState.ABSENT or self._context.settings.downloads_allowed:
            return False
        spec = BACKBONES[backbone]
        self._context.user_error.emit(
            UserError(
                "weights_not_allowed", backbone=spec.title, file=spec.file_name, size=round(spec.size_bytes / 1e6)
            )
        )
        return True
