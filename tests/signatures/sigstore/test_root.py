"""Trusted roots: read strictly, with windows whose ends count."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.material import corpus
from tests.support.sigstore_instance import Instance
from verifier.core.errors import ConfigurationError
from verifier.signatures.sigstore.root import MAX_ROOT_BYTES, Window, embedded_root, load_root, parse_root

AT = datetime(2026, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def test_the_public_instances_roots_come_with_the_library():
    for instance in ("production", "staging"):
        root = embedded_root(instance)
        assert root.name == instance
        assert root.certificate_authorities
        assert root.logs
        assert root.certificate_logs
        assert root.timestamp_authorities


def test_a_window_includes_both_its_ends_and_is_open_without_them():
    window = Window(start=AT, end=AT + TICK)
    assert [window.contains(AT + shift * TICK) for shift in (-1, 0, 1, 2)] == [False, True, True, False]
    assert Window().contains(AT)
    assert not Window(start=AT).contains(AT - TICK)
    assert not Window(end=AT).contains(AT + TICK)


def document(**changes) -> bytes:
    return json.dumps(Instance().root_document() | changes).encode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (b"", "an empty file"),
        (b"{", "not JSON"),
        (b"[]", "an array"),
        (document(mediaType="bad"), "mediaType is 'bad'"),
        (document(extra=1), "extra is unknown"),
        (document(tlogs=None, timestampAuthorities=None), "nothing can be believed"),
        (document(tlogs=[{}]), "tlogs[0].publicKey is missing"),
        (document().replace(b'"mediaType"', b'"mediaType": "twice", "mediaType"', 1), "mediaType"),
        (b" " * (MAX_ROOT_BYTES + 1), "takes more than"),
    ],
)
def test_what_is_not_a_trusted_root_is_a_wrong_configuration(changed, said):
    with pytest.raises(ConfigurationError) as raised:
        parse_root(changed, name="root.json")
    assert raised.value.where == "root.json"
    assert said in raised.value.message


@pytest.mark.parametrize("window", [{}, {"end": "2026-01-01T00:00:00Z"}, {"start": "2026-01-01"}])
def test_a_window_without_a_start_is_refused(window):
    with pytest.raises(ConfigurationError, match="start"):
        Instance().root(log_window=window)


def test_a_window_that_ends_before_it_starts_is_refused():
    with pytest.raises(ConfigurationError, match="before the start"):
        Instance().root(authority_window={"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"})


def test_a_root_that_cannot_be_read_is_a_wrong_configuration(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_root(tmp_path / "absent.json")


@pytest.mark.corpus
@pytest.mark.parametrize(
    "path",
    [
        "trusted_root/trustedroot.v1.json",
        "trusted_root/trustedroot.v1.local_tlog_ed25519_rekor-tiles.json",
        "trust_config/config.v1.json",
        "tsa/trust_config.json",
        "staging-tuf/targets/ed6a9cf4e7c2e3297a4b5974fce0d17132f03c63512029d7aa3a402b43acab49.trusted_root.json",
    ],
)
def test_trusted_roots_and_client_trust_configurations_are_read(path):
    assert load_root(corpus("sigstore") / path).logs


@pytest.mark.corpus
@pytest.mark.parametrize(
    "path",
    [
        "trusted_root/trustedroot.badtype.json",
        "trusted_root/certificate_authority.json",
        "trusted_root/certificate_authority.empty.json",
        "trusted_root/certificate_authority.missingroot.json",
        "trust_config/config.badtype.json",
        "signing_config/signingconfig.v2.json",
        "signing_config/signingconfig-only-v1-rekor.v2.json",
        "tsa/ca.json",
    ],
)
def test_other_documents_of_sigstore_are_not_taken_for_a_trusted_root(path):
    with pytest.raises(ConfigurationError, match="not a trusted root"):
        load_root(corpus("sigstore") / path)
