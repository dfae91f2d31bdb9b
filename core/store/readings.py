"""What reading passes amount to: the table agreement is measured on, the disagreements, and soft labels.

The project's own labels can stand beside the readers as one more. They are taken as they were before any disagreement
was adjudicated or a consensus taken over: a label that was made from the readings must not agree with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.readings import NOT_READ, Disagreement, Reading, ReadingTable, reading_distance
from core.domain.samples import STATE_CODES, SampleState
from core.domain.task import Task
from core.store.labels import labels
from core.store.own_labels import OwnLabels, adjudicated, merged_labels, own_labels
from core.store.project import Project
from core.store.query_sql import ids_parameter
from core.store.reading_passes import find_pass, passes, readings_of
from core.store.task import project_task

OWN_POSITION: Final = -1
BySample = dict[int, Reading]
Vote = tuple[tuple[int, ...], SampleState]


def reading_table(
    project: Project, pass_ids: Sequence[int], *, own: bool = False, own_name: str = "project"
) -> ReadingTable:
    """Return what the passes say of the images that any of them read.

    Parameters
    ----------
    own
        Whether the project's own labels stand first, as one more reader called `own_name`.

    Raises
    ------
    UserError
        ``reading_pass_missing``.
    """
    names, columns, ids = _columns(project, pass_ids, own_name if own else None)
    multi = project_task(project) is Task.MULTI
    label_ids = tuple(label.id for label in labels(project))
    code = _Coder(label_ids, multi=multi)
    groups = _groups(project, ids)
    where = dict(zip(ids.tolist(), groups.tolist(), strict=True))
    twice: list[list[tuple[Reading, Reading]]] = [
        [] if position < own else _repeats(project, pass_ids[position - own]) for position in range(len(names))
    ]
    return ReadingTable(
        ids,
        groups,
        names,
        label_ids,
        multi,
        code.columns([[column.get(i) for column in columns] for i in ids.tolist()], len(columns)),
        np.array([[_state(column.get(i)) for column in columns] for i in ids.tolist()], np.int8).reshape(
            len(ids), len(columns)
        ),
        tuple(code.columns(pairs, 2) for pairs in twice),
        tuple(np.array([where[pair[0].sample_id] for pair in pairs], np.int64) for pairs in twice),
    )


def disagreements(
    project: Project, pass_ids: Sequence[int], *, own: bool = False, own_name: str = "project"
) -> list[Disagreement]:
    """Return the images that readers disagree on: open ones first, those furthest apart before others."""
    names, columns, ids = _columns(project, pass_ids, own_name if own else None)
    done = adjudicated(project)
    found = []
    for sample_id in ids.tolist():
        said = tuple(
            (name, column[sample_id]) for name, column in zip(names, columns, strict=True) if sample_id in column
        )
        distances = [reading_distance(one, two) for (_, one), (_, two) in combinations(said, 2)]
        if any(distances):
            mean = sum(distances) / len(distances)
            found.append(Disagreement(sample_id, said, mean, sample_id in done))
    return sorted(found, key=lambda case: (case.decided, -case.distance, case.sample_id))


def soft_labels(
    project: Project,
    ids: Sequence[int] | NDArray[np.int64],
    label_ids: Sequence[int],
    *,
    pass_ids: Sequence[int] | None = None,
    own: bool = False,
) -> NDArray[np.float64]:
    """Return (N, K) the share of readings that gave each label; NaN rows where nobody gave any.

    Parameters
    ----------
    ids, label_ids
        The N samples and K labels, in the order of the rows and columns.
    pass_ids
        Which passes count, each with one voice; None: all.
    own
        Whether the project's own label counts as one more voice.

    Notes
    -----
    An image that was adjudicated has the label that was decided, with certainty. “Uncertain” and “ungradable” are no
    voices. A row sums to 1 in a project of one label an image, unless a label given is not among `label_ids`.
    """
    wanted = np.asarray(ids, np.int64)
    chosen = [one.id for one in passes(project)] if pass_ids is None else list(pass_ids)
    _, columns, _ = _columns(project, chosen, "" if own else None, among=wanted)
    now = own_labels(project, wanted)
    decided = adjudicated(project)
    place = {label_id: column for column, label_id in enumerate(label_ids)}
    shares = np.full((len(wanted), len(place)), np.nan)
    for row, sample_id in enumerate(wanted.tolist()):
        voices = [column[sample_id].label_ids for column in columns if _is_voice(column.get(sample_id))]
        if sample_id in decided and sample_id in now:
            voices = [now[sample_id]]
        if voices:
            shares[row] = 0.0
        for voice in voices:
            shares[row, [place[label] for label in voice if label in place]] += 1 / len(voices)
    return shares


def votes(project: Project, pass_ids: Sequence[int], *, own: bool = False) -> dict[int, list[Vote]]:
    """Return what was said of each image, one (labels, state) a reader, the project's own first if it is asked for."""
    _, columns, ids = _columns(project, pass_ids, "" if own else None)
    return {i: [(column[i].label_ids, column[i].state) for column in columns if i in column] for i in ids.tolist()}


