"""The first line of the Predict page: which model is asked about which folder."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QComboBox, QFrame, QMenu, QSizePolicy, QVBoxLayout, QWidget

from core.translation import tr
from desktop_app.pages.predict.controller import PredictController
from desktop_app.theme import CONTROL_HEIGHT, Theme
from desktop_app.widgets.basics import button, row
from desktop_app.widgets.elided import ElidedLabel

_MODEL_WIDTH_PX = 250


class ModelBar(QWidget):
    """Model, folder, and the button that begins."""

    def __init__(
        self,
        controller: PredictController,
        theme: Theme,
        *,
        choose_folder: Callable[[], object],
        choose_image: Callable[[], object],
        choose_kit: Callable[[], object],
        choose_onnx: Callable[[], object],
    ) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self._choose_kit, self._choose_onnx = choose_kit, choose_onnx
        self.models = QComboBox()
        self.models.setAccessibleName(tr("Model"))
        self.models.setFixedWidth(theme.px(_MODEL_WIDTH_PX))
        self.models.activated.connect(self._chosen)
        self.folder = ElidedLabel()
        self.choose = button(tr("Choose…"), icon=theme.icon("folder-open"), name=tr("Choose the images"))
        menu = QMenu(self.choose)
        menu.addAction(theme.icon("folder"), tr("Folder of images…"), choose_folder)
        menu.addAction(theme.icon("image"), tr("One image…"), choose_image)
        self.choose.setMenu(menu)
        self.choose.setMinimumWidth(theme.px(116))
        self.start = button(tr("Predict"), controller.start, kind="primary", icon=theme.icon("play", "on_accent"))
        self.setLayout(row(self.models, self._field(), self.choose, self.start, spacing=theme.px(8)))
        controller.choices_changed.connect(self._refresh)
        controller.job_changed.connect(self._refresh)
        self._refresh()

    def _field(self) -> QWidget:
        field = QFrame()
        field.setProperty("surface", "field")
        field.setFixedHeight(self._theme.px(CONTROL_HEIGHT))
        field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        inside = QVBoxLayout(field)
        inside.setContentsMargins(self._theme.px(10), 0, self._theme.px(10), 0)
        inside.addWidget(self.folder)
        return field

    def _chosen(self, index: int) -> None:
        key = self.models.itemData(index)
        self._refresh()  # the last two entries are no models: the combo goes back to the one in use
        if key == "kit":
            self._choose_kit()
        elif key == "onnx":
            self._choose_onnx()
        else:
            self._controller.choose_model(str(key))

    def _refresh(self) -> None:
        controller, theme = self._controller, self._theme
        self.models.clear()
        for model in controller.models:
            icon = theme.icon("train" if model.run_id is not None else "export")
            self.models.addItem(icon, model.title, model.key)
        if controller.models:
            self.models.insertSeparator(self.models.count())
        self.models.addItem(theme.icon("folder-open"), tr("Kit from disk…"), "kit")
        self.models.addItem(theme.icon("file"), tr("An .onnx from disk…"), "onnx")
        self.models.setCurrentIndex(self.models.findData(controller.model.key) if controller.model else -1)
        self.models.setToolTip(controller.model.title if controller.model else "")
        source = controller.source
        self.folder.set_full_text(str(source) if source is not None else tr("No images chosen"))
        self.start.setEnabled(controller.can_start())
