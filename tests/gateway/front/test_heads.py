"""What is kept of requests that were read before: only plain questions, whole, and so many."""

import pytest

from verifier.gateway.front.heads import MAX_BYTES, MOST_HEADS, Heads

ASKED = [(b"host", b"x"), (b"if-none-match", b'"a"')]


def scope(**changes):
    return {"http_version": "1.1", "method": "GET", "path": "/bundles/authz"} | changes


def test_the_same_bytes_say_the_same():
    heads = Heads()
    head = heads.keep(b"GET ...", scope(), [*ASKED, (b"prefer", b"wait=30")])
    assert heads.find(b"GET ...") is head
    assert (head.path, head.fields[b"host"], head.wait) == ("/bundles/authz", b"x", 30.0)


def test_other_bytes_are_read():
    heads = Heads()
    heads.keep(b"GET ...", scope(), ASKED)
    assert heads.find(b"GET ... ") is None
    assert heads.find(b"get ...") is None


@pytest.mark.parametrize(
    "field", [b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"connection"], ids=bytes.decode
)
def test_a_request_that_is_more_than_a_question_is_read_every_time(field):
    assert Heads().keep(b"x", scope(), [*ASKED, (field, b"0")]) is None


@pytest.mark.parametrize("changes", [{"method": "POST"}, {"http_version": "1.0"}], ids=str)
def test_a_request_of_another_kind_is_read_every_time(changes):
    assert Heads().keep(b"x", scope(**changes), ASKED) is None


def test_a_request_without_a_condition_is_read_every_time():
    assert Heads().keep(b"x", scope(), ASKED[:1]) is None


def test_a_long_request_is_read_every_time():
    assert Heads().keep(b"x" * (MAX_BYTES + 1), scope(), ASKED) is None


def test_several_conditions_are_one_list():
    head = Heads().keep(b"x", scope(), [*ASKED, (b"if-none-match", b'"b"')])
    assert head.fields[b"if-none-match"] == b'"a", "b"'


def test_whoever_sends_ever_others_fills_no_memory():
    heads = Heads()
    for number in range(10 * MOST_HEADS):
        heads.keep(b"%d" % number, scope(), ASKED)
    kept = [number for number in range(10 * MOST_HEADS) if heads.find(b"%d" % number)]
    assert 0 < len(kept) <= MOST_HEADS


def test_a_token_is_in_no_text_that_is_made_of_it():
    head = Heads().keep(b"secret", scope(), [*ASKED, (b"authorization", b"Bearer secret")])
    assert "secret" not in repr(head)
