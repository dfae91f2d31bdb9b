"""The lock: complete for what the project asks, one version each, and free of any address."""

import re
import tomllib

import pytest

from build_scripts.environment import CHECKOUT, LOCK
from build_scripts.installation import pins
from build_scripts.lock import compose, requirements, weights

TEXT = LOCK.read_text(encoding="utf-8")
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))


def test_everything_the_project_asks_for_is_pinned():
    asked = {re.split(r"[^A-Za-z0-9-]", line)[0].lower() for line in requirements(PROJECT)}
    assert asked <= pins(TEXT).keys()


def test_every_line_pins_one_version():
    lines = [line for line in TEXT.splitlines() if line and not line.startswith("#")]
    assert all(re.match(r"[a-z0-9-]+==[0-9][^ ]*( ; .+)?$", line) for line in lines)
    assert len(lines) == len(pins(TEXT))


def test_the_weights_are_pinned_last_and_resolved_by_nobody():
    assert TEXT.endswith("\n".join(weights(PROJECT)) + "\n")
    assert not set(weights(PROJECT)) & set(requirements(PROJECT))


def test_no_address_and_no_digest_is_in_it():
    assert not re.search(r"://|--index|--find-links|--hash|\bfile:", TEXT)


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_each_system_gets_exactly_one_onnxruntime(system):
    from packaging.markers import Marker

    lines = [line for line in TEXT.splitlines() if line.startswith("onnxruntime")]
    taken = [line for line in lines if Marker(line.split(";")[1]).evaluate({"sys_platform": system})]
    expected = "onnxruntime==" if system == "darwin" else "onnxruntime-gpu=="
    assert [line.startswith(expected) for line in taken] == [True]


def test_a_lock_is_composed_without_the_resolver_s_comments():
    text = compose("# made by\n    # via x\nnumpy==2.4.6\n\n", ["weights==1.0"])
    assert [line for line in text.splitlines() if line and not line.startswith("#")] == ["numpy==2.4.6", "weights==1.0"]
