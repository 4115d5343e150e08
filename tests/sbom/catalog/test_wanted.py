"""Which files are kept while layers are read: those that a reader asks for, and no others."""

import pytest

from verifier.sbom.catalog.reader import Wanted
from verifier.sbom.catalog.readers import READERS
from verifier.sbom.catalog.wanted import Table, rows_of, wanted

KEPT = [
    "var/lib/dpkg/status",
    "var/lib/dpkg/status.d/base",
    "var/lib/dpkg/status.d/base.md5sums",
    "var/lib/dpkg/updates/0001",
    "var/lib/dpkg/info/libc6:amd64.list",
    "var/lib/dpkg/info/bash.md5sums",
    "var/lib/dpkg/diversions",
    "etc/dpkg/dpkg.cfg.d/docker",
    "usr/share/doc/bash/copyright",
    "lib/apk/db/installed",
    "usr/lib/apk/db/installed",
    "etc/apk/world",
    "var/lib/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/share/rpm/rpmdb.sqlite",
    "etc/os-release",
    "usr/lib/os-release",
    "usr/lib/python3/dist-packages/requests-2.0.dist-info/METADATA",
    "usr/lib/node_modules/npm/package.json",
    "srv/root/var/lib/dpkg/status",
    "srv/root/var/lib/dpkg/status.d/base",
]
PASSED_BY = [
    "usr/bin/bash",
    "status",
    "var/lib/dpkg/status.d/deep/er",
    "var/lib/dpkg/info/bash.postinst",
    "usr/share/doc/copyright",
    "usr/share/doc/a/b/copyright",
    "home/me/notes.json",
    "home/me/package-lock.json",
    "var/lib/dpkg/status-old",
    "",
]


@pytest.mark.parametrize("path", KEPT)
def test_what_a_reader_reads_is_kept(path):
    assert wanted(path, 1)


@pytest.mark.parametrize("path", PASSED_BY)
def test_what_no_reader_reads_is_not(path):
    assert wanted(path, 1) is None


def test_what_is_larger_than_any_reader_takes_is_not_kept():
    most = wanted("etc/os-release", 0)
    assert wanted("etc/os-release", most) == most
    assert wanted("etc/os-release", most + 1) is None


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_says_what_it_wants(reader):
    assert all(row.max_bytes >= 0 and not row.pattern.startswith("/") for row in rows_of(reader))


def test_the_root_that_a_file_is_in_is_told():
    table = Table([Wanted("lib/db", 1), Wanted("usr/lib/db", 1), Wanted("var/d/*", 1), Wanted("**/x.json", 1)])
    paths = ["lib/db", "usr/lib/db", "srv/usr/lib/db", "a/b/lib/db", "srv/var/d/file", "srv/x.json"]
    assert [[(row.pattern, root) for row, root in table.rows(path)] for path in paths] == [
        [("lib/db", "")],
        [("usr/lib/db", "")],
        [("usr/lib/db", "srv/")],
        [("lib/db", "a/b/")],
        [("var/d/*", "srv/")],
        [("**/x.json", "")],
    ]


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("a/*.list", "a/b.list", True),
        ("a/*.list", "a/b/c.list", False),
        ("a/*", "a/b.list", True),
        ("**/x/**/p.json", "x/p.json", True),
        ("**/x/**/p.json", "u/x/a/b/p.json", True),
        ("**/x/**/p.json", "xx/p.json", False),
        ("**/*.d/M", "a.d/M", True),
        ("**/*.d/M", "a.d/b/M", False),
        ("a.b/c", "aXb/c", False),
    ],
)
def test_a_pattern_means_what_is_said_of_it(pattern, path, matches):
    assert bool(Table([Wanted(pattern, 1)]).rows(path)) is matches
