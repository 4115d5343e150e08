"""Names: what honest builders write is one path each, what else could be one is refused."""

import pytest

from tests.support.archives.layers import directory, entry, hardlink, layer, noted, paths, symlink
from tests.support.archives.tars import codes, member, pax, record


def named(name):
    return pax(record(b"path", name)) + member(b"x", b"")


class TestSpellings:
    @pytest.mark.parametrize("name", [b"a/b", b"/a/b", b"./a/b"])
    def test_one_leading_slash_or_dot_is_no_part_of_a_name(self, name):
        assert paths(layer(member(name))) == ["a/b"]

    @pytest.mark.parametrize("name", [b".", b"./", b"/"])
    def test_the_root_is_a_directory_without_a_name(self, name):
        assert layer(directory(name)).entries == (entry("", "directory", mode=0o755),)

    def test_what_ko_umoci_and_bazel_write_is_accepted(self):
        ko = [directory(b"var/run/ko"), member(b"/ko-app/app", mode=b"0000555\0"), symlink(b"ko-app", b"x")]
        assert paths(layer(*ko[:2])) == ["var/run/ko", "ko-app/app"]
        umoci = [directory(b"."), directory(b"etc/"), member(b"etc/passwd"), member(b"etc/.wh.shadow")]
        assert paths(layer(*umoci)) == ["", "etc", "etc/passwd"]
        bazel = [directory(b"./"), directory(b"./app/"), member(b"./app/a"), directory(b"./app/"), directory(b"./")]
        assert paths(layer(*bazel)) == ["", "app", "app/a", "app", ""]

    @pytest.mark.parametrize(
        "name", ["a b", "système.slice", "x\\x2dy.mount", "a:b", ".hidden/..data/...", "日本", "%", "a\u00a0b"]
    )
    def test_other_names_that_files_really_have_are_accepted(self, name):
        assert paths(layer(named(name.encode()))) == [name]

    @pytest.mark.parametrize(
        "name",
        [
            b"..",
            b"../a",
            b"/../a",
            b"a/../b",
            b"a/..",
            b"./../a",
            b"a/./b",
            b"a//b",
            b"//a",
            b".//a",
            b"././a",
            b"/./a",
        ],
    )
    def test_names_with_empty_or_dotted_segments_are_refused(self, name):
        assert codes(layer, named(name)) == ["archive.unsafe-name"]

    @pytest.mark.parametrize(
        "name", ["a\nb", "a\x1b[31mb", "a\x7f", "a\u0085b", "a\u202eb", "a\u2066b", "\u200fa", "\ufeffa", "a\u061cb"]
    )
    def test_names_with_control_or_bidirectional_characters_are_refused(self, name):
        assert codes(layer, named(name.encode())) == ["archive.unsafe-name"]
        assert codes(layer, pax(record(b"linkpath", name.encode())), symlink(b"l", b"x")) == ["archive.unsafe-name"]

    @pytest.mark.parametrize("name", [b"\xff", b"a\xed\xa0\x80", b"\xc0\xaf", b"a/\x80/b"])
    def test_names_that_are_not_utf_8_are_refused(self, name):
        assert codes(layer, member(name)) == ["archive.unsafe-name"]
        assert codes(layer, symlink(b"l", name)) == ["archive.unsafe-name"]
        assert codes(layer, hardlink(b"l", name)) == ["archive.unsafe-name"]

    @pytest.mark.parametrize("kind", [b"0", b"2", b"1", b"6"])
    @pytest.mark.parametrize("name", [b"a/", b"", b".", b"/", b"./"])
    def test_only_a_directory_may_be_the_root_or_end_in_a_slash(self, kind, name):
        assert codes(layer, member(name, kind=kind, link=b"t" if kind in b"12" else b"")) == ["archive.unsafe-name"]

    @pytest.mark.parametrize("target", [b"../a", b"/../a", b"a/../../b", b".", b"/", b"a/"])
    def test_a_hard_link_out_of_the_root_or_to_it_is_refused(self, target):
        assert codes(layer, hardlink(b"l", target)) == ["archive.unsafe-name"]

    @pytest.mark.parametrize("target", [b"../../../../etc/shadow", b"/proc/self/root", b"..", b"/", b".", b"nowhere"])
    def test_a_symbolic_link_may_point_anywhere_and_is_only_told(self, target):
        assert layer(symlink(b"l", target)).entries[0].target == target.decode()


OTHERS = [member(b"a"), symlink(b"a", b"t"), hardlink(b"a", b"t"), member(b"a", kind=b"6")]


