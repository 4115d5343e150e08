"""Pulling from a registry that holds what it should, or does not."""

import json

import pytest

from tests.support.net.registries import BUNDLE, NAME, descriptor, digest_of, manifest, registry
from tests.support.net.servers import Authority, server
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import (
    BUNDLE_LAYER,
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
    parse_digest,
    parse_reference,
)
from verifier.net.access import Access
from verifier.net.registry.repository import Repository

USER = Access(username="user", password="pass")
USER_FIELD = "Basic dXNlcjpwYXNz"


@pytest.fixture
def held():
    with registry() as running:
        yield running


@pytest.fixture
def opened(held):
    """Opens the repository; all are closed afterwards."""
    made = []

    def open_repository(access=None):
        made.append(Repository(parse_reference(held.reference), access or Access()))
        return made[-1]

    yield open_repository
    for each in made:
        each.close()


def layer(content=BUNDLE, **changes):
    given = {"media_type": BUNDLE_LAYER, "digest": parse_digest(digest_of(content)), "size": len(content)} | changes
    return Descriptor(**given)


def reason(call, *arguments, **options):
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return refused.value.reasons[0]


class TestManifests:
    def test_a_manifest_is_pulled_by_its_tag(self, held, opened):
        pulled = opened().manifest("1")
        assert (pulled.content, pulled.content_type) == (held.manifests["1"][0], OCI_MANIFEST)
        assert pulled.digest == Digest.of(pulled.content)

    def test_it_says_what_it_takes(self, held, opened):
        opened().manifest("1")
        path, fields = held.running.seen[0]
        assert path == f"/v2/{NAME}/manifests/1"
        assert OCI_MANIFEST in fields["accept"].split(", ")

    def test_one_that_is_still_the_same_is_not_sent_again(self, held, opened):
        repository = opened()
        known = repository.manifest("1").digest
        assert repository.manifest("1", known=known) is None
        held.hold(b"newer")
        assert repository.manifest("1", known=known).content == held.manifests["1"][0]

    def test_nor_is_it_taken_for_new_from_a_registry_that_knows_no_conditions(self, held, opened):
        repository = opened()
        content = held.manifests["1"][0]
        held.instead[f"/v2/{NAME}/manifests/1"] = lambda exchange: exchange.answer(body=content)
        assert repository.manifest("1", known=Digest.of(content)) is None

    def test_not_modified_without_having_been_asked_is_refused(self, held, opened):
        held.instead[f"/v2/{NAME}/manifests/1"] = lambda exchange: exchange.answer(304)
        assert reason(opened().manifest, "1").code == "input.unreachable"

    def test_other_bytes_than_the_digest_that_was_asked_for_are_refused(self, held, opened):
        wanted = parse_digest(digest_of(b"something else"))
        held.manifests[str(wanted)] = held.manifests["1"]
        assert reason(opened().manifest, wanted).code == "image.digest-mismatch"

    @pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
    def test_the_digest_that_was_asked_for_is_the_one_that_counts(self, held, opened, algorithm):
        document = held.manifests["1"][0]
        wanted = parse_digest(digest_of(document, algorithm))
        held.manifests[str(wanted)] = held.manifests["1"]
        assert opened().manifest(wanted).digest == wanted

    @pytest.mark.parametrize("stated", [digest_of(b"x"), digest_of(b"x", "sha512"), "sha256:", "md5:00", "nonsense"])
    def test_other_bytes_than_the_digest_that_the_registry_states_are_refused(self, held, opened, stated):
        held.headers["Docker-Content-Digest"] = stated
        assert reason(opened().manifest, "1").code == "image.digest-mismatch"

    def test_a_stated_digest_that_is_right_changes_nothing(self, held, opened):
        stated = digest_of(held.manifests["1"][0])
        held.headers["Docker-Content-Digest"] = stated
        assert str(opened().manifest("1").digest) == stated

    def test_a_manifest_of_two_types_is_neither(self, held, opened):
        def say(exchange):
            exchange.send_response(200)
            for name, value in (("Content-Length", "2"), ("Content-Type", OCI_MANIFEST), ("Content-Type", OCI_INDEX)):
                exchange.send_header(name, value)
            exchange.end_headers()
            exchange.wfile.write(b"{}")

        held.instead[f"/v2/{NAME}/manifests/1"] = say
        assert reason(opened().manifest, "1").code == "image.malformed"

    def test_more_bytes_than_any_manifest_has_are_not_read(self, held, opened):
        held.put(bytes(MAX_MANIFEST_BYTES + 1))
        assert reason(opened().manifest, "1").code == "input.too-large"

    def test_what_is_not_there_is_unreachable(self, opened):
        assert "status 404" in reason(opened().manifest, "2").message


