"""What is refused as a whole has a system error, whatever it is: Gatekeeper takes anything else for "no objection"."""

import json

import pytest

from tests.support.gateway.authority import Authority, tls, trusting
from tests.support.gateway.images import TAGGED, ask, items, request, system_error
from tests.support.gateway.scene import Scene
from verifier.formats.gatekeeper.external_data import MAX_KEYS, MAX_REQUEST_BYTES
from verifier.gateway.settings.settings import check_bundle_path


@pytest.fixture
def gateway(scene, digest):
    with scene.running() as running:
        yield running


def as_gatekeeper_reads_it(body: bytes) -> tuple[list, str]:
    """The items and the system error: what Go's decoder finds, which ignores what it does not know."""
    response = json.loads(body).get("response", {})
    return response.get("items", []), response.get("systemError", "")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"body": ""}, 400),
        ({"body": "{}"}, 400),
        ({"body": request(TAGGED)[:-1]}, 400),
        ({"body": request(TAGGED) * 2}, 400),
        ({"body": request(TAGGED).replace("v1beta1", "v1alpha1")}, 400),
        ({"body": request(*map(str, range(MAX_KEYS + 1)))}, 400),
        ({"body": request("x" * MAX_REQUEST_BYTES)}, 413),
        ({"body": "[" * 200_000}, 400),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
        ({"method": "GET"}, 405),
        ({"method": "PUT"}, 405),
        ({"Host": "gateway.evil.example"}, 421),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_refused_has_no_items_and_a_system_error(gateway, scene, asked, status):
    answer = ask(gateway, TAGGED, **asked)
    assert answer.status == status
    found, why = as_gatekeeper_reads_it(answer.body)
    assert found == []
    assert why.partition(":")[0] in {"request.malformed", "input.too-large", "request.misdirected"}
    assert scene.opened == []


def test_who_does_not_say_who_it_is_has_a_system_error(scene, digest):
    with scene.running(tokens=("a-token-of-gatekeeper",)) as gateway:
        answer = ask(gateway, TAGGED)
        assert (answer.status, as_gatekeeper_reads_it(answer.body)[0]) == (401, [])
        assert system_error(answer).startswith("request.unauthenticated")
        assert items(ask(gateway, TAGGED, Authorization="Bearer a-token-of-gatekeeper"))[TAGGED][0].endswith(digest)


@pytest.mark.parametrize(
    "path", ["/v1beta1/validate/", "/v1beta1/", "/validate", "/healthz", "/status", "/bundles/authz"]
)
def test_another_path_is_no_answer_that_allows_anything(gateway, path):
    answer = gateway.ask(path, "POST", request(TAGGED), Content_Type="application/json")
    found, why = as_gatekeeper_reads_it(answer.body)
    assert (answer.status in {404, 405}, found, bool(why)) == (True, [], True)


def test_a_gateway_without_images_is_no_answer_that_allows_anything(tmp_path):
    scene = Scene(tmp_path)
    with scene.running() as gateway:
        answer = ask(gateway, TAGGED)
    assert (answer.status, as_gatekeeper_reads_it(answer.body)[0]) == (404, [])
    assert "[images]" in system_error(answer)


def test_a_gateway_that_has_no_connection_left_is_no_answer_that_allows_anything(scene, digest):
    head = b"POST /v1beta1/validate HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 40_000
    with scene.running() as gateway:
        told = gateway.raw(head)
    found, why = as_gatekeeper_reads_it(told.partition(b"\r\n\r\n")[2])
    assert (found, bool(why)) == ([], True)


def test_no_keys_are_no_items(gateway):
    answer = ask(gateway, body=request())
    assert (answer.status, answer.json["response"]["items"], system_error(answer)) == (200, [], "")


def test_a_request_that_ends_early_asks_nothing(gateway, scene):
    head = b"POST /v1beta1/validate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    connection = gateway.connection()
    connection.connect()
    connection.sock.sendall(head + b"Content-Length: 1000\r\n\r\n" + request(TAGGED).encode()[:50])
    connection.close()
    assert ask(gateway, TAGGED).status == 200
    assert len(scene.opened) == 1


class TestMutualTls:
    """Gatekeeper shows the certificate of its webhook, and asks by TLS 1.3."""

    def test_lets_in_who_has_a_certificate_of_its_authority(self, scene, digest, tmp_path):
        ours, gatekeepers = Authority(tmp_path, "ours"), Authority(tmp_path, "gatekeeper")
        with scene.running(tls=tls(ours, gatekeepers)) as gateway:
            gateway.context = trusting(ours, gatekeepers.issue("gatekeeper-webhook"))
            assert items(ask(gateway, TAGGED))[TAGGED][0].endswith(digest)
            gateway.context = trusting(ours)
            answer = ask(gateway, TAGGED)
        assert (answer.status, as_gatekeeper_reads_it(answer.body)[0]) == (401, [])
        assert system_error(answer).startswith("request.unauthenticated")


def test_a_bundle_cannot_take_the_path():
    with pytest.raises(ValueError, match="page of the gateway"):
        check_bundle_path("/v1beta1/validate")
