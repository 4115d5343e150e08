"""Tokens in the place of a password: an identity token for the token service, a registry token for the registry."""

import json
import urllib.parse

import pytest

from tests.support.net.registries import NAME, registry
from tests.support.net.servers import server
from verifier.core.errors import Refused
from verifier.formats.oci.logins import Login
from verifier.formats.oci.manifest import parse_reference
from verifier.net.access import Access
from verifier.net.registry.repository import Repository

SECRET = "1dent1ty"


class Kept:
    def __init__(self, login):
        self._login = login

    def login(self, registry, repository):  # noqa: ARG002  (whoever asks)
        return self._login


class TokenService:
    """Gives a token for the identity token, and for nothing."""

    def __init__(self):
        self.asked = []

    def say(self, exchange):
        form = dict(urllib.parse.parse_qsl(exchange.sent().decode()))
        self.asked.append((exchange.command, exchange.path, form, exchange.headers.get("authorization")))
        given = form.get("refresh_token") == SECRET
        exchange.answer(200 if given else 401, json.dumps({"access_token": "t0ken"}).encode() if given else b"")


@pytest.fixture
def held():
    with registry() as running:
        running.token = "t0ken"
        yield running


@pytest.fixture
def opened(held):
    made = []

    def open_repository(login, **access):
        made.append(Repository(parse_reference(held.reference), Access(stored=Kept(login), attempts=1, **access)))
        return made[-1]

    yield open_repository
    for each in made:
        each.close()


def reason(call, *arguments):
    with pytest.raises(Refused) as refused:
        call(*arguments)
    return refused.value.reasons[0]


def test_an_identity_token_is_exchanged_at_the_registrys_own_token_service(held, opened):
    service = TokenService()
    held.instead["/token"] = service.say
    assert opened(Login(identity_token=SECRET)).manifest("1").content
    form = {
        "grant_type": "refresh_token",
        "client_id": "policy-verifier",
        "refresh_token": SECRET,
        "service": "registry.test",
        "scope": f"repository:{NAME}:pull",
    }
    assert service.asked == [("POST", "/token", form, None)]


def test_it_goes_to_nobody_else(held, opened):
    service = TokenService()
    with server(service.say) as other:
        held.realm = f"{other.url}/token"
        found = reason(opened(Login(identity_token=SECRET), allow_private=True).manifest, "1")
        assert "were not sent to" in found.message
        assert [(method, form) for method, _, form, _ in service.asked] == [("GET", {})]
        assert SECRET not in json.dumps(service.asked)


def test_nor_to_where_the_token_service_redirects(held, opened):
    with server(lambda exchange: exchange.answer(200, b'{"token": "t0ken"}')) as other:
        held.instead["/token"] = lambda exchange: (exchange.sent(), exchange.answer(307, Location=f"{other.url}/x"))
        found = reason(opened(Login(identity_token=SECRET), allow_private=True).manifest, "1")
        assert found.code == "input.token-request-refused"
        assert other.seen == []


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_a_token_service_that_does_not_take_it_is_not_asked_without_it(held, opened, status):
    asked = []
    held.instead["/token"] = lambda exchange: (asked.append(exchange.sent()), exchange.answer(status))
    assert reason(opened(Login(identity_token=SECRET)).manifest, "1").code == "input.unreachable"
    assert len(asked) == 1


def test_it_is_no_password(held, opened):
    held.basic = "Basic x"
    assert "do not have" in reason(opened(Login(identity_token=SECRET)).manifest, "1").message


def test_a_registry_token_is_sent_as_it_is(held, opened):
    assert opened(Login(registry_token="t0ken")).manifest("1").content
    assert held.tokens_asked_for == []


@pytest.mark.parametrize("token", ["wrong", "t0ken\r\nX-Other: 1", "t0ken\0", "tökén", " "])
def test_one_that_is_not_taken_or_cannot_be_sent_is_refused(held, opened, token):
    assert reason(opened(Login(registry_token=token)).manifest, "1").code == "input.unreachable"
    assert not any("x-other" in fields for _, fields in held.running.seen)


def test_no_secret_stands_in_a_representation():
    assert SECRET not in repr(Access(identity_token=SECRET)) + repr(Login(identity_token=SECRET, registry_token=SECRET))
