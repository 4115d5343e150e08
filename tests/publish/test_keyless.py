"""Keyless signing up to where a Sigstore is needed, and with services that misbehave. The rest: tests/interop."""

import base64
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from urllib.parse import quote

import pytest
from id._internal.oidc import ambient
from requests.adapters import HTTPAdapter

from tests.support.attestations.unsigned import STATEMENT
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused
from verifier.publish import keyless
from verifier.publish.identity_token import MAX_TOKEN_BYTES, ambient_identity, find_identity, read_identity
from verifier.publish.keyless import KeylessSigner, attest_keyless, sign_artifact_keyless
from verifier.publish.sigstore_instance import load_instance

START = {"start": "2025-01-01T00:00:00Z"}
CLAIMS = {"iss": "https://issuer.example", "sub": "release", "aud": "sigstore"}


def token(**changes):
    now = int(time.time())
    claims = CLAIMS | {"iat": now, "exp": now + 600} | changes
    present = {name: value for name, value in claims.items() if value is not None}
    parts = [json.dumps({"alg": "ES256"}).encode(), json.dumps(present).encode(), b"a secret signature"]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def signing_config(url, **changes):
    service = {"url": url, "majorApiVersion": 1, "validFor": START, "operator": "test"}
    return {
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        "caUrls": [service],
        "rekorTlogUrls": [service],
        "rekorTlogConfig": {"selector": "ANY"},
        "tsaConfig": {"selector": "ANY"},
    } | changes


@pytest.fixture
def trusted_root(tmp_path):
    """The production instance's, which the library carries."""
    folder = resources.files("sigstore._store").joinpath(quote("https://tuf-repo-cdn.sigstore.dev", safe=""))
    path = tmp_path / "trusted_root.json"
    path.write_bytes(folder.joinpath("trusted_root.json").read_bytes())
    return path


@pytest.fixture
def instance(trusted_root, tmp_path):
    """An instance whose services are at the address given."""

    def at(url, **changes):
        path = tmp_path / "signing_config.json"
        path.write_text(json.dumps(signing_config(url, **changes)))
        return load_instance(trusted_root=trusted_root, signing_config=path)

    return at


