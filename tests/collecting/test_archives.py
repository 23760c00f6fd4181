"""Zips that are not what they seem: refused in words, and the rest of what they hold is read."""

import io
import stat
import struct
import unicodedata
import zipfile

import pytest

from autograder.collecting.archives import ArchiveLimits, SourceFile, SourceProblem, UnreadableFile, list_source, list_zip, with_zips_opened
from tests.collecting.made_up import write_zip, zipped, zipped_with_raw_names

LIMITS = ArchiveLimits(file_bytes=1000, total_bytes=5000)


def listed(data):
    return list_zip(io.BytesIO(data), LIMITS)


def paths(listing):
    return [entry.path for entry in listing.entries]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/etc/passwd", "absolute"),
        ("C:\\Users\\ada.ipynb", "absolute"),
        ("../../ada.ipynb", "leads out"),
        ("a/..\\..\\b.ipynb", "leads out"),
        ("a\nb.ipynb", "cannot be printed"),
        ("x" * 201, "too long"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused_and_the_rest_is_read(name, words):
    listing = listed(zipped({name: b"x", "good.ipynb": b"y"}))
    assert paths(listing) == ["good.ipynb"]
    assert words in listing.refused[0][1]


def test_a_link_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo("ada.ipynb")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert listed(file.getvalue()).refused == [("ada.ipynb", "is a link")]


def test_a_folders_links_are_refused(tmp_path):
    (tmp_path / "a.ipynb").write_text("{}")
    (tmp_path / "link.ipynb").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/etc")
    listing = list_source(tmp_path, LIMITS)
    assert paths(listing) == ["a.ipynb"]
    assert sorted(listing.refused) == [("folder", "is a link"), ("link.ipynb", "is a link")]


def test_a_bomb_is_not_unpacked():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.ipynb", bytes(10**7))
    (entry,) = listed(file.getvalue()).entries
    with pytest.raises(UnreadableFile, match="would take 10 MiB, more than"):
        entry.read()


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_either():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.ipynb", bytes(10**7))
    data = file.getvalue().replace(struct.pack("<L", 10**7), struct.pack("<L", 500))
    (entry,) = listed(data).entries
    with pytest.raises(UnreadableFile, match="cannot be unpacked"):
        entry.read()


def test_zips_in_zips_are_opened_a_few_deep():
    data = {"deep.ipynb": b"x"}
    for depth in range(5):
        data = {f"{depth}.zip": zipped(data), "beside.txt": b"y"}
    found = with_zips_opened([SourceFile("top.zip", lambda: zipped(data))], ArchiveLimits(10**5, 10**6))
    assert paths(found) == ["top/4/3/beside.txt", "top/4/beside.txt", "top/beside.txt"]
    assert found.refused == [("top/4/3/2.zip", "lies within more than 3 other zips")]


def test_damaged_encrypted_and_missing_zips_are_said(tmp_path):
    (tmp_path / "torn.zip").write_bytes(zipped({"a": b"x"})[:-10])
    with pytest.raises(SourceProblem, match=r"torn\.zip is no zip that can be read"):
        list_source(tmp_path / "torn.zip", LIMITS)
    with pytest.raises(SourceProblem, match="is not there"):
        list_source(tmp_path / "none.zip", LIMITS)
    locked = bytearray(zipped({"a.ipynb": b"x"}))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UnreadableFile, match="is encrypted"):
        listed(bytes(locked)).entries[0].read()


def test_names_in_any_encoding_come_out_composed(tmp_path):
    name = "Zoë Müller - 01.ipynb"
    assert paths(listed(zipped({unicodedata.normalize("NFD", name): b""}))) == [name]
    for encoding in ("utf-8", "cp437", "latin-1"):
        assert paths(listed(zipped_with_raw_names({name.encode(encoding): b"", b"plain.txt": b""}))) == [name, "plain.txt"]


def test_what_systems_leave_behind_is_counted_and_passed_over(tmp_path):
    files = {"a.ipynb": b"", "__MACOSX/._a.ipynb": b"", ".DS_Store": b"", "x/.ipynb_checkpoints/a-checkpoint.ipynb": b""}
    listing = list_source(write_zip(tmp_path / "a.zip", files), LIMITS)
    assert (paths(listing), listing.passed_over) == (["a.ipynb"], 3)
