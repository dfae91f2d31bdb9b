"""How ``coverslip reading`` says what readers agree on."""

from __future__ import annotations

from collections.abc import Sequence

from core.cli.console import Result
from core.cli.evaluate import interval
from core.cli.table import text_table
from core.domain.readings import Disagreement, Reading, ReadingPass, ReadingTable
from core.domain.samples import SampleState
from core.evaluation.agreement import Coefficient
from core.evaluation.agreement_words import kappa_words
from core.evaluation.reading_report import ReadingReport
from core.store.labels import label_names
from core.store.project import Project
from core.store.samples import samples_by_id
from core.translation import tr


def pass_row(one: ReadingPass) -> dict[str, object]:
    """Return a pass as JSON."""
    return {
        "id": one.id,
        "name": one.name,
        "reader": one.reader,
        "seed": one.seed,
        "created_at": one.created_at,
        "ended_at": one.ended_at,
        "read": one.read,
        "total": one.total,
        "repeats": one.params.get("repeats", 0),
    }


def pass_line(one: ReadingPass) -> str:
    """Return a pass as a line for people."""
    ended = tr("ended") if one.ended_at is not None else tr("open")
    return f"{one.id}  {one.name}  {one.reader}  {one.read:,} / {one.total:,}  {ended}"


def agreement_result(project: Project, table: ReadingTable, report: ReadingReport) -> Result:
    """Return the agreement of readers as the command's result."""
    names = label_names(project)
    shown = [names[label_id] for label_id in table.label_ids]
    data: dict[str, object] = {
        "images": report.images,
        "readers": [
            {
                "reader": one.reader,
                "read": one.read,
                "uncertain": one.uncertain,
                "ungradable": one.ungradable,
                "repeats": one.repeats,
                "self_agreement": one.self_agreement.to_json(),
                "self_kappa": one.self_kappa.to_json(),
            }
            for one in report.readers
        ],
        "pairs": [
            {
                "readers": [table.readers[one.first], table.readers[one.second]],
                "agreement": one.agreement.to_json(),
                "cohen_kappa": one.kappa.to_json(),
                "linear_kappa": _json(one.linear),
                "quadratic_kappa": _json(one.quadratic),
            }
            for one in report.pairs
        ],
        "agreement": report.agreement.to_json(),
        "fleiss_kappa": report.fleiss.to_json(),
        "krippendorff_alpha": report.alpha.to_json(),
        "ordinal_alpha": _json(report.ordinal_alpha),
        "labels": [
            {"name": shown[one.label], "agreement": one.agreement.to_json(), "kappa": one.kappa.to_json()}
            for one in report.labels
        ],
    }
    return Result(data, _lines(table, report, shown))


def disagreements_result(project: Project, found: Sequence[Disagreement]) -> Result:
    """Return the queue of disagreements as the command's result."""
    names = label_names(project)
    paths = {s.id: s.path for s in samples_by_id(project, [case.sample_id for case in found])}
    rows = [
        {
            "id": case.sample_id,
            "path": paths[case.sample_id],
            "distance": case.distance,
            "decided": case.decided,
            "readings": [{"reader": reader, "said": said(reading, names)} for reader, reading in case.readings],
        }
        for case in found
    ]
    lines = [
        f"{case.sample_id}  {paths[case.sample_id]}  "
        + "  ".join(f"{reader}: {said(reading, names)}" for reader, reading in case.readings)
        + (f"  {tr('decided')}" if case.decided else "")
        for case in found
    ]
    return Result({"disagreements": rows}, lines or [tr("The readers agree on every image that two of them read.")])


def said(reading: Reading, names: dict[int, str]) -> str:
    """Return what a reader said: labels by name, or the state."""
    if reading.state is not SampleState.NONE:
        return str(reading.state)
    return ";".join(names[label_id] for label_id in reading.label_ids) or "–"


def _lines(table: ReadingTable, report: ReadingReport, shown: Sequence[str]) -> list[str]:
    both = report.alpha.images
    lines = [
        tr("{n} images read, {both} of them by two readers or more", n=f"{report.images:,}", both=f"{both:,}"),
        f"{tr('agreement')}: {_text(report.agreement)}",
        f"Fleiss κ: {_text(report.fleiss)}",
        f"Krippendorff α: {_text(report.alpha)}",
    ]
    if report.ordinal_alpha is not None:
        lines.append(f"Krippendorff α ({tr('ordinal')}): {_text(report.ordinal_alpha)}")
    lines += [kappa_words(report.alpha), "", *_reader_lines(report), "", *_pair_lines(table.readers, report), ""]
    return lines + text_table(
        [tr("label"), tr("agreement"), "κ"],
        [[shown[one.label], _text(one.agreement), _text(one.kappa)] for one in report.labels],
    )


def _reader_lines(report: ReadingReport) -> list[str]:
    return text_table(
        [tr("reader"), tr("read"), tr("uncertain"), tr("ungradable"), tr("repeats"), tr("said the same again")],
        [
            [r.reader, str(r.read), str(r.uncertain), str(r.ungradable), str(r.repeats), _text(r.self_agreement)]
            for r in report.readers
        ],
    )


def _pair_lines(names: Sequence[str], report: ReadingReport) -> list[str]:
    return text_table(
        [tr("readers"), tr("images"), tr("agreement"), "Cohen κ"],
        [
            [f"{names[p.first]} × {names[p.second]}", str(p.kappa.images), _text(p.agreement), _text(p.kappa)]
            for p in report.pairs
        ],
    )


def _text(found: Coefficient) -> str:
    return interval(found.metric)


def _json(found: Coefficient | None) -> dict[str, object] | None:
    return found.to_json() if found is not None else None
