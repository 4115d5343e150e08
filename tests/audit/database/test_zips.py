"""Zips of records: what is in them is known before anything is unpacked."""

import io
import os
import stat
import struct
import zipfile

import pytest

from tests.support.audit.databases import about, bytes_of, code_of, info, make, zip_of
from verifier.audit.database.fetched import zipped
from verifier.core.errors import Refused

JINJA = about("jinja2")


def with_member(path, name, content=b"{}", **attributes):
    """A zip with one good record, and a member of these attributes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("PYSEC-2099-1.json", bytes_of(JINJA))
        member = zipfile.ZipInfo(name)
        member.compress_type = zipfile.ZIP_DEFLATED
        for each, value in attributes.items():
            setattr(member, each, value)
        archive.writestr(member, content)
    return path


def patched(path, old: bytes, new: bytes):
    """The zip with some of its bytes changed, each time that they stand there."""
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    return path


def refusal(tmp_path, path, **how):
    return code_of(make, tmp_path / "db", path, **how)


@pytest.mark.parametrize("skip", [False, True], ids=["strict", "skipping"])
class TestRefusedWhole:
    @pytest.mark.parametrize(
        "name",
        [
            "../a.json",
            "/a.json",
            "a/../b.json",
            "a//b.json",
            "C:a.json",
            "a\\b.json",
            "./a.json",
            "a\x1b.json",
            "..",
            "\u202ea.json",
        ],
    )
    def test_a_name_that_climbs_or_hides(self, tmp_path, name, skip):
        path = with_member(tmp_path / "all.zip", name)
        assert refusal(tmp_path, path, skip_invalid=skip) == "archive.unsafe-name"

    def test_a_name_that_goes_on_behind_a_null_byte(self, tmp_path, skip):
        path = patched(with_member(tmp_path / "all.zip", "a.json-x.exe"), b"a.json-x.exe", b"a.json\0x.exe")
        assert refusal(tmp_path, path, skip_invalid=skip) == "archive.unsafe-name"

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_a_name_that_stands_twice(self, tmp_path, skip):
        path = with_member(tmp_path / "all.zip", "PYSEC-2099-1.json", bytes_of(about("flask")))
        assert refusal(tmp_path, path, skip_invalid=skip) == "archive.duplicate-member"

    def test_a_zip_within(self, tmp_path, skip):
        path = with_member(tmp_path / "all.zip", "more.zip", b"PK\3\4")
        assert refusal(tmp_path, path, skip_invalid=skip) == "archive.special-member"

    @pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK])
    def test_a_link_or_a_device(self, tmp_path, kind, skip):
        path = with_member(tmp_path / "all.zip", "a.json", b"/etc/passwd", external_attr=(kind | 0o777) << 16)
        assert refusal(tmp_path, path, skip_invalid=skip) == "archive.special-member"

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_another_method_than_deflate(self, tmp_path, method, skip):
        path = with_member(tmp_path / "all.zip", "a.json", compress_type=method)
        assert refusal(tmp_path, path, skip_invalid=skip) == "archive.special-member"

    def test_what_is_encrypted(self, tmp_path, skip):
        path = with_member(tmp_path / "all.zip", "a.json")
        content = bytearray(path.read_bytes())
        content[content.rindex(b"PK\1\2") + 8] |= 1
        path.write_bytes(content)
        assert refusal(tmp_path, path, skip_invalid=skip) == "archive.special-member"

    def test_members_that_share_bytes(self, tmp_path, skip):
        """As D. Fifield's bombs do: one kernel under a thousand names."""
        path = with_member(tmp_path / "all.zip", "a.json", os.urandom(100))
        content = bytearray(path.read_bytes())
        content[content.rindex(b"PK\1\2") + 42 : content.rindex(b"PK\1\2") + 46] = struct.pack("<I", 0)
        path.write_bytes(content)
        assert refusal(tmp_path, path, skip_invalid=skip) == "archive.bomb"

    def test_what_unpacks_to_a_hundred_times_its_size(self, tmp_path, monkeypatch, skip):
        monkeypatch.setattr(zipped, "_FREE_BYTES", 1_000_000)
        path = with_member(tmp_path / "all.zip", "a.json", b" " * 2_000_000)
        assert refusal(tmp_path, path, skip_invalid=skip) == "archive.bomb"

    def test_more_members_than_anybody_has(self, tmp_path, monkeypatch, skip):
        monkeypatch.setattr(zipped, "MAX_MEMBERS", 1)
        assert (
            refusal(tmp_path, with_member(tmp_path / "all.zip", "a"), skip_invalid=skip) == "archive.too-many-members"
        )

    def test_a_damaged_member(self, tmp_path, skip):
        path = zip_of(tmp_path / "all.zip", about("jinja2", details="x" * 1000))
        content = bytearray(path.read_bytes())
        content[120] ^= 0x55
        path.write_bytes(content)
        assert refusal(tmp_path, path, skip_invalid=skip) in {"archive.bad-checksum", "archive.truncated"}

    @pytest.mark.parametrize("behind", [14, 16, 24], ids=["checksum", "crc in list", "length"])
    def test_a_list_that_says_something_else_of_a_member(self, tmp_path, behind, skip):
        path = zip_of(tmp_path / "all.zip", JINJA)
        content = bytearray(path.read_bytes())
        at = content.rindex(b"PK\1\2") + behind
        content[at] ^= 0x01
        path.write_bytes(content)
        found = refusal(tmp_path, path, skip_invalid=skip)
        assert found in {"archive.bad-checksum", ""} if behind == 14 else found == "archive.bad-checksum"

    def test_a_member_under_another_name_than_in_the_list(self, tmp_path, skip):
        path = zip_of(tmp_path / "all.zip", JINJA)
        content = path.read_bytes()
        at = content.index(b"PYSEC-2099-1.json")
        path.write_bytes(content[:at] + b"PYSEC-2099-9.json" + content[at + 17 :])
        assert refusal(tmp_path, path, skip_invalid=skip) == "archive.malformed"

    def test_something_before_it(self, tmp_path, skip):
        path = zip_of(tmp_path / "all.zip", JINJA)
        path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
        assert refusal(tmp_path, path, skip_invalid=skip) == "archive.malformed"

    def test_an_empty_zip(self, tmp_path, skip):
        assert refusal(tmp_path, zip_of(tmp_path / "all.zip"), skip_invalid=skip) == "archive.malformed"

    def test_a_zip_without_records(self, tmp_path, skip):
        path = zip_of(tmp_path / "all.zip", **{"README.md": b"x"})
        assert refusal(tmp_path, path, skip_invalid=skip) == "vulnerability.record-invalid"


