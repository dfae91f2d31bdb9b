"""Installing: what is refused, what was left half done, and where torch comes from."""

import os
import venv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_scripts.environment import LOCK, Environment, fingerprint, write_stamp
from build_scripts.installation import find_damaged, make_ready, pins, windows_cuda
from build_scripts.problem import SetUpError


@pytest.fixture
def environment(tmp_path):
    venv.create(tmp_path / "venv", with_pip=False, symlinks=os.name != "nt")
    return Environment(tmp_path / "venv", shared=True)


def install_by_hand(environment, name, body="x = 1\n", claimed_size=None):
    """Lay a package into the environment the way an installer does, with the size its RECORD claims."""
    site = next(environment.folder.rglob("site-packages"))
    (site / f"{name}.py").write_bytes(body.encode())
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    size = len(body) if claimed_size is None else claimed_size
    (info / "RECORD").write_text(
        f"{name}.py,,{size}\n__pycache__/{name}.pyc,,7\n{info.name}/METADATA,,\n{info.name}/RECORD,,\n"
    )
    return site / f"{name}.py"


def test_a_package_whose_files_are_all_there_is_whole(environment):
    install_by_hand(environment, "whole")
    assert find_damaged(environment, {"whole": "1.0"}) == []


def test_a_file_cut_short_is_found(environment):
    install_by_hand(environment, "cut_short", claimed_size=4000)
    assert find_damaged(environment, {"cut-short": "1.0", "other": "2"}) == ["cut-short==1.0"]


def test_a_file_that_is_gone_is_found(environment):
    install_by_hand(environment, "gone").unlink()
    assert find_damaged(environment, {"gone": "1.0"}) == ["gone==1.0"]


def test_what_the_lock_does_not_name_is_left_alone(environment):
    install_by_hand(environment, "somebody_s_own").unlink()
    assert find_damaged(environment, {"gone": "1.0"}) == []


def test_a_folder_that_holds_something_else_is_refused_and_kept(tmp_path):
    kept = tmp_path / "thesis.txt"
    kept.write_text("years of work")
    with pytest.raises(SetUpError, match="holds something else"):
        make_ready(Environment(tmp_path, shared=True))
    assert kept.read_text() == "years of work"


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SetUpError, match="cannot be written"):
        make_ready(Environment(tmp_path / "file" / "venv", shared=True))


def test_a_complete_environment_is_left_as_it_is(environment):
    write_stamp(environment, fingerprint(environment))
    before = sorted(environment.folder.iterdir())
    make_ready(environment)
    assert sorted(environment.folder.iterdir()) == before


@pytest.mark.parametrize(
    ("platform", "driver", "expected"),
    [("win32", True, True), ("win32", False, False), ("linux", True, False), ("darwin", False, False)],
)
def test_only_windows_with_a_driver_takes_torch_from_its_own_index(platform, driver, expected):
    assert windows_cuda(lambda name: f"C:/{name}" if driver else None, platform) is expected


NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,12}[a-z0-9]", fullmatch=True)
VERSIONS = st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,4}){0,3}", fullmatch=True)
MARKERS = st.sampled_from(["", " ; sys_platform == 'win32'", "  # why", " ; python_full_version < '3.15'"])


@given(st.dictionaries(NAMES, st.tuples(VERSIONS, MARKERS)))
def test_pins_are_read_whatever_follows_them(packages):
    lock = "# a header with a==1 in it\n" + "".join(
        f"{name}=={version}{marker}\n" for name, (version, marker) in packages.items()
    )
    assert pins(lock) == {name: version for name, (version, _) in packages.items()}


def test_the_lock_pins_what_windows_takes_from_elsewhere():
    assert {"torch", "torchvision"} <= pins(LOCK.read_text(encoding="utf-8")).keys()
