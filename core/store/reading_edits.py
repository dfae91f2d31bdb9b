"""What readings change: a disagreement that somebody decides, and labels that readers agree on taken over.

Both are edits like any other: in the ledger, undoable, one transaction each.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.domain.changes import Changes
from core.domain.edits import EditKind
from core.domain.samples import STATE_CODES, SampleState
from core.domain.task import Task
from core.errors import UserError
from core.store.edit_items import require_samples, write_items
from core.store.labels import find_label
from core.store.ledger import recorded
from core.store.own_labels import ADJUDICATION, CONSENSUS, adjudicated
from core.store.project import Project
from core.store.query_sql import ids_parameter
from core.store.readings import Vote, votes
from core.store.tags import ensure_named
from core.store.task import task_of

Item = tuple[int, str, int | None, int | None]
"""Sample, field, before, after."""


class ConsensusRule(StrEnum):
    """Whose word becomes the label.

    `MAJORITY`: what more than half of the readers said. `UNANIMOUS`: what all of them said. `FIRST`: what the first
    one said, unless it was adjudicated. What was adjudicated stays as it was decided under any of them.
    """

    MAJORITY = "majority"
    UNANIMOUS = "unanimous"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class Consensus:
    """What taking over did: the changes, on how many images readers agree, and on how many there is no consensus."""

    changes: Changes
    agreed: int
    open: int


def adjudicate(
    project: Project,
    sample_id: int,
    label: str | Sequence[str] | None,
    reason: str = "",
    *,
    state: SampleState = SampleState.NONE,
) -> Changes:
    """Decide a disagreement: the image has this label, or these, or is uncertain or ungradable.

    A decision is an edit also where it confirms the label the image has: what was decided, by whom and why stays known,
    and undoing it opens the disagreement again.

    Parameters
    ----------
    label
        A label's name; in a project of many labels an image the names of all that apply. None with a `state`.
    reason
        Why, in the ledger; with a `state` also the reason that the image shows.

    Raises
    ------
    UserError
        ``samples_missing``, ``label_missing``, or ``reading_one_label`` where a project of one label an image is given
        none or several.
    """
    names = [label] if isinstance(label, str) else list(label or ())
    with project.db.write() as connection:
        require_samples(connection, [sample_id])
        params = {"reason": reason.strip()} if reason.strip() else {}
        if state is not SampleState.NONE:
            number = ensure_named(connection, "reason", reason)[1] if reason.strip() else None
            wanted = _Wanted(None, state, number)
            kind, params = EditKind.STATE, {"state": str(state), **params}
        else:
            multi = task_of(connection) is Task.MULTI
            if not multi and len(names) != 1:
                raise UserError("reading_one_label")
            wanted = _Wanted(frozenset(find_label(connection, name) for name in names))
            kind = EditKind.LABELS if multi else EditKind.LABEL
            said = {"labels": ", ".join(names) or "–"} if multi else {"label": names[0]}
            params = said | params
        items = _items(connection, {sample_id: wanted}, always=True)
        with recorded(connection, kind, ADJUDICATION, params, 1) as edit:
            changed = write_items(connection, edit.id, items)
    return Changes(sample_ids=changed, edit=edit)


def consensus(
    project: Project,
    pass_ids: Sequence[int],
    rule: ConsensusRule = ConsensusRule.MAJORITY,
    *,
    own: bool = False,
) -> Consensus:
    """Make what readers agree on the project's labels, as one edit; what was adjudicated stays as it was decided.

    Parameters
    ----------
    own
        Whether the project's own label counts as one more reader, the first.

    Notes
    -----
    Under `MAJORITY` and `UNANIMOUS` an image needs two readings. “Uncertain” and “ungradable” are readings too: where
    they win, that is what the image becomes, and its label stays. With many labels an image, each label is voted on by
    itself, and an image on one of whose labels the votes are even stays open.
    """
    decided = adjudicated(project)
    with project.db.write() as connection:
        multi = task_of(connection) is Task.MULTI
        said = {i: v for i, v in votes(project, pass_ids, own=own).items() if i not in decided}
        found = {i: _verdict(given, rule, multi=multi) for i, given in said.items()}
        wanted = {i: verdict for i, verdict in found.items() if verdict is not None}
        items = _items(connection, wanted)
        agreed, undecided = len(wanted), len(found) - len(wanted)
        if not items:
            return Consensus(Changes(), agreed, undecided)
        count = len({item[0] for item in items})
        params = {"rule": str(rule), "passes": ", ".join(map(str, pass_ids))}
        with recorded(connection, EditKind.CONSENSUS, CONSENSUS, params, count) as edit:
            changed = write_items(connection, edit.id, items)
    return Consensus(Changes(sample_ids=changed, edit=edit), agreed, undecided)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What an image is to become: its labels (None: those it has), its state and the id of its reason."""

    labels: frozenset[int] | None
    state: SampleState = SampleState.NONE
    reason_id: int | None = None


