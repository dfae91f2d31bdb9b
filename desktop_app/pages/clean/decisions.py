"""What can be decided about a case, and what each decision does: pure rules, from a case to settlements in words.

What Enter does depends on the kind of case; it is written on the button. Keeping always dismisses the case, and no
decision touches a file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Final

from core.domain.findings import OF_SEVERAL, WHOLE_DATA_SET, FindingKind, FindingState, Settlement
from core.domain.labels import Label
from core.domain.samples import Split
from core.quality.kind_words import KIND_NAMES
from core.translation import mark, mark_n, tr, tr_n
from core.words import said
from desktop_app.pages.clean.case import CaseFacts, real


class Deed(StrEnum):
    """What a decision amounts to, for the count of the session."""

    RELABELLED = "relabelled"
    KEPT = "kept"
    EXCLUDED = "excluded"
    PINNED = "pinned"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user chose within a case before deciding: the member to keep, the split, whether labels are merged."""

    best: int | None = None
    split: Split | None = None
    merge: bool | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What can be done about a case.

    Attributes
    ----------
    text, brief
        What the button says, and what it says where there is little room.
    saying
        Says what the list of decisions shows afterwards, in the language that is in use by then.
    wrong
        Whether it says that the suspicion was right.
    label
        The label that was given, for whoever learns from it.
    """

    text: str
    saying: Callable[[], str] = field(compare=False)
    deed: Deed
    settlement: Settlement
    wrong: bool = False
    label: str | None = None
    short: str = ""

    @property
    def said(self) -> str:
        """What the list of decisions says of it, such as “WBC → Platelets · 00062_11”."""
        return self.saying()

    @property
    def brief(self) -> str:
        """What the button says where there is little room."""
        return self.short or self.text


NO_CHOICES: Final = Choices()


def acceptance(case: CaseFacts, choices: Choices = NO_CHOICES) -> Decision | None:
    """Return what Enter does; None where nothing speaks for one of `label_choices`, so that it asks for one."""
    return _ACCEPT.get(case.finding.kind, _exclude_principal)(case, choices)


def label_choices(case: CaseFacts, choices: Choices = NO_CHOICES) -> list[tuple[Label, Decision]]:
    """Return the labels to choose from where Enter asks for one, in the project's order, with what each would do."""
    if acceptance(case, choices) is not None:
        return []
    held = {label.id for member in case.taking_part or case.members for label in case.labels_of(member)}
    made = [(label, labelling(case, label, choices)) for label in case.labels.values() if label.id in held]
    return [(label, decision) for label, decision in made if decision is not None]


def keeping(case: CaseFacts) -> Decision:
    """Return what K does: everything stays as it is, and the case is dismissed."""
    kind = case.finding.kind
    names, short = _names(case, case.finding.sample_id), ""
    if kind in WHOLE_DATA_SET or is_whole_leak(case):
        words = saying = partial(tr, mark("No problem"))
    elif kind in OF_SEVERAL:
        words = saying = partial(tr_n, *mark_n("Keep {n}", "Keep all {n}"), len(case.finding.members))
        short = tr("Keep all")
    else:
        about = names and _is_about_label(case)
        words = partial(tr, mark("Keep {label}"), label=names) if about else partial(tr, mark("Keep"))
        short = tr("Keep")
        saying = partial(tr, mark("kept {label}"), label=names) if names else partial(tr, mark("kept"))
    settlement = Settlement(case.finding.id, FindingState.DISMISSED)
    return Decision(words(), _about(saying, case), Deed.KEPT, settlement, short=short)


def exclusion(case: CaseFacts) -> Decision | None:
    """Return what X does; None for a case of the whole data set, where nothing can be excluded."""
    if case.finding.kind in WHOLE_DATA_SET or is_whole_leak(case):
        return None
    if case.finding.kind in OF_SEVERAL:
        members = case.finding.members
        settlement = Settlement(case.finding.id, FindingState.ACCEPTED, exclude=members)
        words = partial(tr_n, *mark_n("Exclude {n}", "Exclude all {n}"), len(members))
        short = tr("Exclude all")
        return Decision(words(), _about(words, case), Deed.EXCLUDED, settlement, wrong=True, short=short)
    return _exclude_principal(case, NO_CHOICES)


def labelling(case: CaseFacts, label: Label, choices: Choices = NO_CHOICES) -> Decision | None:
    """Return what the key of a label does; None for a case of the whole data set."""
    if case.finding.kind in WHOLE_DATA_SET or case.finding.kind is FindingKind.LEAKAGE:
        return None
    if case.finding.kind in OF_SEVERAL:
        return _one_label(case, (label.name,), choices)
    return keeping(case) if _confirms(case, label) else _make_it(case, label)


