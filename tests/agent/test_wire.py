"""What a hook and an agent say to each other is understood in full, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.agent import wire
from verifier.agent.inquiry import inquiry_of
from verifier.agent.wire import MARK, WireError, read, written
from verifier.core.reasons.table import CATALOGUE

KEYS = st.text(st.characters(codec="ascii"), max_size=255)
TEXTS = st.text(st.characters(codec="utf-8"))
FIELDS = st.lists(st.tuples(KEYS, TEXTS), max_size=20)
ASKED = [
    ("by", "verdict"),
    ("kind", "bundle"),
    ("artifact", "authz.tar.gz"),
    ("folder", "/srv"),
    ("name", "authz"),
    ("policy", "1:2:1:3"),
    ("ledger", "1:4:1:3"),
    ("resource-uri", ""),
    ("correlation-id", "c"),
    ("record", "1"),
    ("format", "text"),
    ("detail", "usual"),
    ("columns", "100"),
    ("colours", "0"),
    ("document", "vsa.json"),
    ("bytes", "1000"),
]
ALONE = ASKED[:-2]


def instead(key, text):
    return written([(each, text if each == key else said) for each, said in ASKED])


def in_full(*more):
    return [("by", "evidence"), *ALONE[1:], *more]


@given(FIELDS)
def test_what_is_written_is_read(fields):
    assert read(written(fields)) == fields


@given(st.binary())
def test_whatever_comes_is_read_one_way_or_refused(content):
    try:
        fields = read(MARK + content)
    except WireError:
        return
    assert written(fields) == MARK + content


@given(FIELDS, st.data())
def test_a_message_that_was_cut_is_not_another_one(fields, data):
    whole = written(fields)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        found = read(cut)
    except WireError:
        return
    assert found == fields[: len(found)]
    assert len(found) < len(fields)


@given(st.binary(max_size=200))
def test_an_agent_understands_no_question_with_something_before_or_behind_it(content):
    for message in (content, MARK + content, content + written(ASKED), written(ASKED) + content):
        if message != written(ASKED):
            with pytest.raises(WireError):
                inquiry_of(message)


def test_a_question_says_what_it_says():
    asked = inquiry_of(written([*ALONE, ("level", "A"), ("level", "B"), *ASKED[-2:]]))
    assert (asked.name, asked.record, asked.levels) == ("authz", True, ("A", "B"))
    assert (asked.by_verdict, asked.documents) == (True, (("vsa.json", 1000),))
    assert asked.location == "file:///srv/authz.tar.gz"


@pytest.mark.parametrize("count", [0, 1, 32])
def test_a_question_in_full_has_the_evidence_that_there_is(count):
    documents = [field for _ in range(count) for field in (("document", "a.json"), ("bytes", "0"))]
    asked = inquiry_of(written(in_full(*documents)))
    assert (asked.by_verdict, asked.documents) == (False, (("a.json", 0),) * count)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        written(ALONE),
        written([*ALONE, ("document", "vsa.json")]),
        written([*ALONE, ("bytes", "1000"), ("document", "vsa.json")]),
        written([*ASKED, ("level", "A")]),
        written([*ASKED, *ASKED[-2:]]),
        written([*in_full(("level", "A")), *ASKED[-2:]]),
        written(in_full(*ASKED[-2:] * 33)),
        *(instead("bytes", size) for size in ("", "-1", "01", "1e3", "٣", "1_000", "10000000000", " 1")),
        instead("by", "faith"),
        *(instead("kind", kind) for kind in ("", "image", "artifact")),
        written([("by", "evidence"), ("kind", "image"), *ALONE[2:]]),
        instead("document", ""),
        b"policy-verifier-agent/2\n" + written(ASKED)[len(MARK) :],
        written(ASKED[:-1]),
        written(ASKED[1:]),
        written([*ASKED, ("fallback", "full")]),
        written([*ASKED, ASKED[0]]),
        written([ASKED[1], ASKED[0], *ASKED[2:]]),
        written([*ALONE, *[("level", "A")] * 65, *ASKED[-2:]]),
        *(instead(key, "") for key in ("by", "artifact", "folder", "name", "policy", "ledger", "record", "detail")),
        instead("folder", "srv"),
        instead("record", "yes"),
        instead("detail", "all"),
        instead("colours", "yes"),
        *(instead("columns", columns) for columns in ("", "19", "121", "+80", "080", "١٠٠")),
        instead("name", "a\0b"),
        instead("correlation-id", "c" * 129),
        instead("correlation-id", "a\x1b[2J"),
        instead("resource-uri", "https://user:password@example.org/"),
        instead("resource-uri", "no uri"),
    ],
)
def test_a_question_that_is_not_one_is_not_understood(message):
    with pytest.raises(WireError):
        inquiry_of(message)


def test_every_code_of_an_agent_is_catalogued_as_undecided():
    assert all(CATALOGUE[code].undecided for code in (*wire.CODES, "agent.unreachable", "agent.untrusted"))
