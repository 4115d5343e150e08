"""Releases: what a detached signature says."""

import json
from datetime import UTC, datetime

import pytest

from tests.support.material import codes
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.uris import COSIGN_SIGN, RELEASE
from verifier.formats.intoto.release import Release, build_release, counts_as_signature, parse_release
from verifier.formats.intoto.statement import ResourceDescriptor, Statement, parse_statement

DIGEST = Digest.of(b"bundle")
ISSUED = datetime(2026, 11, 21, 12, tzinfo=UTC)
FULL = Release(kind="bundle", name="authz", version="1.2.3", issued_at=ISSUED, expires_at=ISSUED.replace(month=12))
PREDICATE = {"kind": "bundle", "name": "authz", "issuedAt": "2026-11-21T12:00:00Z"}


def statement(predicate, predicate_type=RELEASE):
    subjects = (ResourceDescriptor(name="authz", digests=(DIGEST,)),)
    return Statement(subjects=subjects, predicate_type=predicate_type, predicate=predicate)


def refusal(predicate, predicate_type=RELEASE):
    with pytest.raises(Refused) as refused:
        parse_release(statement(predicate, predicate_type), subject="s")
    return codes(refused)


@pytest.mark.parametrize("release", [FULL, Release(kind="bundle", name="authz", issued_at=ISSUED)])
def test_what_is_built_reads_back(release):
    built = parse_statement(json.dumps(build_release(release, digests=[DIGEST])).encode(), subject="s")
    assert built.subjects == (ResourceDescriptor(name="authz", digests=(DIGEST,)),)
    assert parse_release(built, subject="s") == release


def test_a_release_and_cosign_s_predicate_count_as_signatures_and_nothing_else_does():
    assert counts_as_signature(statement({}, RELEASE))
    assert counts_as_signature(statement({}, COSIGN_SIGN))
    assert not counts_as_signature(statement({}, "https://slsa.dev/provenance/v1"))
    assert not counts_as_signature(statement({}, RELEASE + "/"))


def test_cosign_s_signature_claims_nothing():
    assert parse_release(statement({"x": 1}, COSIGN_SIGN), subject="s") is None


def test_another_predicate_type_is_refused():
    assert refusal(PREDICATE, "https://slsa.dev/provenance/v1") == ["attestation.invalid"]


@pytest.mark.parametrize("field", ["kind", "name", "issuedAt"])
def test_a_missing_field_is_refused(field):
    assert refusal({key: value for key, value in PREDICATE.items() if key != field}) == ["attestation.invalid"]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": ""},
        {"name": 5},
        {"version": 1},
        {"version": ""},
        {"issuedAt": "2026-11-21"},
        {"issuedAt": "2026-11-21T12:00:00"},
        {"issuedAt": 1795262400},
        {"expiresAt": "soon"},
        {"notFor": "production"},
    ],
)
def test_a_field_that_is_wrong_or_unknown_is_refused(changes):
    assert refusal(PREDICATE | changes) == ["attestation.invalid"]


def test_a_case_variant_key_is_refused():
    assert refusal(PREDICATE | {"Version": "9"}) == ["json.case-variant-key"]
