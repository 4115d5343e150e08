"""What a role may tell a PostgreSQL ledger of tags and layers past our own code: what any reader can read, no more."""

import contextlib
import json

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledgers.images_contract import APP, BASE, tagged
from tests.support.ledgers.samples import SCOPE, content, event
from tests.support.peers.postgres_server import CALL, DENIED, ledger_database
from verifier.core.value import replace
from verifier.ledger.history import check, history
from verifier.ledger.interface import EventKind
from verifier.ledger.postgres.rows import members_of
from verifier.ledger.postgres.store import open_ledger
from verifier.versions.memory import MAX_TAG, Tag

pytestmark = pytest.mark.interop

DIGEST = str(content("x"))
HEX = DIGEST.removeprefix("sha256:")
LAYERS, TAG = 17, 18
"""Where they stand among what is told."""


def tag(after="0", digest=f'"{DIGEST}"', name='"a/b:c"'):
    return f'{{"after":{after},"digest":{digest},"name":{name}}}'


def layers(*chains):
    return json.dumps(chains, separators=(",", ":"))


BAD_TAGS = [
    *(tag(after=after) for after in ("01", "-1", "+1", "1e3", "0.0", '"0"', "null", "true", "[]", "9" * 19, "9" * 400)),
    *(
        tag(digest=digest)
        for digest in ("null", '""', f'"{DIGEST.upper()}"', f'"{DIGEST}0"', '"sha512:00"', f'"{HEX}"')
    ),
    *(
        tag(name=name)
        for name in ("null", '""', '"a b"', '"a\\nb"', '"a\\"b"', '"ä/b:c"', '"\\u0061/b:c"', "7", "[]", "'a'")
    ),
    tag(name=f'"{"a" * (MAX_TAG + 1)}"'),
    f" {tag()}",
    f"{tag()} ",
    tag().replace(":", ": ", 1),
    tag().replace("}", ',"more":1}'),
    tag().replace("{", '{"after":0,'),
    f'{{"digest":"{DIGEST}","after":0,"name":"a/b:c"}}',
    f"[{tag()}]",
    '"a/b:c"',
    "{}",
    "",
    "true",
]
BAD_LAYERS = [
    "[]",
    "{}",
    "",
    f'"{DIGEST}"',
    f"[ {layers(DIGEST)[1:]}",
    layers(DIGEST, DIGEST),
    layers(DIGEST.upper()),
    layers(f"{DIGEST}0"),
    layers(DIGEST[:-1]),
    layers(HEX),
    layers(None),
    layers([DIGEST]),
    layers(*(str(content(str(number))) for number in range(65))),
    f"{layers(DIGEST)},",
    f"[{layers(DIGEST)}]",
]


@pytest.fixture(scope="module")
def database_of_all(postgres):
    return ledger_database(postgres)


@pytest.fixture
def call(postgres, database_of_all):
    """Tells the ledger of an acceptance with these texts in place of its tag and layers; whether it was written."""
    with postgres.connect("authz_loader", database_of_all) as connection:

        def call(told=None, said=None, changed=None):
            texts = members_of(replace(event(digest=content("x")), **(changed or {}))).split("\n")
            texts[TAG], texts[LAYERS] = told or texts[TAG], said or texts[LAYERS]
            if told == "" or said == "":
                texts[TAG if told == "" else LAYERS] = ""
            with contextlib.suppress(*DENIED, psycopg.errors.DataError):
                row = connection.execute(CALL.format("record"), ("\n".join(texts), None, None)).fetchone()
                return row != (None,)
            return False

        yield call


@pytest.mark.parametrize("text", BAD_TAGS)
def test_what_is_no_tag_is_not_written(call, text):
    assert not call(told=text)


@pytest.mark.parametrize("text", BAD_LAYERS)
def test_what_are_no_layers_are_not_written(call, text):
    assert not call(said=text)


@pytest.mark.parametrize("changed", [{"kind": EventKind.DENIED}, {"digest": None}])
def test_what_accepts_no_image_tells_of_none(call, changed):
    assert not call(told=tag(), changed=changed)
    assert not call(said=layers(DIGEST), changed=changed)


def test_one_member_more_or_less_is_refused(postgres, database_of_all):
    texts = members_of(event(digest=content("x"))).split("\n")
    with postgres.connect("authz_loader", database_of_all) as connection:
        for wrong in (texts[:-1], texts[:-2], [*texts, "null"]):
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
                connection.execute(CALL.format("record"), ("\n".join(wrong), None, None))


def test_what_is_written_can_be_read_by_everybody(postgres, call, database_of_all):
    assert call(told=tag(name=f'"{"a" * MAX_TAG}"'), said=layers(DIGEST))
    assert not call(told=tag(name=f'"{"a" * MAX_TAG}"'))
    with open_ledger(postgres.url("authz_auditor", database_of_all)) as ledger:
        check(ledger)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.booleans()), max_size=12))
def test_a_tag_is_told_of_after_the_event_that_told_of_it_last(postgres, steps):
    """As the store in memory and the checker have it."""
    with open_ledger(postgres.url("authz_loader", ledger_database(postgres))) as ledger:
        places = {}
        for number, (name, wrong, with_layers) in enumerate(steps, start=1):
            held = len(list(history(ledger)))
            after = places.get(name, 0) + wrong
            change = tagged(
                f"1.{number}.0",
                name=f"{APP}:{name}",
                after=after,
                revision=held + 1,
                layers=BASE[:1] if with_layers else (),
            )
            assert ledger.swap((change,)) == (wrong == 0)
            if not wrong:
                places[name] = held + 1
        check(ledger)


def test_the_tag_of_another_scope_or_name_is_in_nobodys_way(postgres, call):
    assert call(told=tag(name='"a/b:one"'))
    assert call(told=tag(name='"a/b:two"'))
    assert call(told=tag(name='"a/b:one"'), changed={"scope": f"{SCOPE}-2"})
    assert not call(told=tag(name='"a/b:one"'))


def test_a_tag_that_looks_like_sql_is_a_name_or_nothing(call):
    for name in ("a/b:c'", "a/b:c;--", "a/b:%", "a/b:c' OR 1=1"):
        assert not call(told=tag(name=json.dumps(name)))
        with pytest.raises(ValueError, match="a tag is"):
            Tag(name=name, digest=content("x"))