def best_of(case: CaseFacts, choices: Choices = NO_CHOICES) -> int:
    """Return the member of a cluster that is kept: the chosen one, or the one the check found best.

    One that was excluded since is kept only where it was chosen.
    """
    if choices.best is not None and choices.best in case.members:
        return choices.best
    members = case.taking_part or case.members or case.finding.members
    kept = real(case.finding.evidence.get("keep"))
    return int(kept) if kept is not None and int(kept) in members else members[0]


def split_for(case: CaseFacts, choices: Choices = NO_CHOICES) -> Split:
    """Return the split that a leaking cluster goes to: the chosen one, the check's, or that of most of its members."""
    if choices.split is not None:
        return choices.split
    wanted = case.finding.evidence.get("pin")
    if wanted in (Split.TRAIN, Split.VAL, Split.TEST):
        return Split(str(wanted))
    held = Counter(case.samples[i].split for i in case.members if case.samples[i].split is not Split.NONE)
    return held.most_common(1)[0][0] if held else Split.TRAIN


def merged_labels(case: CaseFacts) -> tuple[str, ...]:
    """Return every label that a member has, in the project's order."""
    held = {label.id for member in case.members for label in case.labels_of(member)}
    return tuple(label.name for label in case.labels.values() if label.id in held)


def merges(case: CaseFacts, choices: Choices = NO_CHOICES) -> bool:
    """Whether the one that is kept gets every label that a member has: as chosen, else where it can have many."""
    return case.multi if choices.merge is None else choices.merge


def is_whole_leak(case: CaseFacts) -> bool:
    """Whether so much leaks that the whole split is to be made again: the members are examples of it."""
    return case.finding.kind is FindingKind.LEAKAGE and "values" in case.finding.evidence


def pinning(case: CaseFacts, split: Split) -> Decision:
    """Return what puts all members into one split, to stay."""

    def words() -> str:
        return tr("Pin to {split}", split=said(split))

    settlement = Settlement(case.finding.id, FindingState.ACCEPTED, pin=split)
    return Decision(words(), _about(words, case), Deed.PINNED, settlement, wrong=True)


def _exclude_principal(case: CaseFacts, _: Choices) -> Decision:
    settlement = Settlement(case.finding.id, FindingState.ACCEPTED, exclude=(case.finding.sample_id,))
    return Decision(tr("Exclude"), _about(partial(tr, mark("excluded")), case), Deed.EXCLUDED, settlement, wrong=True)


def _suspect(case: CaseFacts, choices: Choices) -> Decision:
    changes = case.changes
    if len(changes) > 1:
        return _change_labels(case, changes)
    if changes:
        return _make_it(case, changes[0][0])
    doubted = case.finding.evidence.get("label")
    # With many labels an image the doubt is about one of them, which may be one too many.
    label = case.suggested or (case.label_named(str(doubted)) if case.multi and doubted else None)
    return _make_it(case, label) if label is not None else _exclude_principal(case, choices)


def _change_labels(case: CaseFacts, changes: Sequence[tuple[Label, bool]]) -> Decision:
    """Do all that is suggested of an image with many labels at once."""
    sample_id = case.finding.sample_id
    lost = {label.id for label, gets in changes if not gets}
    wanted = [label.name for label in case.labels_of(sample_id) if label.id not in lost]
    wanted += [label.name for label, gets in changes if gets]
    said_words = "  ".join(f"{'+' if gets else '−'} {label.name}" for label, gets in changes)
    words = tr_n("Change {n} label", "Change {n} labels", len(changes))
    settlement = Settlement(case.finding.id, FindingState.ACCEPTED, relabel={sample_id: tuple(wanted)})
    return Decision(words, _about(lambda: said_words, case), Deed.RELABELLED, settlement, wrong=True, short=words)


def _make_it(case: CaseFacts, label: Label) -> Decision:
    """Give the principal a label; with many labels an image, turn that one on or off."""
    sample_id = case.finding.sample_id
    before = _names(case, sample_id)
    wanted: tuple[str, ...] = (label.name,)
    words, short = tr("Make it {label}", label=label.name), f"→ {label.name}"
    about = f"{before} → {label.name}" if before else f"→ {label.name}"
    if case.multi:
        had = [one.name for one in case.labels_of(sample_id)]
        has = label.name in had
        wanted = tuple(name for name in had if name != label.name) if has else (*had, label.name)
        words = tr("Take {label} away", label=label.name) if has else tr("Add {label}", label=label.name)
        about = short = f"{'−' if has else '+'} {label.name}"
    settlement = Settlement(case.finding.id, FindingState.ACCEPTED, relabel={sample_id: wanted})
    return Decision(
        words, _about(lambda: about, case), Deed.RELABELLED, settlement, wrong=True, label=label.name, short=short
    )