def _verdict(given: Sequence[Vote], rule: ConsensusRule, *, multi: bool) -> _Wanted | None:
    """Return what the readings of an image come to under a rule; None where that is open."""
    if rule is ConsensusRule.FIRST:
        return _wanted(given[0])
    if len(given) < 2:
        return None
    counted = Counter(given)
    (best, times), n = counted.most_common(1)[0], len(given)
    if rule is ConsensusRule.UNANIMOUS:
        return _wanted(best) if times == n else None
    if times * 2 > n:
        return _wanted(best)
    voices = [labels for labels, state in given if state is SampleState.NONE]
    if not multi or len(voices) * 2 <= n:
        return None
    each = Counter(label for labels in voices for label in labels)
    if any(2 * count == len(voices) for count in each.values()):
        return None
    return _Wanted(frozenset(label for label, count in each.items() if 2 * count > len(voices)))


def _wanted(vote: Vote) -> _Wanted:
    labels, state = vote
    return _Wanted(frozenset(labels)) if state is SampleState.NONE else _Wanted(None, state)


def _items(connection: sqlite3.Connection, wanted: Mapping[int, _Wanted], *, always: bool = False) -> list[Item]:
    """Return the items that bring about what is wanted; `always` the main one, also where nothing changes."""
    multi = task_of(connection) is Task.MULTI
    chosen = ids_parameter(list(wanted))
    rows = connection.execute(
        "SELECT id, label_id, labelled, state, reason_id FROM sample WHERE id IN (SELECT value FROM json_each(?))",
        (chosen,),
    ).fetchall()
    has: dict[int, set[int]] = {}
    for sample_id, label_id in connection.execute(
        "SELECT sample_id, label_id FROM sample_label WHERE sample_id IN (SELECT value FROM json_each(?))", (chosen,)
    ):
        has.setdefault(sample_id, set()).add(label_id)
    items: list[Item] = []
    for sample_id, label_id, labelled, state, reason_id in rows:
        goal = wanted[sample_id]
        after = STATE_CODES[goal.state]
        if state != after or (always and goal.labels is None):
            items.append((sample_id, "state", state, after))
        if reason_id != goal.reason_id and (state != after or goal.reason_id is not None):
            items.append((sample_id, "reason_id", reason_id, goal.reason_id))
        if goal.labels is None:
            continue
        if multi:
            items += _label_set_items(sample_id, has.get(sample_id, set()), goal.labels)
            if not labelled or always:
                items.append((sample_id, "labelled", labelled, 1))
        else:
            (label,) = goal.labels
            if label_id != label or always:
                items.append((sample_id, "label_id", label_id, label))
    return items


def _label_set_items(sample_id: int, before: Iterable[int], after: frozenset[int]) -> list[Item]:
    gone = [(sample_id, f"label:{label}", 1, 0) for label in sorted(set(before) - after)]
    return [*gone, *((sample_id, f"label:{label}", 0, 1) for label in sorted(after - set(before)))]
