"""The report of a check as one page of HTML that needs nothing else: no script, no link, no file beside it.

It is laid out with tables and the few styles that also Qt's documents know, so that the same page is printed as a PDF.
Whatever comes from outside (names, notes, paths) is escaped.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import Final

from core.domain.findings import WHOLE_DATA_SET, FindingCounts, FindingKind
from core.quality.kind_words import KIND_NAMES
from core.quality.report.contents import ReportContents, WorstCase
from core.quality.report.sentences import (
    checked_words,
    deciders,
    decision_words,
    expected_words,
    nothing_found,
    whole_sentences,
)
from core.translation import current_language, tr, tr_n

PICTURE_PX: Final = 96
_IN_A_ROW: Final = 6
_CASE_WIDTH: Final = f"{100 // _IN_A_ROW}%"
_NO_CASE: Final = f'<td width="{_CASE_WIDTH}"></td>'
_LABELS_SHOWN: Final = 12
_INK, _QUIET = "#18212B", "#5B6878"
_FONTS: Final = (
    "'Inter', 'Noto Sans', 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', 'Noto Sans KR',"
    " 'Noto Sans CJK KR', 'Apple SD Gothic Neo', 'Malgun Gothic', 'NanumGothic', sans-serif"
)
_STYLE: Final = f"""
body {{ font-family: {_FONTS}; font-size: 10pt; color: {_INK}; background: #FFFFFF; }}
body {{ margin: 24px auto; max-width: 190mm; }}
h1, .h1 {{ font-size: 15pt; font-weight: 600; margin-top: 0px; margin-bottom: 3px; }}
h2, .h2 {{ font-size: 10pt; font-weight: 600; margin-top: 13px; margin-bottom: 4px; }}
p {{ margin-top: 0px; margin-bottom: 4px; }}
td, th {{ font-size: 9pt; text-align: left; vertical-align: top; }}
th {{ color: {_QUIET}; font-weight: 400; }}
.quiet {{ color: {_QUIET}; font-size: 9pt; }}
.seal {{ font-family: 'DejaVu Sans Mono', Consolas, Menlo, monospace; font-size: 8pt; color: {_QUIET}; }}
.number {{ text-align: right; padding-left: 14px; }}
.big {{ font-size: 12pt; font-weight: 600; margin-top: 6px; }}
.case {{ font-size: 7.5pt; color: {_QUIET}; }}
"""


def report_page(contents: ReportContents) -> str:
    """Return the report as an HTML document, in the language in use."""
    title = tr("Check of the data set “{name}”", name=contents.project)
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="quiet">{escape(_what_was_checked(contents))}</p>',
        _headline(contents),
        _found(contents),
        _section(tr("The data set as a whole"), _sentences(whole_sentences(contents))),
        _section(tr("Decided"), _decided(contents)),
        _section(tr("The worst cases left"), _worst(contents.worst)),
        _section(tr("Not looked at"), _notes(contents)),
        _foot(contents),
    ]
    body = "\n".join(part for part in parts if part)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(current_language())}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="generator" content="Coverslip {escape(contents.version)}">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _what_was_checked(contents: ReportContents) -> str:
    said = [tr_n("{n} image", "{n} images", contents.samples)]
    if contents.excluded:
        said.append(tr("{n} more are excluded", n=f"{contents.excluded:,}"))
    shown = list(contents.labels.items())[:_LABELS_SHOWN]
    said += [f"{name} {count:,}" for name, count in shown]
    if len(contents.labels) > len(shown):
        said.append(tr_n("{n} more label", "{n} more labels", len(contents.labels) - len(shown)))
    return " · ".join(said)


def _headline(contents: ReportContents) -> str:
    record = contents.record
    if record is None:
        return f"<p>{escape(tr('This data set was not checked yet.'))}</p>"
    said = checked_words(contents, local_moment(record.at))
    if record.backbone:
        said = tr("embeddings of {backbone}", backbone=record.backbone) + " · " + said
    left = sum(count.open for count in contents.counts.values())
    total = sum(_found_of(contents, kind) for kind in _kinds(contents))
    words = tr("{left} of {total} findings left to decide about", left=f"{left:,}", total=f"{total:,}")
    expected = expected_words(contents)
    lines = [f'<p class="quiet">{escape(said)}</p>', f'<p class="big">{escape(words)}</p>']
    return "\n".join([*lines, f"<p>{escape(expected)}</p>" if expected else ""])


def _found(contents: ReportContents) -> str:
    kinds = _kinds(contents)
    if not kinds:
        return _paragraph(nothing_found(contents))
    head = (tr("what"), tr("found"), tr("accepted"), tr("dismissed"), tr("gone since"), tr("left"), tr("changed since"))
    cells = "".join(f'<th class="number">{escape(word)}</th>' for word in head[1:])
    rows = [f"<tr><th>{escape(head[0])}</th>{cells}</tr>"]
    rows += [_row(contents, kind) for kind in kinds]
    table = f'<table cellspacing="0" cellpadding="3">{"".join(rows)}</table>'
    return _section(tr("Found"), table + _paragraph(nothing_found(contents)))


def _kinds(contents: ReportContents) -> list[FindingKind]:
    """Return the kinds of which anything was found, in their order."""
    return [kind for kind in FindingKind if _found_of(contents, kind)]


def _found_of(contents: ReportContents, kind: FindingKind) -> int:
    count = contents.counts.get(kind, FindingCounts())
    return max(contents.found.get(kind, 0), count.open + count.accepted + count.dismissed)


def _row(contents: ReportContents, kind: FindingKind) -> str:
    count, total = contents.counts.get(kind, FindingCounts()), _found_of(contents, kind)
    gone = total - count.open - count.accepted - count.dismissed
    numbers = (total, count.accepted, count.dismissed, gone, count.open, count.stale)
    cells = "".join(
        f'<td class="number">{number:,}</td>' if number else '<td class="number">–</td>' for number in numbers
    )
    return f"<tr><td>{escape(tr(KIND_NAMES[kind]))}</td>{cells}</tr>"


def _decided(contents: ReportContents) -> str:
    said = decision_words(contents)
    if not said:
        return _paragraph(tr("Nothing was decided yet."))
    times = [edit.at for edit in contents.decisions]
    first, last = local_day(min(times)), local_day(max(times))
    when = first if first == last else f"{first} – {last}"
    return _paragraph(" · ".join(said)) + _paragraph(" · ".join(part for part in (deciders(contents), when) if part))


def _worst(cases: Iterable[WorstCase]) -> str:
    shown = [_case(one) for one in cases if one.finding.kind not in WHOLE_DATA_SET]
    lines = [shown[start : start + _IN_A_ROW] for start in range(0, len(shown), _IN_A_ROW)]
    rows = "".join(f"<tr>{''.join(line)}{_NO_CASE * (_IN_A_ROW - len(line))}</tr>" for line in lines)
    return f'<table width="100%" cellspacing="0" cellpadding="3">{rows}</table>' if rows else ""


def _case(one: WorstCase) -> str:
    found = one.finding
    words = [tr(KIND_NAMES[found.kind])]
    if found.suggested is not None:
        words.append(f"{one.given} → {found.suggested}" if one.given else f"→ {found.suggested}")
    if found.p_wrong is not None:
        words.append(tr("P(wrong) {p}", p=f"{found.p_wrong:.2f}"))
    name = one.path.rsplit("/", 1)[-1]
    words.append(name if len(name) <= 22 else f"{name[:10]}…{name[-11:]}")
    if one.picture:
        data = base64.b64encode(one.picture).decode()
        picture = f'<img src="data:image/jpeg;base64,{data}" alt="{escape(name)}" height="{PICTURE_PX}">'
    else:
        picture = escape(tr("cannot be read"))
    told = "<br>".join(escape(word) for word in words)
    return f'<td class="case" width="{_CASE_WIDTH}">{picture}<br>{told}</td>'


def _notes(contents: ReportContents) -> str:
    notes = contents.record.notes.values() if contents.record is not None else ()
    return _sentences(dict.fromkeys(notes))


def _foot(contents: ReportContents) -> str:
    written = tr(
        "Written by {who}, {at}, with Coverslip {version}.",
        who=contents.written_by or "–",
        at=local_moment(contents.written_at) if contents.written_at else "–",
        version=contents.version,
    )
    sealed = tr_n(
        "The ledger has {n} entry; its seal is", "The ledger has {n} entries; the seal of the last is", contents.entries
    )
    seal = f'<p class="quiet">{escape(sealed)}</p><p class="seal">{escape(contents.seal)}</p>' if contents.seal else ""
    return f'<p>&nbsp;</p><p class="quiet">{escape(written)}</p>{seal}'


def _section(title: str, content: str) -> str:
    return f"<h2>{escape(title)}</h2>\n{content}" if content else ""


def _sentences(said: Iterable[str]) -> str:
    return "".join(_paragraph(sentence) for sentence in said)


def _paragraph(content: str) -> str:
    return f"<p>{escape(content)}</p>" if content else ""


def local_moment(at: str) -> str:
    """Return a moment of the ledger as people write it where they are, with the offset from UTC."""
    moment = _moment(at)
    return moment.strftime("%Y-%m-%d %H:%M (UTC%z)") if moment is not None else at


def local_day(at: str) -> str:
    """Return the day of a moment of the ledger where people are."""
    moment = _moment(at)
    return moment.strftime("%Y-%m-%d") if moment is not None else at


def _moment(at: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone()
