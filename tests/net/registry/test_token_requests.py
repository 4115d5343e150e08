"""What a token service is asked for is ours to say, whatever a registry says, and whom with our password."""

import json
import re
import urllib.parse
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.net.registries import NAME, registry
from tests.support.net.servers import Authority, server
from verifier.core.errors import ConfigurationError, Refused
from verifier.formats.oci.challenge import Challenge
from verifier.formats.oci.manifest import parse_reference
from verifier.net.access import Access
from verifier.net.address import parse_web_address
from verifier.net.registry.repository import Repository
from verifier.net.token_service import token_request

USER = Access(username="user", password="pass")
USER_FIELD = "Basic dXNlcjpwYXNz"
CODE = "input.token-request-refused"
OTHERS_SCOPE = "repository:payroll:push"


@pytest.fixture
def held():
    with registry() as running:
        running.token = "t0ken"
        yield running


@contextmanager
def opened(reference, access):
    repository = Repository(parse_reference(reference), access)
    try:
        yield repository
    finally:
        repository.close()


def pulled(held, access=USER):
    with opened(held.reference, access) as repository:
        return repository.manifest("1")


def refusal(held, access=USER):
    with opened(held.reference, access) as repository, pytest.raises(Refused) as refused:
        repository.manifest("1")
    return refused.value.reasons[0]


def challenged(held, *challenges):
    """Let the registry answer with these challenges, each a field of its own."""

    def say(exchange):
        exchange.send_response(401)
        for each in challenges:
            exchange.send_header("WWW-Authenticate", each)
        exchange.send_header("Content-Length", "0")
        exchange.end_headers()

    held.instead[f"/v2/{NAME}/manifests/1"] = say


REALMS = {
    "a scope": f"?scope={OTHERS_SCOPE}",
    "a scope after something harmless": f"?x=y&scope={OTHERS_SCOPE}",
    "a scope written in percent signs": f"?%73cope={OTHERS_SCOPE}",
    "a scope written in percent signs twice": f"?%2573cope={OTHERS_SCOPE}",
    "a scope in capitals": f"?SCOPE={OTHERS_SCOPE}",
    "a scope as a list": f"?scope[]={OTHERS_SCOPE}",
    "a scope after a semicolon": f"?x=y;scope={OTHERS_SCOPE}",
    "a scope after a blank": f"?+scope={OTHERS_SCOPE}",
    "a scope with NUL": f"?scope%00={OTHERS_SCOPE}",
    "a scope whose name is wide": "?%EF%BD%93cope=a",
    "a scope without a value": "?scope",
    "two scopes": f"?scope=a&scope={OTHERS_SCOPE}",
    "a service": "?service=payroll",
    "an account": "?account=root",
    "a client": "?client_id=verifier",
    "a lasting token": "?offline_token=true",
    "a grant": "?grant_type=password",
    "an audience": "?audience=payroll",
    "a name twice": "?x=1&x=2",
    "an empty name": "?=1",
    "two question marks": f"??scope={OTHERS_SCOPE}",
    "a query of its own": "?x=y",
    "a fragment": "#",
    "a fragment with a scope": f"?x=y#&scope={OTHERS_SCOPE}",
    "an end of the query in a fragment": f"?scope={OTHERS_SCOPE}#",
    "a path that says more": f";scope={OTHERS_SCOPE}",
    "a path with a question mark in disguise": f"%3Fscope={OTHERS_SCOPE}",
    "a path that goes up": "/../../other/token",
    "a path that goes up in disguise": "/%2e%2e/other/token",
    "a path with a backslash": "\\\\other",
    "a path that is long": "/" + "x" * 3_000,
}