def test_cut_off_anywhere_it_is_refused(tmp_path):
    whole = zip_of(tmp_path / "all.zip", JINJA, about("flask", "A-2")).read_bytes()
    for number in range(20):
        (tmp_path / "cut.zip").write_bytes(whole[: len(whole) * number // 20])
        assert refusal(tmp_path, tmp_path / "cut.zip", skip_invalid=True).startswith("archive."), number
    assert not (tmp_path / "db").exists()


def test_wherever_a_byte_is_changed_it_is_refused_or_the_same(tmp_path):
    whole = zip_of(tmp_path / "all.zip", JINJA).read_bytes()
    make(tmp_path / "good.db", tmp_path / "all.zip")
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 0x20
        (tmp_path / "changed.zip").write_bytes(changed)
        found = refusal(tmp_path, tmp_path / "changed.zip")
        if found:
            assert found.startswith(("archive.", "input.too-large", "vulnerability.record-invalid")), at
        else:
            assert info(tmp_path / "db").digest == info(tmp_path / "good.db").digest, at


def test_a_record_that_is_too_large_is_not_unpacked(tmp_path):
    path = with_member(tmp_path / "all.zip", "a.json", b" " * (10 * 1024 * 1024 + 1))
    assert refusal(tmp_path, path) == "input.too-large"


def test_a_stored_member_and_a_folder_are_read(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.mkdir("PyPI")
        archive.writestr("PyPI/PYSEC-2099-1.json", bytes_of(JINJA))
        archive.writestr(".hidden.json", b"{")
        archive.writestr("LICENSE", b"x")
    (tmp_path / "all.zip").write_bytes(buffer.getvalue())
    imported = make(tmp_path / "db", tmp_path / "all.zip")
    assert (imported.records, imported.passed_over) == (1, 2)


def test_a_zip64_is_read(tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "all.zip", "w") as archive,
        archive.open(zipfile.ZipInfo("PYSEC-2099-1.json"), "w", force_zip64=True) as member,
    ):
        member.write(bytes_of(JINJA))
    assert make(tmp_path / "db", tmp_path / "all.zip").records == 1


@pytest.mark.parametrize(
    "changed", [{"name": "../a.json"}, {"name": "a.zip"}, {"name": "a.json", "external_attr": stat.S_IFLNK << 16}]
)
def test_what_to_do_about_a_zip_of_records_speaks_of_records(tmp_path, changed):
    path = with_member(tmp_path / "all.zip", **changed)
    with pytest.raises(Refused) as refused:
        make(tmp_path / "db", path)
    assert "import th" in refused.value.reasons[0].hint
