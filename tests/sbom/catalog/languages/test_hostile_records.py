"""Whatever stands in what a package says of itself: it is listed, or refused by its path."""

import contextlib
import io
import json
from email.parser import HeaderParser

from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.sboms.installed import SITE, go_build_info
from tests.support.sboms.made import contents
from verifier.core.errors import Refused
from verifier.formats.golang.build_info import BuildInfo, NoBuildInfoError, read_build_info
from verifier.sbom.catalog.languages.integrity import hashes_of
from verifier.sbom.catalog.languages.metadata import Headers
from verifier.sbom.catalog.languages.record import read_record
from verifier.sbom.catalog.table import catalog_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = [
    *("name", "version", "license", "licenses", "author", "description", "dependencies", "optionalDependencies"),
    *("peerDependencies", "bundleDependencies", "_resolved", "_integrity"),
]
LINES = st.lists(
    st.sampled_from(
        ["Name: a", "Version: 1", "Name", "Name : x", " more", "\ttab", "", "Summary:", "X-\u00e9: y", ": z", "From a"]
    ),
    max_size=8,
)
GOOD = go_build_info([("path", "a.example/b"), ("mod", "a.example/b", "v1.0.0", "h1:x="), ("dep", "c", "v1", "")])


def listed(path, content):
    """The npm and Python components of an image with this file; None where it is refused by its path."""
    try:
        catalog = catalog_of(contents({path: content}))
    except Refused as refusal:
        if any(reason.subject != path for reason in refusal.reasons):
            raise
        return None
    return [each for each in catalog.components if each.ecosystem in {"npm", "pypi"}]


@given(st.binary(max_size=300) | LINES.map(lambda lines: "\n".join(lines).encode()))
@example(b"Name: \xff\xfe\nVersion: \x00")
@example("Name: a\u2028Version: 2".encode())
def test_any_metadata_is_listed_or_refused_by_its_path(said):
    found = listed(f"{SITE}/a-1.dist-info/METADATA", said)
    assert found is None or len(found) == 1


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]))
def test_headers_are_those_that_python_reads(lines, ending):
    text = ending.join(lines)
    known = HeaderParser().parse(io.StringIO(text, newline=""))
    ours = Headers(text.encode())
    for name in ("Name", "Version", "Summary"):
        assert ours.first(name.lower()).split() == (known[name] or "").split()


@given(st.binary(max_size=300))
@example(b'"' * 299)
@example(b"../../../../a,sha256=x,1\n/etc/passwd,,\n")
def test_no_row_of_a_record_is_of_a_file_outside(said):
    listed_ = read_record(said, site=SITE, is_root=True)
    assert all(row.path and not row.path.startswith("/") for row in listed_.rows)
    assert all(".." not in row.path.split("/") for row in listed_.rows)


@given(st.text(alphabet="./ab\\\0,\n", max_size=40))
def test_paths_of_rows_stay_inside_wherever_they_point(path):
    for site in ("", SITE):
        for row in read_record(f'"{path}",,\n'.encode(), site=site, is_root=False).rows:
            assert not row.path.startswith(("/", "../"))
            assert ".." not in row.path.split("/")


@given(st.binary(max_size=200) | JSON.map(lambda it: json.dumps(it).encode()))
@example(b'{"name":"a","version":1e999}')
def test_any_manifest_is_listed_or_refused_by_its_path(said):
    found = listed("node_modules/a/package.json", said)
    assert found is None or len(found) == 1


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_fields_of_any_type_are_read_or_say_nothing(said):
    found = listed("node_modules/a/package.json", json.dumps(said).encode())
    assert found is None or len(found) == 1


@given(JSON)
def test_any_record_of_npm_is_read_or_refused_by_its_path(said):
    assert not listed("node_modules/.package-lock.json", json.dumps({"packages": said}).encode())


@given(st.binary(max_size=200), st.integers(0, len(GOOD)))
def test_any_build_information_is_read_or_is_none(more, at):
    for excerpt in (GOOD[:at] + more, GOOD[:at] + more + GOOD[at:], more):
        with contextlib.suppress(NoBuildInfoError):
            assert isinstance(read_build_info(excerpt), BuildInfo)


@given(st.text(max_size=200))
def test_any_integrity_is_read_or_is_none(text):
    assert all(len(each.value) in {40, 64, 96, 128} for each in hashes_of(text))
