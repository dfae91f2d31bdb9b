"""Whether the project knows what a query names: a line typed once finds nothing, without a word, where it does not."""

from __future__ import annotations

from core.domain.findings import FindingKind
from core.domain.query import SampleQuery
from core.domain.query_line import term_value
from core.errors import UserError
from core.store.labels import labels
from core.store.project import Project
from core.store.runs import get_run


def require_known(project: Project, query: SampleQuery) -> None:
    """Refuse a query that names a run, a label or a kind of finding that there is not; labels in any case of letters.

    Raises
    ------
    UserError
        ``run_missing``, ``label_missing`` or ``query_invalid``.
    """
    if query.run is not None:
        get_run(project, query.run)
    without = [(field, term_value(text)) for field, text in query.without if field in ("label", "pred", "finding")]
    known = [label.name for label in labels(project)]
    folded = {name.casefold() for name in known}
    named = [*query.labels, *query.predicted, *(name for field, name in without if field != "finding")]
    for name in named:
        if name is not None and name.casefold() not in folded:
            raise UserError("label_missing", name=name, known=", ".join(known) or "–")
    for kind in (*query.findings, *(name for field, name in without if field == "finding")):
        if kind not in list(FindingKind):
            raise UserError("query_invalid", token=f"finding:{kind}")
