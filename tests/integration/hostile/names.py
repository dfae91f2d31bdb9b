"""Names and places that file systems allow and programs stumble over."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

from tests.integration.hostile.case import Case, Fate, Given, Make, Place, Sound, recorded, refused
from tests.support.pictures import png_bytes


def _named(*names: str | bytes, good: bool = True) -> Make:
    def make(place: Place) -> None:
        if good:
            (place.root / "good.png").write_bytes(png_bytes())
        for name in names:
            path = os.path.join(os.fsencode(place.root), os.fsencode(name))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(png_bytes(30, 20))

    return make


def _said_nothing(name: str) -> Make:
    """A file with this name, labelled by its folder, whose name is the label."""
    return _named(f"{name}/a.png", good=False)


_NFD = unicodedata.normalize("NFD", "세포é")
_INVALID = recorded("image_name_invalid")
_NO_LABEL = refused("label_name_invalid")

NAMES: tuple[tuple[str, Make, Fate], ...] = (
    ("newline", _named("a\nb.png"), Sound(2)),
    ("carriage return and tab", _named("a\r\tb.png"), Sound(2)),
    ("bell and escape", _named("a\a\x1b[31mb.png"), Sound(2)),
    ("decomposed", _named(f"{_NFD}.png"), Sound(2)),
    ("composed and decomposed", _named(f"{_NFD}.png", f"{unicodedata.normalize('NFC', _NFD)}.png"), Sound(3)),
    ("255 bytes", _named("n" * 251 + ".png"), Sound(2)),
    ("255 bytes of Korean", _named("가" * 83 + ".png"), Sound(2)),
    ("folders 3,000 letters deep", _named("/".join(["d" * 60] * 45) + "/a.png"), Sound(2)),
    ("bytes that are no Unicode", _named(b"caf\xe9.png"), _INVALID),
    ("half of a surrogate pair", _named(b"a\xed\xa0\x80.png"), _INVALID),
    ("folder that is no Unicode", _named(b"caf\xe9/a.png"), _INVALID),
    ("overlong dots", _named(b"\xc0\xae\xc0\xae.png"), _INVALID),
    ("address of a page", _named("a.tif::page=3"), Sound(1)),
    ("address of a page of an image", _named("a.png::page=1.png", "b::box=1,2,3,4"), Sound(2)),
    ("address of a member", _named("a.tar::member=x.png"), recorded("image_name_reserved")),
    ("leading dash", _named("-rf.png", "--json.png"), Sound(3)),
    ("trailing dot and space", _named("a.png ", "b .png", "c..png"), Sound(3)),
    ("devices of Windows", _named("CON.png", "NUL.png", "COM1.jpg"), Sound(4)),
    ("emoji", _named("🧫🔬.png"), Sound(2)),
    ("override of the direction", _named("a\u202egnp.exe.png"), Sound(2)),
    ("zero width", _named("a\u200b.png", "\ufeffa.png"), Sound(3)),
    ("formula", _named("=cmd|' /C calc'!A0.png"), Sound(2)),
    ("placeholders", _named("{path}%s${x}`id`.png"), Sound(2)),
    ("markup", _named("<img src=x onerror=alert(1)>.png"), Sound(2)),
    ("quotes of SQL", _named("'; DROP TABLE sample; --.png"), Sound(2)),
    ("glob and brackets", _named("[a-z]*?.png"), Sound(2)),
    ("backslashes", _named("x\\..\\a.png"), Sound(2)),
    ("folder with a newline", _said_nothing("a\nb"), _NO_LABEL),
    ("folder of 200 letters", _said_nothing("l" * 200), _NO_LABEL),
    ("folder with an override", _said_nothing("a\u202eb"), _NO_LABEL),
    ("folder of spaces", _said_nothing("   "), _NO_LABEL),
    ("folder called a.jpg", _named("a.jpg/b.png"), Sound(2)),
    ("hidden, and of a desktop", _named(".a.png", "._b.png", "Thumbs.db", "x/.DS_Store"), Sound(1)),
)


def _placed(do: Callable[[Place], object], *, good: bool = True) -> Make:
    def make(place: Place) -> None:
        if good:
            (place.root / "good.png").write_bytes(png_bytes())
        do(place)

    return make


def _secret(place: Place) -> Path:
    path = place.around / "secret.png"
    path.write_bytes(png_bytes(9, 9))
    return path


def _linked(name: str, to: Callable[[Place], str | Path]) -> Make:
    return _placed(lambda place: (place.root / name).symlink_to(to(place)))


def _ring(place: Place) -> None:
    for at in range(40):
        (place.root / f"l{at}.png").symlink_to(f"l{(at + 1) % 40}.png")


def _folder_rings(place: Place) -> None:
    (place.root / "x").mkdir()
    for at in range(8):
        (place.root / "x" / f"up{at}").symlink_to(".." if at % 2 else place.root)


def _sparse(name: str, head: bytes, size: int) -> Make:
    def do(place: Place) -> None:
        with (place.root / name).open("wb") as file:
            file.write(head)
            file.truncate(size)

    return _placed(do)


def _pipe(name: str) -> Make:
    return _placed(lambda place: os.mkfifo(place.root / name))


def _socket(place: Place) -> None:
    import socket

    here = Path.cwd()
    os.chdir(place.root)  # its path may be too long for a socket
    try:
        with socket.socket(socket.AF_UNIX) as open_one:
            open_one.bind("s.png")
    finally:
        os.chdir(here)


def _through(words: str) -> Make:
    return lambda place: Given(words.format(root=place.root))


def _link_to_folder(place: Place) -> Given:
    """The source itself is a link: taken for the folder that it leads to."""
    (place.root / "good.png").write_bytes(png_bytes())
    link = place.around / "link"
    link.symlink_to(place.root)
    return Given(link)


def _project_inside(place: Place) -> None:
    from core.cli.main import main

    (place.root / "good.png").write_bytes(png_bytes())
    main(["new", str(place.root / "inner.coverslip"), "--json"])
    (place.root / "inner.coverslip" / "cache").mkdir(exist_ok=True)
    (place.root / "inner.coverslip" / "cache" / "a.png").write_bytes(png_bytes())


def _wide(place: Place) -> None:
    for at in range(1500):
        (place.root / f"{at}").mkdir()
    (place.root / "good.png").write_bytes(png_bytes())


_GONE = ("image_missing", "image_link_loop", "image_outside")
_LARGE = recorded("image_too_large", "image_hollow", "image_truncated", "image_damaged", "image_unknown_format")
_NO_FILE = recorded("image_not_file")

PLACES: tuple[tuple[str, Make, Fate], ...] = (
    ("link to itself", _linked("a.png", lambda place: "a.png"), recorded("image_link_loop")),
    ("ring of 40 links", _placed(_ring), recorded("image_link_loop", "image_missing")),
    ("folders linked in rings", _placed(_folder_rings), recorded("folder_linked")),
    ("link to nothing", _linked("a.png", lambda place: "gone.png"), recorded("image_missing")),
    ("link to an image outside", _linked("a.png", _secret), recorded("image_outside")),
    ("relative link outside", _linked("a.png", lambda place: f"../{_secret(place).name}"), recorded("image_outside")),
    ("link to passwords", _linked("a.png", lambda place: "/etc/passwd"), recorded("image_outside")),
    ("link to memory", _linked("a.png", lambda place: "/dev/zero"), recorded("image_outside", "image_not_file")),
    ("link to a folder outside", _linked("x", lambda place: place.around), recorded("folder_linked")),
    ("link to all of the disk", _linked("x.png", lambda place: "/"), recorded("folder_linked")),
    ("pipe called png", _pipe("a.png"), _NO_FILE),
    ("pipe called tif", _pipe("a.tif"), _NO_FILE),
    ("pipe called dcm", _pipe("a.dcm"), _NO_FILE),
    ("pipe called svs", _pipe("a.svs"), _NO_FILE),
    ("pipe called mp4", _pipe("a.mp4"), Sound(1)),
    ("pipe called npz", _pipe("a.npz"), Sound(1)),
    ("pipe called tar", _pipe("a.tar"), Sound(1)),
    ("pipe called csv", _pipe("labels.csv"), Sound(1)),
    ("pipe called json", _pipe("labels.json"), Sound(1)),
    ("pipe called xlsx", _pipe("labels.xlsx"), Sound(1)),
    ("pipe of IDX", _pipe("train-images-idx3-ubyte"), Sound(1)),
    ("pipe of CIFAR", _pipe("data_batch_1"), Sound(1)),
    ("socket", _placed(_socket), _NO_FILE),
    ("jpeg of 1.9 GB of holes", _sparse("a.jpg", b"\xff\xd8\xff\xe0", 1900 * 2**20), _LARGE),
    ("png of 1.9 GB of holes", _sparse("a.png", png_bytes()[:60], 1900 * 2**20), _LARGE),
    ("tiff of 1.9 GB of holes", _sparse("a.tif", b"II*\0\x08\0\0\0", 1900 * 2**20), _LARGE),
    (
        "dicom of 1.9 GB of holes",
        _sparse("a.dcm", bytes(128) + b"DICM", 1900 * 2**20),
        _LARGE,
    ),
    (
        "slide of 1.9 GB of holes",
        _sparse("a.svs", b"II*\0\x08\0\0\0", 1900 * 2**20),
        _LARGE,
    ),
    ("png of 8 TB of holes", _sparse("a.png", png_bytes()[:60], 2**43), _LARGE),
    ("table of 1.9 GB of holes", _sparse("labels.csv", b"path,label\n", 1900 * 2**20), Sound(1)),
    ("json of 1.9 GB of holes", _sparse("labels.json", b"{", 1900 * 2**20), Sound(1)),
    ("jsonl of 500 MB of holes", _sparse("labels.jsonl", b"{}\n", 500 * 2**20), Sound(1)),
    ("spreadsheet of 500 MB of holes", _sparse("labels.xlsx", b"PK\x03\x04", 500 * 2**20), Sound(1)),
    ("parquet of 500 MB of holes", _sparse("metadata.parquet", b"PAR1", 500 * 2**20), Sound(1)),
    ("source that is not there", _through("{root}/gone"), refused("source_missing")),
    ("source with a null", _through("{root}/a\0b"), refused("source_missing")),
    ("source that is a device", _through("/dev/zero"), refused("source_not_folder")),
    ("source that is empty", _through("{root}"), refused("source_no_images")),
    ("source that is a link", _link_to_folder, Sound(1)),
    ("project inside", _project_inside, Sound(1)),
    ("1,500 empty folders", _wide, Sound(1)),
)

CASES: tuple[Case, ...] = (
    *(Case("name", name, make, fate) for name, make, fate in NAMES),
    *(Case("place", name, make, fate) for name, make, fate in PLACES),
)
