"""The errors Coverslip raises, and what each says to a user.

    CoreError
    ├── UserError     the environment or the input: one clear sentence and what to do next
    │   └── UnreadableImage   one image cannot be decoded; recorded with its reason, never stops a batch
    ├── BugError      ours: an invariant that does not hold; shown as a copyable report
    └── Cancelled     the user asked to stop; not a failure

One thing must stay true: a `UserError` is raised before anything is changed, or after everything was put back.
"""

from __future__ import annotations

from core.error_texts.table import ERROR_TEXTS
from core.translation import tr
from core.words import said

_SAID = ("split", "state", "does")


class CoreError(Exception):
    """Root of every error raised on purpose."""


class UserError(CoreError):
    """Something the user can put right.

    Parameters
    ----------
    code
        A key of `core.error_texts.table.ERROR_TEXTS`: stable, for scripts.
    **params
        What the text's placeholders stand for: paths, row numbers, names. JSON-serialisable.
    """

    def __init__(self, code: str, /, **params: object) -> None:
        if code not in ERROR_TEXTS:
            raise BugError(f"no text for the error code {code!r}")
        super().__init__(code, params)
        self.code = code
        self.params = params

    @property
    def message(self) -> str:
        """The sentence for the user, in the language in use."""
        words = {name: said(str(self.params[name])) for name in _SAID if name in self.params}
        return tr(ERROR_TEXTS[self.code], **self.params | words)

    def __str__(self) -> str:
        return self.message


class UnreadableImage(UserError):
    """One image that cannot be decoded; its `message` is the reason recorded with the sample."""


class BugError(CoreError):
    """An invariant of ours does not hold."""


class Cancelled(CoreError):
    """The user asked to stop; what was committed before stays."""
