"""rpm's packages: what is in its database in SQLite; whatever keeps it from being read is said."""

import pytest

from tests.support.material import codes
from tests.support.sboms.databases import FEDORA, INT32, RPM, database, found, header, names, one, package, rpm
from verifier.core.errors import Refused

ENDLESS = (
    "CREATE VIEW Packages AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
    "SELECT x AS hnum, x AS blob FROM n"
)
PLACES = ["var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm"]
WHOLE = rpm(header(package("a")), header(package("b")))


@pytest.mark.corpus
def test_a_real_database_is_listed_to_the_last_package_and_no_other():
    """Two versions of one name, an epoch, `~`, a modularity label."""
    catalog = found({RPM: database("rpm/rpmdb.sqlite")})
    expected = [line.split("\t") for line in database("rpm/expected.tsv").decode().splitlines()]
    listed = [(each.name, each.version, dict(each.qualifiers)) for each in catalog.components]
    assert sorted(
        (name, said.get("epoch", ""), version, said["arch"], said["upstream"]) for name, version, said in listed
    ) == (
        sorted(
            (name, epoch, f"{version}-{release}", arch, source)
            for name, epoch, version, release, arch, source in expected
        )
    )
    assert "rpm" in catalog.ecosystems


def listed_or_code(content):
    """The components that are found in a database, or the code of why there are none."""
    try:
        return found({RPM: content}).components
    except Refused as refused:
        return refused.reasons[0].code


@pytest.mark.corpus
def test_what_was_overwritten_in_a_real_database_is_found_or_changes_nothing():
    """Item 12: for others a database in which 4,000 bytes were overwritten is an empty list."""
    content = database("rpm/rpmdb.sqlite")
    honest = found({RPM: content}).components
    places = range(0, len(content) - 4_000, 3_001)
    said = [listed_or_code(content[:at] + b"\xaa" * 4_000 + content[at + 4_000 :]) for at in places]
    assert [each for each in said if each not in (honest, "input.unreadable")] == []
    assert "input.unreadable" in said


@pytest.mark.corpus
@pytest.mark.parametrize("size", [0, 15, 99, 100, 511, 4_096, 30_000, 229_375])
def test_a_real_database_that_was_cut_short_is_refused(size):
    with pytest.raises(Refused) as refused:
        found({RPM: database("rpm/rpmdb.sqlite")[:size]})
    assert codes(refused) == ["input.unreadable"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, "pkg:rpm/fedora/a@1.0-1.fc40?arch=x86_64&distro=fedora-40&upstream=a-1.0-1.fc40.src.rpm"),
        (
            {"tag1003": [2]},
            "pkg:rpm/fedora/a@1.0-1.fc40?arch=x86_64&distro=fedora-40&epoch=2&upstream=a-1.0-1.fc40.src.rpm",
        ),
        (
            {"tag1003": [0]},
            "pkg:rpm/fedora/a@1.0-1.fc40?arch=x86_64&distro=fedora-40&epoch=0&upstream=a-1.0-1.fc40.src.rpm",
        ),
        (
            {"version": "1.0~rc1^git5"},
            "pkg:rpm/fedora/a@1.0~rc1%5Egit5-1.fc40?arch=x86_64&distro=fedora-40&upstream=a-1.0~rc1%5Egit5-1.fc40.src.rpm",
        ),
    ],
)
def test_a_purl_says_epoch_architecture_source_and_distribution(tags, expected):
    assert one(found({**FEDORA, RPM: rpm(header(package("a", **tags)))}), "a").purl == expected


@pytest.mark.parametrize(
    ("said", "namespace"), [("rhel", "redhat"), ("opensuse-leap", "opensuse"), ("centos", "centos"), ("amzn", "amzn")]
)
def test_a_purl_names_the_vendor_as_other_tools_do(said, namespace):
    files = {"usr/lib/os-release": f"ID={said}\nVERSION_ID=9\n".encode(), RPM: rpm(header(package("a")))}
    assert one(found(files), "a").purl.startswith(f"pkg:rpm/{namespace}/a@")


def test_vendor_licence_summary_and_modularity_are_told():
    catalog = found({RPM: rpm(header(package("a", tag1011="Acme", tag1014="GPLv2+", tag5096="nginx:1.22:8:x86")))})
    component = one(catalog, "a")
    assert (component.supplier, component.description) == ("Acme", "a")
    assert [each.text for each in component.licenses] == ["GPL-2.0-or-later"]
    assert component.properties == (("verifier:rpm:modularity", "nginx:1.22:8:x86"),)


