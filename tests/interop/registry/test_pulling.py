"""Bundles in a real registry: pushed by `oras`, pulled by this project and, beside it, by a real OPA."""

import json
from pathlib import Path

import pytest

from tests.support import workplace
from tests.support.command import ask
from tests.support.peers.opa_pulling import opa_decides
from tests.support.peers.registry_server import PASSWORD, USER, password_section, real_registry, token_section
from tests.support.publishing.releases import release
from verifier.core.errors import Refused
from verifier.core.limits import DEFAULT_LIMITS
from verifier.formats.oci.manifest import BUNDLE_LAYER, OCI_INDEX
from verifier.sources.upstream import Access, open_upstream

pytestmark = pytest.mark.interop
place = workplace.place
NAME = "acme/authz:1"
FETCH, PUSH = (("manifest", verb, "--plain-http") for verb in ("fetch", "push"))
ALLOWED = Access(username=USER, password=PASSWORD)


@pytest.fixture(scope="module")
def open_to_all(tmp_path_factory):
    with real_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture
def bundle(tmp_path):
    path = tmp_path / "bundle.tar.gz"
    path.write_bytes(b"whatever a bundle is made of" * 10_000)
    return path


@pytest.fixture
def upstream():
    """Opens upstreams, and closes them."""
    made = []

    def open_one(running, name=NAME, access=None):
        reference = f"oci://{running.host}/{name}"
        made.append(open_upstream(reference, access=access or Access(), limits=DEFAULT_LIMITS))
        return made[-1]

    yield open_one
    for each in made:
        each.close()


def reason(call, *arguments):
    with pytest.raises(Refused) as refused:
        call(*arguments)
    return refused.value.reasons[0]


