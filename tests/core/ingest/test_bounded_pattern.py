from __future__ import annotations

import time

import pytest

from core.errors import UserError
from core.ingest.bounded_pattern import compiled
from core.ingest.importer import import_source
from core.ingest.patterns import pattern_preview
from core.ingest.rules import NO_GROUPS, parse_group_rule, parse_label_rule
from core.progress import Progress
from core.store.project import Project
from core.store.samples import counts
from tests.support.pictures import png_bytes

LONG = "a" * 120 + "!"
ENDLESS = ["(a|aa)+$", "((a|aa)+)+$"]


@pytest.mark.parametrize("pattern", ENDLESS)
def test_what_would_never_end_is_given_up_within_two_seconds(pattern):
    before = time.process_time()
    with pytest.raises(UserError) as caught:
        compiled(pattern).search(LONG)
    assert caught.value.code == "pattern_too_slow"
    assert time.process_time() - before < 2


def test_repetitions_within_repetitions_end_one_way_or_the_other():
    before = time.process_time()
    try:
        assert compiled("(a+)+$").search(LONG) is None
    except UserError as error:
        assert error.code == "pattern_too_slow"
    assert time.process_time() - before < 2


@pytest.mark.parametrize("pattern", ["(", "(?P<a>x)(?P<a>y)(?P<", "[", "*", "(" * 5000 + ")" * 5000])
def test_what_is_no_expression_is_refused(pattern):
    with pytest.raises(UserError) as caught:
        compiled(pattern)
    assert caught.value.code == "pattern_invalid"


@pytest.mark.parametrize("rule", ["label", "group"])
def test_an_import_with_such_a_pattern_is_refused_and_adds_nothing(tmp_path, rule):
    root = tmp_path / "images"
    root.mkdir()
    (root / f"{LONG}.png").write_bytes(png_bytes())
    pattern = "pattern:" + ENDLESS[0]
    labels = parse_label_rule(pattern if rule == "label" else "none")
    groups = parse_group_rule(pattern) if rule == "group" else NO_GROUPS
    with Project.create(tmp_path / "p") as project:
        with pytest.raises(UserError) as caught:
            import_source(project, root, labels=labels, groups=groups, progress=Progress())
        assert caught.value.code == "pattern_too_slow"
        assert counts(project).samples == 0


def test_the_preview_while_typing_says_that_it_takes_too_long():
    found = pattern_preview(ENDLESS[0], [LONG] * 100)
    assert "takes far too long" in found.error
