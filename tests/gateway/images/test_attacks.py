"""What else a client could try: nothing is answered with a value that was not verified, and everything is answered."""

import gzip
import json

import pytest

from tests.support.gateway.images import REPOSITORY, TAGGED, ask, items, request, signed
from tests.support.patience import PATIENCE_S
from verifier.formats.gatekeeper.external_data import MAX_REQUEST_BYTES

HEAD = b"POST /v1beta1/validate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
ASKED = request(TAGGED).encode()


@pytest.fixture
def gateway(scene, digest):
    with scene.running() as running:
        yield running


def sized(body: bytes, head: bytes = HEAD) -> bytes:
    return head + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body


def answers(raw: bytes) -> list[dict]:
    """The documents of all answers on a connection."""
    return [json.loads(each[each.index(b"{") :]) for each in raw.split(b"HTTP/1.1 ")[1:]]


def is_refused(answer: dict) -> bool:
    return answer["response"].get("items", []) == [] and bool(answer["response"]["systemError"])


def test_a_body_that_never_ends_is_given_up(gateway, monkeypatch):
    monkeypatch.setattr("verifier.gateway.images.endpoint.BODY_S", 0.2)
    (answer,) = answers(gateway.raw(HEAD + b"Content-Length: 1000\r\n\r\n" + ASKED[:20]))
    assert is_refused(answer)
    assert answer["response"]["systemError"].startswith("input.unreadable")


def test_a_body_in_endless_pieces_is_bounded(gateway):
    piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    (answer,) = answers(
        gateway.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + piece * (MAX_REQUEST_BYTES // 0x10000 + 1))
    )
    assert is_refused(answer)


def test_a_body_in_pieces_is_one_body(gateway):
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in ASKED)
    raw = gateway.raw(HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n")
    (answer,) = answers(raw)
    assert answer["response"]["items"][0]["value"].startswith(f"{REPOSITORY}@")


def test_a_body_of_two_lengths_is_none(gateway):
    raw = gateway.raw(HEAD + b"Content-Length: 1\r\nContent-Length: %d\r\n\r\n" % len(ASKED) + ASKED)
    assert all(is_refused(each) for each in answers(raw))


def test_two_requests_at_once_are_answered_one_after_the_other(gateway):
    first = HEAD + b"Content-Length: %d\r\n\r\n" % len(ASKED) + ASKED
    found = answers(gateway.raw(first + sized(request("nginx").encode())))
    assert [each["response"]["items"][0]["key"] for each in found] == [TAGGED, "nginx"]


def test_a_packed_body_is_not_unpacked(gateway):
    (answer,) = answers(gateway.raw(sized(gzip.compress(ASKED), HEAD + b"Content-Encoding: gzip\r\n")))
    assert is_refused(answer)


def test_a_type_that_stands_twice_is_none(gateway):
    (answer,) = answers(gateway.raw(sized(ASKED, HEAD + b"Content-Type: text/plain\r\n")))
    assert is_refused(answer)


@pytest.mark.parametrize(
    "path", [b"/v1beta1/%76alidate", b"//v1beta1/validate", b"/v1beta1/./validate", b"/V1BETA1/validate"]
)
def test_another_spelling_of_the_path_is_that_path_or_no_answer(gateway, path):
    (answer,) = answers(gateway.raw(sized(ASKED, HEAD.replace(b"/v1beta1/validate", path, 1))))
    found = answer["response"]
    assert is_refused(answer) or found["items"][0]["value"].startswith(f"{REPOSITORY}@")


def test_a_key_in_disguise_is_not_the_image_that_it_looks_like(gateway, scene):
    keys = [
        TAGGED + " ",
        " " + TAGGED,
        TAGGED + "\u200b",
        TAGGED.replace("acme/app", "acme%2fapp"),
        TAGGED.replace("registry.", "registry\u3002"),
        TAGGED + "#1",
        TAGGED + "?x=1",
        f"user:password@{TAGGED}",
        TAGGED.upper(),
        TAGGED.replace("/acme/", "/acme//"),
    ]
    found = items(ask(gateway, *keys))
    assert {value for value, _ in found.values()} == {""}
    assert scene.opened == []


def test_as_many_keys_as_may_be_are_all_answered(gateway, scene):
    keys = [f"registry.acme.example/acme/app:{number}" for number in range(255)] + [TAGGED]
    found = items(ask(gateway, *keys))
    assert len(found) == 256
    assert {key for key, (value, _) in found.items() if value} <= {TAGGED}


def test_what_a_message_says_cannot_break_out_of_it(gateway):
    key = 'registry.acme.example/acme/app:1"}],"systemError":"","items":[{"value":"x'
    ((_, (value, error)),) = items(ask(gateway, key)).items()
    assert (value, error != "") == ("", True)


def test_a_tag_that_moves_between_two_answers_is_two_digests(scene, place, digest):
    with scene.running(images=scene.images(keep_tags=scene.images().keep_tags * 0)) as gateway:
        first = items(ask(gateway, TAGGED))[TAGGED][0]
        moved = signed(place, label="2.0.0")
        second = items(ask(gateway, TAGGED))[TAGGED][0]
    assert (first, second) == (f"{REPOSITORY}@{digest}", f"{REPOSITORY}@{moved}")


def test_a_client_that_goes_away_takes_nobodys_answer_with_it(scene, place, digest):
    place.gate.clear()
    with scene.running() as gateway:
        connection = gateway.connection()
        connection.request("POST", "/v1beta1/validate", ASKED, {"Content-Type": "application/json"})
        assert place.reached.wait(PATIENCE_S)
        connection.close()
        place.gate.set()
        assert items(ask(gateway, TAGGED))[TAGGED][0] == f"{REPOSITORY}@{digest}"
    assert place.opened == 1
