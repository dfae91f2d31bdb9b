"""Watching the processes in which cases run, from outside: what hangs or grows is ended, and the rest goes on."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

MOST_BYTES = 2**30
"""No case may take more than this above what the process held before it."""

_HANGS_S = 30.0
"""The seconds on the wall until a case is taken to hang: what it may compute is measured apart."""

_LOOKS_EVERY_S = 0.02
_REPOSITORY = Path(__file__).resolve().parents[3]


def run_all(ids: Sequence[str], kit: Path, folder: Path, processes: int = 2) -> dict[str, dict[str, Any]]:
    """Return what became of each of these cases."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for one in ids:
        waiting.put(one)
    found: dict[str, dict[str, Any]] = {}
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            _work(waiting, found, kit, folder / str(number))
        except BaseException as error:  # noqa: BLE001  # told to whoever waits
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(processes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return found


def _work(waiting: queue.SimpleQueue[str], found: dict[str, dict[str, Any]], kit: Path, folder: Path) -> None:
    child, started = None, 0
    try:
        while True:
            try:
                case = waiting.get_nowait()
            except queue.Empty:
                return
            if child is None:
                started += 1
                child = _Child(kit, folder / str(started))
            answer = child.ask(case)
            found[case] = answer
            if "ended" in answer:
                child.end()
                child = None
    finally:
        if child is not None:
            child.end()


class _Child:
    def __init__(self, kit: Path, folder: Path) -> None:
        folder.mkdir(parents=True)
        homes = {f"COVERSLIP_{kind}_DIR": str(folder / "home" / kind) for kind in ("CONFIG", "CACHE", "DATA", "LOG")}
        self._log = (folder / "log").open("wb+")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.hostile.child", str(kit), str(folder / "work")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=_REPOSITORY,
            env=os.environ | homes | {"OMP_NUM_THREADS": "1", "no_proxy": "127.0.0.1"},
            text=True,
            encoding="utf-8",
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        if self._answer(2 * _HANGS_S, 2**40) != "ready\n":
            self.end()
            raise AssertionError(f"the process did not start: {self._said()}")

    def ask(self, case: str) -> dict[str, Any]:
        """Return what became of a case; ``ended`` says why the process is gone."""
        assert self._process.stdin is not None
        held = psutil.Process(self._process.pid).memory_info().rss
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()
        line = self._answer(_HANGS_S, held + MOST_BYTES)
        if line.startswith("{"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        return {"id": case, "ended": line or f"the process died: {self._said()}"}

    def _answer(self, patience_s: float, most_bytes: int) -> str:
        end = time.monotonic() + patience_s
        process = psutil.Process(self._process.pid)
        while time.monotonic() < end:
            try:
                return self._lines.get(timeout=_LOOKS_EVERY_S)
            except queue.Empty:
                pass
            try:
                if process.memory_info().rss > most_bytes:
                    return "it took more than 1 GB"
            except psutil.Error:
                continue
        return "it hangs"

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read()[-3000:].decode("utf-8", "replace")

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream is not None:
                stream.close()
