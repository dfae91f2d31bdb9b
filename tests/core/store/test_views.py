import pytest

from core.errors import UserError
from core.store.project import Project
from core.store.views import remove_view, rename_view, reorder_views, save_view, views


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p") as made:
        for name, line in (("a", "label:RBC"), ("b", "split:val"), ("c", "is:wrong by:label")):
            save_view(made, name, line)
        yield made


def names(project):
    return [view.name for view in views(project)]


def test_views_are_put_into_any_order_and_those_not_named_follow(project):
    reorder_views(project, ["c", "a"])
    assert names(project) == ["c", "a", "b"]
    reorder_views(project, ["b", "not there", "b"])
    assert names(project) == ["b", "c", "a"]


def test_a_new_view_comes_last_and_one_that_is_replaced_stays_where_it_is(project):
    reorder_views(project, ["c", "b", "a"])
    save_view(project, "d", "tag:x")
    save_view(project, "b", "tag:y")
    assert names(project) == ["c", "b", "a", "d"]
    assert views(project)[1].query == "tag:y"


def test_renaming_and_removing_leave_the_order(project):
    rename_view(project, "b", "middle")
    remove_view(project, "a")
    assert names(project) == ["middle", "c"]


def test_a_line_that_is_not_understood_is_not_saved(project):
    with pytest.raises(UserError, match="lunch"):
        save_view(project, "d", "split:lunch")
