import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from desktop_app.widgets.sample_grid.state import GridState, among


def ids(*numbers):
    return np.array(numbers, np.int64)


@pytest.fixture
def state():
    made = GridState()
    made.set_ids(ids(10, 20, 30, 40, 50))
    return made


def test_a_click_selects_one_and_a_second_click_moves_the_selection(state):
    state.select_only(1)
    state.select_only(3)
    assert state.selected_ids.tolist() == [40]
    assert state.current_id == 40


def test_shift_selects_from_the_last_plain_click_in_either_direction(state):
    state.select_only(2)
    state.extend_to(4)
    assert state.selected_ids.tolist() == [30, 40, 50]
    state.extend_to(0)
    assert state.selected_ids.tolist() == [10, 20, 30]


def test_all_none_and_invert(state):
    state.select_all()
    assert state.selected_count == 5
    state.toggle(0)
    state.invert()
    assert state.selected_ids.tolist() == [10]
    state.select_none()
    assert state.selected_count == 0


def test_the_selection_survives_a_filter_and_comes_back_with_it(state):
    state.select_ids(ids(20, 40))
    state.set_ids(ids(10, 40))
    assert state.selected_ids.tolist() == [40]
    assert state.hidden_count == 1
    state.set_ids(ids(50, 40, 30, 20, 10))
    assert state.selected_ids.tolist() == [40, 20]
    assert state.hidden_count == 0


def test_a_plain_click_forgets_what_is_hidden(state):
    state.select_ids(ids(20, 40))
    state.set_ids(ids(10, 40))
    state.select_only(0)
    state.set_ids(ids(10, 20, 30, 40))
    assert state.selected_ids.tolist() == [10]


def test_when_the_work_took_the_selection_away_the_next_one_is_selected(state):
    state.select_only(1)
    state.set_ids(ids(10, 30, 40, 50), move_on=True)
    assert state.selected_ids.tolist() == [30]
    assert state.current_id == 30


def test_at_the_end_of_the_list_the_one_before_is_selected(state):
    state.select_only(4)
    state.set_ids(ids(10, 20, 30, 40), move_on=True)
    assert state.selected_ids.tolist() == [40]


def test_when_everything_left_nothing_is_selected(state):
    state.select_all()
    state.set_ids(ids(), move_on=True)
    assert state.selected_count == 0
    assert state.current == -1
    assert state.current_id is None


def test_what_a_filter_had_hidden_before_the_work_stays_selected(state):
    state.select_all()
    state.set_ids(ids(10, 30))
    state.set_ids(ids(10), move_on=True)
    assert (state.selected_ids.tolist(), state.hidden_ids.tolist()) == ([10], [20, 40, 50])
    state.set_ids(ids(), move_on=True)
    state.set_ids(ids(10, 20, 30, 40, 50))
    assert state.selected_ids.tolist() == [20, 40, 50]


def test_moving_stays_inside_and_can_leave_the_selection_alone(state):
    state.move_to(99)
    assert state.selected_ids.tolist() == [50]
    state.move_to(-3, keep=True)
    assert state.current_id == 10
    assert state.selected_ids.tolist() == [50]


class Selecting(RuleBasedStateMachine):
    """The mask against a plain set of ids."""

    def __init__(self):
        super().__init__()
        self.state = GridState()
        self.shown: list[int] = []
        self.chosen: set[int] = set()

    @rule(shown=st.lists(st.integers(0, 12), unique=True))
    def filter(self, shown):
        self.state.set_ids(ids(*shown))
        self.shown = shown

    @precondition(lambda self: self.shown)
    @rule(data=st.data())
    def click(self, data):
        index = data.draw(st.integers(0, len(self.shown) - 1))
        self.state.select_only(index)
        self.chosen = {self.shown[index]}

    @precondition(lambda self: self.shown)
    @rule(data=st.data())
    def control_click(self, data):
        index = data.draw(st.integers(0, len(self.shown) - 1))
        self.state.toggle(index)
        self.chosen ^= {self.shown[index]}

    @rule()
    def invert(self):
        self.state.invert()
        self.chosen = set(self.shown) - self.chosen

    @rule()
    def everything(self):
        self.state.select_all()
        self.chosen = set(self.shown)

    @invariant()
    def same(self):
        visible = [i for i in self.shown if i in self.chosen]
        assert self.state.selected_ids.tolist() == visible
        assert self.state.selected_count == len(visible)
        assert self.state.hidden_count == len(self.chosen - set(self.shown))
        assert (self.state.current >= 0) == bool(self.shown)


TestSelecting = Selecting.TestCase


@pytest.mark.parametrize("top", [5_000, 2**40])
def test_ids_are_found_among_others_however_many_and_however_large(top: int) -> None:
    random = np.random.default_rng(4)
    ids, others = random.integers(0, top, 3_000), random.integers(0, top, 2_000)
    others = np.concatenate([others, ids[:100]])
    assert np.array_equal(among(ids, others), np.isin(ids, others))
    assert not among(ids, ids[:0]).any()
    assert among(ids[:0], ids).tolist() == []
