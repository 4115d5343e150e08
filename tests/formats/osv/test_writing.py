"""What is kept of a record is the record."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.audit.osv import advisories, document, entry, read
from verifier.formats.osv.writing import record_of_stored, stored
from verifier.formats.osv.yaml_reading import record_of_yaml


@given(
    summary=st.text(st.characters(exclude_categories=["Cs"])),
    versions=st.lists(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1)),
    micros=st.integers(0, 999_999),
    withdrawn=st.booleans(),
)
def test_what_is_kept_comes_back_equal(summary, versions, micros, withdrawn):
    moment = f"2024-01-01T00:00:00.{micros:06}Z"
    record = read(
        document(
            modified=moment,
            published=moment,
            withdrawn=moment if withdrawn else None,
            summary=summary,
            aliases=["CVE-1"],
            related=["CVE-2"],
            severity=[{"type": "CVSS_V3", "score": "x"}],
            references=[{"type": "WEB", "url": "https://acme.example"}],
            database_specific={"severity": "LOW"},
            affected=[
                entry(versions=versions, severity=[{"type": "Ubuntu", "score": "low"}]),
                entry(ecosystem="npm:1"),
            ],
        )
    )
    assert record_of_stored(stored(record)) == record


@pytest.mark.corpus
def test_every_genuine_record_comes_back_equal():
    records = [record_of_yaml(path.read_bytes(), subject=path.name) for path in advisories()]
    assert [record_of_stored(stored(each)) for each in records] == records


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"7", b"[1,2,3]", json.dumps([None] * 13).encode(), b"[" * 100_000, b"\xff"],
    ids=lambda given: repr(given)[:30],
)
def test_what_was_never_kept_is_a_value_error(content):
    with pytest.raises(ValueError, match=r"."):
        record_of_stored(content)


def test_every_beginning_of_what_is_kept_is_a_value_error():
    whole = stored(read(document()))
    for end in range(len(whole)):
        with pytest.raises(ValueError, match=r"."):
            record_of_stored(whole[:end])
