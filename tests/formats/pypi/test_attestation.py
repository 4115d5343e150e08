"""PyPI's attestations become the Sigstore bundles that they are made of, and nothing else does."""

import json

import pytest

from tests.support.material import codes
from tests.support.pypi import attestation
from tests.support.sigstore_instance import Instance, keyless
from verifier.core.errors import Refused
from verifier.formats.pypi.attestation import as_bundle
from verifier.formats.sigstore.bundle import parse_bundle

GOOD = attestation(keyless(Instance()))


def bundle(value):
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return as_bundle(content, subject="s")


def refusal(value):
    with pytest.raises(Refused) as refused:
        parse_bundle(bundle(value), subject="s")
    return codes(refused)


def changed(path, value):
    """The good attestation with the field at `path` set, or taken away where `value` is `...`."""
    copy = json.loads(json.dumps(GOOD))
    *way, last = path.split(".")
    place = copy
    for name in way:
        place = place[int(name)] if isinstance(place, list) else place[name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return copy


def test_an_attestation_is_the_bundle_that_it_was_made_of():
    made_of = keyless(Instance())
    read = parse_bundle(bundle(attestation(made_of)), subject="s")
    assert read == parse_bundle(json.dumps(made_of).encode(), subject="s")


@pytest.mark.parametrize("value", [..., None, 1, "", "****", [], {}, True])
@pytest.mark.parametrize(
    "path",
    [
        "verification_material",
        "verification_material.certificate",
        "verification_material.transparency_entries",
        "verification_material.transparency_entries.0.canonicalizedBody",
        "verification_material.transparency_entries.0.kindVersion",
        "envelope",
        "envelope.statement",
        "envelope.signature",
    ],
)
def test_a_field_that_is_missing_or_of_another_type_is_refused(path, value):
    assert refusal(changed(path, value)) == ["attestation.invalid"]


@pytest.mark.parametrize("version", [..., None, "1", 1.5, True, -1])
def test_a_version_that_is_no_number_is_refused(version):
    assert refusal(changed("version", version)) == ["attestation.invalid"]


@pytest.mark.parametrize("version", [0, 2, 10**30])
def test_another_version_is_refused_by_that_name(version):
    assert refusal(changed("version", version)) == ["signature.unsupported"]


@pytest.mark.parametrize(
    "path", ["publisher", "envelope.payloadType", "envelope.signatures", "verification_material.hint"]
)
def test_a_field_that_is_not_known_is_refused(path):
    assert refusal(changed(path, "x")) == ["attestation.invalid"]


def test_more_log_entries_than_are_read_are_refused():
    entries = GOOD["verification_material"]["transparency_entries"] * 10_000
    assert refusal(changed("verification_material.transparency_entries", entries)) == ["attestation.invalid"]


def test_an_entry_without_a_proof_is_refused():
    path = "verification_material.transparency_entries.0.inclusionProof"
    assert refusal(changed(path, ...)) == ["log.entry-invalid"]


def test_an_attestation_cut_short_or_doubled_is_refused():
    text = json.dumps(GOOD).encode()
    assert refusal(text[:-9]) == ["json.invalid"]
    assert refusal(text + text) == ["json.trailing-data"]
    assert refusal(text.replace(b'"version"', b'"version": 1, "version"')) == ["json.duplicate-key"]
    assert refusal(text.replace(b'"version"', b'"Version"')) == ["json.case-variant-key"]
