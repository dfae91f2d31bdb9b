"""``coverslip check``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.cli.arguments import add_project, whole_number
from core.cli.console import Console, Result
from core.cli.gate import Limit, broken_limits, limits
from core.cli.report_target import report_writer
from core.cli.table import text_table
from core.domain.findings import CheckRecord, Finding, FindingKind, FindingState
from core.domain.metrics import Metric
from core.domain.query import SampleQuery
from core.errors import UserError
from core.store.findings import findings, found_counts, last_check, looked_for
from core.store.project import Project
from core.store.samples import sample_ids, samples_by_id
from core.store.seen import SEEN, Unseen, unseen
from core.translation import tr, tr_n

_ALL_STATES = "all"


@dataclass(frozen=True, slots=True)
class _Listed:
    """What is listed: the findings with the paths of their samples, and how the project stands now."""

    found: list[Finding]
    paths: dict[int, str]
    errors: Mapping[str, float] | None
    unseen: Unseen
    missing: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument(
        "--kinds",
        type=_kinds,
        metavar="KIND,KIND,…",
        help=tr("what to look for, of: {kinds}; everything without it", kinds=", ".join(FindingKind)),
    )
    parser.add_argument(
        "--list-only", action="store_true", help=tr("look at nothing anew: list what the last check found")
    )
    parser.add_argument(
        "--state",
        choices=[*FindingState, _ALL_STATES],
        default=str(FindingState.OPEN),
        help=tr("list what nobody decided about yet, or what was accepted or dismissed"),
    )
    parser.add_argument(
        "--limit", type=whole_number, default=10, metavar="N", help=tr("how many of each kind to list for people")
    )
    parser.add_argument(
        "--fail-on",
        type=limits,
        action="append",
        default=[],
        metavar="KIND[>N],…",
        help=tr(
            "end with exit code 1 where more than N (0 without it) open findings of a kind are left; "
            "“any” stands for every kind, and expected_errors for how many wrong labels are expected"
        ),
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help=tr("write a one-page report: FILE.html, or FILE.pdf to print")
    )


def run(args: argparse.Namespace, console: Console) -> Result:
    """Look for what is wrong with the data set, and list it."""
    write = None if args.report is None else report_writer(args.report, args.report_writers)
    with Project.open(args.project, read_only=args.list_only) as project:
        record = _listed_check(project, args) if args.list_only else check_now(project, args.kinds, console)
        states = tuple(FindingState) if args.state == _ALL_STATES else (FindingState(args.state),)
        found = findings(project, record.found, states=states)
        missing = len(sample_ids(project, SampleQuery(missing=True)))
        left = expected_now(project, record)
        listed = _Listed(found, _paths(project, found), left, unseen(project), missing)
        asked = [one for some in args.fail_on for one in some]
        failed = _failed(project, asked, listed) if asked else []
        if write is not None:
            write(project, args.report, expected_left=_left(project))
    return _result(record, listed, failed, args.limit)


def _listed_check(project: Project, args: argparse.Namespace) -> CheckRecord:
    """Return the last check with what is known of all kinds that any check looked for, or of those asked for."""
    record = last_check(project)
    if record is None:
        raise UserError("never_checked", path=str(args.project))
    counted, known = found_counts(project), looked_for(project)
    kinds = known if args.kinds is None else known.intersection(args.kinds)
    return replace(record, found={kind: counted.get(kind, 0) for kind in FindingKind if kind in kinds})


def _failed(project: Project, asked: list[Limit], listed: _Listed) -> list[Limit]:
    """Return the limits that are broken: also where an image came in that nobody has looked at for it."""
    record = last_check(project)
    if record is None:
        return asked
    unknown = _not_looked_at(replace(record, found=found_counts(project))) | listed.unseen.kinds.keys()
    no_errors = _labels_not_judged(record) or FindingKind.LABEL_SUSPECT in listed.unseen.kinds
    errors, known = None if no_errors else listed.errors, looked_for(project) - unknown
    return broken_limits(asked, findings(project), errors, known, listed.missing)


def check_now(project: Project, kinds: tuple[FindingKind, ...] | None, console: Console) -> CheckRecord:
    """Check the project for these kinds, or for all of them."""
    from core.backbones.device import pick_device
    from core.quality.run import check_project
    from core.training.suggesting import PoolEmbedder

    device = pick_device()
    device.use_threads()
    return check_project(project, PoolEmbedder(project, device), console.progress(), kinds=kinds)


def check_result(record: CheckRecord) -> Result:
    """Return what a check found without its cases, as the demo shows it."""
    counts = {str(kind): count for kind, count in record.found.items()}
    errors = expected_errors(record)
    return Result({"counts": counts, "expected_errors": errors}, check_words(record, errors))


def expected_errors(record: CheckRecord) -> dict[str, float] | None:
    """Return how many labels are expected to be wrong (value, low, high); None where that was not looked at."""
    said = record.summaries.get("label_suspects", {}).get("expected_errors")
    if not isinstance(said, dict):
        return None
    return {name: float(value) for name, value in said.items() if isinstance(value, (int, float))}


def expected_now(project: Project, record: CheckRecord) -> dict[str, float] | None:
    """Return how many labels are expected to be wrong still, after all that was decided, as the window shows it.

    What the check said where what it kept for this is gone; None where nobody looked, or no label could be judged.
    """
    left = _left(project)
    return expected_errors(record) if left is None else dict(left.to_json())


def _left(project: Project) -> Metric | None:
    from core.quality.suspects.standing import expected_left

    return expected_left(project)


def check_words(record: CheckRecord, errors: Mapping[str, float] | None) -> list[str]:
    """Say what a check found, kind by kind, and what it could not look at."""
    rows = [[str(kind), f"{count:,}"] for kind, count in record.found.items() if count]
    lines = [
        tr_n(
            "{n} image looked at in {seconds} s",
            "{n} images looked at in {seconds} s",
            record.samples,
            seconds=f"{record.seconds:,.1f}",
        )
    ]
    changed = record.summaries.get("files", {}).get("changed")
    if isinstance(changed, int):
        lines.append(
            tr_n(
                "{n} image had changed on disk and was read again.",
                "{n} images had changed on disk and were read again.",
                changed,
            )
        )
    lines += text_table([tr("finding"), tr("cases")], rows) if rows else [tr("Nothing was found.")]
    if errors is not None:
        lines.append(
            tr(
                "Wrong labels expected: {value} ({low}–{high})",
                **{name: f"{errors.get(name, float('nan')):,.0f}" for name in ("value", "low", "high")},
            )
        )
    return [*lines, *record.notes.values()]


def _not_looked_at(record: CheckRecord) -> set[FindingKind]:
    """Return the kinds whose check said why it could not look."""
    from core.quality.table import CHECKS

    kinds = {kind for spec in CHECKS if spec.id in record.notes for kind in spec.kinds}
    unjudged = {FindingKind.LABEL_SUSPECT} if _labels_not_judged(record) else set()
    return {kind for kind in kinds if not record.found.get(kind)} | unjudged


def _labels_not_judged(record: CheckRecord) -> bool:
    """Return whether there are labels of which the check could not say whether they are wrong."""
    return bool(record.summaries.get("label_suspects", {}).get("not_judged"))


def _paths(project: Project, found: list[Finding]) -> dict[int, str]:
    ids = sorted({member for one in found for member in one.members})
    return {sample.id: sample.path for sample in samples_by_id(project, ids)}


def _result(record: CheckRecord, listed: _Listed, failed: list[Limit], shown: int) -> Result:
    data = {
        "at": record.at,
        "samples": record.samples,
        "seconds": round(record.seconds, 2),
        "backbone": record.backbone,
        "counts": {str(kind): count for kind, count in record.found.items()},
        "findings": [_row(one, listed.paths) for one in listed.found],
        "expected_errors": listed.errors,
        "unseen": listed.unseen.images,
        "unseen_by_kind": {str(kind): count for kind, count in listed.unseen.kinds.items()},
        "missing": listed.missing,
        "summaries": {check: said for check, said in record.summaries.items() if check != SEEN},
        "notes": record.notes,
        "failed": [str(one) for one in failed],
    }
    lines = [*check_words(record, listed.errors), *_not_seen_words(listed)]
    for kind in FindingKind:
        of_kind = [one for one in listed.found if one.kind is kind]
        if of_kind:
            lines += ["", f"{kind}:", *_table(of_kind[:shown], listed.paths)]
    lines += [tr("Failed: {limit}", limit=str(one)) for one in failed]
    return Result(data, lines, ok=not failed)


def _not_seen_words(listed: _Listed) -> list[str]:
    """Say how many images nobody has looked at, and how many are gone."""
    lines = []
    if listed.unseen.images:
        lines.append(
            tr_n(
                "{n} image came in or was labelled since: not everything was looked for in it.",
                "{n} images came in or were labelled since: not everything was looked for in them.",
                listed.unseen.images,
            )
        )
    if listed.missing:
        lines.append(
            tr_n(
                "{n} image is missing and cannot be looked at.",
                "{n} images are missing and cannot be looked at.",
                listed.missing,
            )
        )
    return lines


def _row(one: Finding, paths: dict[int, str]) -> dict[str, object]:
    return {
        "id": one.id,
        "kind": str(one.kind),
        "path": paths[one.sample_id],
        "score": round(one.score, 6),
        "p_wrong": one.p_wrong,
        "suggested": one.suggested,
        "state": str(one.state),
        "stale": one.stale,
        "sample": one.sample_id,
        "members": [{"sample": member, "path": paths[member]} for member in one.members],
        "evidence": one.evidence,
    }


def _table(found: list[Finding], paths: dict[int, str]) -> list[str]:
    rows = [
        [
            paths[one.sample_id] + (f" (+{len(one.members) - 1})" if len(one.members) > 1 else ""),
            f"{one.score:.3f}",
            "–" if one.p_wrong is None else f"{one.p_wrong:.3f}",
            one.suggested or "–",
            str(one.id),
        ]
        for one in found
    ]
    return text_table([tr("image"), tr("score"), tr("P(wrong)"), tr("suggested"), "id"], rows)


def _kinds(text: str) -> tuple[FindingKind, ...]:
    names = [part.strip() for part in text.split(",")]
    try:
        return tuple(dict.fromkeys(FindingKind(name) for name in names))
    except ValueError:
        raise argparse.ArgumentTypeError(
            tr("“{text}” is none of: {known}", text=text, known=", ".join(FindingKind))
        ) from None