def test_a_key_that_rpm_was_told_to_trust_stands_among_the_packages_as_rpm_has_it():
    tags = {1000: "gpg-pubkey", 1001: "d1fa1596", 1002: "6b0aefeb", 1011: "(none)", 1022: "(none)", 1044: "(none)"}
    component = one(found({**FEDORA, RPM: rpm(header(tags))}), "gpg-pubkey")
    assert component.purl == "pkg:rpm/fedora/gpg-pubkey@d1fa1596-6b0aefeb?distro=fedora-40"
    assert component.supplier == ""


@pytest.mark.parametrize("folder", PLACES)
def test_the_database_is_found_in_each_place_that_distributions_keep_it_in(folder):
    assert names(found({f"{folder}/rpmdb.sqlite": WHOLE}), "rpm") == [("a", "1.0-1.fc40"), ("b", "1.0-1.fc40")]


def test_a_place_that_is_a_link_to_another_is_one_database():
    files = {"var/lib/rpm": ("link", "../../usr/lib/sysimage/rpm"), "usr/lib/sysimage/rpm/rpmdb.sqlite": WHOLE}
    assert len(names(found(files), "rpm")) == 2


@pytest.mark.parametrize("folder", PLACES)
@pytest.mark.parametrize(("name", "kind"), [("Packages", "BerkeleyDB"), ("Packages.db", "ndb")])
def test_other_databases_of_rpm_are_refused_and_never_zero_packages(folder, name, kind):
    with pytest.raises(Refused, match=kind) as refused:
        found({f"{folder}/{name}": b"anything"})
    assert [each.is_undecided for each in refused.value.reasons] == [True]


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_what_is_not_merged_yet_is_never_ignored(ending):
    with pytest.raises(Refused, match="not merged"):
        found({RPM: WHOLE, f"{RPM}{ending}": b"7\x7f\x06\x82" + b"\0" * 28})


def test_an_empty_log_beside_the_database_is_nothing():
    assert len(names(found({RPM: WHOLE, f"{RPM}-wal": b"", f"{RPM}-shm": b"\0" * 32_768}), "rpm")) == 2


def test_a_database_in_the_mode_of_a_log_that_is_merged_is_read():
    assert len(names(found({RPM: WHOLE[:18] + b"\x02\x02" + WHOLE[20:]}), "rpm")) == 2


@pytest.mark.parametrize("left", [".rpm.lock", "rpmdb.sqlite-shm", "Index.db", "__db.001"])
def test_a_database_that_was_deleted_is_refused(left):
    with pytest.raises(Refused, match="is not there, and"):
        found({**FEDORA, f"var/lib/rpm/{left}": b"x"})


def test_a_folder_that_rpm_leaves_where_nothing_was_installed_by_it_is_nothing():
    assert found({"var/lib/rpm/.keep": b""}).components == ()


def swapped(tags, old, new):
    """A header in which bytes were exchanged after it was made."""
    content = header(tags)
    assert old in content
    return content.replace(old, new)


