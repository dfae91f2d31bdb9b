"""What the fields of a query line can be given in a project, and how many images have each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import PurePath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.labels import Label, descendants
from core.domain.query_completion import Value, Vocabulary
from core.domain.query_line import NONE
from core.domain.samples import SPLITS_BY_CODE, STATES_BY_CODE
from core.domain.task import Task
from core.store.columns import parse_numbers
from core.store.labels import labels
from core.store.open_findings import IS_OPEN
from core.store.predictions import latest_predicted_run
from core.store.project import Project
from core.store.query_sql import LABELLED
from core.store.sources import sources
from core.store.task import project_task

_MOST_DATES: Final = 24
_MOST_RUNS: Final = 50


@dataclass(frozen=True, slots=True)
class _Shown:
    """How many of the samples that are not excluded have each id, and each of the small codes of `_CODE`."""

    labels: NDArray[np.int64]
    groups: NDArray[np.int64]
    sources: NDArray[np.int64]
    reasons: NDArray[np.int64]
    codes: NDArray[np.int64]

    def having(self, bits: int, value: int) -> int:
        """Return how many have `value` in these bits of their code."""
        return int(self.codes[(np.arange(len(self.codes)) & bits) == value].sum())


_SPLIT, _STATE, _UNREADABLE, _MISSING, _PINNED, _LABELLED = 0b11, 0b1100, 1 << 4, 1 << 5, 1 << 6, 1 << 7
_CODE: Final = f"split + 4 * state + {_UNREADABLE} * (problem IS NOT NULL) + {_MISSING} * missing + {_PINNED} * pinned"


def read_vocabulary(project: Project) -> Vocabulary:
    """Return the values of every field, with what ``field:value`` alone would show; any thread may ask.

    The samples are gone through once, in the order in which they lie: through the indexes, each of a million would be
    looked up on its own.
    """
    shown = _read_shown(project)
    tagged = "SELECT group_concat(tag_id) FROM sample_tag NOT INDEXED CROSS JOIN sample"
    tags = _bins(project, f"{tagged} ON sample.id = sample_id WHERE excluded = 0")[0]
    values = {
        "label": _labels(project, shown),
        "group": _named(project, "sample_group", shown.groups),
        "tag": _named(project, "tag", tags),
        "reason": _named(project, "reason", shown.reasons),
        "finding": _findings(project),
        "source": _sources(project, shown),
        "pred": _predicted(project),
        "run": _runs(project),
        "date": _days(project),
    }
    return Vocabulary(values, _fixed_counts(project, shown))


def _read_shown(project: Project) -> _Shown:
    labelled = LABELLED[project_task(project)]
    columns = ("coalesce(label_id, 0)", "coalesce(group_id, 0)", "source_id", "coalesce(reason_id, 0)")
    wanted = (*columns, f"{_CODE} + {_LABELLED} * ({labelled})")
    joined = ", ".join(f"group_concat({column})" for column in wanted)
    return _Shown(*_bins(project, f"SELECT {joined} FROM sample WHERE excluded = 0"))


def _bins(project: Project, sql: str) -> list[NDArray[np.int64]]:
    """Count the numbers of each column that `sql` joins into one text."""
    return [np.bincount(parse_numbers(text)) for text in project.db.read().execute(sql).fetchone()]


def _at(counts: NDArray[np.int64], number: int) -> int:
    return int(counts[number]) if number < len(counts) else 0


def _named(project: Project, table: str, counts: NDArray[np.int64]) -> list[Value]:
    """Return the names of a table that any sample has."""
    rows = project.db.read().execute(f"SELECT id, name FROM {table} ORDER BY name")
    return [Value(name, "", _at(counts, number)) for number, name in rows if _at(counts, number)]


def _findings(project: Project) -> list[Value]:
    rows = project.db.read().execute(
        "SELECT finding.kind, count(DISTINCT sample.id) FROM finding JOIN finding_member ON finding_id = finding.id"
        " JOIN sample ON sample.id = finding_member.sample_id"
        f" WHERE {IS_OPEN} AND sample.excluded = 0 GROUP BY finding.kind ORDER BY finding.kind"
    )
    return [Value(kind, "", count) for kind, count in rows]


def _labels(project: Project, shown: _Shown) -> list[Value]:
    every, task = labels(project), project_task(project)
    by_id = {label.id: label for label in every}
    counts = shown.labels
    if task is Task.MULTI:
        many = "SELECT group_concat(sample_label.label_id) FROM sample_label NOT INDEXED CROSS JOIN sample"
        counts = _bins(project, f"{many} ON sample.id = sample_id WHERE excluded = 0")[0]
    found = []
    for label in every:
        below = descendants(every, label.id)
        # With many labels an image, one may have several of a branch: the sum would count it more than once.
        count = None if task is Task.MULTI and len(below) > 1 else sum(_at(counts, i) for i in below)
        found.append(Value(label.name, _above(label, by_id), count))
    return found


def _above(label: Label, by_id: dict[int, Label]) -> str:
    """Return the labels above, from the top, such as “Blood › White”."""
    names: list[str] = []
    seen = {label.id}
    above = by_id.get(label.parent_id or 0)
    while above is not None and above.id not in seen:
        seen.add(above.id)
        names.append(above.name)
        above = by_id.get(above.parent_id or 0)
    return " › ".join(reversed(names))


def _sources(project: Project, shown: _Shown) -> list[Value]:
    found = []
    for source in sources(project).values():
        name = PurePath(source.root.replace("\\", "/")).name or source.root
        found.append(Value(name, source.root, _at(shown.sources, source.id)))
    return sorted(found, key=lambda value: value.text)


def _predicted(project: Project) -> list[Value]:
    run = latest_predicted_run(project)
    if run is None:
        return []
    counts = _bins(project, f"SELECT group_concat(label_id) FROM prediction WHERE run_id = {run}")[0]
    return [Value(label.name, "", _at(counts, label.id)) for label in labels(project) if _at(counts, label.id)]


def _runs(project: Project) -> list[Value]:
    rows = project.db.read().execute(
        "SELECT id, backbone, created_at FROM run WHERE EXISTS"
        f" (SELECT 1 FROM prediction WHERE run_id = run.id) ORDER BY id DESC LIMIT {_MOST_RUNS}"
    )
    return [Value(str(run), f"{backbone} {at[:10]}".strip(), as_is=True) for run, backbone, at in rows]


def _days(project: Project) -> list[Value]:
    """Return the months, or where they would be too many the years, in which files were written, newest first."""
    first, last = project.db.read().execute(
        "SELECT min(mtime_ns), max(mtime_ns) FROM sample WHERE mtime_ns > 0"
    ).fetchone()  # fmt: skip
    if first is None:
        return []
    start, end = _day(first), _day(last)
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    spans = _months(end, months) if months <= _MOST_DATES else (str(end.year - i) for i in range(_MOST_DATES))
    found = [Value(text, as_is=True) for text in spans if text >= str(start)[: len(text)]]
    return [*found, Value(f">={end}", as_is=True)]


def _months(last: date, count: int) -> Iterator[str]:
    for back in range(count):
        year, month = divmod(last.year * 12 + last.month - 1 - back, 12)
        yield f"{year:04}-{month + 1:02}"


def _day(ns: int) -> date:
    try:
        return datetime.fromtimestamp(ns / 1e9, UTC).astimezone().date()
    except (OverflowError, OSError, ValueError):
        return date(1970, 1, 1)


def _fixed_counts(project: Project, shown: _Shown) -> dict[tuple[str, str], int]:
    """Count what every project knows: splits, states, flags, and those without a label or group."""
    every = project.db.read().execute("SELECT count(*) FROM sample").fetchone()[0]
    total = int(shown.codes.sum())
    found: dict[tuple[str, str], int] = {
        ("is", "any"): every,
        ("is", "excluded"): every - total,
        ("group", NONE): _at(shown.groups, 0),
    }
    pairs = ((_UNREADABLE, "unreadable", "readable"), (_MISSING, "missing", "present"))
    for bit, name, opposite in (*pairs, (_PINNED, "pinned", "unpinned"), (_LABELLED, "labelled", "unlabelled")):
        found["is", name] = shown.having(bit, bit)
        found["is", opposite] = total - found["is", name]
    found |= {("split", split): shown.having(_SPLIT, code) for code, split in SPLITS_BY_CODE.items()}
    found |= {("state", state): shown.having(_STATE, 4 * code) for code, state in STATES_BY_CODE.items()}
    if project_task(project) is Task.SINGLE:
        found["label", NONE] = found["is", "unlabelled"]
    return found
