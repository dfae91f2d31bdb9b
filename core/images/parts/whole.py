"""What a part is a part of, and how a row of the table of parts looks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path

from core.domain.address import parse_address
from core.images.formats import Raw
from core.images.opened import OpenFiles
from core.images.trees import Tree
from core.paths import atomic_write


@dataclass(frozen=True, slots=True)
class Whole:
    """A file of a tree, or a part that holds further parts.

    Attributes
    ----------
    path
        Its address in `tree`.
    read_bytes, read_raw
        Read what an address of the tree stands for.
    """

    tree: Tree
    path: str
    read_bytes: Callable[[Tree, str], bytes]
    read_raw: Callable[[Tree, str], Raw]

    @property
    def opened(self) -> OpenFiles:
        """What the tree's readers keep open."""
        return self.tree.opened

    def data(self) -> bytes:
        """Return its bytes."""
        return self.read_bytes(self.tree, self.path)

    def raw(self) -> Raw:
        """Return its pixels."""
        return self.read_raw(self.tree, self.path)

    def key(self, kind: str) -> Hashable:
        """Return under which key something made of it is kept: another one when the file changes."""
        return kind, self.path, self.tree.stamp(parse_address(self.path).container)

    def local(self) -> Path:
        """Return a real file that holds its bytes: itself, or a copy of what is inside of another file."""
        if parse_address(self.path).part is None:
            return self.tree.local(self.path)
        name = hashlib.blake2b(repr((self.tree.root, self.key(""))).encode(), digest_size=16).hexdigest()
        file = self.tree.scratch / "parts" / f"{name}{Path(self.path).suffix}"
        if not file.is_file():
            with atomic_write(file) as part:
                part.write_bytes(self.data())
        return file


@dataclass(frozen=True, slots=True)
class PartSpec:
    """One kind of part.

    Attributes
    ----------
    name
        A key of `core.domain.address.PART_VALUES`.
    raw
        Gives the pixels; the address's `file` is the `Whole`'s path. Raises `Fault` or whatever a decoder raises.
    data
        Gives the bytes, where the part is a file of its own (then `raw` decodes them), or None; None itself for a kind
        of part that never is.
    bare_digest
        Whether the content digest is that of the bare pixels, as of old; otherwise their shape counts too.
    """

    name: str
    raw: Callable[[Whole, str], Raw]
    data: Callable[[Whole, str], bytes | None] | None = None
    bare_digest: bool = False
