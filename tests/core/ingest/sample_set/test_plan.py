from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from core.ingest.sample_set.cells import LABELS
from core.ingest.sample_set.plan import (
    FOREIGN_OBJECTS,
    MISTAKEN_FOR,
    N_BLURRED,
    N_EXACT,
    N_NEAR,
    N_SLIDES,
    N_WRONG,
    SHARES,
    Fault,
    make_plan,
)

seeds = st.integers(0, 100_000)
few = settings(max_examples=15)


@few
@given(seeds)
def test_the_same_seed_plans_the_same_set(seed: int) -> None:
    assert make_plan(seed) == make_plan(seed)


def test_another_seed_plans_another_set() -> None:
    assert make_plan(1) != make_plan(2)


@few
@given(seeds)
def test_every_fault_is_planted_as_often_as_intended(seed: int) -> None:
    planted = Counter(fault for item in make_plan(seed) for fault in item.faults)

    assert planted[Fault.EXACT_DUPLICATE] == N_EXACT
    assert planted[Fault.NEAR_DUPLICATE] == N_NEAR
    assert planted[Fault.BLURRED] == N_BLURRED
    assert planted[Fault.FOREIGN] == len(FOREIGN_OBJECTS)
    assert planted[Fault.WRONG_LABEL] == N_WRONG + N_EXACT // 3


@few
@given(seeds)
def test_a_label_is_wrong_where_the_truth_says_so_and_nowhere_else(seed: int) -> None:
    for item in make_plan(seed):
        if item.label is None:
            assert item.faults == (Fault.FOREIGN,)
        else:
            assert (item.given != item.label) == (Fault.WRONG_LABEL in item.faults)


@few
@given(seeds)
def test_no_cell_has_two_faults_unless_its_copy_got_another_label(seed: int) -> None:
    for item in make_plan(seed):
        if len(item.faults) > 1:
            assert item.faults == (Fault.EXACT_DUPLICATE, Fault.WRONG_LABEL)


@few
@given(seeds)
def test_duplicates_point_to_a_faultless_original(seed: int) -> None:
    items = make_plan(seed)
    by_stream = {item.stream: item for item in items}
    copies = [item for item in items if item.copy_of is not None]

    assert len(by_stream) == len(items)
    assert len({item.copy_of for item in copies}) == len(copies) == N_EXACT + N_NEAR
    for copy in copies:
        original = by_stream[copy.copy_of or 0]
        assert original.faults == () and original.label == copy.label
    assert any(by_stream[copy.copy_of or 0].slide != copy.slide for copy in copies)


@few
@given(seeds)
def test_every_slide_is_used_and_every_name_is_its_own(seed: int) -> None:
    items = make_plan(seed)

    assert {item.slide for item in items} == set(range(N_SLIDES))
    assert len({(item.slide, item.cell) for item in items}) == len(items)
    assert 800 <= len(items) <= 1500


def test_labels_are_imbalanced_and_each_is_mistaken_for_others_only() -> None:
    assert set(SHARES) == set(MISTAKEN_FOR) == set(LABELS)
    assert abs(sum(SHARES.values()) - 1) < 1e-9
    assert max(SHARES.values()) > 3 * min(SHARES.values())
    assert all(label not in others and set(others) <= set(LABELS) for label, others in MISTAKEN_FOR.items())
