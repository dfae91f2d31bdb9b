"""The catalogues: every text is collected, translations are kept, and what is missing or wrong is named."""

import ast
import gettext
import io

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from hypothesis import given
from hypothesis import strategies as st

from build_scripts.translations import (
    FOLDER,
    LANGUAGES,
    collect,
    main,
    merge,
    placeholders,
    problems,
    read,
    texts_of,
    to_text,
)
from core.translation import LANGUAGES as SPOKEN
from tests.support.source_tree import modules

CODE = """
from core.translation import mark, tr, tr_n

TITLES = {"a": mark("Sort by name")}

def say(name: str, n: int) -> str:
    return tr("Open “{name}”" " now.", name=name) + tr_n("{n} image", "{n} images", n) + tr(TITLES["a"])
"""


@pytest.fixture
def texts(tmp_path):
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "a.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "core" / "b.py").write_text("tr('Sort by name')\n", encoding="utf-8")
    return collect(tmp_path, ["core"])


def korean(**strings):
    catalogue = Catalog(locale="ko")
    catalogue.add("Open “{name}” now.", strings.get("open", "“{name}” 열기"))
    catalogue.add("Sort by name", strings.get("sort", "이름순"))
    catalogue.add(("{n} image", "{n} images"), (strings.get("images", "이미지 {n}개"),))
    return catalogue


def test_every_kind_of_text_is_collected_once(texts):
    assert [message.id for message in texts if message.id] == [
        "Sort by name",
        "Open “{name}” now.",
        ("{n} image", "{n} images"),
    ]


def test_both_texts_of_a_choice_are_collected():
    assert list(texts_of("tr('Pause' if running else 'Go on')")) == ["Pause", "Go on"]


@pytest.mark.parametrize("source", ["tr(TITLES['a'])", "tr('')", "tr(name)", "tr()", "print('a')", "box.train('a')"])
def test_what_is_no_text_is_not_collected(source):
    assert list(texts_of(source)) == []


def test_a_complete_catalogue_has_no_problem(texts):
    assert problems(texts, korean()) == []


def test_a_new_text_is_untranslated(texts):
    assert problems(texts, Catalog(locale="ko")) == [
        "untranslated: Sort by name (core/a.py)",
        "untranslated: Open “{name}” now. (core/a.py)",
        "untranslated: {n} image (core/a.py)",
    ]


def test_an_empty_plural_is_untranslated(texts):
    assert problems(texts, korean(images="")) == ["untranslated: {n} image (core/a.py)"]


def test_a_text_that_is_gone_is_stale(texts):
    catalogue = korean()
    catalogue.add("Old", "옛")
    assert problems(texts, catalogue) == ["stale: Old"]


@pytest.mark.parametrize(
    ("strings", "problem"),
    [
        ({"open": "“{nom}” 열기"}, "placeholders differ (name / nom): Open “{name}” now. (core/a.py)"),
        ({"open": "열기"}, "placeholders differ (name / none): Open “{name}” now. (core/a.py)"),
        ({"open": "“{name” 열기"}, "braces do not match: Open “{name}” now. (core/a.py)"),
        ({"images": "이미지"}, "placeholders differ (n / none): {n} image (core/a.py)"),
        ({"sort": "이름순 "}, "spaces at the ends differ: Sort by name (core/a.py)"),
    ],
)
def test_a_translation_that_cannot_stand_in_is_named(texts, strings, problem):
    assert problems(texts, korean(**strings)) == [problem]


def test_merging_keeps_translations_and_drops_what_is_gone(texts):
    known = korean(sort="")
    known.add("Old", "옛")
    merged = merge(texts, known, "ko")
    assert merged.get("Open “{name}” now.").string == "“{name}” 열기"
    assert merged.get("{n} image").string == ("이미지 {n}개",)
    assert merged.get("Old") is None
    assert problems(texts, merged) == ["untranslated: Sort by name (core/a.py)"]


def test_a_text_that_became_a_plural_starts_empty(texts):
    known = Catalog(locale="ko")
    known.add("{n} image", "이미지 하나")
    assert "untranslated: {n} image (core/a.py)" in problems(texts, merge(texts, known, "ko"))


def test_a_file_holds_no_date_and_no_line_and_is_read_back(texts, tmp_path):
    written = to_text(merge(texts, korean(), "ko"), "ko")
    assert "Date" not in written
    assert "#: core/a.py core/b.py\n" in written
    (tmp_path / "coverslip.po").write_text(written, encoding="utf-8")
    again = merge(texts, read(tmp_path / "coverslip.po", "ko"), "ko")
    assert to_text(again, "ko") == written


def test_a_written_catalogue_translates(texts, tmp_path):
    (tmp_path / "coverslip.po").write_text(to_text(merge(texts, korean(), "ko"), "ko"), encoding="utf-8")
    compiled = io.BytesIO()
    write_mo(compiled, read(tmp_path / "coverslip.po", "ko"))
    compiled.seek(0)
    translations = gettext.GNUTranslations(compiled)
    assert translations.gettext("Sort by name") == "이름순"
    assert translations.ngettext("{n} image", "{n} images", 3) == "이미지 {n}개"


@given(
    st.lists(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), unique=True),
    st.text(st.characters(exclude_characters="{}")),
)
def test_placeholders_are_found_in_any_order(names, between):
    assert placeholders(between.join(f"{{{name}}}" for name in names)) == set(names)


def test_every_language_offered_has_a_catalogue():
    assert set(LANGUAGES) == SPOKEN.keys() - {"en"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_with_its_placeholders(language):
    assert problems(collect(), read(FOLDER / language / "coverslip.po", language)) == []


def test_checking_changes_no_catalogue(capsys):
    before = [(FOLDER / language / "coverslip.po").read_bytes() for language in LANGUAGES]
    main(["--check"])
    assert [(FOLDER / language / "coverslip.po").read_bytes() for language in LANGUAGES] == before
    assert f"ko: {sum(1 for message in collect() if message.id)} texts" in capsys.readouterr().err


def test_no_translation_shouts_or_has_straight_quotes():
    for language in LANGUAGES:
        for message in read(FOLDER / language / "coverslip.po", language):
            shown = message.string if isinstance(message.string, str) else " ".join(message.string)
            assert not message.id or not {"!", '"'} & set(shown), shown


def test_no_text_is_put_together_before_it_is_translated():
    wrong = [
        f"{module}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"tr", "tr_n", "mark"}
        and node.args
        and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert not wrong, wrong
