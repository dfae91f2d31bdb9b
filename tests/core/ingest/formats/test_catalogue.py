"""The files of a tree as columns: the same as a sorted list of them, whatever their names and order."""

from hypothesis import given
from hypothesis import strategies as st

from core.images.trees import TreeFile
from core.ingest.formats.catalogue import Catalogue

# Names as file systems have them: with parts that are no Unicode too.
names = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=12)
paths = st.builds(
    lambda parts, end: "/".join(parts) + end,
    st.lists(names, min_size=1, max_size=3),
    st.sampled_from(["", ".jpg", ".CSV"]),
)
files = st.lists(
    st.builds(TreeFile, paths, st.integers(0, 2**62), st.integers(-(2**62), 2**62)), unique_by=lambda file: file.path
)


@given(files)
def test_a_catalogue_is_the_sorted_list_of_its_files(found):
    catalogue, expected = Catalogue(found), sorted(found, key=lambda file: file.path)
    assert list(catalogue) == expected
    assert [catalogue[at] for at in range(len(catalogue))] == expected
    assert catalogue[1:3] == expected[1:3]
    for file in found:
        assert catalogue.get(file.path) == file
    assert catalogue.get("no/such/file") is None


@given(files)
def test_images_and_others_are_told_apart_and_stay_sorted(found):
    catalogue = Catalogue(found)
    images, others = list(catalogue.images), list(catalogue.others)
    assert sorted(images + others, key=lambda file: file.path) == list(catalogue)
    assert all(file.path.lower().endswith(".jpg") for file in images)
    assert list(catalogue.images[:2]) == images[:2]


@given(files.filter(bool))
def test_a_subset_has_the_files_and_what_is_below_the_folders(found):
    first = min(file.path for file in found)
    expected = [file for file in Catalogue(found) if file.path == first or file.path.startswith(f"{first}/")]
    assert list(Catalogue(found).subset([first])) == expected