class TestARealmThatSaysMoreThanWhere:
    @pytest.mark.parametrize("more", REALMS.values(), ids=REALMS)
    def test_is_refused_and_nothing_is_sent(self, held, more):
        held.realm = f"{held.running.url}/token{more}"
        assert refusal(held).code == CODE
        assert held.tokens_asked_for == []
        assert not any("authorization" in fields for _, fields in held.running.seen)

    @pytest.mark.parametrize("more", [more for name, more in REALMS.items() if name != "a query of its own"])
    def test_without_a_password_as_well(self, held, more):
        held.realm = f"{held.running.url}/token{more}"
        assert refusal(held, Access()).code == CODE
        assert held.tokens_asked_for == []

    @pytest.mark.parametrize(
        "realm", ["", "token", "//h/token", "https://", "https://user@h/", "ftp://h/", "https://h:x/"]
    )
    def test_one_that_is_no_address_is_not_asked(self, held, realm):
        challenged(held, f'Bearer realm="{realm}"')
        assert refusal(held).code == "input.unreachable"

    def test_a_plain_query_of_who_gets_no_password_is_kept_and_ours_follows(self, held):
        held.realm = f"{held.running.url}/token?x=a%26scope%3Db"
        assert pulled(held, Access()) is not None
        asked, _ = held.tokens_asked_for[0]
        assert asked == {"x": ["a&scope=b"], "service": ["registry.test"], "scope": [f"repository:{NAME}:pull"]}


class TestTheScope:
    @pytest.mark.parametrize(
        "scope", [OTHERS_SCOPE, f"repository:{NAME}:pull,push,delete", "registry:catalog:*", "", "x" * 2_000, "a b c"]
    )
    def test_is_ours_whatever_the_challenge_says(self, held, scope):
        challenged(held, f'Bearer realm="{held.running.url}/token",service="s",scope="{scope}"')
        refusal(held)  # it never has enough
        assert [asked["scope"] for asked, _ in held.tokens_asked_for] == [[f"repository:{NAME}:pull"]]

    def test_does_not_follow_from_what_a_quoted_text_holds(self, held):
        challenged(held, f'Bearer realm="{held.running.url}/token",service="a\\"&scope={OTHERS_SCOPE}"')
        refusal(held)
        asked, _ = held.tokens_asked_for[0]
        assert asked == {"service": [f'a"&scope={OTHERS_SCOPE}'], "scope": [f"repository:{NAME}:pull"]}


class TestChallenges:
    @pytest.mark.parametrize("apart", [True, False], ids=["in two fields", "in one"])
    def test_two_of_one_scheme_are_refused(self, held, apart):
        ours, other = f'Bearer realm="{held.running.url}/token"', f'bearer realm="{held.running.url}/other"'
        challenged(held, *((ours, other) if apart else (f"{ours}, {other}",)))
        assert refusal(held).code == CODE
        assert held.tokens_asked_for == []

    @pytest.mark.parametrize(
        "challenge",
        [
            'Bearer realm="{url}/token",realm="{url}/other"',
            'Bearer realm="{url}/token',
            'Bearer realm="{url}/token\\',
            'Bearer realm=="{url}/token"',
            'realm="{url}/token"',
            'Bearer realm="{url}/token",x="' + "y" * 9_000 + '"',
        ],
    )
    def test_one_that_can_be_read_in_two_ways_is_refused(self, held, challenge):
        challenged(held, challenge.format(url=held.running.url))
        assert refusal(held).code == "input.unreachable"
        assert held.tokens_asked_for == []

    def test_a_service_that_is_too_long_is_refused(self, held):
        challenged(held, f'Bearer realm="{held.running.url}/token",service="{"s" * 256}"')
        assert refusal(held).code == CODE

    def test_a_registry_that_never_has_enough_is_asked_twice(self, held):
        challenged(held, f'Bearer realm="{held.running.url}/token"')
        refused = refusal(held)
        assert "does not let us in" in refused.message
        assert f"`docker login {held.running.url.removeprefix('http://')}`" in refused.hint
        assert len(held.tokens_asked_for) == 1