class TestPulling:
    def test_what_was_pushed_is_what_is_pulled(self, open_to_all, upstream, bundle):
        digest = open_to_all.push_bundle(NAME, bundle)
        fetched = upstream(open_to_all).fetch(None)
        assert (fetched.content, fetched.validator) == (bundle.read_bytes(), digest)

    def test_a_tag_that_has_not_moved_is_known(self, open_to_all, upstream, bundle):
        open_to_all.push_bundle("acme/moves:1", bundle)
        pulled = upstream(open_to_all, "acme/moves:1")
        first = pulled.fetch(None)
        assert pulled.fetch(first.validator) is None
        bundle.write_bytes(b"newer")
        moved = open_to_all.push_bundle("acme/moves:1", bundle)
        second = pulled.fetch(first.validator)
        assert (second.content, second.validator) == (b"newer", moved)
        # The older one is still there by its digest, whatever the tag says now.
        pinned = upstream(open_to_all, f"acme/moves@{first.validator}")
        assert pinned.fetch(second.validator).content == first.content

    def test_the_first_layer_of_the_type_is_taken(self, open_to_all, upstream, bundle, tmp_path):
        (tmp_path / "notes.json").write_text("{}")
        (tmp_path / "other.tar.gz").write_bytes(b"another")
        files = [(tmp_path / "notes.json", "application/json"), (bundle, BUNDLE_LAYER)]
        open_to_all.push("acme/layers:1", *files, (tmp_path / "other.tar.gz", BUNDLE_LAYER))
        assert upstream(open_to_all, "acme/layers:1").fetch(None).content == bundle.read_bytes()

    def test_something_else_is_no_bundle(self, open_to_all, upstream, bundle):
        open_to_all.push("acme/other:1", (bundle, "application/vnd.example"))
        assert reason(upstream(open_to_all, "acme/other:1").fetch, None).code == "image.no-bundle"

    def test_what_is_not_there_is_unreachable(self, open_to_all, upstream):
        assert reason(upstream(open_to_all, "acme/nothing:1").fetch, None).code == "input.unreachable"

    @pytest.mark.parametrize(("count", "found"), [(1, None), (2, "image.ambiguous-manifest")])
    def test_an_index_is_followed_where_it_leaves_no_choice(
        self, open_to_all, upstream, bundle, tmp_path, count, found
    ):
        described = []
        for tag in ("a", "b")[:count]:
            bundle.write_bytes(tag.encode())
            open_to_all.push_bundle(f"acme/index{count}:{tag}", bundle)
            fetched = open_to_all.oras(*FETCH, "--descriptor", f"{open_to_all.host}/acme/index{count}:{tag}")
            described.append(json.loads(fetched))
        index = tmp_path / "index.json"
        index.write_text(json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": described}))
        open_to_all.oras(*PUSH, "--media-type", OCI_INDEX, f"{open_to_all.host}/acme/index{count}:all", str(index))
        pulled = upstream(open_to_all, f"acme/index{count}:all")
        if found is None:
            assert pulled.fetch(None).content == b"a"
        else:
            assert reason(pulled.fetch, None).code == found


class TestCredentials:
    def test_a_user_name_and_password_let_in_and_nothing_else_does(self, upstream, bundle, tmp_path):
        with real_registry(tmp_path, password_section(tmp_path)) as running:
            running.push_bundle(NAME, bundle, credentials=True)
            assert upstream(running, access=ALLOWED).fetch(None).content == bundle.read_bytes()
            for access in (Access(), Access(username=USER, password="wrong"), Access(bearer_token="t0ken")):
                assert reason(upstream(running, access=access).fetch, None).code == "input.unreachable"

    def test_a_token_is_asked_for_pulling_only(self, upstream, bundle, tmp_path):
        with token_section(tmp_path) as (section, asked), real_registry(tmp_path, section) as running:
            running.push_bundle(NAME, bundle)
            del asked[:]
            pulled = upstream(running, access=Access(allow_private=True))
            fetched = pulled.fetch(None)
            assert fetched.content == bundle.read_bytes()
            assert pulled.fetch(fetched.validator) is None
            assert [each["scope"] for each in asked] == [["repository:acme/authz:pull"]]

    def test_a_token_service_at_another_port_is_asked_only_where_that_is_allowed(self, upstream, tmp_path):
        with token_section(tmp_path) as (section, asked), real_registry(tmp_path, section) as running:
            assert reason(upstream(running).fetch, None).code == "input.unreachable"
            assert asked == []


class TestBesideOpa:
    @pytest.fixture
    def decision(self, place, open_to_all):
        """What a real OPA decides by the bundle that it pulls itself."""
        return lambda name: opa_decides(place, open_to_all, f"{open_to_all.host}/{name}")

    def test_what_the_command_verifies_is_what_opa_pulls(self, open_to_all, decision):
        Path("src/authz/policy.rego").write_text('package authz\n\nallow := "from the registry"\n')
        open_to_all.push_bundle("acme/opa/authz:1.0.0", release().absolute())
        answer = ask("bundle", f"oci://{open_to_all.host}/acme/opa/authz:1.0.0", "--policy", "trust.toml")
        assert (answer.status, answer.report["artifact"]["name"]) == (0, "authz")
        assert decision("acme/opa/authz:1.0.0") == "from the registry"

    def test_an_older_release_under_the_same_tag_is_denied_and_opa_would_take_it(self, open_to_all, decision):
        for revision in ("1.0.0", "1.1.0"):
            Path("src/authz/policy.rego").write_text(f'package authz\n\nallow := "{revision}"\n')
            release(revision, "--scope", "authz", out=f"{revision}.tar.gz")
        reference = f"{open_to_all.host}/acme/replayed/authz:stable"
        verify = ("bundle", f"oci://{reference}", "--policy", "trust.toml", "--record", "--ledger-init")
        open_to_all.push_bundle("acme/replayed/authz:stable", Path("1.1.0.tar.gz").absolute())
        assert ask(*verify).status == 0
        open_to_all.push_bundle("acme/replayed/authz:stable", Path("1.0.0.tar.gz").absolute())
        replayed = ask(*verify)
        assert (replayed.status, replayed.codes) == (1, ["version.rollback"])
        assert decision("acme/replayed/authz:stable") == "1.0.0"
