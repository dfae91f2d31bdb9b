"""The documents keep what they promise: links lead somewhere, and no command or dependency is forgotten."""

import re
import tomllib
from pathlib import Path

import pytest

from build_scripts.lock import requirements, weights
from build_scripts.verbs import VERBS
from core.backbones.table import BACKBONES
from core.cli.commands import COMMANDS
from core.version import VERSION

REPOSITORY = Path(__file__).resolve().parent.parent
DOCUMENTS = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


def text_of(name):
    return (REPOSITORY / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(document):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_is_in_the_contract(command):
    assert f"`coverslip {command.name}" in text_of("docs/command-line.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_is_shown_exists(document):
    known = {command.name for command in COMMANDS} | {"app"}
    shown = re.findall(r"(?m)(?:^|`)coverslip ([a-z]+)\b", document.read_text(encoding="utf-8"))
    assert set(shown) <= known
    verbs = re.findall(r"dev\.py ([a-z]+)", document.read_text(encoding="utf-8"))
    assert set(verbs) <= {verb.name for verb in VERBS}


@pytest.mark.parametrize("requirement", [*requirements(PROJECT), *weights(PROJECT)])
def test_every_dependency_has_its_reason(requirement):
    name = re.split(r"[^A-Za-z0-9-]", requirement)[0]
    if name.startswith("types-"):
        return
    assert name.lower() in text_of("ARCHITECTURE.md").lower()


def test_the_version_is_the_same_everywhere_and_has_its_changes():
    assert PROJECT["project"]["version"] == VERSION
    assert f"## [{VERSION}]" in text_of("CHANGELOG.md")


@pytest.mark.parametrize("spec", [spec for spec in BACKBONES.values() if spec.bundled], ids=lambda spec: spec.name)
def test_every_backbone_that_comes_along_has_its_licence_text(spec):
    assert (REPOSITORY / "resources" / "licences" / f"{spec.name}.txt").read_text(encoding="utf-8").strip()
