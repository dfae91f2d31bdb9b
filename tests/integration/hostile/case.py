"""What a case of the corpus is: files that a maker writes, and what must become of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Refused:
    """The command ends with one of these codes, and nothing was added."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is bad is told as unreadable or left out, with one of these codes; what is good comes in.

    Attributes
    ----------
    good
        How many images come in and can be read.
    """

    codes: tuple[str, ...]
    good: int = 1


@dataclass(frozen=True, slots=True)
class Sound:
    """It only looks bad: so many images come in, and each can be read."""

    images: int


@dataclass(frozen=True, slots=True)
class Late:
    """Its structure is whole, so it comes in; whoever looks at its pixels is told one of these codes."""

    codes: tuple[str, ...]
    images: int = 2


@dataclass(frozen=True, slots=True)
class Bounded:
    """What is damaged at random: it is refused, or told, with one of these codes, or comes in; and no more than that.

    Attributes
    ----------
    most
        How many samples come in at most.
    """

    codes: tuple[str, ...]
    most: int = 8


Fate = Refused | Recorded | Sound | Late | Bounded


@dataclass(frozen=True, slots=True)
class Place:
    """Where a maker works.

    Attributes
    ----------
    root
        An empty folder, which is imported unless the maker says otherwise.
    trap
        Outside of it: what hostile code would create. It must not be there afterwards.
    kit
        A kit that is whole, to be copied.
    stack
        Ends what the maker started, such as a server.
    """

    root: Path
    trap: Path
    kit: Path
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def around(self) -> Path:
        """The folder around `root`: what lies there is outside of the source."""
        return self.root.parent


@dataclass(frozen=True, slots=True)
class Given:
    """What a maker made, where that is more than the folder.

    Attributes
    ----------
    source
        What is imported, previewed and predicted; None for nothing.
    options
        More words for ``coverslip import``.
    command
        A command line that is run in place of an import.
    """

    source: Path | str | None = None
    options: tuple[str, ...] = ()
    command: tuple[str, ...] = ()


Make = Callable[[Place], Given | None]


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its class and name, the maker, and what must become of it."""

    kind: str
    name: str
    make: Make
    fate: Fate

    @property
    def id(self) -> str:
        """What the test calls it."""
        return f"{self.kind}: {self.name}"


def refused(*codes: str) -> Refused:
    """Return the fate of being refused with one of these codes."""
    return Refused(codes)


def recorded(*codes: str, good: int = 1) -> Recorded:
    """Return the fate of being told, and stopping nothing."""
    return Recorded(codes, good)


def bounded(*codes: str, most: int = 8) -> Bounded:
    """Return the fate of coming in, or being told."""
    return Bounded(codes, most)
