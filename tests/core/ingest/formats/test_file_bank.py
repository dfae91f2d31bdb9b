"""Paths, sizes and times of any number of files: more than are sorted at a time, and more than stay in memory."""

import random
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

from core.images.trees import TreeFile
from core.ingest.formats.file_bank import FileBank


def _files(count):
    return [TreeFile(f"folder {at % 7}/image {at:07}.jpg", at, -at) for at in range(count)]


def test_files_in_any_order_come_sorted_by_their_paths():
    files = _files(20_001)
    expected = sorted(files, key=lambda file: file.path)
    random.Random(1).shuffle(files)
    bank = FileBank(files)
    assert list(bank) == expected
    assert list(bank.all_paths()) == [file.path for file in expected]
    assert all(bank.file(bank.find(file.path)) == file for file in files[::50])
    assert [bank.find(path) for path in ("", "folder 3", "folder 3/image", "z")] == [None] * 4


def test_any_thread_may_ask():
    files = _files(20_001)
    bank = FileBank(files)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda file: bank.file(bank.find(file.path)), files, chunksize=100))
    assert found == files


def test_memory_does_not_grow_with_the_number_of_files():
    def held(count):
        tracemalloc.start()
        try:
            bank = FileBank(TreeFile(f"a folder/image {at % 997:03} {at:07}.jpg", at, at) for at in range(count))
            assert bank.count == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert held(48_000) < held(16_000) + 2**20
