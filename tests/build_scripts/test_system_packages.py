"""What is missing on a Linux, and the line that brings it."""

import shlex

import pytest

from build_scripts.system_packages import (
    DISPLAY_LIBRARIES,
    FONTS,
    INSTALLERS,
    LIBRARIES,
    VENV,
    can_load,
    find_installer,
    has_display,
    has_hangul_font,
    missing,
)

APT, DNF, PACMAN = INSTALLERS


def test_a_complete_system_lacks_nothing():
    assert missing(display=True, loads=lambda _: True, hangul=lambda: True) == []


def test_a_bare_system_lacks_everything_without_a_display_only_what_headless_qt_loads():
    assert missing(display=False, loads=lambda _: False, hangul=lambda: False) == [*LIBRARIES, FONTS]
    assert missing(display=True, loads=lambda _: False, hangul=lambda: True) == [*LIBRARIES, *DISPLAY_LIBRARIES]


def test_only_what_is_missing_is_named():
    lacking = missing(display=True, loads=lambda name: name != "libxcb-cursor.so.0", hangul=lambda: True)
    assert [need.apt for need in lacking] == ["libxcb-cursor0"]


def test_the_line_for_debian():
    needs = [LIBRARIES[0], FONTS]
    assert APT.line(needs, root=True) == (
        "apt-get update && apt-get install -y --no-install-recommends libegl1 fonts-nanum"
    )
    assert APT.line(needs, root=False) == (
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends libegl1 fonts-nanum"
    )


def test_the_lines_for_fedora_and_arch_name_a_package_once():
    assert DNF.line(LIBRARIES[:2], root=False) == "sudo dnf install -y libglvnd-egl libglvnd-glx"
    assert PACMAN.line(LIBRARIES[:2], root=False) == "sudo pacman -S --needed --noconfirm libglvnd"


@pytest.mark.parametrize("installer", INSTALLERS, ids=lambda each: each.name)
@pytest.mark.parametrize("need", [*LIBRARIES, *DISPLAY_LIBRARIES, FONTS, VENV], ids=lambda each: each.what)
def test_every_installer_has_a_package_for_every_need(installer, need):
    (package,) = installer.packages([need])
    assert package
    assert shlex.split(installer.line([need], root=True))[-1] == package


@pytest.mark.parametrize(("there", "name"), [("apt-get", "apt"), ("dnf", "dnf"), ("pacman", "pacman")])
def test_the_package_manager_is_recognised(there, name):
    found = find_installer(lambda program: f"/usr/bin/{program}" if program == there else None)
    assert found is not None
    assert found.name == name


def test_an_unknown_system_has_no_installer():
    assert find_installer(lambda _: None) is None


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("win32", {}, True),
        ("darwin", {}, True),
    ],
)
def test_a_display_is_known_by_the_platform_and_its_variables(platform, variables, expected):
    assert has_display(variables, platform) is expected


def test_a_library_that_does_not_exist_cannot_be_loaded():
    assert not can_load("libcoverslip-of-nowhere.so.1")


def test_fonts_are_known_by_their_names_where_fontconfig_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert not has_hangul_font([str(tmp_path)])
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "NanumGothic.ttf").write_bytes(b"")
    assert has_hangul_font([str(tmp_path)])
