"""What ten mebibytes of a record cost: memory is measured in a child, and no clock is asked."""

import json

import pytest

from tests.support.audit.osv import document, entry, outcome
from tools.worst_case.measure import measured
from verifier.formats.osv.reading import MAX_RECORD_BYTES, record_of_json
from verifier.formats.osv.yaml_reading import record_of_yaml

FULL = MAX_RECORD_BYTES - 4_000
MOST_BYTES = 256 * 1024 * 1024
"""Beside what the process has anyway: 25 bytes for each that was sent."""


def filled(value):
    """A record with `"x": value, value, …` up to what a record may have."""
    head = json.dumps(document(affected=[entry()]))[:-1] + ', "x": ['
    return (head + ",".join([value] * ((FULL - len(head)) // (len(value.encode()) + 1))) + "]}").encode()


def long(member):
    """A record with one more member."""
    return (json.dumps(document(affected=[entry()]))[:-1] + f", {member}}}").encode()


HOSTILE = {
    "arrays": lambda: filled("[]"),
    "objects": lambda: filled("{}"),
    "numbers": lambda: filled("1"),
    "floats": lambda: filled("0.10"),
    "long-texts": lambda: filled(f'"{"x" * 16}"'),
    "wide-texts": lambda: filled(f'"{"😀" * 8}"'),
    "names": lambda: long(",".join(f'"k{number}":{number}' for number in range(250_000))),
    "versions": lambda: json.dumps(document(affected=[entry(versions=[f"1.{n}" for n in range(490_000)])])).encode(),
    "entries": lambda: json.dumps(document(affected=[entry()] * 49_000)).encode(),
    "details": lambda: long(f'"details": "{"é" * (FULL // 3)}"'),
    "escapes": lambda: long('"details": "' + r"\u00e9" * (FULL // 7) + '"'),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("reader", [record_of_json, record_of_yaml], ids=["json", "yaml"])
def test_a_full_record_costs_a_bounded_amount_of_memory(name, reader):
    content = HOSTILE[name]()
    assert MAX_RECORD_BYTES // 4 < len(content) <= MAX_RECORD_BYTES

    def codes(given):
        found = outcome(lambda: reader(given, subject="record"))
        return (found,) if isinstance(found, str) else ("read",)

    cost = measured(codes, content)
    assert len(cost.codes) == 1
    assert not cost.codes[0].startswith("ended")
    assert cost.memory <= MOST_BYTES
