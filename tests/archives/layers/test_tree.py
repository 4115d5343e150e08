"""What an image's layers make together."""

import pytest

from tests.support.archives.layers import entry, table, tree_of, tree_paths
from tests.support.archives.tars import codes
from verifier.archives.layers.table import Entry
from verifier.archives.layers.tree import merge


def link(path, target):
    return entry(path, "symlink", target=target)


def hard(path, target, **fields):
    return entry(path, "hardlink", target=target, **fields)


def folder(path, **fields):
    return entry(path, "directory", **({"mode": 0o755} | fields))


class TestLayersUponEachOther:
    def test_no_layers_are_an_empty_tree(self):
        tree = tree_of()
        assert (list(tree), tree.find("").entry.type, tree.find("a")) == ([], "directory", None)

    def test_each_entry_knows_its_layer(self):
        tree = tree_of(table("a", "b"), table("b", "c/d"))
        assert [(each.entry.path, each.layer) for each in tree] == [("a", 0), ("b", 1), ("c", 1), ("c/d", 1)]

    def test_the_root_may_have_an_entry(self):
        assert tree_of(table(folder("", mode=0o700, uid=7))).find("").entry.mode == 0o700

    def test_a_directory_that_is_there_keeps_what_is_in_it_and_takes_the_new_mode(self):
        tree = tree_of(table(folder("d"), "d/a"), table(folder("d", mode=0o1777), "d/b"))
        assert tree_paths(tree) == ["d", "d/a", "d/b"]
        assert (tree.find("d").entry.mode, tree.find("d").layer, tree.find("d/a").layer) == (0o1777, 1, 0)

    @pytest.mark.parametrize("other", [entry("d"), link("d", "/etc"), entry("d", "fifo"), entry("d", "character")])
    def test_another_thing_in_a_directorys_place_takes_all_that_is_in_it(self, other):
        assert tree_paths(tree_of(table("d/a", "d/b/c"), table(other))) == ["d"]

    @pytest.mark.parametrize("other", [entry("d"), link("d", "/etc")])
    def test_a_directory_takes_the_place_of_another_thing(self, other):
        tree = tree_of(table(other), table(folder("d"), "d/a"))
        assert (tree_paths(tree), tree.find("d").entry.type) == (["d", "d/a"], "directory")

    def test_a_name_below_a_file_of_a_lower_layer_is_refused(self):
        assert codes(tree_of, table("a"), table("a/b")) == ["archive.unsafe-name"]

    def test_directories_replaced_in_turn_hold_what_was_put_into_the_last(self):
        tree = tree_of(table("d/a", link("l", "d")), table("l/b", entry("d"), "e"), table(folder("d"), "d/c"))
        assert tree_paths(tree) == ["d", "d/c", "e", "l"]


class TestWhiteouts:
    def test_a_whiteout_removes_what_is_below_it_in_lower_layers(self):
        assert tree_paths(tree_of(table("a", "b/c", "b/d"), table(removed=("a", "b")))) == []
        assert tree_paths(tree_of(table("b/c", "b/d"), table(removed=("b/c",)))) == ["b", "b/d"]

    def test_a_whiteout_removes_nothing_of_its_own_layer_and_of_higher_ones(self):
        assert tree_paths(tree_of(table("a"), table("a", removed=("a",)), table("b"))) == ["a", "b"]
        tree = tree_of(table("d/old"), table("d/new", opaque=("d",)), table("d/newest"))
        assert tree_paths(tree) == ["d", "d/new", "d/newest"]

    def test_an_opaque_root_removes_everything_below(self):
        assert tree_paths(tree_of(table("a", "b/c"), table("d", opaque=("",)))) == ["d"]

    def test_a_whiteout_of_nothing_removes_nothing(self):
        assert tree_paths(tree_of(table("a"), table(removed=("b", "a/b", "c/d"), opaque=("e", "a")))) == ["a"]

    def test_an_opaque_directory_stays_a_directory_and_a_file_a_file(self):
        assert tree_paths(tree_of(table("d/a", "f"), table(opaque=("d", "f")))) == ["d", "f"]

    def test_a_whiteout_through_a_link_takes_nothing_for_gone(self):
        for above in (table(removed=("l/a",)), table(opaque=("l",)), table(removed=("l/b/c",))):
            tree = tree_of(table("d/a", "d/b/c", link("l", "d")), above)
            assert tree_paths(tree) == ["d", "d/a", "d/b", "d/b/c", "l"]
            assert [note.code for note in tree.notes] == ["archive.special-member"]

    def test_the_link_itself_can_be_removed(self):
        assert tree_paths(tree_of(table("d/a", link("l", "d")), table(removed=("l",)))) == ["d", "d/a"]


