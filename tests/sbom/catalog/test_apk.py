"""Alpine's packages: what apk has recorded, to the last one, and a database that is gone is said to be."""

import pytest

from tests.support.material import codes
from tests.support.sboms.databases import ALPINE, APK, apk, database, found, names, one
from verifier.core.errors import Refused

WORLD = "etc/apk/world"


def truth(content):
    """Names and versions of an installed database: an independent reading, by lines."""
    lines = content.decode().split("\n")
    said = [[line[2:] for line in lines if line.startswith(letter)] for letter in ("P:", "V:")]
    return sorted(zip(*said, strict=True))


@pytest.mark.corpus
def test_a_real_database_is_listed_to_the_last_package_and_no_other():
    content = database("apk/installed")
    catalog = found({APK: content})
    assert names(catalog, "apk") == truth(content)
    assert len(names(catalog, "apk")) == 14
    assert "apk" in catalog.ecosystems


@pytest.mark.corpus
def test_a_real_corrupt_database_is_refused_with_the_line():
    with pytest.raises(Refused, match=r"line 1 is 'this is a corrupt db'"):
        found({APK: database("apk/corrupt-installed")})


@pytest.mark.corpus
def test_who_needs_whom_is_told_by_what_is_provided():
    catalog = found({APK: database("apk/installed")})
    names_of = {each.ref: each.name for each in catalog.components}
    edges = {names_of[ref]: {names_of[each] for each in others} for ref, others in catalog.dependencies}
    assert edges["ssl_client"] == {"musl", "libcrypto1.1", "libssl1.1"} or "musl" in edges["ssl_client"]
    assert edges["musl"] == set()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "pkg:apk/alpine/a@1.0-r0?arch=x86_64&distro=alpine-3.20.1"),
        ({"o": "a"}, "pkg:apk/alpine/a@1.0-r0?arch=x86_64&distro=alpine-3.20.1"),
        ({"o": "origin"}, "pkg:apk/alpine/a@1.0-r0?arch=x86_64&distro=alpine-3.20.1&upstream=origin"),
        ({"V": "1.0_rc1-r2"}, "pkg:apk/alpine/a@1.0_rc1-r2?arch=x86_64&distro=alpine-3.20.1"),
    ],
)
def test_a_purl_says_architecture_origin_and_distribution(fields, expected):
    assert one(found({**ALPINE, APK: apk("a", **fields)}), "a").purl == expected


def test_a_licence_is_spdx_where_apk_states_it_so_and_a_name_where_not():
    stated = {"a": "GPL-2.0-only", "b": "MPL-2.0 AND MIT", "c": "MIT BSD GPL2+", "d": "custom"}
    catalog = found({APK: b"\n".join(apk(name, L=text) for name, text in stated.items())})
    assert {name: [each[:2] for each in one(catalog, name).licenses] for name in stated} == {
        "a": [("GPL-2.0-only", "id")],
        "b": [("MPL-2.0 AND MIT", "expression")],
        "c": [("MIT BSD GPL2+", "name")],
        "d": [("custom", "name")],
    }


def test_the_place_of_apk_3_and_a_folder_that_is_a_link_are_one_database():
    files = {"lib": ("link", "usr/lib"), "usr/lib/apk/db/installed": apk("a")}
    assert names(found(files), "apk") == [("a", "1.0-r0")]


def test_two_databases_are_both_listed():
    catalog = found({APK: apk("a"), "usr/lib/apk/db/installed": apk("b")})
    assert names(catalog, "apk") == [("a", "1.0-r0"), ("b", "1.0-r0")]


@pytest.mark.parametrize(
    "left",
    [{"lib/apk/db/scripts.tar": b""}, {"lib/apk/db/lock": b""}, {WORLD: b"a\n"}, {"usr/lib/apk/db/triggers": b""}],
    ids=lambda left: next(iter(left)),
)
def test_a_database_that_was_deleted_is_refused(left):
    """Item 8: for others the list of packages is empty then (anchore/syft#3980)."""
    with pytest.raises(Refused, match="is not there, and") as refused:
        found({**ALPINE, **left})
    assert codes(refused) == ["input.unreadable"]


def test_a_database_that_was_emptied_is_refused_where_packages_were_asked_for():
    with pytest.raises(Refused, match="records no package"):
        found({**ALPINE, APK: b"", WORLD: b"alpine-base\n"})


def test_a_system_without_any_trace_of_its_packages_is_a_warning():
    assert [each.code for each in found({**ALPINE, "bin/a": b"a"}).findings] == ["package.no-database"]


def test_what_was_asked_for_and_is_not_recorded_is_a_warning():
    world = b"a>1.0\nso:lib.so.1\nhidden@edge\n!conflict\n"
    (reason,) = found({APK: apk("a", p="so:lib.so.1=1"), WORLD: world}).findings
    assert (reason.code, reason.subject) == ("package.contradictory", WORLD)
    assert "asks for hidden," in reason.message


WHOLE = apk("a", files={"usr/bin/a": b"a"})
REFUSED = {
    "no text": b"\x7fELF" + b"\0" * 500,
    "overwritten": WHOLE + b"\xff" * 4000 + WHOLE,
    "UTF-16": WHOLE.decode().encode("utf-16"),
    "cut within a checksum": WHOLE[:-5],
    "cut within a name": b"P",
    "a version of 9 MB": apk("a", "9" * 9_000_000),
    "no version": b"P:a\n",
    "no name": b"V:1\n",
    "two names": b"P:a\nP:b\nV:1\n",
    "two packages without an empty line": WHOLE + WHOLE,
    "a file without a folder": b"P:a\nV:1\nR:file\n",
    "a file that is a path": b"P:a\nV:1\nF:usr\nR:../../etc/shadow\n",
    "a folder outside": b"P:a\nV:1\nF:../../etc\n",
    "a checksum without a file": b"P:a\nV:1\nF:usr\nZ:Q11Q7hNe8QpDS531guqCdrXBzoA/o=\n",
    "two checksums": WHOLE + b"Z:Q11Q7hNe8QpDS531guqCdrXBzoA/o=\n",
    "a checksum of another kind": WHOLE.replace(b"Z:Q1", b"Z:Q9"),
    "a name with a terminal escape": apk("a\x1b[2J"),
    "an origin with a blank": apk("a", o="b c"),
    "JSON": b'{"P": "a"}',
    "a look-alike letter": apk("а"),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_a_database_that_is_there_and_cannot_be_read_is_refused(content):
    with pytest.raises(Refused) as refused:
        found({APK: content})
    assert codes(refused) == ["input.unreadable"]
    assert refused.value.reasons[0].subject == APK


def test_a_database_that_is_a_link_out_of_the_root_is_refused():
    with pytest.raises(Refused, match="symbolic link"):
        found({APK: ("link", "../../../../../etc/passwd")})
