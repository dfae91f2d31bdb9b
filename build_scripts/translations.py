"""Keeps the translations in step with the texts in the code, and says what is missing.

Every text passed to `tr`, `tr_n` or `mark` is collected. A catalogue has neither dates nor line numbers, so that it
changes only where a text did. A text that was reworded is a new text: its translation starts empty rather than wrong.
"""

from __future__ import annotations

import ast
import io
import string
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from build_scripts.environment import CHECKOUT
from build_scripts.problem import say

PACKAGES: Final = ("core", "desktop_app")
LANGUAGES: Final = ("ko",)
FOLDER: Final = CHECKOUT / "resources" / "translations"


def collect(root: Path = CHECKOUT, packages: Sequence[str] = PACKAGES) -> Catalog:
    """Return every text of the code under `root`, with the files it stands in."""
    texts = Catalog()
    for file in sorted(file for package in packages for file in (root / package).rglob("*.py")):
        for text in texts_of(file.read_text(encoding="utf-8")):
            # The line, 1, is never written; Babel merges the places of one text by (file, line).
            texts.add(text, locations=[(file.relative_to(root).as_posix(), 1)])
    return texts


def texts_of(source: str) -> Iterator[str | tuple[str, str]]:
    """Yield the texts that a module marks for translation; one with a plural as (singular, plural).

    The syntax tree is read rather than the tokens, as Babel's own extractor does: that one takes the key in
    ``tr(TITLES["name"])`` for a text.
    """
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        arguments = [list(_constants(argument)) for argument in node.args[:2]]
        if called in ("tr", "mark") and arguments:
            yield from arguments[0]
        elif called in ("tr_n", "mark_n") and len(arguments) == 2:
            yield from zip(*arguments, strict=True)


def _constants(node: ast.expr) -> Iterator[str]:
    """Yield the text, or both where an ``a if … else b`` chooses one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)


def merge(texts: Catalog, known: Catalog, language: str) -> Catalog:
    """Return the catalogue of a language: every text of the code, with the translation that is known for it."""
    merged = Catalog(locale=language)
    for text in _messages(texts):
        before = known.get(text.id)
        kept = before.string if before is not None and _same_kind(before, text) else None
        merged.add(text.id, kept, locations=text.locations)
    return merged


def _same_kind(one: Message, other: Message) -> bool:
    return one.pluralizable == other.pluralizable and one.id == other.id


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def read(file: Path, language: str) -> Catalog:
    """Return the catalogue in `file`; an empty one where there is none yet."""
    if not file.exists():
        return Catalog(locale=language)
    return read_po(io.BytesIO(file.read_bytes()), locale=language)


def to_text(catalogue: Catalog, language: str) -> str:
    """Return the catalogue as the text of its file, in the order of the files that use it."""
    body = io.BytesIO()
    write_po(body, catalogue, width=0, omit_header=True, sort_by_file=True, include_lineno=False)
    return _header(language) + body.getvalue().decode("utf-8").rstrip() + "\n"


def _header(language: str) -> str:
    lines = (
        f"Language: {language}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {Catalog(locale=language).plural_forms}",
    )
    comment = '# Kept by "python build_scripts/dev.py translations"; write the msgstr lines.'
    return "\n".join([comment, 'msgid ""', 'msgstr ""', *(f'"{line}\\n"' for line in lines), "", ""])


def problems(texts: Catalog, translated: Catalog) -> list[str]:
    """Return what keeps a catalogue from being complete and right, a line each."""
    found = [f"stale: {_shown(entry)}" for entry in _messages(translated) if texts.get(entry.id) is None]
    for text in _messages(texts):
        entry = translated.get(text.id)
        if entry is None or not all(_strings(entry)):
            found.append(f"untranslated: {_shown(text)}")
        else:
            found += _differences(text, entry)
    return found


def _differences(text: Message, entry: Message) -> list[str]:
    # The plural text, which comes last, has the placeholders that any number needs.
    original = text.id[-1] if isinstance(text.id, list | tuple) else text.id
    wanted = placeholders(original)
    found = []
    for translation in _strings(entry):
        try:
            given = placeholders(translation)
        except ValueError:
            found.append(f"braces do not match: {_shown(text)}")
            continue
        if given != wanted:
            found.append(f"placeholders differ ({_list(wanted)} / {_list(given)}): {_shown(text)}")
        if _edges(translation) != _edges(original):
            found.append(f"spaces at the ends differ: {_shown(text)}")
    return found


def placeholders(text: str) -> set[str]:
    """Return the names in braces in `text`.

    Raises
    ------
    ValueError
        A brace has no partner.
    """
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _strings(entry: Message) -> tuple[str, ...]:
    return tuple(entry.string) if isinstance(entry.string, list | tuple) else (entry.string or "",)


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _shown(message: Message) -> str:
    text = message.id[0] if isinstance(message.id, list | tuple) else message.id
    where = f" ({message.locations[0][0]})" if message.locations else ""
    return f"{text}{where}"


def main(arguments: Sequence[str]) -> int:
    """Bring every catalogue up to date, or with `--check` only say what is wrong; return the exit status."""
    texts = collect()
    wrong = 0
    for language in LANGUAGES:
        file = FOLDER / language / "coverslip.po"
        known = read(file, language)
        if "--check" not in arguments:
            known = merge(texts, known, language)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(to_text(known, language), encoding="utf-8", newline="\n")
        rows = problems(texts, known)
        print("\n".join(f"{language}: {row}" for row in rows), end="\n" if rows else "")
        say(f"{language}: {len(list(_messages(texts)))} texts, {len(rows)} of them to see to.")
        wrong += len(rows)
    return 1 if wrong and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
