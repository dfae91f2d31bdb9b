from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.address import Address, is_reserved, parse_address

VALUES = {
    "page": "3",
    "plane": "z3,t0",
    "box": "-4,0,64,32",
    "frame": "120",
    "member": "inner/a.jpg",
    "item": "test_images/17",
    "tile": "0,0,256,256,1",
}


@pytest.mark.parametrize(("part", "value"), VALUES.items())
def test_each_part_is_read_and_written(part, value):
    path = f"dir/file.x::{part}={value}"
    assert parse_address(path) == Address("dir/file.x", part, value)
    assert str(parse_address(path)) == path
    assert parse_address(path).container == "dir/file.x"


def test_parts_follow_each_other():
    address = parse_address("shard.tar::member=a/b.tif::page=2::box=0,0,5,5")
    assert (address.part, address.value) == ("box", "0,0,5,5")
    assert parse_address(address.file) == Address("shard.tar::member=a/b.tif", "page", "2")
    assert address.container == "shard.tar"


@pytest.mark.parametrize(
    "path", ["a.png", "a::b.png", "a.tif::page=x", "a.tif::page=", "::page=1", "a.png::colour=1", "a.png::box=1,2,3",
             "a.tif::plane=3", "a.svs::tile=0,0,1,1", "a.npz::item=b/c/1", "a.tif::page=1234567890"]
)  # fmt: skip
def test_what_is_no_part_is_a_file(path):
    assert parse_address(path) == Address(path)
    assert not is_reserved(path)


@given(st.text(max_size=60))
def test_every_text_is_an_address_and_comes_back(path):
    assert str(parse_address(path)) == path


@given(st.text(st.characters(exclude_characters=":"), min_size=1), st.sampled_from(sorted(VALUES.items())))
def test_every_file_may_have_parts(file, part):
    address = Address(file, *part)
    assert parse_address(str(address)) == address
    assert is_reserved(str(address))
