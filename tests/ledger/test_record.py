"""States and events as text: one value, one text, and a chain that shows every change."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledgers.contract import FULL
from tests.support.ledgers.samples import NOW, SCOPE, content, event, state
from verifier.core.digest import Digest
from verifier.core.verdict import Input
from verifier.ledger.interface import EventKind, Head
from verifier.ledger.record import (
    GENESIS,
    canonical,
    chain,
    event_text,
    read_canonical,
    read_event,
    read_state,
    state_text,
)
from verifier.ledger.sqlite.schema import MIGRATIONS
from verifier.versions.memory import Tag
from verifier.versions.state import Effect

STATES = [state("1.0.0"), FULL]
JUDGED = (Input(kind="attestation", digest=content("a")), Input(kind="trusted-root", digest=content("r")))
EVENT = replace(
    event(version="1.0.0", epoch=0, digest=content("x"), reasons=("version.rollback",)),
    sequence=1,
    rule=content("rule"),
    inputs=JUDGED,
)


@pytest.mark.parametrize("known", STATES)
def test_a_state_is_read_as_it_was_written(known):
    assert read_state(state_text(known)) == known


def test_an_event_is_read_as_it_was_written():
    assert read_event(event_text(EVENT)) == EVENT


@given(
    texts=st.lists(st.text(max_size=20), min_size=5, max_size=5),
    epoch=st.none() | st.integers(0, 9),
    kind=st.sampled_from(EventKind),
    later=st.timedeltas(timedelta(0), timedelta(days=9999)),
)
def test_any_event_survives_writing_and_reading(texts, epoch, kind, later):
    scope, version, comment, actor, detail = texts
    written = event_text(
        replace(
            EVENT,
            scope=scope,
            version=version,
            comment=comment,
            actor=actor,
            detail=detail,
            epoch=epoch,
            kind=kind,
            time=NOW + later,
        )
    )
    assert event_text(read_event(written)) == written
    assert written.isascii()
    assert canonical(read_canonical(written)) == written


@pytest.mark.parametrize("hostile", ["\ud800", '"', "\\", "\x00\x7f", "\u2028", '","state":"', "😀"])
def test_the_text_of_an_event_is_canonical_whatever_it_says(hostile):
    tag = Tag(name="registry.example/app:1.0", digest=content("x"), after=3)
    told = Input(kind=hostile, digest=Digest(algorithm=hostile, value=hostile))
    every = dict.fromkeys(("scope", "version", "scheme", "detail", "comment", "actor", "correlation_id"), hostile)
    effect = Effect(mark=FULL.mark, floor=FULL.floor, quarantined_versions=FULL.quarantined_versions)
    said = replace(EVENT, **every, reasons=(hostile,), inputs=(told,), tag=tag, layers=(content("a"), content("b")))
    for chained in ({}, {"previous": content("p"), "beside": GENESIS}, {"beside": GENESIS}):
        text = event_text(replace(said, effect=effect, state=content("s"), time_seen=NOW, **chained))
        assert canonical(json.loads(text)) == text


@given(known=st.sampled_from(STATES), version=st.text(min_size=1, max_size=9))
def test_the_text_of_a_state_is_canonical(known, version):
    hostile = replace(known.mark)
    object.__setattr__(hostile, "version", version)  # what no scheme would let through
    text = state_text(replace(known, mark=hostile))
    assert canonical(read_canonical(text)) == text


OTHER_SPELLINGS = {
    "a space": lambda text: text.replace(":", ": ", 1),
    "a leading space": lambda text: " " + text,
    "a trailing newline": lambda text: text + "\n",
    "an unknown member": lambda text: canonical({**json.loads(text), "zz": 1}),
    "a member less": lambda text: canonical(dict(list(json.loads(text).items())[:-1])),
    "a duplicate member": lambda text: text[:-1] + "," + text[1:].split(",", 1)[0] + "}",
    "an array": lambda text: f"[{text}]",
    "nothing": lambda text: text[:0],
    "half of it": lambda text: text[: len(text) // 2],
    "deep nesting": lambda text: "[" * 100_000 + text,
    "a float": lambda text: text.replace('"revision":1', '"revision":1.0').replace('"sequence":1', '"sequence":1.0'),
    "true for a number": lambda text: text.replace('"revision":1', '"revision":true').replace(
        '"sequence":1', '"sequence":true'
    ),
    "another spelling of a time": lambda text: text.replace("12:00:00Z", "12:00:00.000000Z"),
    "NaN": lambda text: text.replace('"epoch":0', '"epoch":NaN'),
    "a large number": lambda text: text.replace('"epoch":0', '"epoch":' + "9" * 5000),
    "a negative epoch": lambda text: text.replace('"epoch":0', '"epoch":-1'),
    "an upper-case digest": lambda text: text.replace(content("x").value, content("x").value.upper()).replace(
        content("1.0.0").value, content("1.0.0").value.upper()
    ),
}


@pytest.mark.parametrize("spelling", OTHER_SPELLINGS)
def test_any_other_spelling_of_a_state_is_refused(spelling):
    with pytest.raises(ValueError, match=r"."):
        read_state(OTHER_SPELLINGS[spelling](state_text(state("1.0.0"))))


@pytest.mark.parametrize("spelling", sorted(set(OTHER_SPELLINGS) - {"a negative epoch"}))
def test_any_other_spelling_of_an_event_is_refused(spelling):
    with pytest.raises(ValueError, match=r"."):
        read_event(OTHER_SPELLINGS[spelling](event_text(EVENT)))


OTHERS = [None, True, 0, -1, 1.0, "", "x", "semver", [], [""], [None], {}, [{}], {"a": 1}, content("y").value]


def places(value, path=()):
    """Where the members of a record are, and the members of these."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in inner:
        yield (*path, step)
        yield from places(member, (*path, step))


@pytest.mark.parametrize(
    ("read", "write", "text"),
    [(read_event, event_text, event_text(EVENT)), *((read_state, state_text, state_text(each)) for each in STATES)],
)
def test_whatever_stands_in_a_member_is_read_as_it_is_or_refused(read, write, text):
    refused = 0
    for path, other in product(places(json.loads(text)), OTHERS):
        changed = json.loads(text)
        place = changed
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = other
        try:
            assert write(read(canonical(changed))) == canonical(changed)
        except ValueError:
            refused += 1
    assert refused > 100


@given(st.text(max_size=200))
def test_hostile_text_is_refused_and_nothing_else_happens(text):
    for read in (read_state, read_event):
        with pytest.raises(ValueError, match=r"."):
            read(text)


def test_the_chain_depends_on_every_event_and_its_place():
    one, two = chain(chain(GENESIS, "a"), "b"), chain(chain(GENESIS, "b"), "a")
    heads = {one, two, chain(GENESIS, "ab"), chain(GENESIS, "a"), GENESIS, chain(chain(GENESIS, "ab"), "")}
    assert len(heads) == 6
    assert one.sequence == 2


def test_the_first_schema_begins_with_the_genesis_head():
    assert f"'{GENESIS.digest}'" in MIGRATIONS[0]


def test_a_head_is_written_and_read():
    head = chain(GENESIS, "a")
    assert Head.parse(str(head)) == head
    for text in (
        "",
        "1",
        f"@{head.digest}",
        f"-1@{head.digest}",
        f"1@sha512:{'0' * 128}",
        f"٣@{head.digest}",
        "1@sha256:0",
    ):
        with pytest.raises(ValueError, match=r"."):
            Head.parse(text)


def test_a_scope_is_part_of_what_the_chain_covers():
    assert SCOPE in event_text(EVENT)
