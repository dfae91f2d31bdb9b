"""Collecting what a data set says of its images, and what is wrong with it, into an offer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.domain.samples import Split
from core.images.trees import Tree
from core.ingest.assign import natural_key
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.names import References, boxed, usable_label
from core.ingest.formats.spec import Entry, ImportOptions, Offer, Problem


class Gathering:
    """Collects entries; one address is taken once, with all the labels that are said of it.

    Attributes
    ----------
    references
        Finds images by the names that the data set uses.
    problems
        What was left out, and why.
    """

    def __init__(self, tree: Tree, files: Catalogue, options: ImportOptions) -> None:
        self.references = References(file.path for file in files.images)
        self.problems: list[Problem] = []
        self.multi = False
        self._tree = tree
        self._margin = options.margin
        self._entries: dict[str, Entry] = {}
        self._labels: dict[str, None] = {}

    def declare(self, names: Iterable[object]) -> None:
        """Note the labels in the order in which the data set declares them."""
        self._labels |= dict.fromkeys(name for text in names if (name := usable_label(text)) is not None)

    def image(self, name: object, base: str = "") -> str | None:
        """Return the image that a name means; None, and a problem, where it means none or several."""
        found = self.references.find(name, base) if isinstance(name, str) and name.strip() else []
        if len(found) != 1:
            self.problem(name, "table_file_unclear" if found else "image_missing")
            return None
        return found[0]

    def problem(self, place: object, code: str) -> None:
        """Note what is wrong, and where."""
        self.problems.append((str(place)[:300] or "–", code))

    def add(
        self,
        path: str,
        labels: Sequence[object] | None,
        *,
        group: str | None = None,
        split: Split = Split.NONE,
        tags: Sequence[str] = (),
    ) -> None:
        """Take an image with its labels; those that cannot be names are problems."""
        names = None if labels is None else tuple(dict.fromkeys(filter(None, (self._label(path, x) for x in labels))))
        before = self._entries.get(path)
        if before is not None and names is not None and before.labels is not None:
            names = tuple(dict.fromkeys(before.labels + names))
        self.multi = self.multi or (names is not None and len(names) > 1)
        self._labels |= dict.fromkeys(names or ())
        self._entries[path] = Entry(path, names, group, split, tuple(tags))

    def box(
        self,
        path: str,
        box: tuple[float, float, float, float],
        label: object,
        *,
        split: Split,
        tags: Sequence[str] = (),
    ) -> None:
        """Take a box of an image, with the margin that the user wants; the image is its group."""
        address = boxed(path, box, self._margin)
        if address is None:
            self.problem(path, "image_box_outside")
            return
        self.add(address, None if label is None else [label], group=path, split=split, tags=tags)

    def offer(self, format: str, *, declared: bool = True) -> Offer:
        """Return what was collected; the labels as declared, or in their natural order."""
        labels = list(self._labels)
        used = {name for entry in self._entries.values() for name in entry.labels or ()}
        names = labels if declared else sorted(used, key=natural_key)
        entries = sorted(self._entries.values(), key=lambda entry: entry.path.partition("::")[0])
        return Offer(format, self._tree, entries, tuple(names), self.multi, self.problems)

    def _label(self, path: str, text: object) -> str | None:
        name = usable_label(text)
        if name is None:
            self.problem(path, "label_unusable")
        return name