class Apart:
    """A registry and its token service, each by TLS at a port of its own."""

    def __init__(self, held, service, secured, authority):
        self.held, self.service, self.authority = held, service, authority
        self.reference = f"127.0.0.1:{secured.port}/{NAME}:1"
        self.port = service.port
        held.realm = f"https://localhost:{self.port}/token"

    def access(self, **changes):
        chosen = {"token_host": f"localhost:{self.port}", "token_service": "registry.test", "allow_private": True}
        return Access(username="user", password="pass", ca_file=self.authority.file, **(chosen | changes))

    def asked(self):
        return [urllib.parse.parse_qs(path.partition("?")[2]) for path, _ in self.service.seen]

    def passwords(self):
        return [fields.get("authorization") for _, fields in self.service.seen]


@pytest.fixture
def apart(held, tmp_path):
    authority = Authority(tmp_path)
    tls = authority.server_context("localhost", "127.0.0.1")
    answer = json.dumps({"token": "t0ken"}).encode()
    with server(lambda exchange: exchange.answer(body=answer), tls) as service, server(held.say, tls) as secured:
        yield Apart(held, service, secured, authority)


def refused_apart(apart, **changes):
    with opened(apart.reference, apart.access(**changes)) as repository, pytest.raises(Refused) as refused:
        repository.manifest("1")
    return refused.value.reasons[0]


class TestATokenServiceApart:
    def test_gets_the_password_at_the_port_that_was_named(self, apart):
        with opened(apart.reference, apart.access()) as repository:
            assert repository.manifest("1") is not None
        assert apart.passwords() == [USER_FIELD]
        assert apart.asked() == [{"service": ["registry.test"], "scope": [f"repository:{NAME}:pull"]}]

    @pytest.mark.parametrize(
        "named", ["localhost", "localhost:443", "localhost:1", "127.0.0.1:{port}", "localhost.:{port}"]
    )
    def test_does_not_get_it_at_another_port_or_host(self, apart, named):
        with opened(apart.reference, apart.access(token_host=named.format(port=apart.port))) as repository:
            assert repository.manifest("1") is not None
        assert apart.passwords() == [None]

    def test_gets_it_whatever_letters_its_host_is_written_in(self, apart):
        with opened(apart.reference, apart.access(token_host=f"LocalHost:{apart.port}")) as repository:
            assert repository.manifest("1") is not None
        assert apart.passwords() == [USER_FIELD]

    def test_is_not_asked_for_a_service_of_the_registry_s_choosing(self, apart):
        found = refused_apart(apart, token_service=None)
        assert (found.code, "'registry.test'" in found.message) == (CODE, True)
        assert apart.service.seen == []

    def test_nor_for_another_one_than_was_named(self, apart):
        assert refused_apart(apart, token_service="registry.example").code == CODE
        assert apart.service.seen == []

    def test_is_asked_for_the_registry_by_its_own_name(self, apart):
        name = apart.reference.partition("/")[0]
        challenged(apart.held, f'Bearer realm="{apart.held.realm}",service="{name}"')
        refused_apart(apart, token_service=None)
        assert apart.asked()[0]["service"] == [name]

    def test_is_asked_for_the_service_that_was_named_where_the_registry_names_none(self, apart):
        challenged(apart.held, f'Bearer realm="{apart.held.realm}"')
        refused_apart(apart)
        assert apart.asked()[0]["service"] == ["registry.test"]

    def test_the_registry_itself_does_not_get_the_password_of_a_token_host(self, apart):
        challenged(apart.held, "Basic realm=x")
        assert refused_apart(apart).code == CODE
        assert not any("authorization" in fields for _, fields in apart.held.running.seen)

    def test_nor_as_a_token_service_of_its_own(self, apart):
        host = apart.reference.partition("/")[0]
        apart.held.realm = f"https://{host}/token"
        with opened(apart.reference, apart.access()) as repository:
            repository.manifest("1")
        assert [field for _, field in apart.held.tokens_asked_for] == [None]

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_one_that_leads_elsewhere_is_not_followed(self, apart, status):
        more = f"/token?scope={OTHERS_SCOPE}"
        apart.service.say = lambda exchange: exchange.answer(status, Location=more)
        assert refused_apart(apart).code == CODE
        assert len(apart.service.seen) == 1

    def test_its_refusal_is_no_cause_of_itself(self, apart):
        """Such an exception is kept, with all that was read, until Python looks for cycles."""
        apart.service.say = lambda exchange: exchange.answer(404)
        with opened(apart.reference, apart.access()) as repository, pytest.raises(Refused) as refused:
            repository.manifest("1")
        assert refused.value.__cause__ is not refused.value

    def test_its_token_goes_to_no_other_server(self, apart):
        with server(lambda exchange: exchange.answer(body=b"x")) as storage:
            apart.held.instead[f"/v2/{NAME}/manifests/2"] = lambda exchange: exchange.answer(307, Location=storage.url)
            with opened(apart.reference, apart.access()) as repository:
                repository.manifest("1")
                with pytest.raises(Refused):
                    repository.manifest("2")
            assert storage.seen == []


