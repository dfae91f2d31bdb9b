"""What the evidence about a whole data set becomes on the screen: bars, a learning curve, and what to do about it."""

from __future__ import annotations

from core.domain.findings import CheckRecord, FindingKind, Json
from core.translation import tr
from core.words import said
from desktop_app.pages.clean.case import CaseFacts, real, reals, shares
from desktop_app.pages.clean.curve_chart import Learning
from desktop_app.pages.clean.share_chart import Bar


def advice(case: CaseFacts) -> str:
    """Say what can be done about a problem of the whole data set."""
    match case.finding.kind:
        case FindingKind.CONFOUND:
            return tr("A model may learn this instead of the labels. Split by it, or take images that break the link.")
        case FindingKind.IMBALANCE:
            return tr("Training can weigh rare labels more; more images of them are better.")
        case FindingKind.SIMILAR_LABELS:
            return tr("If people cannot tell them apart either, merge the labels; if they can, label more of both.")
        case _:
            return ""


def chart_of(case: CaseFacts) -> list[Bar]:
    """Return bars for counts by label, where the evidence has them."""
    counts = shares(case.finding.evidence.get("counts"))
    most = max(counts.values(), default=0.0)
    bars = []
    for name, count in sorted(counts.items(), key=lambda pair: -pair[1])[:12]:
        label = case.label_named(name)
        bars.append(Bar(name, ((count / most if most else 0.0, label.colour if label else ""),), f"{count:,.0f}"))
    return bars


def more_words(record: CheckRecord | None) -> str:
    """Say which label would gain most from more images, and how much; nothing where that is not known."""
    amounts = record.summaries.get("amounts", {}) if record is not None else {}
    labels, more = amounts.get("labels"), real(amounts.get("more"))
    if not isinstance(labels, dict) or more is None:
        return ""
    gains = {name: _gain(row) for name, row in labels.items()}
    known = {name: gain for name, gain in gains.items() if gain is not None}
    if not known:
        return ""
    best = max(known, key=lambda name: known[name][0])
    value, low, high = (f"{number:.3f}" for number in known[best])
    return tr(
        "{n} more {label} would buy about +{value} of F1 ({low} to {high}).",
        n=f"{more:,.0f}",
        label=best,
        value=value,
        low=low,
        high=high,
    )


def _gain(row: Json) -> tuple[float, float, float] | None:
    curve = row.get("curve") if isinstance(row, dict) else None
    gain = shares(curve.get("gain")) if isinstance(curve, dict) else {}
    return (gain["value"], gain["low"], gain["high"]) if {"value", "low", "high"} <= gain.keys() else None


def numbers_of(case: CaseFacts) -> list[tuple[str, str]]:
    """Return the area under the ROC curve with its interval, and what chance would give, where the evidence has it."""
    auc, chance = shares(case.finding.evidence.get("auc")), real(case.finding.evidence.get("chance"))
    if "value" not in auc:
        return []
    said_auc = f"{auc['value']:.3f}"
    if {"low", "high"} <= auc.keys():
        said_auc = tr("{value} ({low} to {high})", value=said_auc, low=f"{auc['low']:.3f}", high=f"{auc['high']:.3f}")
    rows = [(tr("AUC"), said_auc)]
    if chance is not None:
        rows.append((tr("By chance"), f"{chance:.2f}"))
    return rows


def typical_of(case: CaseFacts) -> list[tuple[str, str]]:
    """Return what is typical of each label, of that which tells the labels apart."""
    typical = case.finding.evidence.get("typical")
    if not isinstance(typical, dict):
        return []
    return [(name, f"{one:,}" if isinstance(one, int | float) else str(one or "–")) for name, one in typical.items()]


def flattered_words(inflation: Json) -> str:
    """Say by how much what leaks flatters the score, with its interval; nothing where that was not measured."""
    measured = inflation.get("of_split") if isinstance(inflation, dict) else None
    difference = shares(measured.get("difference")) if isinstance(measured, dict) else {}
    if not {"value", "low", "high"} <= difference.keys() or not isinstance(inflation, dict):
        return ""
    value, low, high = (f"{difference[name]:+.3f}".replace("-", "−") for name in ("value", "low", "high"))
    split = said(str(inflation.get("split", "")))
    return tr(
        "All that leaks together changes macro-F1 on {split} by {value} ({low} to {high}).",
        split=split,
        value=value,
        low=low,
        high=high,
    )


def curve_of(case: CaseFacts) -> Learning | None:
    """Return the learning curve of the evidence, if it has one."""
    curve = case.finding.evidence.get("curve")
    if not isinstance(curve, dict):
        return None
    counts, f1 = reals(curve.get("images")), reals(curve.get("f1"))
    if len(counts) != len(f1) or len(counts) < 2:
        return None
    more, gain = real(case.finding.evidence.get("more")), shares(curve.get("gain"))
    points = tuple(zip(counts, f1, strict=True))
    if more is None or "value" not in gain:
        return Learning(points)
    last = f1[-1]
    low, high = gain.get("low"), gain.get("high")
    return Learning(
        points,
        (counts[-1] + more, last + gain["value"]),
        last + low if low is not None else None,
        last + high if high is not None else None,
    )
