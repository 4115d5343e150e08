"""`verify bundle` with a URL: a bundle server, and a registry."""

import pytest

from tests.support.command import ask, run
from tests.support.net.registries import digest_of, registry
from tests.support.net.servers import server
from tests.support.publishing.releases import VERIFY, release

pytestmark = pytest.mark.usefixtures("place")


@pytest.fixture
def held():
    with registry() as running:
        yield running


def serving(path):
    """A server of one file that was made before."""
    content = path.read_bytes()
    return server(lambda exchange: exchange.answer(body=content))


def test_a_bundle_is_verified_by_its_url():
    with serving(release()) as running:
        url = f"{running.url}/authz.tar.gz"
        answer = ask("bundle", url, "--policy", "trust.toml")
    assert (answer.status, answer.report["artifact"]["name"]) == (0, "authz")
    assert answer.report["artifact"]["resourceUri"] == url


def test_a_bundle_is_verified_in_a_registry(held):
    content = release().read_bytes()
    held.hold(content)
    answer = ask("bundle", f"oci://{held.reference}", "--policy", "trust.toml")
    assert (answer.status, answer.report["artifact"]["name"]) == (0, "authz")
    assert answer.report["artifact"]["resourceUri"] == f"oci://{held.reference}"
    assert f"sha256:{answer.report['artifact']['digest']['sha256']}" == digest_of(content)


def test_what_it_is_called_and_where_it_is_fetched_can_be_said():
    with serving(release()) as running:
        uri = "https://example.org/authz"
        answer = ask("bundle", f"{running.url}/authz.tar.gz?v=1", *VERIFY, "--resource-uri", uri)
    assert (answer.status, answer.report["artifact"]["resourceUri"]) == (0, uri)


def test_a_bundle_of_a_stranger_is_denied_wherever_it_lies(held):
    held.hold(release(key="stranger").read_bytes())
    answer = ask("bundle", f"oci://{held.reference}", "--policy", "trust.toml")
    assert (answer.status, answer.codes) == (1, ["signer.untrusted"])


def test_a_server_that_cannot_be_reached_leaves_it_undecided():
    with serving(release()) as running:
        url = f"{running.url}/authz.tar.gz"
    answer = ask("bundle", url, *VERIFY)
    assert (answer.status, answer.codes) == (3, ["input.unreachable"])
    assert answer.report["artifact"]["resourceUri"] == url


def test_a_registry_that_lies_is_denied(held):
    content = release().read_bytes()
    held.hold(content)
    held.blobs[digest_of(content)] = content[::-1]
    answer = ask("bundle", f"oci://{held.reference}", *VERIFY)
    assert (answer.status, answer.codes) == (1, ["image.digest-mismatch"])


def test_what_no_rule_is_about_is_not_fetched():
    with serving(release()) as running:
        answer = ask("bundle", f"{running.url}/other.tar.gz", "--policy", "trust.toml")
        assert (answer.status, answer.codes, running.seen) == (1, ["trust.no-policy"], [])


@pytest.mark.parametrize("reference", ["oci://host/authz", "ftp://host/authz", "https://user:secret@host/authz"])
def test_a_reference_that_is_none_is_wrong_usage(reference):
    answer = run("bundle", reference, *VERIFY)
    assert (answer.status, answer.out) == (2, "")
    assert "secret" not in answer.err