def _columns(
    project: Project, pass_ids: Sequence[int], own_name: str | None, among: NDArray[np.int64] | None = None
) -> tuple[tuple[str, ...], list[BySample], NDArray[np.int64]]:
    """Return the readers' names, what each said first of an image, and the images that any pass has read.

    The project's own labels come first where they have a name, for the images read or those `among`.
    """
    given = [find_pass(project, pass_id) for pass_id in pass_ids]
    columns = [{r.sample_id: r for r in _made(project, one.id) if not r.is_repeat} for one in given]
    names = [one.reader for one in given]
    ids = np.array(sorted({sample_id for column in columns for sample_id in column}), np.int64)
    if own_name is not None:
        since = min((one.created_at for one in given), default=None)
        own = own_labels(project, ids if among is None else among, since=since)
        names, columns = [own_name, *names], [_as_readings(own), *columns]
    return _distinct(names), columns, ids


def _repeats(project: Project, pass_id: int) -> list[tuple[Reading, Reading]]:
    """Return the first and the second reading of every image that was read twice."""
    first: BySample = {}
    pairs: list[tuple[Reading, Reading]] = []
    for reading in _made(project, pass_id):
        if not reading.is_repeat:
            first[reading.sample_id] = reading
        elif reading.sample_id in first:
            pairs.append((first[reading.sample_id], reading))
    return pairs


def _made(project: Project, pass_id: int) -> list[Reading]:
    """Return what was read in a pass; a label that was merged into another since counts as that one."""
    made = [reading for reading in readings_of(project, pass_id) if reading.at is not None]
    merged = merged_labels(project)
    if not merged:
        return made
    return [replace(r, label_ids=tuple(sorted({merged.get(i, i) for i in r.label_ids}))) for r in made]


def _is_voice(reading: Reading | None) -> bool:
    return reading is not None and reading.state is SampleState.NONE


def _state(reading: Reading | None) -> int:
    return NOT_READ if reading is None else STATE_CODES[reading.state]


def _as_readings(own: OwnLabels) -> BySample:
    return {i: Reading(0, OWN_POSITION, i, False, given, SampleState.NONE, "", "") for i, given in own.items()}


class _Coder:
    """Turns readings into the codes of `ReadingTable.ratings`."""

    def __init__(self, label_ids: Sequence[int], *, multi: bool) -> None:
        self._place: Mapping[int, int] = {label_id: index for index, label_id in enumerate(label_ids)}
        self._multi = multi

    def columns(self, rows: Sequence[Sequence[Reading | None]], width: int) -> NDArray[np.int64]:
        """Return (N, width) or (N, width, K) codes."""
        shape = (len(rows), width, len(self._place)) if self._multi else (len(rows), width)
        codes = np.full(shape, NOT_READ, np.int64)
        for row, readings in enumerate(rows):
            for column, reading in enumerate(readings):
                if reading is None or reading.state is not SampleState.NONE:
                    continue
                given = [self._place[label_id] for label_id in reading.label_ids if label_id in self._place]
                if self._multi:
                    codes[row, column] = 0
                    codes[row, column, given] = 1
                elif given:
                    codes[row, column] = given[0]
        return codes


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, with a number behind one that comes again."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(result)


def _groups(project: Project, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    rows = project.db.read().execute(
        "SELECT id, coalesce(group_id, -id - 1) FROM sample WHERE id IN (SELECT value FROM json_each(?))",
        (ids_parameter(ids.tolist()),),
    )
    found: dict[int, int] = dict(rows.fetchall())
    return np.array([found[i] for i in ids.tolist()], np.int64)
