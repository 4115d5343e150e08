"""Whatever a database holds, it is read or refused: nothing else comes of it."""

import sqlite3
import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.sboms.databases import APK, INFO, RPM, STATUS, apk, dpkg, found, header, package, paragraph, rpm
from verifier.core.errors import Refused

OTHER = "var/lib/dpkg/status.d/a"
TEXTS = {
    STATUS: paragraph(
        "a", Source="b (1)", Depends="c | d, e (>= 1)", Conffiles="\n /etc/a 0cc175b9c0f1b6a831c399e269772661"
    ),
    OTHER: paragraph("a", Provides="b", Description="x\n y\n ."),
    APK: apk("a", D="so:b !c d>1", p="so:b=1", files={"usr/bin/a": b"a"}) + b"\n" + apk("b"),
    f"{INFO}/a.list": b"/.\n/usr\n/usr/bin\n/usr/bin/a\n",
    f"{INFO}/a.md5sums": b"0cc175b9c0f1b6a831c399e269772661  usr/bin/a\n",
    "var/lib/dpkg/diversions": b"/usr/bin/a\n/usr/bin/a.distrib\nb\n",
    "etc/dpkg/dpkg.cfg": b"path-exclude=/usr/*\npath-include=/usr/bin/*\n",
    "etc/apk/world": b"a b>1 !c",
    "etc/os-release": b'ID=debian\nVERSION_ID="12"\n',
    "usr/share/doc/a/copyright": b"Format: copyright-format/1.0\n\nFiles: *\nLicense: (GPL-2+ or Expat) and ISC\n",
}
WHOLE = header(package("a", files={"usr/bin/a": b"a", "etc/a": b"b"}, tag1049=["b"], tag1003=[1]))


def ends(files):
    """Nothing but a refusal that says that the input is unreadable, or a catalogue."""
    try:
        catalog = found(files, list_files=True)
    except Refused as refused:
        codes = {each.code for each in refused.reasons}
    else:
        codes = {"input.unreadable"}
        holds_together(catalog)
    assert codes == {"input.unreadable"}


def holds_together(catalog):
    """What is asked of every catalogue."""
    refs = [each.ref for each in catalog.components]
    assert len(set(refs)) == len(refs)
    assert {each for _, others in catalog.dependencies for each in others} <= set(refs)
    "".join((*refs, *(text for each in catalog.components for text in each if isinstance(text, str)))).encode()


def changed(content, at, what, how):
    """`content` with bytes put in, put over, or taken out at a place."""
    at = at % (len(content) + 1)
    return {
        "in": content[:at] + what + content[at:],
        "over": content[:at] + what + content[at + len(what) :],
        "out": content[:at] + content[at + len(what) :],
        "end": content[:at],
    }[how]


CHANGES = st.tuples(
    st.integers(0, 10_000),
    st.binary(max_size=40)
    | st.sampled_from(
        [b"\n", b"\n\n", b":", b"\0", b"\xff\xfe", "\u202e".encode(), b"\x1b[0m", b"..", b"/../", b"(", b"*" * 30]
    ),
    st.sampled_from(["in", "over", "out", "end"]),
)


@pytest.mark.parametrize("path", TEXTS)
@given(changes=st.lists(CHANGES, min_size=1, max_size=6))
@settings(max_examples=60)
def test_texts_changed_by_chance(path, changes):
    content = TEXTS[path]
    for change in changes:
        content = changed(content, *change)
    ends({**dpkg(paragraph("a"), a={"usr/bin/a": b"a"}), **TEXTS, path: content})


@pytest.mark.parametrize("path", TEXTS)
@given(content=st.binary(max_size=200))
@settings(max_examples=40)
def test_any_bytes(path, content):
    ends({**TEXTS, path: content})


@given(changes=st.lists(CHANGES, min_size=1, max_size=6))
def test_headers_changed_by_chance(changes):
    content = WHOLE
    for change in changes:
        content = changed(content, *change)
    ends({RPM: rpm(content)})


@given(
    st.lists(
        st.tuples(*[st.sampled_from([0, 1, 6, 8, 63, 1000, 1001, 1030, 2**31, 2**32 - 1]) for _ in range(4)]),
        max_size=8,
    ),
    st.binary(max_size=64),
)
def test_headers_of_any_index(entries, store):
    """No digest stands in these: only bounds keep them from being read."""
    index = b"".join(struct.pack(">IIII", *entry) for entry in entries)
    ends({RPM: rpm(struct.pack(">II", len(entries), len(store)) + index + store)})


@given(changes=st.lists(CHANGES, min_size=1, max_size=4), spread=st.integers(1, 97))
@example(changes=[(1852, b"\x80", "over")], spread=64)
def test_databases_of_sqlite_changed_by_chance(changes, spread):
    content = rpm(WHOLE, header(package("b")))
    for at, what, how in changes:
        content = changed(content, at * spread, what, how)
    ends({RPM: content})


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE INDEX lies ON Packages(hnum, blob)",
        "CREATE INDEX twice ON Packages(blob)",
        "CREATE TABLE big AS WITH RECURSIVE n(x) AS (SELECT 1 UNION SELECT x + 1 FROM n LIMIT 3000) SELECT 1 FROM n",
    ],
)
def test_what_else_is_in_a_database_changes_nothing(statement):
    honest, other = (found({RPM: content}) for content in (rpm(WHOLE), rpm(WHOLE, after=[statement])))
    assert honest == other


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON Packages BEGIN DELETE FROM Packages; END",
        "CREATE VIEW seen AS SELECT 1",
        "CREATE TABLE slow (x CHECK (x GLOB '*a*a*a*a*a*a*a*a*a*b'))",
        "CREATE INDEX computed ON Name(abs(hnum))",
        "CREATE INDEX partial ON Name(key) WHERE key GLOB '*a*a*a*a*b'",
        "CREATE VIRTUAL TABLE words USING fts5(x)",
    ],
)
def test_what_computes_in_a_database_is_refused(statement):
    with pytest.raises(Refused, match="as no database of rpm has"):
        found({RPM: rpm(WHOLE, after=[statement])})


def test_a_constraint_that_takes_for_ever_is_never_asked():
    endless = "CREATE TABLE slow (x CHECK (x NOT GLOB '" + "*a" * 40 + "*b'))"
    content = rpm(WHOLE, after=[endless, "INSERT INTO slow VALUES ('cccccccccc')"]).replace(b"c" * 10, b"a" * 10)
    with pytest.raises(Refused, match="as no database of rpm has"):
        found({RPM: content})


def test_a_generated_column_that_calls_a_function_is_refused():
    table = "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB AS (zeroblob(1000000000)))"
    connection = sqlite3.connect(":memory:")
    connection.execute(table)
    connection.execute("CREATE TABLE Name (key, hnum, idx)")
    connection.execute("INSERT INTO Packages (hnum) VALUES (1)")
    connection.commit()
    with pytest.raises(Refused, match="as no database of rpm has"):
        found({RPM: connection.serialize()})
    connection.close()
