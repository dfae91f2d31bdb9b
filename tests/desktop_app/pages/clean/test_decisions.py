from dataclasses import replace

import pytest

from core.domain.findings import Finding, FindingKind, FindingState
from core.domain.labels import Label
from core.domain.samples import Sample, Split
from core.translation import use_language
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.decisions import (
    Choices,
    acceptance,
    best_of,
    exclusion,
    keeping,
    label_choices,
    labelling,
    merged_labels,
    split_for,
)
from desktop_app.pages.clean.evidence.duplicate_words import duplicate_words

K = FindingKind
RBC, WBC = (Label(number, name, "#000000", "■", str(number), number) for number, name in ((1, "RBC"), (2, "WBC")))


def sample(number, *labels, split=Split.NONE):
    one = labels[0].id if len(labels) == 1 else None
    ids = tuple(label.id for label in labels)
    return Sample(number, 1, f"a/{number}.png", "", 0, 9, 9, 3, 8, one, None, split, False, None, "", ids)


def case(kind, *samples, suggested=None, evidence=None, multi=False):
    members = tuple(one.id for one in samples)
    finding = Finding(
        7, kind, "", members[0], members, 0.9, None, suggested, evidence or {}, FindingState.OPEN, False, ""
    )
    return CaseFacts(finding, {one.id: one for one in samples}, {1: RBC, 2: WBC}, multi)


def test_a_suspect_without_a_suggestion_is_excluded():
    decision = acceptance(case(K.LABEL_SUSPECT, sample(1, RBC)))
    assert (decision.text, decision.settlement.exclude) == ("Exclude", (1,))


def test_a_decision_says_what_it_did_and_to_which_image():
    decision = acceptance(case(K.LABEL_SUSPECT, sample(1, RBC), suggested="WBC"))
    assert decision.said == "RBC → WBC · 1"
    assert keeping(case(K.LABEL_SUSPECT, sample(1, RBC))).said == "kept RBC · 1"


def test_with_many_labels_an_image_the_one_in_doubt_is_added_or_taken_away():
    added = acceptance(case(K.LABEL_SUSPECT, sample(1, RBC), suggested="WBC", multi=True))
    assert (added.text, added.settlement.relabel) == ("Add WBC", {1: ("RBC", "WBC")})
    taken = acceptance(case(K.LABEL_SUSPECT, sample(1, RBC, WBC), suggested="WBC", multi=True))
    assert (taken.text, taken.settlement.relabel) == ("Take WBC away", {1: ("RBC",)})


def test_all_that_is_suggested_of_one_image_is_one_decision():
    doubted = [{"label": "RBC", "holds": True}, {"label": "WBC", "holds": False}]
    both = case(K.LABEL_SUSPECT, sample(1, RBC), suggested="WBC", evidence={"doubted": doubted}, multi=True)
    assert acceptance(both).settlement.relabel == {1: ("WBC",)}
    assert acceptance(both).text == "Change 2 labels"
    half = case(K.LABEL_SUSPECT, sample(1, RBC, WBC), suggested="WBC", evidence={"doubted": doubted}, multi=True)
    assert acceptance(half).text == "Take RBC away", "what was put right since stays so"


def test_duplicates_of_many_labels_hand_them_all_to_the_one_that_is_kept():
    cluster = case(K.NEAR_DUPLICATE, sample(1, RBC), sample(2, WBC), multi=True)
    assert merged_labels(cluster) == ("RBC", "WBC")
    assert acceptance(cluster).settlement.relabel == {1: ("RBC", "WBC")}


def test_of_very_many_copies_all_are_decided_about_though_few_are_shown():
    samples = [sample(i, RBC if i > 27 else WBC) for i in range(1, 31)]
    cluster = case(K.CONFLICTING_DUPLICATE, *samples, multi=True, evidence={"keep": 29})
    assert merged_labels(cluster) == ("RBC", "WBC")
    assert best_of(cluster) == 29
    assert acceptance(cluster).settlement.relabel == dict.fromkeys(range(1, 31), ("RBC", "WBC"))
    assert [label for label, _ in label_choices(replace(cluster, multi=False))] == [RBC, WBC]
    assert cluster.picture_ids == cluster.shown_members == (*range(1, 23), 28, 29)


def test_a_cluster_is_over_only_when_all_but_one_of_it_are_excluded():
    samples = [replace(sample(i, RBC), excluded=i < 29) for i in range(1, 31)]
    cluster = case(K.NEAR_DUPLICATE, *samples)
    assert (cluster.is_over, cluster.taking_part, best_of(cluster)) == (False, (29, 30), 29)
    assert 29 in cluster.shown_members


def test_a_conflict_that_nobody_can_settle_is_asked_about():
    conflict = case(K.CONFLICTING_DUPLICATE, sample(1, RBC), sample(2, WBC))
    assert acceptance(conflict) is None
    assert [label for label, _ in label_choices(conflict)] == [RBC, WBC]
    assert exclusion(conflict).text == "Exclude all 2"


def test_a_suggested_label_is_given_to_all_and_one_of_them_kept():
    decision = acceptance(case(K.CONFLICTING_DUPLICATE, sample(1, RBC), sample(2, WBC), suggested="WBC"))
    assert (decision.text, decision.settlement.exclude) == ("Make it WBC, exclude 1", (2,))
    assert decision.settlement.relabel == {1: ("WBC",), 2: ("WBC",)}


def test_a_label_key_settles_a_conflict():
    decision = labelling(case(K.CONFLICTING_DUPLICATE, sample(1, RBC), sample(2, WBC)), WBC, Choices(best=2))
    assert (decision.settlement.relabel, decision.settlement.exclude) == ({1: ("WBC",), 2: ("WBC",)}, (1,))


