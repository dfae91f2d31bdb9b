from __future__ import annotations

import hashlib

from core.images.hashing import bytes_digest, file_digest


def test_a_file_and_its_bytes_have_the_same_digest(tmp_path):
    data = bytes(range(256)) * 10_000
    path = tmp_path / "a"
    path.write_bytes(data)
    expected = hashlib.blake2b(data, digest_size=16).hexdigest()
    assert file_digest(path) == bytes_digest(data) == expected
    assert len(expected) == 32