class TestBlobs:
    def test_a_blob_is_pulled(self, opened):
        assert opened().blob(layer(), max_bytes=1_000) == BUNDLE

    def test_an_empty_one_as_well(self, held, opened):
        held.blobs[digest_of(b"")] = b""
        assert opened().blob(layer(b""), max_bytes=1_000) == b""

    def test_a_size_beyond_the_bound_is_not_asked_for(self, held, opened):
        assert reason(opened().blob, layer(), max_bytes=3).code == "input.too-large"
        assert held.running.seen == []

    def test_other_bytes_of_the_same_size_are_refused(self, held, opened):
        held.blobs[digest_of(BUNDLE)] = BUNDLE[::-1]
        assert reason(opened().blob, layer(), max_bytes=1_000).code == "image.digest-mismatch"

    def test_fewer_bytes_than_its_descriptor_says_are_refused(self, opened):
        assert reason(opened().blob, layer(size=len(BUNDLE) + 1), max_bytes=1_000).code == "image.digest-mismatch"

    def test_more_bytes_than_its_descriptor_says_are_not_read(self, opened):
        assert reason(opened().blob, layer(size=len(BUNDLE) - 1), max_bytes=1_000).code == "input.too-large"

    def test_a_redirect_to_storage_gets_no_credentials(self, held, opened):
        held.basic = USER_FIELD
        with server(lambda exchange: exchange.answer(body=BUNDLE)) as storage:
            path = f"/v2/{NAME}/blobs/{digest_of(BUNDLE)}"
            held.instead[path] = lambda exchange: exchange.answer(307, Location=f"{storage.url}/blob?signature=x")
            repository = opened(Access(username="user", password="pass", allow_private=True))
            repository.manifest("1")
            assert repository.blob(layer(), max_bytes=1_000) == BUNDLE
            assert held.running.seen[-1][1]["authorization"] == USER_FIELD
            assert "authorization" not in storage.seen[0][1]

    def test_a_redirect_into_the_network_of_whoever_asks_is_refused(self, held, opened):
        with server(lambda exchange: exchange.answer(body=BUNDLE)) as storage:
            path = f"/v2/{NAME}/blobs/{digest_of(BUNDLE)}"
            held.instead[path] = lambda exchange: exchange.answer(307, Location=storage.url)
            assert reason(opened().blob, layer(), max_bytes=1_000).code == "input.unreachable"
            assert storage.seen == []

    def test_storage_that_asks_for_credentials_does_not_get_them(self, held, opened):
        challenge = f'Bearer realm="{held.running.url}/token"'
        with server(lambda exchange: exchange.answer(401, WWW_Authenticate=challenge)) as storage:
            path = f"/v2/{NAME}/blobs/{digest_of(BUNDLE)}"
            held.instead[path] = lambda exchange: exchange.answer(307, Location=storage.url)
            access = Access(username="user", password="pass", allow_private=True)
            assert reason(opened(access).blob, layer(), max_bytes=1_000).code == "input.unreachable"
            assert held.tokens_asked_for == []


class TestCredentials:
    def test_a_user_name_is_sent_where_it_is_asked_for(self, held, opened):
        held.basic = USER_FIELD
        opened(USER).manifest("1")
        assert [fields.get("authorization") for _, fields in held.running.seen] == [None, USER_FIELD]

    def test_and_not_where_it_is_not(self, held, opened):
        opened(USER).manifest("1")
        assert "authorization" not in held.running.seen[0][1]

    def test_a_token_that_was_configured_is_sent_at_once(self, held, opened):
        held.token = "t0ken"
        opened(Access(bearer_token="t0ken")).manifest("1")
        assert len(held.running.seen) == 1

    def test_a_configured_token_that_is_refused_is_not_exchanged_for_another(self, held, opened):
        held.token = "t0ken"
        found = reason(opened(Access(bearer_token="other")).manifest, "1")
        assert "does not accept the token" in found.message
        assert held.tokens_asked_for == []

    def test_a_wrong_password_is_tried_once(self, held, opened):
        held.basic = "Basic b3RoZXI="
        found = reason(opened(USER).manifest, "1")
        assert (found.code, len(held.running.seen)) == ("input.unreachable", 2)

    def test_without_credentials_there_are_none_to_send(self, held, opened):
        held.basic = USER_FIELD
        assert "credentials we do not have (basic)" in reason(opened().manifest, "1").message

    @pytest.mark.parametrize("challenge", ["", "Bearer", "Bearer realm=x", "x y z", "Bearer realm=\x01", "Digest a=b"])
    def test_a_challenge_that_cannot_be_met_is_refused(self, held, opened, challenge):
        held.instead[f"/v2/{NAME}/manifests/1"] = lambda exchange: exchange.answer(401, WWW_Authenticate=challenge)
        assert reason(opened(USER).manifest, "1").code == "input.unreachable"


