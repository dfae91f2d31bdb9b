"""The Clean page: queues at the left, the case in sight with its evidence, the map below, the session at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from core.domain.findings import FindingKind
from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.context import AppContext
from desktop_app.pages.clean.case_panel import CasePanel
from desktop_app.pages.clean.check_panel import CheckPanel
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.expected_card import ExpectedCard
from desktop_app.pages.clean.first_check import FirstCheck
from desktop_app.pages.clean.inspector import CleanInspector
from desktop_app.pages.clean.map_fold import MapFold
from desktop_app.pages.clean.nothing_left import NothingLeft
from desktop_app.pages.clean.queue_list import QueueList
from desktop_app.pages.clean.together_view import TogetherView
from desktop_app.pages.page import Page
from desktop_app.theme import GRID, PAGE_MARGIN
from desktop_app.widgets.basics import boxed, column, scrolling
from desktop_app.widgets.in_turns import InTurns

_LEFT_PX = 220


class CleanPage(Page):
    """What is suspected of the data set, one case at a time."""

    id = "clean"
    title = mark("Clean")
    icon = "clean"

    def __init__(self, controller: CleanController, context: AppContext) -> None:
        super().__init__(controller, context)
        self._controller = controller
        self._inspector = CleanInspector(controller, self.theme)
        self._work, self._cases = QWidget(), QStackedWidget()
        self._left = column(spacing=self.theme.px(GRID * 1.5))
        self._middle = QVBoxLayout()
        self._stack = QStackedLayout(self)
        self._lay_out()
        self.building = InTurns((self._build_queues, self._build_cards, self._show_case, self._build_map), self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for signal in (controller.facts_changed, controller.case_changed, controller.checking.changed):
            signal.connect(self._show)
        self._show()

    # Each part is built in a turn of its own, and what is not seen at once when it is: the page is there at once.

    @cached_property
    def queues(self) -> QueueList:
        """The queues with their counts."""
        return QueueList(self._controller, self.theme)

    @cached_property
    def expected(self) -> ExpectedCard:
        """How many labels are still wrong."""
        return ExpectedCard(self._controller, self.theme)

    @cached_property
    def check(self) -> CheckPanel:
        """The last check, and the next."""
        return CheckPanel(self._controller, self.theme, self._save_report)

    @cached_property
    def panel(self) -> CasePanel:
        """The case in sight."""
        made = CasePanel(self._controller, self.theme)
        self._cases.addWidget(made)
        return made

    @cached_property
    def map(self) -> MapFold:
        """The map, or the line that unfolds it."""
        return MapFold(self._controller, self.context)

    @cached_property
    def first(self) -> FirstCheck:
        """What is shown before the first check."""
        made = FirstCheck(self._controller, self.theme)
        self._stack.addWidget(made)
        return made

    @cached_property
    def nothing(self) -> NothingLeft:
        """What is shown of a queue without open cases."""
        made = NothingLeft(self._controller, self.theme)
        self._cases.addWidget(made)
        return made

    @cached_property
    def together(self) -> TogetherView:
        """What is shown while look-alikes are reviewed."""
        made = TogetherView(self._controller, self.theme)
        self._cases.addWidget(made)
        return made

    def inspector(self) -> QWidget:
        """Return the labels, the session and the last decisions."""
        return self._inspector

    def actions_table(self) -> Sequence[Action]:
        """Return the page's actions; the keys of the cases are handled by the page, as labels have their own."""
        controller = self._controller

        def has_case() -> bool:
            return controller.case is not None

        def in_sight() -> bool:
            # Not behind the cases that are reviewed together.
            return has_case() and not controller.together.cases

        return (
            Action("clean.check", mark("Check the data set"), controller.checking.start, "clean"),
            Action("clean.accept", mark("Accept"), controller.accept, "check", "", in_sight, page_key="Return"),
            Action("clean.keep", mark("Keep as it is"), controller.keep, "", "", in_sight, page_key="K"),
            Action("clean.exclude", mark("Exclude"), controller.exclude, "exclude", "", in_sight, page_key="X"),
            Action("clean.skip", mark("Skip"), controller.line.skip, "", "", in_sight, page_key="S"),
            Action("clean.undo", mark("Undo the last decision"), controller.undo, "undo", page_key="U"),
            Action("clean.images", mark("Show these in Images"), controller.show_images, "images", "", has_case),
            Action(
                "clean.report",
                mark("Save a report"),
                self._save_report,
                "save",
                enabled_when=lambda: controller.facts.record is not None,
            ),
        )

    def keys_table(self) -> Sequence[tuple[str, str]]:
        """Return the keys that walk and label."""
        return (
            (tr("Next case"), "J →"),
            (tr("Case before"), "←"),
            (tr("Give a label"), tr("its key")),
        )

    def activated(self, **params: object) -> None:
        """Go to a case or a queue that was asked for, and put the keyboard to the cases."""
        finding, kind, queue = params.get("finding"), params.get("kind"), params.get("queue")
        if isinstance(finding, int) and isinstance(kind, str):
            self._controller.open_finding(finding, FindingKind(kind))
        elif isinstance(queue, str):
            self._controller.open_queue(queue)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the map its share of the height."""
        super().resizeEvent(event)
        if "map" in self.__dict__:
            self.map.leave_room(self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what a key says about the case in sight."""
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        if plain and self._take(event):
            event.accept()
        else:
            super().keyPressEvent(event)

    def _take(self, event: QKeyEvent) -> bool:
        controller, key = self._controller, Qt.Key(event.key())
        if controller.together.cases:
            return self.together.take_key(event)
        if key == Qt.Key.Key_U:
            # Also after the last case of a queue, where there is none in sight.
            controller.undo()
            return True
        does = self._deciding(event)
        if does is None or (controller.line.finding is None and not controller.line.loading):
            return False
        if controller.case is None:
            # A case that nobody has seen is not decided, and no key is lost without a word.
            self.panel.bar.flash()
        else:
            does()
        return True

    def _deciding(self, event: QKeyEvent) -> Callable[[], object] | None:
        """Return what a key does about the case in sight; None for one that does nothing."""
        controller, typed = self._controller, event.text()
        if typed and (label := controller.label_for_key(typed)) is not None:
            return partial(controller.give, label)
        does: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Return: controller.accept,
            Qt.Key.Key_Enter: controller.accept,
            Qt.Key.Key_K: controller.keep,
            Qt.Key.Key_X: controller.exclude,
            Qt.Key.Key_Delete: controller.exclude,
            Qt.Key.Key_S: controller.line.skip,
        }
        steps = {Qt.Key.Key_J: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
        does |= {key: partial(controller.line.walk, step) for key, step in steps.items()}
        return does.get(Qt.Key(event.key()))

    def _lay_out(self) -> None:
        # From the outermost inwards: what is put into another widget takes all that it holds along, at some cost.
        px = self.theme.px
        self._stack.addWidget(self._work)
        layout = QHBoxLayout(self._work)
        layout.setContentsMargins(*(px(PAGE_MARGIN),) * 4)
        cards = boxed(self._left)
        area = scrolling(cards, name=tr("Queues"))
        # The bar stands in the gap, where it takes no word of a queue away.
        bar = area.verticalScrollBar().sizeHint().width()
        cards.setFixedWidth(px(_LEFT_PX))
        area.setFixedWidth(px(_LEFT_PX) + bar)
        layout.setSpacing(max(0, px(GRID * 1.5) - bar))
        layout.addWidget(area)
        layout.addLayout(self._middle, 1)
        self._middle.setSpacing(px(GRID * 1.5))
        self._middle.addWidget(self._cases, 1)

    def _build_queues(self) -> None:
        self._left.addWidget(self.queues)
        self._left.addStretch(1)

    def _build_cards(self) -> None:
        for place, card in enumerate((self.expected, self.check), start=1):
            self._left.insertWidget(place, card)
        self.expected.refresh()

    def _build_map(self) -> None:
        self._middle.addWidget(self.map)
        self.map.leave_room(self.height())

    def _show(self) -> None:
        controller = self._controller
        checked = controller.facts.record is not None or bool(controller.facts.counts)
        begun = checked and isinstance(self._stack.currentWidget(), FirstCheck)
        self._stack.setCurrentWidget(self._work if checked else self.first)
        if begun and self.isVisible():
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._cases.count():
            self._show_case()

    def _show_case(self) -> None:
        controller = self._controller
        case = controller.line.finding is not None or controller.line.loading
        shown = self.together if controller.together.cases else self.panel if case else self.nothing
        self._cases.setCurrentWidget(shown)

    def _save_report(self) -> None:
        name = f"{self.context.project.name if self.context.project else 'report'}-check.html"
        kinds = f"{tr('Web page')} (*.html);;PDF (*.pdf)"
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Save the report"), name, kinds)
        if chosen:
            self._controller.save_report(Path(chosen))
