"""The one reader of JSON objects: each way to ask for a field, what it takes, and what it says of anything else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.severity import Severity
from verifier.formats.json.fields import Fields

DIGEST, MOMENT = Digest.of(b"x"), datetime(2026, 3, 1, 12, tzinfo=UTC)
ABSENT = object()

ASKED = {
    "text": lambda fields: fields.text("a"),
    "optional_text": lambda fields: fields.optional_text("a"),
    "string": lambda fields: fields.string("a"),
    "optional_string": lambda fields: fields.optional_string("a"),
    "choice": lambda fields: fields.choice("a", Severity),
    "digest": lambda fields: fields.digest("a"),
    "optional_digest": lambda fields: fields.optional_digest("a"),
    "moment": lambda fields: fields.moment("a"),
    "optional_moment": lambda fields: fields.optional_moment("a"),
    "count": lambda fields: fields.count("a"),
    "optional_count": lambda fields: fields.optional_count("a"),
    "whole": lambda fields: fields.whole("a"),
    "optional_whole": lambda fields: fields.optional_whole("a"),
    "flag": lambda fields: fields.flag("a"),
    "strings": lambda fields: fields.strings("a", most=2),
    "texts": lambda fields: fields.texts("a", most=2),
    "digests": lambda fields: fields.digests("a", most=2),
}

TAKEN = [
    ("text", "x", "x"),
    ("optional_text", None, None),
    ("optional_text", ABSENT, None),
    ("string", "", ""),
    ("optional_string", "", ""),
    ("optional_string", None, None),
    ("choice", "error", Severity.ERROR),
    ("digest", str(DIGEST), DIGEST),
    ("optional_digest", None, None),
    ("moment", "2026-03-01T12:00:00Z", MOMENT),
    ("optional_moment", None, None),
    ("count", 0, 0),
    ("optional_count", None, None),
    ("whole", -1, -1),
    ("optional_whole", None, None),
    ("flag", False, False),
    ("strings", ["", "x"], ("", "x")),
    ("texts", ["x"], ("x",)),
    ("digests", [str(DIGEST)], (DIGEST,)),
]

REFUSED = [
    ("text", ABSENT, "is missing, expected a non-empty string"),
    ("text", "", "is an empty string, expected a non-empty string"),
    ("optional_text", "", "is an empty string, expected a non-empty string"),
    ("string", ABSENT, "is missing, expected a string"),
    ("string", None, "is missing, expected a string"),
    ("optional_string", 1, "is a number, expected a string"),
    ("choice", "fatal", "is 'fatal', expected one of error, warning, note"),
    ("choice", ["error"], "is an array, expected a non-empty string"),
    ("digest", ABSENT, "is missing, expected a non-empty string"),
    ("digest", "sha256:00", "is not a digest: "),
    ("optional_digest", "", "is an empty string, expected a non-empty string"),
    ("moment", ABSENT, "is missing, expected an RFC 3339 time"),
    ("moment", "", "is an empty string, expected a non-empty string"),
    ("optional_moment", "yesterday", "is not a time: "),
    ("optional_moment", 1, "is a number, expected a non-empty string"),
    ("count", ABSENT, "is missing, expected a whole number from 0 on"),
    ("count", -1, "is a number, expected a whole number from 0 on"),
    ("count", True, "is a boolean, expected a whole number from 0 on"),
    ("optional_count", -1, "is a number, expected a whole number from 0 on"),
    ("whole", None, "is missing, expected a whole number"),
    ("whole", True, "is a boolean, expected a whole number"),
    ("optional_whole", 1.0, "is a number, expected a whole number"),
    ("flag", None, "is missing, expected a boolean"),
    ("flag", 0, "is a number, expected a boolean"),
    ("strings", ABSENT, "is missing, expected an array"),
    ("strings", ["x", None], "holds missing, expected a string"),
    ("strings", ["x"] * 3, "has 3 items, expected at most 2"),
    ("texts", [""], "holds an empty string, expected a non-empty string"),
    ("digests", ["x"], "is not a digest: "),
]


def fields(value, **changes) -> Fields:
    return Fields(value=value, **({"code": "verdict.malformed", "subject": "s"} | changes))


def holding(value, **changes) -> Fields:
    return fields({} if value is ABSENT else {"a": value}, **changes)


def message(ask) -> str:
    with pytest.raises(Refused) as caught:
        ask()
    (reason,) = caught.value.reasons
    assert (reason.code, reason.subject) == ("verdict.malformed", "s")
    return reason.message


@pytest.mark.parametrize(("way", "value", "read"), TAKEN)
def test_what_was_asked_for_is_taken(way, value, read):
    found = ASKED[way](holding(value))
    assert (found, type(found)) == (read, type(read))


@pytest.mark.parametrize(("way", "value", "said"), REFUSED)
def test_anything_else_is_refused_with_its_path(way, value, said):
    assert message(lambda: ASKED[way](holding(value))).startswith(f"a {said}")
    assert message(lambda: ASKED[way](holding(value, path="b.c"))).startswith(f"b.c.a {said}")


def test_every_way_is_tried():
    assert {way for way, *_ in TAKEN} == {way for way, *_ in REFUSED} == set(ASKED)


def test_exactly_these_members():
    assert fields({"a": None, "b": 1}).exactly("a", "b")
    assert message(lambda: fields({"a": 1}).exactly("a", "b")) == "b is missing"
    assert message(lambda: fields({"a": 1, "c": 1}).exactly("a")) == "c is unknown, expected only a"
    assert message(lambda: fields({}, path="p").exactly("a")) == "p.a is missing"


def test_a_key_that_go_takes_for_another_is_refused_before_anything_is_read():
    with pytest.raises(Refused) as caught:
        fields({"A": 1}).exactly("a")
    assert [reason.code for reason in caught.value.reasons] == ["json.case-variant-key"]


def test_an_object_within_says_where_it_stands():
    inner = fields({"a": {"b": [{}]}}).object("a").objects("b", most=1)[0]
    assert message(lambda: inner.text("c")) == "a.b[0].c is missing, expected a non-empty string"
    assert message(lambda: Fields.of([], code="verdict.malformed", subject="s")) == (
        "the document is an array, expected an object"
    )