@contextmanager
def service(answer):
    """A service on loopback; `answer` gives a status and a body for a request's headers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = answer(self.headers)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def chain(*certificates):
    return json.dumps({"signedCertificateEmbeddedSct": {"chain": {"certificates": certificates}}}).encode()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"down"),
        (400, b'{"message": "no"}'),
        (200, b""),
        (200, b"[]"),
        (200, b"null"),
        (200, b"{}"),
        (200, b"\xff"),
        (200, b"[" * 100_000),
        (200, chain()),
        (200, chain("x", "y")),
        (200, chain(1, 2)),
        (200, b'{"signedCertificateEmbeddedSct": null}'),
    ],
)
def test_an_authority_that_answers_nonsense_is_unreachable(instance, status, body):
    with service(lambda _: (status, body)) as url:
        signer = KeylessSigner(instance(url), read_identity(token()))
        with pytest.raises(Refused) as refused:
            sign_artifact_keyless(b"content", signer=signer)
    assert [each.code for each in refused.value.reasons] == ["input.unreachable"]


def test_an_authority_that_repeats_the_token_does_not_make_us_repeat_it(instance):
    secret = token()
    with service(lambda headers: (200, chain(headers["Authorization"], "x"))) as url:
        signer = KeylessSigner(instance(url), read_identity(secret))
        with pytest.raises(Refused) as refused:
            sign_artifact_keyless(b"content", signer=signer)
    assert secret not in str(refused.value)


def test_services_that_do_not_answer_are_unreachable(instance):
    with service(lambda _: (200, b"")) as url:
        pass
    with pytest.raises(Refused, match=r"input\.unreachable.*refused"):
        sign_artifact_keyless(b"content", signer=KeylessSigner(instance(url), read_identity(token())))


def test_no_request_waits_for_ever(instance, monkeypatch):
    patience = []

    def send(_adapter, request, *_arguments, **options):
        patience.append((request.url, options["timeout"]))
        raise ConnectionError

    monkeypatch.setattr(HTTPAdapter, "send", send)
    context = keyless._context(instance("http://127.0.0.1:9"))
    for session in (context._fulcio.session, context._rekor._session):
        for url in ("http://127.0.0.1:9/", "https://127.0.0.1:9/"):
            with pytest.raises(ConnectionError):
                session.post(url)
    assert [seconds for _, seconds in patience] == [keyless.PATIENCE] * 4


def test_an_unreadable_statement_is_sent_nowhere(instance):
    asked = []
    with service(lambda headers: asked.append(headers) or (500, b"")) as url:
        signer = KeylessSigner(instance(url), read_identity(token()))
        with pytest.raises(ConfigurationError, match="would not be readable"):
            attest_keyless(STATEMENT | {"subject": []}, signer=signer)
        with pytest.raises(ConfigurationError, match="cannot be signed keyless"):
            attest_keyless(STATEMENT | {"subject": [{"name": "a", "digest": {"gce_image_id": "1"}}]}, signer=signer)
    assert asked == []


def test_a_digest_other_than_sha256_is_not_signed(instance):
    signer = KeylessSigner(instance("https://sigstore.example"), read_identity(token()))
    with pytest.raises(ConfigurationError, match="not sha512"):
        sign_artifact_keyless(Digest(algorithm="sha512", value="0" * 128), signer=signer)


@pytest.mark.parametrize(
    "url", ["http://sigstore.example", "http://10.0.0.1", "ftp://127.0.0.1", "http://127.0.0.1.example", "//x", ""]
)
def test_an_identity_token_goes_nowhere_in_the_clear(instance, url):
    with pytest.raises(ConfigurationError, match="by https only"):
        instance(url)


@pytest.mark.parametrize(
    "url", ["https://sigstore.example", "http://127.0.0.1:80", "http://localhost:80", "http://[::1]:80"]
)
def test_https_and_this_machine_itself_are_private(instance, url):
    assert instance(url).signing_config.get_fulcio().url == url


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.9+json"}, "mediaType"),
        ({"caUrls": []}, "No valid Fulcio CA"),
        ({"rekorTlogUrls": []}, "No valid Rekor"),
        ({"caUrls": [{"url": 1}]}, "validation error"),
        ({"rekorTlogConfig": {"selector": "EXACT", "count": 2}}, "Expected 2 services"),
    ],
)
def test_an_unusable_signing_configuration_is_refused(instance, changes, seen):
    with pytest.raises(ConfigurationError, match=seen):
        instance("https://sigstore.example", **changes)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'"x"', b'{"mediaType": "a", "mediaType": "b"}', b"\xff", b" " * 2_000_000]
)
def test_files_are_read_strictly(trusted_root, tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ConfigurationError):
        load_instance(trusted_root=trusted_root, signing_config=tmp_path / "file")
    with pytest.raises(ConfigurationError):
        load_instance(trusted_root=tmp_path / "file", signing_config=None)


def test_a_missing_file_is_named(trusted_root, tmp_path):
    with pytest.raises(ConfigurationError) as refused:
        load_instance(trusted_root=trusted_root, signing_config=tmp_path / "absent.json")
    assert refused.value.where == str(tmp_path / "absent.json")


def test_a_trusted_root_alone_does_not_say_where_to_sign(trusted_root):
    with pytest.raises(ConfigurationError, match="not where to sign"):
        load_instance(trusted_root=trusted_root, signing_config=None)


def test_a_client_trust_configuration_without_services_does_not_either(trusted_root, tmp_path):
    both = {
        "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
        "trustedRoot": json.loads(trusted_root.read_text()),
    }
    (tmp_path / "both.json").write_text(json.dumps(both))
    with pytest.raises(ConfigurationError, match="not where to sign"):
        load_instance(trusted_root=tmp_path / "both.json", signing_config=None)


def test_an_identity_is_what_the_token_claims():
    identity = read_identity(f" {token()}\n")
    assert (identity.issuer, identity.subject) == (CLAIMS["iss"], CLAIMS["sub"])


def test_a_federated_identity_is_of_the_issuer_behind():
    federated = {"connector_id": "https://accounts.example"}
    assert read_identity(token(federated_claims=federated)).issuer == "https://accounts.example"


def test_a_token_shows_in_no_representation():
    secret = token()
    assert secret not in repr(read_identity(secret))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"nbf": 9_999_999_999},
        {"aud": "another"},
        {"sub": None},
        {"iss": None},
        {"exp": None},
        {"federated_claims": 1},
    ],
)
def test_a_token_that_the_authority_would_refuse_is_refused_here_and_not_repeated(changes):
    secret = token(**changes)
    with pytest.raises(ConfigurationError, match="identity token") as refused:
        read_identity(secret)
    assert secret.rpartition(".")[2] not in str(refused.value)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "..", "é.é.é", "\0", "x" * (MAX_TOKEN_BYTES + 1)])
def test_what_is_no_token_is_refused(text):
    with pytest.raises(ConfigurationError, match="identity token"):
        read_identity(text)


@pytest.fixture
def nowhere(monkeypatch):
    """An environment that vouches for nobody."""
    for name in ("GITHUB_ACTIONS", "BUILDKITE", "GITLAB_CI", "CIRCLECI", "GOOGLE_SERVICE_ACCOUNT_NAME"):
        monkeypatch.delenv(name, raising=False)
    # A virtual machine of Google's is known by its product name.
    monkeypatch.setattr(ambient, "_GCP_PRODUCT_NAME_FILE", "/nowhere")
    return monkeypatch


def test_the_identity_that_ci_offers_is_found(nowhere, instance):
    nowhere.setenv("GITLAB_CI", "true")
    nowhere.setenv("SIGSTORE_ID_TOKEN", token(sub="ci"))
    assert find_identity(instance("https://sigstore.example"), interactive=False).subject == "ci"


def test_a_given_token_goes_before_the_one_that_ci_offers(nowhere, instance):
    nowhere.setenv("GITLAB_CI", "true")
    nowhere.setenv("SIGSTORE_ID_TOKEN", token(sub="ci"))
    found = find_identity(instance("https://sigstore.example"), token=token(sub="given"), interactive=False)
    assert found.subject == "given"


def test_a_job_that_may_not_have_its_identity_is_told_so(nowhere):
    nowhere.setenv("GITHUB_ACTIONS", "true")
    nowhere.delenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", raising=False)
    with pytest.raises(ConfigurationError, match="cannot be had") as refused:
        ambient_identity()
    assert "id-token: write" in refused.value.hint


def test_without_an_identity_and_a_person_nothing_is_signed(nowhere, instance):
    with pytest.raises(ConfigurationError, match="no identity to sign with"):
        find_identity(instance("https://sigstore.example"), interactive=False)


def test_a_person_without_an_issuer_cannot_sign_in(nowhere, instance):
    with pytest.raises(Refused, match="No valid OIDC provider"):
        find_identity(instance("https://sigstore.example"), interactive=True)
