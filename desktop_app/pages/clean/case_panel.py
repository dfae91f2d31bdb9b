"""The case in sight: what it is, its evidence, and one button for each thing that can be decided."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QStackedWidget, QWidget

from core.domain.findings import FindingCounts, FindingKind, FindingState
from core.translation import tr
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.decision_bar import DecisionBar
from desktop_app.pages.clean.evidence.table import view_for
from desktop_app.pages.clean.evidence.view import EvidenceView
from desktop_app.theme import CARD_PADDING, GRID, Theme
from desktop_app.widgets.basics import SectionTitle, button, row, set_role, text
from desktop_app.widgets.card import Card


class CasePanel(Card):
    """Shows a case and takes decisions."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__(theme)
        self._controller = controller
        self._views: dict[type[EvidenceView], EvidenceView] = {}
        self._shown: object = None
        self._brief = ""
        self._title, self._score = SectionTitle(tr("Case"), theme), text("", "muted")
        self._number = text("", "strong")
        self._links = button(tr("Show these in Images"), controller.show_images, kind="link")
        self._links.setAccessibleName(tr("Show these in Images"))
        self._score.setContentsMargins(theme.px(8), 0, 0, 0)
        self.add(row(self._title, None, self._links, self._score, self._number))
        self._banner, self._banner_words, self._again = self._build_banner()
        self._stack = QStackedWidget()
        self._nothing = QWidget()
        self._stack.addWidget(self._nothing)
        self.add(self._stack, 1)
        self.bar = DecisionBar(controller, theme)
        self.accept, self.keep, self.exclude = self.bar.accept, self.bar.keep, self.bar.exclude
        self.add(self.bar)
        self.setAccessibleName(tr("Case"))
        controller.case_changed.connect(self.refresh)
        controller.facts_changed.connect(self._show_head)
        controller.pictures.loaded.connect(self._show_pictures)
        self.refresh()

    def refresh(self) -> None:
        """Show the case in sight."""
        case = self._controller.case
        self._show_head()
        # A decision is heard of several times: of the line, of what was learnt, of the counts. What is built, is once.
        shown = (case, self._controller.choices, tuple(self._controller.look_alikes()))
        if shown == self._shown:
            return
        self._shown = shown
        self.bar.refresh()
        if case is None:
            self._stack.setCurrentWidget(self._nothing)
            self._banner.hide()
            return
        view = self._view(case.finding.kind)
        self._stack.setCurrentWidget(view)
        view.show_case(case)
        self._show_banner(case)
        self._order_tabs(view)

    @property
    def view(self) -> QWidget | None:
        """The view of the evidence that is shown."""
        return self._stack.currentWidget()

    def _view(self, kind: FindingKind) -> EvidenceView:
        """Return the view for a kind, built when it is first needed."""
        made = view_for(kind)
        if made not in self._views:
            view = self._views[made] = made(self._controller, self.theme)
            for label in view.findChildren(QLabel):
                if label.wordWrap():
                    # One long word, such as the name of a label, would push the rest out of sight.
                    label.setMinimumSize(1, 1)
            self._stack.addWidget(self._views[made])
        return self._views[made]

    def _order_tabs(self, view: EvidenceView) -> None:
        """Let the tab key go from the head through the evidence, which is built anew for each case, to the buttons."""
        before: QWidget = self._links
        for widget in view.findChildren(QWidget):
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not widget.isHidden():
                QWidget.setTabOrder(before, widget)
                before = widget
        QWidget.setTabOrder(before, self.accept)

    def _show_pictures(self) -> None:
        view = self._stack.currentWidget()
        if isinstance(view, EvidenceView):
            view.show_pictures()

    def _show_head(self) -> None:
        line, case = self._controller.line, self._controller.case
        title = self._brief = tr(line.queue.title)
        if line.finding is not None and line.visited is None:
            number, total = self._place()
            self._brief = f"{title} · {number:,} / {total:,}"
            title = tr("{queue} · case {n} of {total}", queue=title, n=f"{number:,}", total=f"{total:,}")
        self._title.setAccessibleName(title)
        p_wrong = case.finding.p_wrong if case is not None else None
        self._score.setText(tr("P(wrong)") if p_wrong is not None else "")
        self._number.setVisible(p_wrong is not None)
        self._score.setVisible(p_wrong is not None)
        self._number.setText(f"{p_wrong:.2f}" if p_wrong is not None else "")
        set_role(self._number, "doubt" if p_wrong is not None and p_wrong >= 0.5 else "strong")
        self._links.setVisible(case is not None)
        self._fit_head()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the title its room."""
        super().resizeEvent(event)
        self._fit_head()

    def _fit_head(self) -> None:
        """Say it in as few words as it takes for the number of the case not to be cut off."""
        words, gap = tr("Show these in Images"), self.theme.px(GRID)
        said = [one for one in (self._score, self._number) if one.isVisibleTo(self)]
        room = self.contentsRect().width() - 2 * self.theme.px(CARD_PADDING)
        room -= sum(one.sizeHint().width() + gap for one in said)
        link = self._links.fontMetrics().horizontalAdvance(words) + 4 * gap
        self._title.setText(self._title.accessibleName().upper())
        brief = self._title.sizeHint().width() + link > room
        if brief == bool(self._links.text()):
            self._links.setText("" if brief else words)
            self._links.setIcon(self.theme.icon("images", "accent") if brief else QIcon())
            self._links.setToolTip(words if brief else "")
        if brief and self._title.sizeHint().width() + self._links.sizeHint().width() + gap > room:
            self._title.setText(self._brief.upper())

    def _place(self) -> tuple[int, int]:
        """Return the number of the case in its queue, those that were decided counted, and how many there are."""
        line, counts = self._controller.line, self._controller.facts.counts
        known = [counts.get(kind, FindingCounts()) for kind in line.kinds]
        total = sum(one.open + one.accepted + one.dismissed for one in known)
        left = max(len(line.found), sum(one.open for one in known) if not self._controller.deciding.busy else 0)
        total = max(total, left)
        return total - left + line.place + 1, total

    def _build_banner(self) -> tuple[QFrame, QLabel, QPushButton]:
        banner, words = QFrame(), text("", wrap=True)
        banner.setObjectName("messageBar")
        again = button(tr("Check again"), self._check_again, kind="link")
        inside = row(words, again, margins=self.theme.px(6))
        inside.setStretch(0, 1)
        banner.setLayout(inside)
        self.add(banner)
        return banner, words, again

    def _show_banner(self, case: CaseFacts) -> None:
        words = ""
        if case.finding.state is FindingState.ACCEPTED:
            words = tr("This was decided already; decide again to change it.")
        elif case.finding.state is FindingState.DISMISSED:
            words = tr("This was kept as it is; decide again to change it.")
        elif case.is_over:
            words = tr("This image was excluded since; nothing is left to decide about it.")
        elif case.finding.stale:
            words = tr("Something of this case has changed since it was looked at.")
        self._banner_words.setText(words)
        self._banner.setVisible(bool(words))
        self._again.setVisible(case.finding.stale)

    def _check_again(self) -> None:
        self._controller.checking.start(self._controller.line.kinds)
