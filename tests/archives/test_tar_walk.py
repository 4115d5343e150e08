"""Members, their names, and the end of the archive."""

import pytest

from tests.support.archives.tars import (
    COMPAT,
    END,
    A,
    B,
    codes,
    contents,
    gz,
    header,
    member,
    pax,
    read,
    record,
    warned,
)


class TestEnd:
    def test_missing_end_blocks_are_refused(self):
        assert codes(read, gz(A, end=b"")) == ["archive.truncated"]
        assert warned(gz(A, end=b"")) == ["archive.truncated"]

    def test_a_single_end_block_is_refused(self):
        assert codes(read, gz(A, end=bytes(512))) == ["archive.truncated"]
        assert read(gz(A, end=bytes(512)), mode=COMPAT).body_end == len(A)

    def test_a_zero_block_between_members_is_refused_in_both_modes(self):
        content = gz(A, bytes(512), B)
        assert codes(read, content) == codes(read, content, mode=COMPAT) == ["archive.malformed"]

    def test_data_after_the_end_blocks_are_refused(self):
        content = gz(A, END, B)
        assert codes(read, content) == ["archive.trailing-data"]
        assert len(read(content, mode=COMPAT).members) == 1

    def test_a_broken_last_block_is_refused(self):
        assert codes(read, gz(A, end=bytes(1025))) == ["archive.truncated"]

    def test_padding_to_a_record_is_accepted_and_more_is_not(self):
        assert codes(read, gz(A, end=bytes(10240))) == []
        assert codes(read, gz(A, end=bytes(512 * 1024))) == ["archive.trailing-data"]

    def test_a_member_that_is_cut_off_is_refused_in_both_modes(self):
        for cut in (100, 512, 521):
            content = gz(A[:cut], end=b"")
            assert codes(read, content) == codes(read, content, mode=COMPAT) == ["archive.truncated"]

    @pytest.mark.parametrize("cut", [522, 600, 1023])
    def test_padding_that_is_cut_off_is_refused(self, cut):
        content = gz(A[:cut], end=b"")
        assert codes(read, content) == ["archive.truncated"]
        archive = read(content, mode=COMPAT)
        assert (contents(archive), bytes(archive.tar)) == ([("/a.rego", b"package a\n")], A)

    def test_bytes_hidden_in_padding_are_refused(self):
        content = gz(member(b"/a", b"x", padding=b"\1"))
        assert codes(read, content) == ["archive.malformed"]
        assert warned(content) == ["archive.malformed"]

    def test_bytes_hidden_in_the_padding_of_the_last_member_are_seen_without_end_blocks(self):
        assert "archive.malformed" in warned(gz(member(b"/a", b"x", padding=b"\1"), end=b""))


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [b"./a", b"../a", b"/../a", b"a/../b", b"a/./b", b"a//b", b"//a", b"a\\b", b"a\nb", b"a\x1b[31mb", b"a\x7f"]
        + [each.encode() for each in ("a\u202eb", "a\u0085b", "a\u2066b", "\ufeffa", "a\u2028b")],
    )
    def test_unsafe_names_are_refused(self, name):
        content = gz(pax(record(b"path", name)), member(b"x"))
        assert codes(read, content) == ["archive.unsafe-name"]
        assert warned(content) == ["archive.unsafe-name"]

    @pytest.mark.parametrize("name", [b"a/", b"/", b"", b"\xff"])
    def test_names_that_make_readers_part_are_refused_in_both_modes(self, name):
        content = gz(member(name))
        assert codes(read, content) == codes(read, content, mode=COMPAT) == ["archive.unsafe-name"]

    def test_a_name_longer_than_the_limit_is_refused(self):
        content = gz(pax(record(b"path", b"a" * 1025)), member(b"x"))
        assert codes(read, content) == ["archive.unsafe-name"]

    def test_a_name_deeper_than_the_limit_is_refused(self):
        content = gz(pax(record(b"path", b"a/" * 64 + b"b")), member(b"x"))
        assert codes(read, content) == ["archive.unsafe-name"]

    def test_directories_need_safe_names_too(self):
        assert codes(read, gz(member(b"../", kind=b"5"))) == ["archive.unsafe-name"]
        assert codes(read, gz(member(b"a/", kind=b"5"), member(b"b", kind=b"5"))) == []

    def test_the_same_name_twice_is_refused_in_both_modes(self):
        assert codes(read, gz(A, A)) == codes(read, gz(A, A), mode=COMPAT) == ["archive.duplicate-member"]

    def test_a_leading_slash_does_not_make_another_name(self):
        assert codes(read, gz(member(b"a"), member(b"/a"))) == ["archive.duplicate-member"]

    @pytest.mark.parametrize(("one", "other"), [("a", "A"), ("é", "e\u0301"), ("ß", "ss"), ("\u212a", "k")])
    def test_names_equal_but_for_case_and_composition_are_refused(self, one, other):
        content = gz(member(one.encode()), member(other.encode()))
        assert codes(read, content) == ["archive.duplicate-member"]
        assert warned(content) == ["archive.duplicate-member"]

    def test_all_findings_are_listed_not_only_the_first(self):
        content = gz(member(b"../a"), member(b"b", kind=b"2"), A, A)
        expected = ["archive.unsafe-name", "archive.special-member", "archive.duplicate-member"]
        assert codes(read, content) == expected

    def test_findings_are_bounded(self):
        assert len(codes(read, gz(*(member(b"../%d" % each) for each in range(300))))) == 100


class TestMembers:
    @pytest.mark.parametrize("kind", [b"1", b"2", b"3", b"4", b"6", b"7", b"A", b"V", b"\xff"])
    def test_special_members_are_refused_and_skipped_by_opa(self, kind):
        content = gz(member(b"link", kind=kind, link=b"/etc/passwd"), A)
        assert codes(read, content) == ["archive.special-member"]
        assert contents(read(content, mode=COMPAT)) == [("/a.rego", b"package a\n")]

    @pytest.mark.parametrize("kind", [b"S", b"K"])
    def test_sparse_files_and_long_links_are_refused_in_both_modes(self, kind):
        content = gz(member(b"s", kind=kind), A)
        assert codes(read, content) == codes(read, content, mode=COMPAT) == ["archive.special-member"]

    def test_a_size_in_a_link_hides_nothing(self):
        inner = header(b"link", 1024, kind=b"2")
        assert contents(read(gz(inner, A), mode=COMPAT)) == [("/a.rego", b"package a\n")]

    def test_a_directory_with_a_size_is_refused(self):
        assert codes(read, gz(member(b"d", b"x", kind=b"5"))) == ["archive.malformed"]

    def test_a_global_header_that_renames_is_refused(self):
        content = gz(pax(record(b"path", b"evil"), kind=b"g"), A)
        assert codes(read, content) == ["archive.special-member"]
        assert contents(read(content, mode=COMPAT)) == [("/a.rego", b"package a\n")]
