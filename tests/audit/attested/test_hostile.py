"""Whatever stands in a scan, wherever: it is refused by name, or counts for no better than what it says."""

import copy

import pytest

from tests.support.audit.scans import EXCUSE, audited, finding, scan
from verifier.audit.attested.reading import read_scan
from verifier.core.errors import Refused
from verifier.formats.audit.result import Rating

BASE = scan(
    finding(severity=Rating("high", "8.6", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:H/A:N"), excuse=EXCUSE),
    packages=[audited(), audited("acme-core", None, status="unknown", why="it has no version")],
)
VALUES = [
    *(None, True, 0, -1, 1e308, "", "x" * 100_000, "\u202e", "\x00", [], {}, [[]], {"a": 1}, 10**30),
    *("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2024-02-30T00:00:00Z", "nan", "inf", "low", "0.0"),
    *("pkg:pypi/" + "a" * 9_000, "pkg:pypi/%2e%2e/x@1", "CVSS:9.9/x", "CVSS:3.1/" + "A:" * 500),
]


def places(value, path=()):
    """Where anything stands in a document."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(each, (*path, key))


PLACES = list(places(BASE))


def put(path, value):
    changed = copy.deepcopy(BASE)
    *into, last = path
    inner = changed
    for each in into:
        inner = inner[each]
    inner[last] = value
    return changed


def read(predicate):
    """The scan, or the code that it is refused with."""
    try:
        return read_scan(predicate)
    except Refused as refusal:
        return refusal.reasons[0].code


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_another_value_anywhere_is_refused_or_hides_nothing(path):
    for value in VALUES:
        found = read(put(path, value))
        if found == "vulnerability.scan-invalid":
            continue
        if path == ("scanner", "result"):
            assert (value, found.items) == ([], ())
        else:
            assert len(found.items) == 2
            # What another scanner's word would be counts; what nobody knew stays unknown.
            assert "unknown" in {each.rating.severity for each in found.items}
