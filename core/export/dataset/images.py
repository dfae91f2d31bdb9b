"""Getting one image out of its source: the file copied or linked as it is, or its pixels written without loss.

One thing must stay true: what is a file of its own is never encoded anew.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np

from core.domain.address import parse_address
from core.errors import UnreadableImage, UserError
from core.export.dataset.spec import Files, Stored
from core.images.contents import facts_of
from core.images.decode import ImageInfo
from core.images.formats import PEEK_BYTES, Raw, sniff
from core.images.hashing import bytes_digest
from core.images.parts.table import read_raw
from core.images.reader import ImageReader
from core.images.trees import FOLDER, NOT_ALLOWED, UNREACHABLE

_OF_THE_NETWORK: Final = {UNREACHABLE: "remote_unreachable", NOT_ALLOWED: "remote_not_allowed"}
_SEVERAL_FILES: Final = (".mrxs", ".vms", ".vmu")
"""Whole slides that are more than the file that names them: of those the reduced picture is written."""
_BLOCK_BYTES: Final = 2**22
_SUFFIXES: Final = {
    "jpeg": ".jpg",
    "png": ".png",
    "tiff": ".tif",
    "gif": ".gif",
    "webp": ".webp",
    "jpeg2000": ".jp2",
    "heic": ".heic",
    "bmp": ".bmp",
    "dicom": ".dcm",
}
_CANNOT_LINK: Final = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS, errno.EACCES})


class ImageStore:
    """Reads images of a project's sources; any thread may use it."""

    def __init__(self, reader: ImageReader, files: Files) -> None:
        self._reader = reader
        self._files = files
        self._resolved: dict[tuple[int, str], str] = {}

    @property
    def links(self) -> bool:
        """Whether files are linked: that is done sooner than handed to a thread."""
        return self._files is not Files.COPY

    def put(self, source_id: int, path: str, target: str, modified_ns: int) -> Stored:
        """Write the image at an address of a source to `target`, which does not exist.

        Parameters
        ----------
        modified_ns
            When the file was last written, in ns since 1970; 0: not known.

        Raises
        ------
        UnreadableImage
            Where this one image cannot be had.
        UserError
            ``dataset_cannot_link`` where the file system has no such links; ``remote_unreachable`` or
            ``remote_not_allowed``, which hold for all images of a server.
        OSError
            Where `target` cannot be written.
        """
        if not _is_file(path):
            stored = self.get(source_id, path)
            Path(target).write_bytes(stored.data)
            return Stored(made=stored.made)
        local, seen = self._found(source_id, path)
        if self._files is Files.COPY or self._reader.kind(source_id) != FOLDER:
            _copy(local, target, modified_ns)
        else:
            if not seen and not os.path.isfile(local):  # noqa: PTH113
                raise UnreadableImage("image_missing", path=local)
            _link(local, target, self._files)
        return Stored()

    def get(self, source_id: int, path: str) -> Stored:
        """Return the bytes of the image at an address: its own, or its pixels as a file; raises as `put`."""
        try:
            if _is_file(path):
                return Stored(self._local(source_id, path).read_bytes())
            data = self._reader.encoded(source_id, path)
            if data is not None:
                return Stored(data)
            tree = self._reader.tree(source_id)
            return Stored(encode_pixels(read_raw(tree, path), facts_of(tree, path)), made=True)
        except UnreadableImage as error:
            raise self._for_all(source_id, error) from error
        except OSError as error:
            raise _unreadable(error, path) from error

    def suffix(self, source_id: int, path: str) -> str:
        """Return the suffix of an image file that has no name, by its first bytes; empty for all others."""
        address = parse_address(path)
        if address.part != "item" or not address.file.lower().endswith(".parquet"):
            return ""
        try:
            kind = sniff((self._reader.encoded(source_id, path) or b"")[:PEEK_BYTES])
        except UnreadableImage:
            return ""
        return _SUFFIXES.get(kind or "", "")

    def _local(self, source_id: int, path: str) -> Path:
        try:
            return self._reader.tree(source_id).local(path)
        except UnreadableImage as error:
            raise self._for_all(source_id, error) from error

    def _found(self, source_id: int, path: str) -> tuple[str, bool]:
        """Return where a file is, without links on the way, and whether it was seen there; raises as `put`.

        Of a folder that a file before it was found in, only the file itself can be a link, and is looked at.
        """
        if self._reader.kind(source_id) != FOLDER:
            return str(self._local(source_id, path)), False
        folder, _, name = path.rpartition("/")
        known = self._resolved.get((source_id, folder))
        if known is not None and name not in ("", ".", "..") and _is_plain(f"{known}/{name}"):
            return f"{known}/{name}", True
        local = self._local(source_id, path)
        real = os.path.realpath(local)
        if os.name == "posix" and _is_plain(str(local)):
            self._resolved[source_id, folder] = real.rpartition("/")[0]
        return real, False

    def _for_all(self, source_id: int, error: UnreadableImage) -> UserError:
        """Return the error itself, or what it means for every image of the source."""
        if error.code not in _OF_THE_NETWORK:
            return error
        root = self._reader.tree(source_id).root
        return UserError(_OF_THE_NETWORK[error.code], url=root, reason=error.message)


