"""The table of commands: name, what it does, and the module that does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.translation import mark


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """One command. Its module has ``add_arguments(parser)`` and ``run(args, console) -> Result``."""

    name: str
    summary: str
    module: str


COMMANDS: Final[tuple[CommandSpec, ...]] = (
    CommandSpec("app", mark("open the window, on a project if one is given"), "core.cli.app"),
    CommandSpec("demo", mark("do the whole main job on the sample set, end to end"), "core.cli.demo"),
    CommandSpec("new", mark("create a project"), "core.cli.new"),
    CommandSpec("info", mark("count a project's images, labels, splits, groups and runs"), "core.cli.info"),
    CommandSpec("import", mark("add the images of a folder to a project"), "core.cli.import_"),
    CommandSpec("relink", mark("find images that moved, and mark those that are missing"), "core.cli.relink"),
    CommandSpec("label", mark("give images a label"), "core.cli.label"),
    CommandSpec("labels", mark("list labels; make, rename, merge, order and nest them"), "core.cli.labels"),
    CommandSpec("task", mark("say whether an image has one label or any number"), "core.cli.task"),
    CommandSpec("tag", mark("put a tag on images, or take it off"), "core.cli.tag"),
    CommandSpec("mark", mark("call images uncertain or ungradable"), "core.cli.mark"),
    CommandSpec("exclude", mark("leave images out of everything, or take them in again"), "core.cli.exclude"),
    CommandSpec("pin", mark("keep images and their groups in a split"), "core.cli.pin"),
    CommandSpec("views", mark("list the saved views; keep, rename and forget them"), "core.cli.views"),
    CommandSpec("suggest", mark("suggest labels for the images that have none"), "core.cli.suggest"),
    CommandSpec("undo", mark("take back the latest edit"), "core.cli.undo"),
    CommandSpec("redo", mark("make the undone edit again"), "core.cli.redo"),
    CommandSpec("revert", mark("take back one edit of long ago"), "core.cli.revert"),
    CommandSpec("history", mark("list the edits, compare two days, or prove the ledger"), "core.cli.history"),
    CommandSpec("split", mark("assign images to train, val and test, groups whole"), "core.cli.split"),
    CommandSpec("check", mark("find what is wrong with the data set: labels, duplicates, images"), "core.cli.check"),
    CommandSpec("reading", mark("let second readers label blinded, and say how far they agree"), "core.cli.reading"),
    CommandSpec("backbones", mark("list the backbones and where their weights are"), "core.cli.backbones"),
    CommandSpec("train", mark("train a classifier"), "core.cli.train"),
    CommandSpec("runs", mark("list the runs of a project"), "core.cli.runs"),
    CommandSpec("evaluate", mark("judge a run on val and test"), "core.cli.evaluate"),
    CommandSpec("export", mark("write a run as an ONNX kit for others, with its proof"), "core.cli.export"),
    CommandSpec("dataset", mark("write the images and their labels as a data set for other tools"), "core.cli.dataset"),
    CommandSpec("verify", mark("repeat the proof of a kit"), "core.cli.verify"),
    CommandSpec("predict", mark("predict the labels of the images in a folder"), "core.cli.predict"),
)