DATABASES = {
    "no SQLite": b"anything at all, repeated. " * 1000,
    "a page more than it says": WHOLE + b"\0" * 4096,
    "twice": WHOLE + WHOLE,
    "another's payload": WHOLE[:100] + b"\xff" * (len(WHOLE) - 100),
    "no table": rpm(after=["DROP TABLE Packages"]),
    "no names": rpm(header(package("a")), after=["DROP TABLE Name"]),
    "a table of another shape": rpm(before=["CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob TEXT)"]),
    "a row that somebody took out": rpm(
        header(package("a")), header(package("b")), after=["DELETE FROM Packages WHERE hnum = 2"]
    ),
    "a row that has no name": rpm(header(package("a")), header(package("b")), named=[1]),
    "a view that never ends": rpm(after=["DROP TABLE Packages", ENDLESS]),
    "a blob that is a text": rpm("text"),
    "names that never end": rpm(header(package("a")), after=["DROP TABLE Name", ENDLESS.replace("Packages", "Name")]),
}
HEADERS = {
    "empty": b"",
    "short": b"\0\0\0\1\0\0\0\0",
    "no tags": b"\0" * 8,
    "four billion tags": b"\xff\xff\xff\xff\0\0\0\0" + b"\0" * 100,
    "four billion bytes": b"\0\0\0\1\xff\xff\xff\xff" + b"\0" * 100,
    "cut short": header(package("a"))[:-1],
    "longer than it says": header(package("a")) + b"\0",
    "an offset beyond": b"\0\0\0\1\0\0\0\1" + b"\0\0\x03\xe8\0\0\0\6\x7f\xff\xff\xff\0\0\0\1" + b"\0",
    "an offset before": b"\0\0\0\1\0\0\0\1" + b"\0\0\x03\xe8\0\0\0\6\xff\xff\xff\xf0\0\0\0\1" + b"\0",
    "four billion values": b"\0\0\0\1\0\0\0\1" + b"\0\0\x03\xe8\0\0\0\x08\0\0\0\0\xff\xff\xff\xff" + b"\0",
    "a text that does not end": b"\0\0\0\1\0\0\0\1" + b"\0\0\x03\xe8\0\0\0\6\0\0\0\0\0\0\0\1" + b"a",
    "an unknown type": b"\0\0\0\1\0\0\0\1" + b"\0\0\x03\xe8\0\0\0\x63\0\0\0\0\0\0\0\1" + b"\0",
    "a name that is a number": header({**package("a"), 1000: [1]}, types={1000: INT32}),
    "an epoch that is a text": header({**package("a"), 1003: "1"}, types={1003: 6}),
    "another name under its digest": swapped(package("innocent"), b"innocent\0", b"hostiles\0"),
    "another digest": swapped(package("a"), b"\0\0\x03\xe9", b"\0\0\x03\xea"),
    "no version": header({tag: value for tag, value in package("a").items() if tag != 1001}),
    "a name with a terminal escape": header(package("a\x1b[31m")),
    "a name that is a path": header(package("../a")),
    "a file outside": header(package("a", files={"usr/../../etc/shadow": b""})),
    "fewer digests than files": header({**package("a", files={"usr/a": b"", "usr/b": b""}), 1035: ["00"]}),
    "a folder that is not named": header({**package("a", files={"usr/a": b""}), 1116: [7]}),
    "a version of 9 MB": header(package("a", "9" * 9_000_000)),
}


@pytest.mark.parametrize("content", DATABASES.values(), ids=DATABASES)
def test_a_database_that_is_there_and_cannot_be_read_is_refused(content):
    with pytest.raises(Refused) as refused:
        found({RPM: content})
    assert codes(refused) == ["input.unreadable"]
    assert refused.value.reasons[0].subject == RPM


@pytest.mark.parametrize("content", HEADERS.values(), ids=HEADERS)
def test_a_header_that_is_none_is_refused(content):
    with pytest.raises(Refused) as refused:
        found({RPM: rpm(header(package("honest")), content)})
    assert codes(refused) == ["input.unreadable"]
    assert refused.value.reasons[0].subject == RPM


def test_a_database_that_is_a_link_out_of_the_root_is_refused():
    with pytest.raises(Refused, match="symbolic link"):
        found({RPM: ("link", "/proc/self/root/var/lib/rpm/rpmdb.sqlite")})


def test_files_that_rpm_did_not_install_and_ghosts_are_no_promise():
    shown = {"usr/a": b"a", "usr/b": b"b", "usr/c": b"c"}
    tags = package("a", files=shown) | {1029: [0, 2, 3]}
    ghosts = package("g", files={"var/log/g": b""}, flags=1 << 6)
    catalog = found({RPM: rpm(header(tags), header(ghosts)), "usr/a": b"a"})
    assert catalog.integrity.missing == ()
    assert catalog.integrity.spared == ("var/log/g",)


def test_files_of_a_package_that_states_no_digests_are_unchecked():
    tags = {tag: value for tag, value in package("a", files={"usr/a": b"a"}).items() if tag not in {1035, 1036, 5011}}
    assert found({RPM: rpm(header(tags)), "usr/a": b"a"}).integrity.unchecked == ("usr/a",)


@pytest.mark.parametrize("digest", ["", "00", "zz" * 32, "0" * 128])
def test_a_digest_that_is_none_is_held_against_no_file(digest):
    tags = package("a", files={"usr/a": b"a"}) | {1035: [digest]}
    assert found({RPM: rpm(header(tags)), "usr/a": b"a"}).integrity.unchecked == ("usr/a",)


def test_who_needs_whom_is_told_by_what_is_provided_and_by_files():
    tags = package("app", tag1049=["libc.so.6()", "/usr/bin/sh", "rpmlib(Feature)", "gone"])
    libc = package("libc", tag1047=["libc", "libc.so.6()"])
    shell = package("shell", files={"usr/bin/sh": b"#"})
    catalog = found({RPM: rpm(header(tags), header(libc), header(shell))})
    names_of = {each.ref: each.name for each in catalog.components}
    edges = {names_of[ref]: [names_of[each] for each in others] for ref, others in catalog.dependencies}
    assert edges == {"app": ["libc", "shell"], "libc": [], "shell": []}