@pytest.mark.parametrize(("keep", "chosen", "best"), [(2, None, 2), (2, 1, 1), (99, None, 1), (None, 99, 1)])
def test_the_best_is_the_chosen_one_then_the_checks_then_the_first(keep, chosen, best):
    cluster = case(K.NEAR_DUPLICATE, sample(1, RBC), sample(2, RBC), evidence={} if keep is None else {"keep": keep})
    assert best_of(cluster, Choices(best=chosen)) == best


def test_a_leak_goes_to_the_split_that_has_most_of_it():
    samples = [sample(i, RBC, split=split) for i, split in enumerate((Split.TEST, Split.VAL, Split.TEST), 1)]
    assert split_for(case(K.LEAKAGE, *samples)) is Split.TEST
    assert split_for(case(K.LEAKAGE, sample(1, RBC))) is Split.TRAIN


def test_where_the_split_takes_no_notice_of_groups_nothing_is_pinned_or_excluded():
    leak = case(K.LEAKAGE, sample(1, RBC), sample(2, RBC), evidence={"why": "group", "values": 80})
    assert acceptance(leak).settlement.pin is None
    assert exclusion(leak) is None


@pytest.mark.parametrize("kind", list(K))
def test_every_kind_of_case_can_be_accepted_and_kept(kind):
    one = case(kind, sample(1, RBC), sample(2, WBC))
    accepted = acceptance(one)
    assert (accepted is None) == (kind is K.CONFLICTING_DUPLICATE)
    if accepted is not None:
        assert accepted.settlement.state is FindingState.ACCEPTED
        assert accepted.text
    kept = keeping(one).settlement
    assert (kept.state, kept.relabel, kept.exclude, kept.pin) == (FindingState.DISMISSED, {}, (), None)


def test_a_case_whose_sample_is_not_known_can_still_be_decided():
    empty = replace(case(K.OUTLIER, sample(1, RBC)), samples={})
    assert acceptance(empty).said == "excluded"


def test_with_many_labels_a_conflict_is_merged_unless_the_user_says_no():
    many = case(K.CONFLICTING_DUPLICATE, sample(1, RBC), sample(2, WBC), multi=True)
    assert acceptance(many).settlement.relabel == {1: ("RBC", "WBC"), 2: ("RBC", "WBC")}
    assert acceptance(many, Choices(merge=False)).settlement.relabel == {1: ("RBC",), 2: ("RBC",)}
    assert acceptance(many, Choices(best=2, merge=False)).settlement.relabel == {1: ("WBC",), 2: ("WBC",)}


def test_with_many_labels_it_is_said_which_ones_enter_gives_and_none_is_asked_for():
    many = case(K.CONFLICTING_DUPLICATE, sample(1, RBC), sample(2, WBC), multi=True)
    assert duplicate_words(many, Choices()) == "They get all of their labels: RBC + WBC."
    kept = duplicate_words(many, Choices(best=2, merge=False))
    assert kept == "They get the labels of the one that is kept: WBC."
    one = case(K.CONFLICTING_DUPLICATE, sample(1, RBC), sample(2, WBC))
    assert duplicate_words(one, Choices()).endswith(": choose one.")


@pytest.mark.parametrize("kind", [K.CONFLICTING_DUPLICATE, K.NEAR_DUPLICATE])
def test_the_shortest_words_of_a_button_say_how_many_are_excluded(kind):
    decision = acceptance(case(kind, sample(1, RBC), sample(2, RBC), sample(3, WBC), suggested="RBC"))
    assert decision.brief.endswith(", −2")
    assert decision.text.endswith(", exclude 2")


def test_a_label_key_on_copies_leaves_one_with_that_label():
    decision = labelling(case(K.NEAR_DUPLICATE, sample(1, RBC), sample(2, RBC)), WBC)
    assert (decision.settlement.relabel, decision.settlement.exclude) == ({1: ("WBC",), 2: ("WBC",)}, (2,))


def test_what_was_decided_is_said_in_the_language_in_use_when_it_is_shown():
    kept = keeping(case(K.LABEL_SUSPECT, sample(1, RBC)))
    noted = keeping(case(K.CONFOUND, sample(1, RBC)))
    pinned = acceptance(case(K.LEAKAGE, sample(1, RBC, split=Split.TEST)))
    english = [one.said for one in (kept, noted, pinned)]
    use_language("ko")
    korean = [one.said for one in (kept, noted, pinned)]
    use_language("en")
    assert [one.said for one in (kept, noted, pinned)] == english
    assert all(not one.isascii() and "RBC" not in one.split(" · ")[1] for one in korean)
    assert set(korean).isdisjoint(english)


@pytest.mark.parametrize("kind", [K.LABEL_SUSPECT, K.OUTLIER, K.BLURRY])
def test_the_key_of_the_label_that_an_image_has_keeps_it(kind):
    suspect = case(kind, sample(1, RBC), suggested="WBC", evidence={"given": "RBC"})
    assert labelling(suspect, RBC) == keeping(suspect)
    assert labelling(suspect, WBC).wrong


def test_a_label_that_was_put_right_since_is_not_confirmed_by_its_key():
    mended = case(K.LABEL_SUSPECT, sample(1, WBC), suggested="WBC", evidence={"given": "RBC"})
    assert labelling(mended, WBC).settlement.state is FindingState.ACCEPTED
    renamed = case(K.LABEL_SUSPECT, sample(1, WBC), evidence={"given": "a name of before"})
    assert labelling(renamed, WBC) == keeping(renamed)


def test_with_many_labels_an_image_the_key_of_one_it_has_takes_it_away():
    assert labelling(case(K.LABEL_SUSPECT, sample(1, RBC), multi=True), RBC).settlement.relabel == {1: ()}
