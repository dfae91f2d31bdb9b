"""Work that is killed: run as ``python -m tests.support.victims VERB PROJECT MOMENTS SEED``.

The modules are imported once; each moment forks a child that does the work, and kills it after a random time. What
must hold afterwards is checked by the test, between moments, over a pipe: the driver prints a line when a child was
killed and waits for one before the next.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from core.cli.main import main as command
from core.progress import Progress
from core.store.edits import set_label
from core.store.project import Project

N_LABELLED = 5


def edit_of(step: int, n_samples: int) -> tuple[list[int], str]:
    """Return the samples and the label of edit number `step` (from 1)."""
    rng = random.Random(step)
    return sorted(rng.sample(range(1, n_samples + 1), N_LABELLED)), f"label {step % 7}"


def label(project: Path) -> None:
    """Label without end; each committed edit is noted in a file beside the project."""
    with Project.open(project) as opened, (project.parent / "committed").open("a") as notes:
        from core.store.ledger import history
        from core.store.samples import counts

        step, n_samples = len(history(opened, limit=10**6)), counts(opened).samples
        while True:
            step += 1
            ids, name = edit_of(step, n_samples)
            set_label(opened, ids, name)
            print(step, file=notes, flush=True)


def import_images(project: Path) -> None:
    """Import the images beside the project, again and again."""
    from core.ingest.importer import import_source
    from core.ingest.rules import parse_group_rule, parse_label_rule

    with Project.open(project) as opened:
        while True:
            import_source(
                opened,
                project.parent / "images",
                labels=parse_label_rule("folder"),
                groups=parse_group_rule(None),
                progress=Progress(),
            )


def train(project: Path) -> None:
    """Go on with the run that can be resumed, or begin one."""
    from core.domain.runs import RESUMABLE
    from core.store.runs import runs

    with Project.open(project) as opened:
        known = [run.id for run in runs(opened) if run.state in RESUMABLE]
    settings = ["preset=balanced", "size=32", "epochs=10", "batch_size=8", "patience=0", "augmentation=none"]
    options = ["--resume", str(known[0])] if known else [word for pair in settings for word in ("--set", pair)]
    command(["train", str(project), *options])


def export(project: Path) -> None:
    """Export run 1 beside the project, replacing what is there."""
    while True:
        command(["export", str(project), "1", str(project.parent / "kit"), "--overwrite"])


VERBS: dict[str, tuple[Callable[[Path], None], float]] = {
    "label": (label, 0.6),
    "import": (import_images, 1.0),
    "train": (train, 6.0),
    "export": (export, 20.0),
}


def drive(verb: str, project: Path, moments: int, seed: int) -> None:
    """Fork, wait a random time, kill, tell; once for each moment."""
    work, longest_s = VERBS[verb]
    rng = random.Random(seed)
    for _ in range(moments):
        pid = os.fork()
        if pid == 0:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            work(project)
            os._exit(0)
        time.sleep(rng.uniform(0.01, longest_s))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        print("killed", flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    if sys.argv[1] in ("train", "export"):
        # Imported before the forks, and used only after them: no thread of theirs is lost in a fork.
        import core.export.exporter
        import core.training.session  # noqa: F401
    drive(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
