"""Which systems are refused in words, before pip fails in others."""

import pytest

from build_scripts.platforms import System, this_system, why_not


def test_this_system_will_do():
    assert why_not(this_system()) == ""


@pytest.mark.parametrize(
    ("system", "said"),
    [
        (System("darwin", "x86_64", macos=(14, 5)), "Apple chip"),
        (System("darwin", "arm64", macos=(13, 6)), "macOS 14"),
        (System("win32", "arm64"), "64-bit Intel or AMD"),
        (System("linux", "x86_64", glibc=(2, 31)), "glibc 2.31, and Qt needs 2.34"),
        (System("linux", "aarch64", glibc=(2, 36)), "glibc 2.36, and Qt needs 2.39"),
    ],
)
def test_a_system_without_packages_is_told_why(system, said):
    assert said in why_not(system)


@pytest.mark.parametrize(
    "system",
    [
        System("darwin", "arm64", macos=(14, 0)),
        System("win32", "amd64"),
        System("linux", "x86_64", glibc=(2, 34)),
        System("linux", "aarch64", glibc=(2, 40)),
        System("linux", "x86_64"),
        System("linux", "riscv64", glibc=(2, 31)),
    ],
)
def test_a_system_that_may_do_is_left_to_pip(system):
    assert why_not(system) == ""
