"""What oras and cosign ask a token service for, where a registry says more than where it is: what ours refuses."""

import base64
import json

import pytest

from tests.support.net.registries import NAME, registry
from tests.support.peers.peers import executable, run
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import parse_reference
from verifier.net.access import Access
from verifier.net.registry.repository import Repository

pytestmark = pytest.mark.interop
OURS, THEIRS = f"repository:{NAME}:pull", "repository:payroll:push"


@pytest.fixture
def held():
    with registry() as running:
        running.token = "t0ken"
        yield running


@pytest.fixture
def ask(held, tmp_path):
    """Lets a peer fetch what is held, with a password; the scopes that it asked for, all with that password."""
    host = held.reference.partition("/")[0]
    auth = base64.b64encode(b"user:pass").decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
    commands = {
        "oras": ["manifest", "fetch", "--plain-http", held.reference],
        "cosign": ["triangulate", "--type=digest", "--allow-http-registry", held.reference],
    }

    def asked(peer):
        of_its_own = {"DOCKER_CONFIG": str(tmp_path), "HOME": str(tmp_path)}
        run(executable(peer, peer.upper()), *commands[peer], cwd=tmp_path, environment=of_its_own)
        assert {field for _, field in held.tokens_asked_for} == {f"Basic {auth}"}
        return [scope for query, _ in held.tokens_asked_for for scope in query["scope"]]

    return asked


def ours_is_refused(held):
    repository = Repository(parse_reference(held.reference), Access(username="user", password="pass"))
    with pytest.raises(Refused) as refused:
        repository.manifest("1")
    repository.close()
    return refused.value.reasons[0].code == "input.token-request-refused"


@pytest.mark.parametrize("name", ["scope", "%73cope"])
def test_a_scope_in_the_realm_is_asked_for_by_oras_and_replaced_by_cosign(held, ask, name):
    held.realm = f"{held.running.url}/token?{name}={THEIRS}"
    assert {OURS, THEIRS} <= set(ask("oras"))
    held.tokens_asked_for.clear()
    assert set(ask("cosign")) == {OURS}
    held.tokens_asked_for.clear()
    assert ours_is_refused(held)
    assert held.tokens_asked_for == []


@pytest.mark.parametrize("peer", ["oras", "cosign"])
def test_where_a_token_service_leads_both_of_them_follow(held, ask, peer):
    held.realm = f"{held.running.url}/lead"
    held.instead["/lead"] = lambda exchange: exchange.answer(302, Location=f"/token?scope={THEIRS}")
    assert ask(peer) == [THEIRS]
    held.tokens_asked_for.clear()
    assert ours_is_refused(held)
    assert held.tokens_asked_for == []
