"""What the fields of a query line can be given in a project, and how many images have each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import PurePath
from typing import Final

from core.domain.labels import Label, descendants
from core.domain.query_completion import Value, Vocabulary
from core.domain.samples import SPLITS_BY_CODE, STATES_BY_CODE
from core.domain.task import Task
from core.store.labels import labels
from core.store.predictions import NO_LABEL, latest_predicted_run
from core.store.project import Project
from core.store.query_sql import LABELLED
from core.store.sources import sources
from core.store.task import project_task

_MOST_DATES: Final = 24
_MOST_RUNS: Final = 50


def read_vocabulary(project: Project) -> Vocabulary:
    """Return the values of every field, with what ``field:value`` alone would show; any thread may ask.

    A million samples take about a second and a half, in which the database is only read.
    """
    values = {
        "label": _labels(project),
        "group": _counted(project, "SELECT name, n FROM sample_group JOIN"
            " (SELECT group_id, count(*) AS n FROM sample WHERE excluded = 0 GROUP BY group_id) ON group_id = id"),
        "tag": _counted(project, "SELECT name, count(*) FROM sample_tag JOIN tag ON tag.id = tag_id"
            " JOIN sample ON sample.id = sample_id WHERE excluded = 0 GROUP BY tag_id"),
        "reason": _counted(project, "SELECT name, count(*) FROM sample JOIN reason ON reason.id = reason_id"
            " WHERE excluded = 0 AND reason_id IS NOT NULL GROUP BY reason_id"),
        "finding": _counted(project, "SELECT kind, count(DISTINCT sample_id) FROM finding JOIN sample"
            " ON sample.id = sample_id WHERE finding.state = 'open' AND excluded = 0 GROUP BY kind"),
        "source": _sources(project),
        "pred": _predicted(project),
        "run": _runs(project),
        "date": _days(project),
    }  # fmt: skip
    return Vocabulary(values, _fixed_counts(project))


def _counted(project: Project, sql: str) -> list[Value]:
    rows = project.db.read().execute(f"{sql} ORDER BY 1")
    return [Value(name, "", count) for name, count in rows]


def _labels(project: Project) -> list[Value]:
    every = labels(project)
    by_id = {label.id: label for label in every}
    own = "SELECT label_id, count(*) FROM sample WHERE excluded = 0 AND label_id IS NOT NULL GROUP BY label_id"
    many = (
        "SELECT label_id, count(*) FROM sample_label JOIN sample ON sample.id = sample_id"
        " WHERE excluded = 0 GROUP BY label_id"
    )
    task = project_task(project)
    counts = dict(project.db.read().execute(own if task is Task.SINGLE else many).fetchall())
    found = []
    for label in every:
        below = descendants(every, label.id)
        count = None if task is Task.MULTI and len(below) > 1 else sum(counts.get(i, 0) for i in below)
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


def _sources(project: Project) -> list[Value]:
    rows = project.db.read().execute("SELECT source_id, count(*) FROM sample WHERE excluded = 0 GROUP BY source_id")
    counts = dict(rows.fetchall())
    found = []
    for source in sources(project).values():
        name = PurePath(source.root.replace("\\", "/")).name or source.root
        found.append(Value(name, source.root, counts.get(source.id, 0)))
    return sorted(found, key=lambda value: value.text)


def _predicted(project: Project) -> list[Value]:
    run = latest_predicted_run(project)
    if run is None:
        return []
    every = labels(project)
    rows = project.db.read().execute(
        "SELECT label_id, count(*) FROM prediction WHERE run_id = ? AND label_id <> ? GROUP BY label_id",
        (run, NO_LABEL),
    )
    counts = dict(rows.fetchall())
    return [Value(label.name, "", counts[label.id]) for label in every if label.id in counts]


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


def _fixed_counts(project: Project) -> dict[tuple[str, str], int]:
    """Count what every project knows: splits, states, flags, and those without a label, group or tag."""
    read, labelled = project.db.read(), LABELLED[project_task(project)]
    found: dict[tuple[str, str], int] = {}
    flags = {
        ("is", "excluded"): "excluded = 1",
        ("is", "unreadable"): "problem IS NOT NULL AND excluded = 0",
        ("is", "readable"): "problem IS NULL AND excluded = 0",
        ("is", "missing"): "missing = 1 AND excluded = 0",
        ("is", "present"): "missing = 0 AND excluded = 0",
        ("is", "pinned"): "pinned = 1 AND excluded = 0",
        ("is", "labelled"): f"({labelled}) AND excluded = 0",
        ("is", "unlabelled"): f"NOT ({labelled}) AND excluded = 0",
        ("group", "none"): "group_id IS NULL AND excluded = 0",
    }
    sums = ", ".join(f"coalesce(sum({condition}), 0)" for condition in flags.values())
    found |= dict(zip(flags, read.execute(f"SELECT {sums} FROM sample").fetchone(), strict=True))
    found["is", "any"] = read.execute("SELECT count(*) FROM sample").fetchone()[0]
    for code, count in read.execute("SELECT split, count(*) FROM sample WHERE excluded = 0 GROUP BY split"):
        found["split", SPLITS_BY_CODE[code]] = count
    for code, count in read.execute("SELECT state, count(*) FROM sample WHERE excluded = 0 GROUP BY state"):
        found["state", STATES_BY_CODE[code]] = count
    if project_task(project) is Task.SINGLE:
        found["label", "none"] = found["is", "unlabelled"]
    return found