class TestHardLinks:
    def test_a_hard_link_is_what_it_names(self):
        below = table(entry("bin/su", size=9, uid=5, mode=0o4750, capability=True))
        tree = tree_of(below, table(hard("l", "bin/su", mode=0o711)))
        assert tree.find("l").entry == entry("l", size=9, uid=5, mode=0o4751, capability=True)
        assert tree.find("l").layer == 1

    @pytest.mark.parametrize(
        "more", [{"mode": 0o4755}, {"mode": 0o2755}, {"mode": 0o757}, {"mode": 0o755, "capability": True}]
    )
    def test_a_hard_link_that_lends_rights_to_what_it_names_is_refused(self, more):
        assert codes(tree_of, table(entry("a", mode=0o755)), table(hard("l", "a", **more))) == ["archive.malformed"]
        assert codes(tree_of, table(entry("a", **more)), table(hard("l", "a", **more))) == []

    def test_a_hard_link_may_name_its_own_layers_file(self):
        assert tree_of(table("a", hard("b", "a"), hard("c", "b"))).find("c").entry == entry("c")

    def test_a_hard_link_to_a_symbolic_link_is_that_link(self):
        assert tree_of(table(link("a", "x"), hard("b", "a"))).find("b").entry.type == "symlink"

    def test_what_a_hard_link_names_may_be_removed_later(self):
        assert tree_paths(tree_of(table("a"), table(hard("b", "a")), table(removed=("a",)))) == ["b"]

    @pytest.mark.parametrize("target", ["nothing", "d", "a/b", "gone", "", "loop/x"])
    def test_a_hard_link_to_nothing_or_to_a_directory_is_refused(self, target):
        below = table("a", "d/e", "gone", link("loop", "loop"))
        assert codes(tree_of, below, table(hard("l", target), removed=("gone",))) == ["archive.malformed"]


class TestLinksOfLowerLayers:
    def test_a_name_below_one_is_put_where_it_leads_and_noted(self):
        tree = tree_of(table("usr/lib/a", link("lib", "usr/lib")), table("lib/b", folder("lib/c"), "lib/c/d"))
        assert tree_paths(tree) == ["lib", "usr", "usr/lib", "usr/lib/a", "usr/lib/b", "usr/lib/c", "usr/lib/c/d"]
        assert tree.find("usr/lib/b").layer == 1
        assert [note.code for note in tree.notes] == ["archive.special-member"]

    def test_what_takes_a_files_place_through_one_is_refused(self):
        lower = table(entry("usr/lib/a", mode=0o4755), link("lib", "usr/lib"))
        for layers in (
            (lower, table("lib/a")),
            (lower, table(folder("lib/a"))),
            (table(link("l", "d"), "d/x"), table("d/a", "l/a")),
            (table(link("l", "d"), "d/x"), table("l/a", "d/a")),
            (table(link("l", "d"), "d/x"), table("l/a", folder("d/a"))),
            (table(link("l", "d"), "d/x"), table("l/a/b", "d/a")),
        ):
            assert codes(tree_of, *layers) == ["archive.duplicate-member"]

    @pytest.mark.parametrize(("one", "other"), [(0o1777, 0o755), (0o755, 0o1777), (0o777, 0o1777)])
    def test_of_two_directories_the_one_counts_that_lets_most_in(self, one, other):
        tree = tree_of(table(folder("a/tmp", mode=one), link("l", "a")), table(folder("l/tmp", mode=other)))
        assert tree.find("a/tmp").entry.mode == 0o777

    def test_a_directory_in_its_place_hides_where_it_led(self):
        tree = tree_of(table("usr/lib/a", link("lib", "usr/lib")), table(folder("lib"), "lib/b"))
        assert tree_paths(tree) == ["lib", "lib/b", "usr", "usr/lib", "usr/lib/a"]

    @pytest.mark.parametrize("target", ["nowhere", "lib", "../../..//x", "a"])
    def test_a_name_below_one_that_leads_to_no_directory_is_refused(self, target):
        assert codes(tree_of, table("a", link("lib", target)), table("lib/b")) == ["archive.unsafe-name"]

    def test_one_that_points_out_of_the_root_stays_within(self):
        tree = tree_of(table("etc/a", link("l", "../../../etc")), table("l/passwd"))
        assert tree_paths(tree) == ["etc", "etc/a", "etc/passwd", "l"]