class TestTokens:
    def test_a_token_is_asked_for_pulling_and_nothing_else(self, held, opened):
        held.token = "t0ken"
        assert opened(USER).manifest("1") is not None
        assert held.tokens_asked_for == [
            ({"service": ["registry.test"], "scope": [f"repository:{NAME}:pull"]}, USER_FIELD)
        ]

    def test_it_is_used_until_it_is_refused(self, held, opened):
        held.token = "first"
        repository = opened()
        repository.manifest("1")
        repository.blob(layer(), max_bytes=1_000)
        held.token = "second"
        repository.manifest("1")
        assert len(held.tokens_asked_for) == 2

    def test_another_host_s_token_service_gets_no_credentials(self, held, opened):
        held.token = "t0ken"
        answer = json.dumps({"access_token": "t0ken"}).encode()
        with server(lambda exchange: exchange.answer(body=answer)) as service:
            held.realm = f"{service.url}/token?x=y"
            opened(Access(username="user", password="pass", allow_private=True)).manifest("1")
            path, fields = service.seen[0]
            assert path.startswith("/token?x=y&service=registry.test&scope=repository%3A")
            assert "authorization" not in fields

    def test_and_a_refusal_says_so(self, held, opened):
        held.token = "t0ken"
        with server(lambda exchange: exchange.answer(401)) as service:
            held.realm = service.url
            access = Access(username="user", password="pass", allow_private=True)
            assert "were not sent to 127.0.0.1" in reason(opened(access).manifest, "1").message

    def test_but_one_that_the_operator_has_named_does(self, held, tmp_path):
        held.token = "t0ken"
        authority = Authority(tmp_path)
        tls = authority.server_context("localhost", "127.0.0.1")
        answer = json.dumps({"token": "t0ken"}).encode()
        with (
            server(lambda exchange: exchange.answer(body=answer), tls) as service,
            server(held.say, tls) as secured,
        ):
            held.realm = f"https://localhost:{service.port}/token"
            reference = parse_reference(f"127.0.0.1:{secured.port}/{NAME}:1")
            named = {"token_host": f"localhost:{service.port}", "token_service": "registry.test"}
            access = Access(username="user", password="pass", ca_file=authority.file, **named)
            repository = Repository(reference, access)
            assert repository.manifest("1") is not None
            repository.close()
            assert service.seen[0][1]["authorization"] == USER_FIELD

    @pytest.mark.parametrize(
        "realm", ["http://127.0.0.1:1/", "https://169.254.169.254/", "file:///x", "https://u:p@h/"]
    )
    def test_a_token_service_that_nobody_may_be_sent_to_is_not_asked(self, held, opened, realm):
        held.token, held.realm = "t0ken", realm
        assert reason(opened(USER).manifest, "1").code == "input.unreachable"

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (b"{}", "input.unreachable"),
            (b'{"token": ""}', "input.unreachable"),
            (b'{"token": 1}', "input.unreachable"),
            (b'{"token": "a\\r\\nX: y"}', "input.unreachable"),
            (b'{"token": "' + b"a" * 20_000 + b'"}', "input.unreachable"),
            (b'{"token": "a", "token": "b"}', "json.duplicate-key"),
            (b'{"token": "a"} x', "json.trailing-data"),
            (b"[]", "input.unreachable"),
            (b"x" * 70_000, "input.too-large"),
        ],
    )
    def test_an_answer_that_holds_no_token_is_refused(self, held, opened, answer, code):
        held.token = "t0ken"
        held.instead["/token"] = lambda exchange: exchange.answer(body=answer)
        assert reason(opened().manifest, "1").code == code


def test_a_registry_that_is_not_on_loopback_is_asked_with_tls():
    repository = Repository(parse_reference("192.0.2.1.invalid/acme/authz:1"), Access(timeout_s=0.1))
    assert reason(repository.manifest, "1").subject.startswith("https://192.0.2.1.invalid/v2/acme/authz/manifests/1")


def test_a_name_of_docker_hub_is_asked_for_where_it_answers(monkeypatch):
    asked = []

    def resolve(host, *_, **__):
        asked.append(host)
        raise OSError("no network in tests")

    monkeypatch.setattr("socket.getaddrinfo", resolve)
    repository = Repository(parse_reference("docker.io/acme/authz:1"), Access())
    assert reason(repository.manifest, "1").code == "input.unreachable"
    assert asked == ["registry-1.docker.io"]


def test_a_manifest_is_pulled_by_its_digest(held, opened):
    document = manifest(descriptor(b"x"))
    digest = parse_digest(held.put(document, "x"))
    assert opened().manifest(digest).content == document