def encode_pixels(raw: Raw, facts: ImageInfo | None = None) -> bytes:
    """Return pixels as a file that gives them back exactly: PNG for grey and RGB of 8 or 16 bits, TIFF for others.

    TIFF says, as OME does, what `facts` tells of the size of the pixels and the names of the channels.
    """
    channels = 1 if raw.ndim == 2 else raw.shape[2]
    if channels in (1, 3) and raw.dtype in (np.uint8, np.uint16):
        import imagecodecs

        return bytes(imagecodecs.png_encode(np.ascontiguousarray(raw), level=4))
    from tifffile import imwrite

    out = io.BytesIO()
    said = _ome(raw, facts)
    if said:
        planes = raw if raw.ndim == 2 else np.ascontiguousarray(np.moveaxis(raw, -1, 0))
        imwrite(out, planes, photometric="minisblack", compression="zlib", ome=True, metadata=said)
        return out.getvalue()
    layout = {} if raw.ndim == 2 else {"planarconfig": "contig"}
    imwrite(out, raw, photometric="minisblack", compression="zlib", metadata=None, **layout)
    return out.getvalue()


def _ome(raw: Raw, facts: ImageInfo | None) -> dict[str, Any]:
    """Return what OME's XML is to say of the pixels; nothing where nothing is known."""
    if facts is None or not (facts.pixel_size_um or facts.channel_names):
        return {}
    # Otherwise one by chance: the same pixels would be another file each time.
    said: dict[str, Any] = {"axes": "YX" if raw.ndim == 2 else "CYX", "UUID": str(UUID(bytes_digest(raw.tobytes())))}
    if facts.pixel_size_um:
        for axis, size in zip("XY", facts.pixel_size_um, strict=True):
            said |= {f"PhysicalSize{axis}": size, f"PhysicalSize{axis}Unit": "µm"}
    if len(facts.channel_names) == (1 if raw.ndim == 2 else raw.shape[2]):
        said["Channel"] = {"Name": list(facts.channel_names)}
    return said


def _is_file(path: str) -> bool:
    return ("::" not in path or parse_address(path).part is None) and not path.lower().endswith(_SEVERAL_FILES)


def _is_plain(path: str) -> bool:
    """Whether there is a file that is no link."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _copy(local: str, target: str, modified_ns: int) -> None:
    try:
        source = os.open(local, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise _unreadable(error, local) from error
    with open(source, "rb", buffering=0) as stream, open(target, "xb", buffering=0) as copy:  # noqa: PTH123
        # Most images are small: one read and one write each.
        try:
            block = stream.read(_BLOCK_BYTES)
        except OSError as error:
            raise _unreadable(error, local) from error
        while block:
            written = copy.write(block)
            block = block[written:] or stream.read(_BLOCK_BYTES)
    if modified_ns:
        os.utime(target, ns=(modified_ns, modified_ns))


def _link(local: str, target: str, files: Files) -> None:
    try:
        if files is Files.HARDLINK:
            os.link(local, target)
        else:
            os.symlink(local, target)  # noqa: PTH211
    except OSError as error:
        if error.errno in _CANNOT_LINK or os.name == "nt":
            raise UserError("dataset_cannot_link", path=local, files=str(files), reason=str(error)) from error
        raise
    except NotImplementedError as error:
        raise UserError("dataset_cannot_link", path=local, files=str(files), reason=str(error)) from error


def _unreadable(error: OSError, path: str) -> UnreadableImage:
    gone = error.errno in (errno.ENOENT, errno.ENOTDIR)
    return UnreadableImage("image_missing" if gone else "image_denied", path=path)