class TestPaths:
    TREE = (
        table(
            "bin/busybox",
            link("bin/sh", "busybox"),
            link("usr/bin", "../bin"),
            link("out", "../../../../bin/sh"),
            link("absolute", "/usr/bin/sh"),
            link("self", "self"),
            link("ping", "pong"),
            link("pong", "/ping"),
            link("dangling", "no/where"),
            link("bin/up", ".."),
            *(link(f"chain/{number}", str(number + 1)) for number in range(50)),
            "chain/50",
        ),
    )

    def test_find_follows_nothing(self):
        tree = tree_of(*self.TREE)
        assert tree.find("bin/sh").entry.target == "busybox"
        assert tree.find("usr/bin/sh") is None
        assert tree.find("bin/busybox/x") is None

    @pytest.mark.parametrize(
        "path",
        ["bin/sh", "/bin/sh", "usr/bin/sh", "out", "absolute", "bin/up/bin/sh", "../../bin/./sh", "usr/bin/up/bin//sh"],
    )
    def test_resolve_follows_links_and_never_leaves_the_root(self, path):
        assert tree_of(*self.TREE).resolve(path).entry.path == "bin/busybox"

    @pytest.mark.parametrize("path", ["self", "ping", "dangling", "bin/busybox/x", "bin/busybox/..", "nothing/..", "x"])
    def test_what_leads_nowhere_is_nothing(self, path):
        assert tree_of(*self.TREE).resolve(path) is None

    def test_the_root_can_be_asked_for(self):
        tree = tree_of(*self.TREE)
        for path in ("", "/", "..", "bin/up", "bin/.."):
            assert tree.resolve(path).entry.path == ""

    def test_at_most_forty_links_are_followed(self):
        tree = tree_of(*self.TREE)
        assert tree.resolve("chain/10").entry.path == "chain/50"
        assert tree.resolve("chain/9") is None


class TestCosts:
    def test_links_through_links_are_bounded(self, monkeypatch):
        monkeypatch.setattr("verifier.archives.layers.tree.MAX_STEPS", 50_000)
        far = "/".join(["d"] * 1000)
        links = [link(f"l{number}", f"{far}/{'../' * 1000}l{number + 1}") for number in range(30)]
        below = table(f"{far}/x", "l30/0", *links)
        above = table(*(hard(f"h{number}", "l0/0") for number in range(100)))
        assert codes(tree_of, below) == []
        assert codes(tree_of, below, above) == ["input.too-costly"]

    def test_a_deep_tree_is_walked_and_let_go_of(self):
        deep = "/".join(["d"] * 2048)
        tree = merge([table(deep), table(Entry(deep + "x", "file", 0, 0, 0, 0))], subject="image")
        assert len(tree_paths(tree)) == 2049