@pytest.mark.parametrize(
    "answer",
    [{"token": "a", "access_token": "b"}, {"token": "a", "access_token": 1}, {"token": "", "access_token": ""}],
)
def test_an_answer_with_two_tokens_or_none_is_refused(held, answer):
    held.instead["/token"] = lambda exchange: exchange.answer(body=json.dumps(answer).encode())
    assert refusal(held).code == "input.unreachable"


def test_an_answer_with_one_token_under_both_names_is_taken(held):
    both = {"token": "t0ken", "access_token": "t0ken", "expires_in": "soon", "refresh_token": "never used"}
    held.instead["/token"] = lambda exchange: exchange.answer(body=json.dumps(both).encode())
    assert pulled(held) is not None


def test_a_token_that_has_run_out_is_asked_for_once_more(held):
    with opened(held.reference, USER) as repository:
        repository.manifest("1")
        held.token = "another"
        assert repository.manifest("1") is not None
    assert len(held.tokens_asked_for) == 2


@pytest.mark.parametrize("host", ["", "https://h", "h/path", "h?", "h#", "user@h", "h:99999", "h:x", "a b", "h\n"])
def test_a_token_host_that_is_none_is_a_mistake(host):
    with pytest.raises(ConfigurationError, match="token_host: must be HOST or HOST:PORT"):
        Access(token_host=host)


_SIGNS = st.sampled_from(
    ["?", "&", "=", ";", "#", "%73", "%26", "%3D", "%00", "%", "+", "/", "\\", "@", ":", "..", "[", "]", "ß", "ſ"]
)
_WORDS = st.sampled_from(
    ["scope", "SCOPE", "service", "account", "client_id", "x", "y", "1", "repository:payroll:push"]
)


@given(st.lists(st.one_of(_SIGNS, _WORDS), max_size=12).map("".join), st.booleans())
def test_whatever_a_realm_says_there_is_one_scope_and_it_is_ours(more, with_password):
    own = parse_web_address("https://registry.example").origin
    challenge = Challenge(scheme="bearer", parameters={"realm": f"https://registry.example/token{more}"})
    access = USER if with_password else Access()
    try:
        asked = token_request(challenge, registry="registry.example", name=NAME, own=own, access=access)
    except (Refused, ValueError):
        return
    assert "#" not in asked.url
    parts = urllib.parse.urlsplit(asked.url)
    assert (parts.scheme, parts.netloc, asked.origin) == ("https", "registry.example", own)
    for separators in ("&", "&;"):  # as readers of either kind take it apart
        pairs = [each.partition("=")[::2] for each in re.split(f"[{separators}]", parts.query)]
        names = [urllib.parse.unquote_plus(urllib.parse.unquote_plus(name)).casefold() for name, _ in pairs]
        assert names.count("scope") == 1
        assert urllib.parse.unquote_plus(pairs[names.index("scope")][1]) == f"repository:{NAME}:pull"
        assert not with_password or names == ["scope"]