def _conflict(case: CaseFacts, choices: Choices) -> Decision | None:
    if merges(case, choices):
        return _one_label(case, merged_labels(case), choices)
    if case.multi:
        return _one_label(case, tuple(label.name for label in case.labels_of(best_of(case, choices))), choices)
    chosen = case.labels_of(choices.best) if choices.best in case.members else ()
    if chosen:
        # Whoever keeps one of them says that its label is right.
        return _one_label(case, tuple(label.name for label in chosen), choices)
    label = case.suggested
    # Nobody's guess is better than asking: leaving all of them out would lose the image.
    return _one_label(case, (label.name,), choices) if label is not None else None


def _one_label(case: CaseFacts, names: tuple[str, ...], choices: Choices) -> Decision:
    """Give all of a cluster a label, and leave out all but the best."""
    best = best_of(case, choices)
    others = tuple(i for i in case.finding.members if i != best)
    label = " + ".join(names)
    words = tr_n("Make it {label}, exclude {n}", "Make it {label}, exclude {n}", len(others), label=label)
    # The others too: whoever includes one of them again should not find the wrong label on it.
    relabel = dict.fromkeys((best, *others), names)
    settlement = Settlement(case.finding.id, FindingState.ACCEPTED, relabel=relabel, exclude=others)
    about, short = _about(lambda: f"→ {label}", case), f"→ {label}{_left_out(others)}"
    return Decision(words, about, Deed.RELABELLED, settlement, wrong=True, label=label, short=short)


def _left_out(others: tuple[int, ...]) -> str:
    """Return how many are excluded, in as little room as it takes."""
    return f", −{len(others):,}" if others else ""


def _keep_best(case: CaseFacts, choices: Choices) -> Decision:
    best = best_of(case, choices)
    others = tuple(i for i in case.finding.members if i != best)
    words = tr_n("Keep the best, exclude {n}", "Keep the best, exclude {n}", len(others))
    relabel: Mapping[int, tuple[str, ...]] = {}
    merged = merged_labels(case)
    if case.multi and merged != tuple(label.name for label in case.labels_of(best)):
        # What is known of one copy is true of all of them.
        relabel = {best: merged}
    settlement = Settlement(case.finding.id, FindingState.ACCEPTED, relabel=relabel, exclude=others)
    saying = partial(tr_n, *mark_n("excluded {n} copy", "excluded {n} copies"), len(others))
    short = tr("Keep best") + _left_out(others)
    return Decision(words, _about(saying, case), Deed.EXCLUDED, settlement, wrong=True, short=short)


def _leakage(case: CaseFacts, choices: Choices) -> Decision:
    return _note(case, choices) if is_whole_leak(case) else pinning(case, split_for(case, choices))


def _note(case: CaseFacts, _: Choices) -> Decision:
    words = tr("I will see to it")
    settlement = Settlement(case.finding.id, FindingState.ACCEPTED)
    return Decision(words, _about(partial(tr, mark("noted")), case), Deed.NOTED, settlement, wrong=True)


def _confirms(case: CaseFacts, label: Label) -> bool:
    """Whether whoever gives this label says that the one the image had all along is right."""
    if case.multi or case.labels_of(case.finding.sample_id) != (label,):
        return False
    given = case.label_named(str(case.finding.evidence.get("given", "")))
    # Where it was put right since it was suspected, the suspicion was right.
    return given is None or given == label


def _is_about_label(case: CaseFacts) -> bool:
    return case.finding.kind in (FindingKind.LABEL_SUSPECT, FindingKind.OUTLIER)


def _names(case: CaseFacts, sample_id: int) -> str:
    return " + ".join(label.name for label in case.labels_of(sample_id))


def _about(words: Callable[[], str], case: CaseFacts) -> Callable[[], str]:
    """Return what says the words and what they are about; it holds no more of the case than that."""
    sample, kind = case.principal, case.finding.kind
    if kind in WHOLE_DATA_SET:
        return lambda: f"{words()} · {tr(KIND_NAMES[kind])}"
    if sample is None:
        return words
    name = sample.name.rsplit(".", 1)[0] if "::" not in sample.name else sample.name
    return lambda: f"{words()} · {name}"


_ACCEPT: Final[dict[FindingKind, Callable[[CaseFacts, Choices], Decision | None]]] = {
    FindingKind.LABEL_SUSPECT: _suspect,
    FindingKind.OUTLIER: _suspect,
    FindingKind.CONFLICTING_DUPLICATE: _conflict,
    FindingKind.EXACT_DUPLICATE: _keep_best,
    FindingKind.NEAR_DUPLICATE: _keep_best,
    FindingKind.LEAKAGE: _leakage,
    **dict.fromkeys(WHOLE_DATA_SET, _note),
}
