"""What is in an image is what a container would see of its layers, whatever lower ones said."""

import hashlib

import pytest

from tests.support.sboms.layers import GONE, OPAQUE, Folder, Hard, Link, contents_in, paths
from verifier.core.errors import Refused

STATUS = "var/lib/dpkg/status"
OLD, NEW = b"Package: old\n", b"Package: new\n"


def code(error):
    return error.value.reasons[0].code


def test_a_file_is_told_with_its_layer_its_digests_and_what_was_kept(tmp_path):
    found = contents_in(tmp_path, {"etc/motd": b"hello"}, {STATUS: NEW})
    fact = found.files.find(STATUS)
    assert (fact.path, fact.type, fact.size, fact.mode, fact.layer) == (STATUS, "file", len(NEW), 0o644, 1)
    assert found.files.find("etc/motd").layer == 0
    assert found.files.read(STATUS, max_bytes=100) == NEW
    for name in ("sha256", "sha1", "md5"):
        assert found.files.digest(STATUS, name) == hashlib.new(name, NEW).digest()
        assert found.files.digest("etc/motd", name) == hashlib.new(name, b"hello").digest()
    assert found.files.digest(STATUS, "sha512") is None


def test_a_database_that_a_later_layer_replaces_is_the_later_one(tmp_path):
    found = contents_in(tmp_path, {STATUS: OLD}, {STATUS: NEW})
    assert found.files.read(STATUS, max_bytes=100) == NEW
    assert found.files.find(STATUS).layer == 1


def test_a_database_that_a_later_layer_removes_is_not_there_and_its_files_are(tmp_path):
    found = contents_in(tmp_path, {STATUS: OLD, "usr/bin/tool": b"x"}, {STATUS: GONE})
    assert found.files.find(STATUS) is None
    assert paths(found) == ["usr/bin/tool"]
    with pytest.raises(Refused) as error:
        found.files.read(STATUS, max_bytes=100)
    assert code(error) == "input.unreadable"


def test_a_database_below_an_opaque_folder_is_not_there(tmp_path):
    found = contents_in(tmp_path, {STATUS: OLD, f"{STATUS}.d/a": OLD}, {"var/lib/dpkg": OPAQUE, f"{STATUS}.d/b": NEW})
    assert paths(found) == [f"{STATUS}.d/b"]


def test_a_database_that_is_a_folder_is_no_file(tmp_path):
    found = contents_in(tmp_path, {STATUS: OLD}, {STATUS: GONE}, {STATUS: Folder()})
    with pytest.raises(Refused) as error:
        found.files.read(STATUS, max_bytes=100)
    assert code(error) == "input.unreadable"
    assert "directory" in error.value.reasons[0].message


def test_a_hard_link_is_the_file_that_it_names(tmp_path):
    found = contents_in(tmp_path, {STATUS: NEW}, {"copy": Hard(STATUS), "usr/lib/apk/db/installed": Hard(STATUS)})
    fact = found.files.find("copy")
    assert (fact.type, fact.size, fact.layer) == ("file", len(NEW), 1)
    assert found.files.digest("copy", "md5") == hashlib.md5(NEW, usedforsecurity=False).digest()
    assert found.files.read("usr/lib/apk/db/installed", max_bytes=100) == NEW


def test_a_hard_link_keeps_what_it_named_when_that_is_replaced(tmp_path):
    found = contents_in(tmp_path, {STATUS: OLD}, {"lib/apk/db/installed": Hard(STATUS)}, {STATUS: NEW})
    assert found.files.read("lib/apk/db/installed", max_bytes=100) == OLD
    assert found.files.read(STATUS, max_bytes=100) == NEW


def test_both_spellings_of_a_folder_that_is_a_link_lead_to_the_file(tmp_path):
    found = contents_in(tmp_path, {"usr/lib/libc.so": b"c", "lib": Link("usr/lib")})
    assert found.files.find("lib/libc.so") is None
    assert found.files.resolve("lib/libc.so") == found.files.find("usr/lib/libc.so")
    assert found.files.resolve("/lib/libc.so").path == "usr/lib/libc.so"


def test_what_a_later_layer_writes_through_a_link_stands_where_it_leads(tmp_path):
    base = {"usr/lib/a": b"a", "lib": Link("usr/lib")}
    found = contents_in(tmp_path, base, {"lib/apk/db/installed": NEW}, folders=False)
    assert found.files.read("usr/lib/apk/db/installed", max_bytes=100) == NEW
    assert paths(found) == ["lib", "usr/lib/a", "usr/lib/apk/db/installed"]


@pytest.mark.parametrize("target", ["../../../../etc/passwd", "/etc/passwd"])
def test_no_link_leads_out_of_the_root(tmp_path, target):
    found = contents_in(tmp_path, {"var/lib/dpkg/status": Link(target), "etc/passwd": b"root"})
    assert found.files.find(STATUS).type == "symlink"
    assert found.files.resolve(STATUS).path == "etc/passwd"
    with pytest.raises(Refused) as error:
        found.files.read(STATUS, max_bytes=100)
    assert code(error) == "input.unreadable"


def test_links_in_a_circle_lead_nowhere(tmp_path):
    found = contents_in(tmp_path, {"a": Link("b"), "b": Link("a")})
    assert found.files.resolve("a") is None


def test_a_file_of_a_layer_without_folders_is_found_like_any(tmp_path):
    found = contents_in(tmp_path, {f"{STATUS}.d/base": NEW}, folders=False)
    assert found.files.read(f"{STATUS}.d/base", max_bytes=100) == NEW
    assert found.files.find("var/lib/dpkg").type == "directory"


def test_more_than_is_asked_for_is_refused_by_its_size(tmp_path):
    found = contents_in(tmp_path, {STATUS: NEW})
    with pytest.raises(Refused) as error:
        found.files.read(STATUS, max_bytes=3)
    assert code(error) == "input.too-large"


def test_a_file_that_no_reader_wants_was_not_kept(tmp_path):
    found = contents_in(tmp_path, {"etc/shadow": b"root:x"})
    with pytest.raises(Refused) as error:
        found.files.read("etc/shadow", max_bytes=100)
    assert code(error) == "input.unreadable"
    assert "not kept" in error.value.reasons[0].message


def test_what_one_byte_changes_has_another_digest(tmp_path):
    one = contents_in(tmp_path / "one", {"usr/lib/python3/dist-packages/six.py": b"import os\n"})
    two = contents_in(tmp_path / "two", {"usr/lib/python3/dist-packages/six.py": b"import io\n"})
    path = "usr/lib/python3/dist-packages/six.py"
    assert one.files.digest(path, "sha256") != two.files.digest(path, "sha256")


def test_without_its_last_layers_an_image_is_what_it_was(tmp_path):
    layers = ({STATUS: OLD, "a": b"1"}, {"a": GONE}, {STATUS: NEW})
    found = contents_in(tmp_path, *layers, all_layers=True)
    assert [len(each.layers) for each in found.before] == [2, 1]
    assert [paths(each) for each in (found, *found.before)] == [[STATUS], [STATUS], ["a", STATUS]]
    assert [each.files.read(STATUS, max_bytes=100) for each in (found, *found.before)] == [NEW, OLD, OLD]
    assert contents_in(tmp_path / "again", *layers).before == ()
