"""The blinded reading: one image in sight, what the reader says of it, durable before the next one comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.domain.labels import Label
from core.domain.readings import ReadingPass
from core.domain.samples import SampleState
from core.images.deep import DeepImage
from core.store.project import now
from core.store.reading_passes import readings_of, record
from core.translation import tr
from desktop_app.pages.reading.session import ReadingSession
from desktop_app.widgets.loupe_pictures import LoupePictures

if TYPE_CHECKING:
    from desktop_app.context import AppContext


class Reader(QObject):
    """Takes what is said of the image in sight.

    One thing must stay true: a reading is about the image that was in sight when the key was pressed. What is typed
    before the picture is there, or while the one before is being saved, is dropped.

    Signals
    -------
    changed
        `session`, or what is ticked in it, or the picture.
    """

    changed = Signal()

    def __init__(self, context: AppContext, pictures: LoupePictures, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._pictures = context, pictures
        self.session: ReadingSession | None = None
        self.multi = False
        self._busy = False
        pictures.loaded.connect(self._loaded)

    def open(self, one: ReadingPass) -> None:
        """Go on with a pass where it was left."""
        project = self._context.project
        if project is not None:
            self.session = ReadingSession(one, readings_of(project, one.id))
            self._in_sight()

    def leave(self) -> None:
        """Stop reading; everything said is kept."""
        self.session, self._busy = None, False

    @property
    def picture(self) -> DeepImage | None:
        """The picture in sight, once it is there."""
        current = self.session.current if self.session is not None else None
        return self._pictures.image(current.sample_id) if current is not None else None

    @property
    def failure(self) -> str:
        """Why there is no picture."""
        current = self.session.current if self.session is not None else None
        return self._pictures.failure(current.sample_id) if current is not None else ""

    def say(self, label: Label) -> None:
        """Give the image a label; with many labels an image, tick it or take the tick away."""
        session = self.session
        if session is None or session.current is None:
            return
        if self.multi:
            session.chosen ^= {label.id}
            self.changed.emit()
        else:
            self._record((label.id,), SampleState.NONE, "")

    def confirm(self) -> None:
        """With many labels an image: those ticked are all that apply."""
        if self.multi and self.session is not None:
            self._record(tuple(sorted(self.session.chosen)), SampleState.NONE, "")

    def cannot_say(self, state: SampleState, note: str) -> None:
        """Say that the image is uncertain or ungradable, and why."""
        self._record((), state, note)

    def step(self, by: int) -> None:
        """Go back to an image just read (-1), or on again (1)."""
        if self.session is not None and not self._busy and self.session.go(by):
            self._in_sight()

    def _record(self, given: tuple[int, ...], state: SampleState, note: str) -> None:
        project, session = self._context.project, self.session
        if project is None or session is None or session.current is None or self._busy:
            return
        if self.picture is None and not self.failure:
            return
        self._busy = True
        pass_id, position = session.one.id, session.position

        def saved(_: None) -> None:
            if self.session is session:
                session.said(given, state, note, now())
                self._in_sight()

        job = self._context.tasks.run(
            tr("Saving"),
            lambda _: record(project, pass_id, position, given, state=state, note=note),
            done=saved,
            writes=True,
            quiet=True,
        )
        job.ended.connect(self._free)

    def _free(self) -> None:
        self._busy = False

    def _in_sight(self) -> None:
        session = self.session
        if session is not None and session.current is not None:
            self._pictures.want([session.current.sample_id, *session.ahead])
        self.changed.emit()

    def _loaded(self) -> None:
        if self.session is not None:
            self.changed.emit()
