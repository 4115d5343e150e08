"""Whatever a record is made into, it is read and judged, or refused by a code: nothing else is ever raised."""

import copy
import json

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.audit.made import package
from tests.support.audit.osv import document, entry, outcome, read
from verifier.audit.database.kept import kept, record_of_kept
from verifier.audit.matching import Affected, NotAffected, Undecided, judge
from verifier.audit.severity import rating_of
from verifier.formats.osv.record import Record
from verifier.formats.osv.yaml_reading import record_of_yaml

WHOLE = document(
    published="2024-01-01T00:00:00Z",
    aliases=["CVE-2024-1"],
    related=["CVE-2024-2"],
    summary="s",
    details="d",
    severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    references=[{"type": "WEB", "url": "https://acme.example"}],
    database_specific={"severity": "HIGH"},
    affected=[entry(versions=["1.0", "1.1"], severity=[{"type": "Ubuntu", "score": "low"}])],
)
WORDS = st.sampled_from(
    [
        *WHOLE,
        "introduced",
        "fixed",
        "last_affected",
        "limit",
        "0",
        "*",
        "GIT",
        "SEMVER",
        "PyPI",
        "2.0",
        "CVSS_V4",
        "Withdrawn",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(), inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    """The path of every value in a document."""
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))


PLACES = sorted(places(WHOLE), key=repr)[1:]


def changed(path, value):
    whole = copy.deepcopy(WHOLE)
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return whole


@settings(max_examples=400)
@given(path=st.sampled_from([path for path in PLACES if path]), value=VALUES)
def test_a_record_with_any_value_anywhere_is_read_and_judged_or_refused(path, value):
    content = json.dumps(changed(path, value)).encode()
    found = outcome(lambda: read(content))
    assert isinstance(found, str | Record)
    if isinstance(found, Record):
        assert record_of_kept(kept(json.loads(content)), bytes.fromhex(found.digest)) == found
        assert isinstance(judge(found, package()), Affected | NotAffected | Undecided)
        rating_of(found, package())


@settings(max_examples=400)
@given(
    where=st.integers(0, 10_000),
    put=st.binary(max_size=6)
    | st.sampled_from([b"&a ", b"*a", b"!x ", b"- ", b": ", b"\n", b"{", b"[", b"? ", b"<<: ", b"\t"]),
    cut=st.integers(0, 20),
)
def test_yaml_with_any_bytes_anywhere_is_read_and_judged_or_refused(where, put, cut):
    content = yaml.safe_dump(WHOLE).encode()
    at = where % len(content)
    found = outcome(lambda: record_of_yaml(content[:at] + put + content[at + cut :], subject="record.yaml"))
    assert isinstance(found, str | Record)
    if isinstance(found, Record):
        assert isinstance(judge(found, package()), Affected | NotAffected | Undecided)
