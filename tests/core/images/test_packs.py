from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, settings
from hypothesis import strategies as st

from core.images.packs import keep, load


@settings(max_examples=30)
@given(pieces=st.dictionaries(st.text(max_size=20), st.binary(max_size=200), max_size=20))
def test_what_is_kept_is_found_again(tmp_path_factory, pieces):
    folder = tmp_path_factory.mktemp("packs")
    for name, piece in pieces.items():
        assert load(folder, name) is None
        keep(folder, name, piece)
    assert {name: load(folder, name) for name in pieces} == pieces


def test_the_last_piece_of_a_name_counts(tmp_path):
    keep(tmp_path, "a", b"first")
    keep(tmp_path, "a", b"second")
    assert load(tmp_path, "a") == b"second"


def test_threads_that_keep_at_once_do_not_mix_their_pieces(tmp_path):
    pieces = {f"piece {n}": bytes([n % 256]) * (100 + n) for n in range(400)}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda item: keep(tmp_path, *item), pieces.items()))
    assert {name: load(tmp_path, name) for name in pieces} == pieces


def test_damaged_packs_only_mean_that_nothing_was_kept(tmp_path):
    keep(tmp_path, "a", b"a piece of some length")
    (pack,), (listed,) = tmp_path.glob("*.pack"), tmp_path.glob("*.list")
    whole, places = pack.read_bytes(), listed.read_bytes()
    for damaged in (b"", whole[:-1], whole[:-3] + b"\0\0\0", b"\0" * len(whole)):
        pack.write_bytes(damaged)
        assert load(tmp_path, "a") is None
    pack.write_bytes(whole)
    for damaged in (b"", places[:-1], b"x" + places):
        listed.write_bytes(damaged)
        assert load(tmp_path, "a") is None
    listed.write_bytes(places)
    assert load(tmp_path, "a") == b"a piece of some length"


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    keep(tmp_path / "file", "a", b"piece")
    assert load(tmp_path / "file", "a") is None
