"""A kit that is whole verifies; whatever was done to it since is found."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, UserError
from core.inference.verify import Failure, verify_kit
from core.kit import layout
from core.kit.golden import read_golden, write_expected, write_golden_image
from core.kit.proof import TOLERANCES, read_proof
from core.progress import CancelToken, Progress


def refusal(kit: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        verify_kit(kit)
    return caught.value


def sign_again(kit: Path, **other) -> None:
    """Write the digests as they are now: what somebody does who wants a false kit to look whole."""
    (kit / layout.PROOF).rename(kit.parent / "proof.json")
    proof = read_proof(kit.parent / "proof.json").model_copy(update={"files": layout.digests(kit), **other})
    (kit / layout.PROOF).write_text(proof.to_text(), encoding="utf-8")


def test_a_whole_kit_verifies(built_kit):
    report = verify_kit(built_kit)
    assert report.ok
    assert report.n == report.argmax_equal == 12
    assert report.max_abs_dp <= 1e-5
    assert report.failed == []
    assert json.dumps(asdict(report))


def test_a_kit_verifies_wherever_it_is_copied(built_kit, tmp_path):
    moved = tmp_path / "다른 곳" / "kit (2)"
    shutil.copytree(built_kit, moved)
    assert verify_kit(moved).ok


@pytest.mark.parametrize("name", [layout.MODEL, layout.METADATA, layout.LABELS, layout.EXPECTED, layout.README])
def test_one_changed_byte_is_found_and_named(kit, name):
    path = kit / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    error = refusal(kit)
    assert error.code == "kit_damaged"
    assert name in error.message


@pytest.mark.parametrize("name", layout.REQUIRED)
def test_a_missing_file_is_named(kit, name):
    (kit / name).unlink()
    error = refusal(kit)
    assert error.code == "kit_incomplete"
    assert name in error.message


def test_a_truncated_model_is_found_before_it_is_opened(kit):
    content = (kit / layout.MODEL).read_bytes()
    (kit / layout.MODEL).write_bytes(content[: len(content) // 2])
    assert refusal(kit).code == "kit_damaged"


def test_a_damaged_proof_is_told(kit):
    (kit / layout.PROOF).write_text("{", encoding="utf-8")
    assert refusal(kit).code == "kit_damaged"


def test_missing_and_changed_golden_images_fail_alone(kit):
    (kit / "golden/0003.png").unlink()
    (kit / "golden/0004.png").write_bytes(b"not a picture")
    write_golden_image(kit, 5, np.zeros((4, 4, 3), np.uint8))
    report = verify_kit(kit)
    assert not report.ok
    assert report.failed == [
        Failure("golden/0003.png", "missing"),
        Failure("golden/0004.png", "changed"),
        Failure("golden/0005.png", "changed"),
    ]
    assert report.n == 12
    assert report.argmax_equal == 9


def test_answers_that_differ_are_found_even_where_every_digest_fits(kit):
    golden = read_golden(kit, 3)
    probabilities = golden.probabilities.copy()
    probabilities[2] = np.roll(probabilities[2], 1)
    probabilities[7] += np.array([3e-4, -3e-4, 0], np.float32)
    write_expected(kit, golden.names, golden.logits, probabilities)
    sign_again(kit)
    report = verify_kit(kit)
    assert not report.ok
    stages = {failure.sample: failure.stage for failure in report.failed}
    assert stages["golden/0002.png"] == "label"
    assert stages["golden/0007.png"] in {"label", "probability"}
    assert report.max_abs_dp > 1e-4


def test_a_proof_cannot_allow_more_than_an_export_does(kit):
    golden = read_golden(kit, 3)
    probabilities = golden.probabilities.copy()
    probabilities[7] += np.array([3e-3, -3e-3, 0], np.float32)
    write_expected(kit, golden.names, golden.logits, probabilities)
    sign_again(kit, tolerance=0.9, tie_margin=0.9)
    report = verify_kit(kit)
    assert [failure.sample for failure in report.failed] == ["golden/0007.png"]
    assert report.tolerance == TOLERANCES["fp32"].probability


def test_golden_samples_cannot_be_dropped_unnoticed(kit):
    golden = read_golden(kit, 3)
    write_expected(kit, golden.names[:2], golden.logits[:2], golden.probabilities[:2])
    sign_again(kit)
    assert refusal(kit).params["name"] == layout.EXPECTED
    for name in golden.names[2:]:
        (kit / name).unlink()
    sign_again(kit)
    assert refusal(kit).params["name"] == layout.EXPECTED


@pytest.mark.parametrize("name", ["notes.txt", "../proof.json", "/etc/hosts"])
def test_what_a_proof_lists_must_be_in_the_kit(kit, name):
    files = read_proof(kit / layout.PROOF).files
    sign_again(kit, files={**files, name: "0" * 64})
    assert refusal(kit).params["name"] == name


def test_metadata_that_says_other_than_the_model_is_found(kit):
    path = kit / layout.METADATA
    path.write_text(path.read_text(encoding="utf-8").replace("round", "other"), encoding="utf-8")
    sign_again(kit)
    assert refusal(kit).params["name"] == layout.METADATA


def test_a_folder_that_is_no_kit_and_none_at_all_are_told(tmp_path):
    assert refusal(tmp_path).code == "kit_not_one"
    assert refusal(tmp_path / "nowhere").code == "kit_missing"


def test_verifying_can_be_stopped(built_kit):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        verify_kit(built_kit, progress=Progress(token=token))