class TestPlaces:
    @pytest.mark.parametrize("first", OTHERS)
    @pytest.mark.parametrize("second", [*OTHERS, member(b"/a"), member(b"./a")])
    def test_a_name_twice_is_refused(self, first, second):
        assert codes(layer, first, second) == ["archive.duplicate-member"]

    @pytest.mark.parametrize("other", OTHERS)
    def test_what_is_no_directory_takes_no_directorys_place(self, other):
        assert codes(layer, directory(b"a"), other) == ["archive.duplicate-member"]
        assert codes(layer, member(b"a/b"), other) == ["archive.duplicate-member"]

    @pytest.mark.parametrize("other", [OTHERS[0], *OTHERS[2:]])
    def test_a_directory_takes_no_files_place(self, other):
        assert codes(layer, other, directory(b"a")) == ["archive.duplicate-member"]

    def test_a_directory_may_take_a_symbolic_links_place_and_that_is_noted(self):
        table = layer(symlink(b"run", b"var/run"), directory(b"run/"), member(b"run/x"))
        assert (paths(table), noted(table)) == (["run", "run", "run/x"], ["archive.duplicate-member"])
        assert codes(layer, symlink(b"a", b"t"), directory(b"a"), symlink(b"a", b"t")) == ["archive.duplicate-member"]

    @pytest.mark.parametrize("above", OTHERS)
    @pytest.mark.parametrize("name", [b"a/b", b"./a/b", b"/a/b/c/d", b"a/.wh.b", b"a/.wh..wh..opq"])
    def test_a_name_below_a_link_or_file_of_the_layer_is_refused(self, above, name):
        assert codes(layer, above, member(name)) == ["archive.unsafe-name"]

    def test_a_name_below_a_link_stays_refused_when_a_directory_takes_its_place_later(self):
        parts = (symlink(b"a", b"/etc"), member(b"a/passwd"), directory(b"a"))
        assert codes(layer, *parts) == ["archive.unsafe-name"]

    def test_names_that_differ_in_case_are_two(self):
        assert paths(layer(member(b"Makefile"), member(b"makefile"))) == ["Makefile", "makefile"]


class TestHardLinks:
    def test_a_hard_link_to_another_layers_file_is_recorded(self):
        assert layer(hardlink(b"l", b"/below/it")).entries[0].target == "below/it"

    def test_a_hard_link_to_a_directory_of_the_layer_is_refused(self):
        assert codes(layer, directory(b"d"), hardlink(b"l", b"d")) == ["archive.malformed"]

    @pytest.mark.parametrize("later", [member(b"t"), directory(b"t"), member(b"t/x")])
    def test_a_hard_link_before_what_it_names_is_refused(self, later):
        assert codes(layer, hardlink(b"l", b"t"), later) == ["archive.malformed"]


class TestWhiteouts:
    def test_whiteouts_are_no_entries(self):
        table = layer(
            member(b".wh.a"), member(b"./b/.wh.c"), member(b"b/d"), member(b"b/.wh..wh..opq"), member(b".wh..wh..opq")
        )
        assert (paths(table), table.removed, table.opaque) == (["b/d"], ("a", "b/c"), ("b", ""))

    @pytest.mark.parametrize(
        "name",
        [
            b".wh.",
            b".wh..",
            b".wh...",
            b"a/.wh.",
            b"a/.wh...",
            b".wh..wh.",
            b".wh..wh.x",
            b"a/.wh..wh.plnk",
            b".wh.a/b",
            b"a/.wh..wh..opq/b",
        ],
    )
    def test_a_whiteout_of_no_name_is_refused(self, name):
        assert codes(layer, member(name)) == ["archive.unsafe-name"]

    @pytest.mark.parametrize(
        "whiteout",
        [
            member(b".wh.a", b"x"),
            directory(b".wh.a"),
            symlink(b".wh.a", b"t"),
            hardlink(b".wh.a", b"t"),
            directory(b".wh..wh..opq"),
        ],
    )
    def test_a_whiteout_is_an_empty_file(self, whiteout):
        assert codes(layer, whiteout) == ["archive.special-member"]

    def test_a_whiteout_twice_is_refused(self):
        assert codes(layer, member(b".wh.a"), member(b"./.wh.a")) == ["archive.duplicate-member"]

    def test_what_is_added_and_removed_by_one_layer_is_noted(self):
        for parts in ((member(b"a"), member(b".wh.a")), (member(b".wh.a"), member(b"a/b"))):
            assert noted(layer(*parts)) == ["archive.duplicate-member"]

    def test_what_aufs_left_is_ignored_and_noted(self):
        left = [
            directory(b".wh..wh.plnk/"),
            member(b".wh..wh.plnk/12.34", b"x"),
            member(b".wh..wh.aufs"),
            directory(b".wh..wh.orph"),
        ]
        table = layer(*left, member(b"a"))
        assert (paths(table), table.removed, noted(table)) == (["a"], (), ["archive.special-member"])

    def test_a_name_with_the_mark_elsewhere_is_a_name(self):
        assert paths(layer(member(b"a.wh.b"), member(b"c/x.wh."))) == ["a.wh.b", "c/x.wh."]
