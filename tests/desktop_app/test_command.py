"""What ``coverslip`` does with its arguments before there is a window."""

import pytest

from core.cli.demo import demo_paths, demo_project
from desktop_app.__main__ import main, shows_the_demo


@pytest.mark.skipif("sys.platform != 'linux'", reason="other systems always have a display")
def test_the_demo_ends_with_the_window_only_on_a_display():
    assert shows_the_demo([], {"DISPLAY": ":0"})
    assert shows_the_demo(["--dir", "x"], {"WAYLAND_DISPLAY": "wayland-0"})
    assert not shows_the_demo([], {})
    for quiet in ("--headless", "--json", "--help"):
        assert not shows_the_demo([quiet], {"DISPLAY": ":0"})


def test_the_window_opens_on_the_project_the_demo_made(tmp_path):
    assert demo_project(["--dir", str(tmp_path)]) == demo_paths(tmp_path).project
    assert demo_project([]) == demo_paths(None).project


def test_the_window_is_named_in_the_help_and_takes_no_options(capsys):
    assert main(["--help"]) == 0
    assert "app " in capsys.readouterr().out
    assert main(["app", "--help"]) == 0
    assert main(["app", "--json"]) == 1
