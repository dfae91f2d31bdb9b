"""The digest by which an image's content is known: BLAKE2b with 128 bits, in hexadecimal."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

_DIGEST_BYTES: Final = 16
_BLOCK_BYTES: Final = 2**20


def file_digest(path: Path) -> str:
    """Return the digest of a file's bytes: 32 hexadecimal digits; raises `OSError`."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def bytes_digest(data: bytes | memoryview) -> str:
    """Return the digest of bytes at hand: 32 hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()
