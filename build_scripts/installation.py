"""Makes the virtual environment and fills it from the pinned lock.

An interrupted set-up goes on where it stopped: pip skips what is whole, and what it had half written is found (its
RECORD names files that are not there) and installed again. The stamp is written last.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Final

from build_scripts.environment import (
    CHECKOUT,
    LOCK,
    Environment,
    fingerprint,
    is_ready,
    read_stamp,
    write_stamp,
)
from build_scripts.platforms import this_system, why_not
from build_scripts.problem import SetUpError, say, succeeds

# For Windows the registry's torch computes on the CPU only; PyTorch's own index has the build for NVIDIA.
CUDA_INDEX: Final = "https://download.pytorch.org/whl/cu130"
DISK_NEEDED_GB: Final = 9.0
_GUARD: Final = "coverslip-setup.lock"

# Run inside the environment: prints the names of the packages whose files are not all there in full.
_FIND_DAMAGED: Final = """
import importlib.metadata, json
def whole(file):
    path = file.locate()
    return file.suffix == ".pyc" or path.is_file() and (file.size is None or path.stat().st_size == file.size)
print(json.dumps([d.name for d in importlib.metadata.distributions()
                  if d.name and not (d.files and all(whole(f) for f in d.files))]))
"""


def make_ready(environment: Environment, *, cuda_index: bool | None = None) -> None:
    """Make and fill the environment as far as that is still to do.

    Parameters
    ----------
    cuda_index
        Whether torch is to come from PyTorch's own index; by default what `windows_cuda` says.

    Raises
    ------
    SetUpError
        The system is too old, the folder holds something else or cannot be written, or pip could not install.
    """
    if is_ready(environment):
        return
    if complaint := why_not(this_system()):
        raise SetUpError(complaint)
    with _one_at_a_time(environment):
        wanted, done = fingerprint(environment), read_stamp(environment)
        if not _usable(environment):
            _create(environment)
            done = {}
        if done.get("packages") != wanted["packages"]:
            environment.stamp.unlink(missing_ok=True)
            _install_packages(environment, cuda_index=windows_cuda() if cuda_index is None else cuda_index)
            done = {"packages": wanted["packages"]}
            write_stamp(environment, done)
        if done.get("coverslip") != wanted["coverslip"]:
            _pip(environment, "install", "--quiet", "--no-deps", "--no-build-isolation", "-e", str(CHECKOUT))
            write_stamp(environment, wanted)
    say(f"Coverslip is set up in {environment.folder}.")


def windows_cuda(find: Callable[[str], str | None] = shutil.which, platform: str = sys.platform) -> bool:
    """Say whether torch is to come from PyTorch's own index: on Windows with an NVIDIA driver."""
    return platform == "win32" and find("nvidia-smi") is not None


def pins(lock_text: str) -> dict[str, str]:
    """Return the version of every package in a lock, by name, markers aside."""
    found = {}
    for line in lock_text.splitlines():
        name, equals, rest = line.split("#")[0].partition("==")
        if equals:
            found[name.strip()] = rest.split(";")[0].strip()
    return found


def find_damaged(environment: Environment, pinned: Mapping[str, str]) -> list[str]:
    """Return the pinned packages, as `name==version`, that are installed with files missing or cut short."""
    command = [str(environment.python), "-c", _FIND_DAMAGED]
    answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    names = {_canonical(name) for name in json.loads(answer.stdout)} if answer.returncode == 0 else set()
    return sorted(f"{name}=={version}" for name, version in pinned.items() if _canonical(name) in names)


def _canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _usable(environment: Environment) -> bool:
    return environment.python.exists() and succeeds([str(environment.python), "-c", "import pip"])


def _create(environment: Environment) -> None:
    entries = [entry for entry in environment.folder.iterdir() if entry.name != _GUARD]
    if entries and not (environment.folder / "pyvenv.cfg").is_file():
        raise SetUpError(
            f"{environment.folder} holds something else than a virtual environment. "
            "Name another folder in COVERSLIP_VENV, or empty this one."
        )
    for entry in entries:
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    say(f"Making the virtual environment {environment.folder}.")
    command = [sys.executable, "-m", "venv", str(environment.folder)]
    if subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode:
        raise SetUpError(
            "The virtual environment could not be made; the message is above. "
            "Put that right, then run the same command again."
        )


def _install_packages(environment: Environment, *, cuda_index: bool) -> None:
    free_gb = shutil.disk_usage(environment.folder).free / 1e9
    if free_gb < DISK_NEEDED_GB:
        say(f"Only {free_gb:.1f} GB are free on the disk; a first set-up needs about {DISK_NEEDED_GB:.0f} GB.")
    say("Installing the pinned packages. The first time, this downloads about 4 GB and takes some minutes.")
    pinned = pins(LOCK.read_text(encoding="utf-8"))
    if cuda_index:
        torch = [f"{name}=={pinned[name]}" for name in ("torch", "torchvision")]
        _pip(environment, "install", "--no-deps", "--index-url", CUDA_INDEX, *torch)
    _pip(environment, "install", "--no-deps", "-r", str(LOCK))
    damaged = find_damaged(environment, pinned)
    if damaged:
        say(f"Installing again what an interrupted set-up left half done: {', '.join(damaged)}.")
        _pip(environment, "install", "--no-deps", "--force-reinstall", *damaged)


def _pip(environment: Environment, *arguments: str) -> None:
    command = [str(environment.python), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    if subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode:
        raise SetUpError(
            "The packages could not be installed; pip's own message is above. Check the network and the free "
            "disk space, then run the same command again: it goes on where it stopped."
        )


@contextmanager
def _one_at_a_time(environment: Environment) -> Iterator[None]:
    """Let one set-up at a time into a folder; the system lifts the lock however the process ends."""
    try:
        environment.folder.mkdir(parents=True, exist_ok=True)
        handle = (environment.folder / _GUARD).open("a+b")
    except OSError as error:
        raise SetUpError(f"{environment.folder} cannot be written ({error.strerror}).") from error
    with handle:
        told = False
        while not _locked(handle):
            if not told:
                say(f"Another set-up is working in {environment.folder}; waiting for it.")
                told = True
            time.sleep(0.5)
        yield


def _locked(handle: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
