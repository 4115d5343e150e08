"""Reading and writing verification summaries."""

import copy
import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.attestations.summaries import ARTIFACT, EVIDENCE, NOW, POLICY, RULE, verdict
from tests.support.material import codes
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.outcome import Reason
from verifier.core.uris import VERDICT_EXTENSION, VERIFICATION_SUMMARY, VERIFIER_ID
from verifier.core.verdict import Decision, Subject
from verifier.formats.intoto.statement import ResourceDescriptor, Statement, parse_statement
from verifier.formats.intoto.vsa import LedgerPosition, VerdictExtension, build_vsa, parse_vsa, track_level

EXPIRES = datetime(2026, 12, 21, 12, tzinfo=UTC)
PREDICATE = {
    "verifier": {"id": "https://example.org/verifier", "version": {"verifier": "1.0"}},
    "timeVerified": "2026-11-21T12:00:00Z",
    "resourceUri": "https://example.org/authz.tar.gz",
    "policy": {"uri": "https://example.org/policy", "digest": {"sha256": POLICY.value}},
    "inputAttestations": [{"uri": "https://example.org/a", "digest": {"sha256": EVIDENCE.value}}],
    "verificationResult": "PASSED",
    "verifiedLevels": ["SLSA_BUILD_LEVEL_3", "ACME_REVIEWED"],
    "dependencyLevels": {"SLSA_BUILD_LEVEL_2": 4},
    "slsaVersion": "1.2",
}
EXTENSION = {
    "artifact": {"kind": "bundle", "name": "authz", "version": "1.2.3", "epoch": 1},
    "expires": "2026-12-21T12:00:00Z",
    "reasons": ["version.unchecked"],
    "ledger": {"scope": "bundle:authz", "position": "1:1.2.3"},
    "correlationId": "c-1",
}


def statement(predicate, predicate_type=VERIFICATION_SUMMARY):
    subjects = (ResourceDescriptor(name="authz", digests=(ARTIFACT,)),)
    return Statement(subjects=subjects, predicate_type=predicate_type, predicate=predicate)


def parse(predicate):
    return parse_vsa(statement(predicate))


def refusal(predicate, predicate_type=VERIFICATION_SUMMARY):
    with pytest.raises(Refused) as refused:
        parse_vsa(statement(predicate, predicate_type))
    return codes(refused)


def changed(path, value, base=PREDICATE):
    """`base` with the field at `path` replaced, or removed for `...`."""
    predicate = copy.deepcopy(base)
    *parents, last = path
    target = predicate
    for key in parents:
        target = target[key]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return predicate


def rebuilt(built):
    return parse_vsa(parse_statement(json.dumps(built).encode(), subject="s"))


def test_every_field_is_read():
    summary = parse(PREDICATE)
    assert summary.verifier_id == "https://example.org/verifier"
    assert summary.verifier_version == {"verifier": "1.0"}
    assert (summary.time_verified, summary.resource_uri) == (NOW, "https://example.org/authz.tar.gz")
    assert (summary.policy_uri, summary.policy_digest) == ("https://example.org/policy", POLICY)
    assert summary.input_attestations == (ResourceDescriptor(name="https://example.org/a", digests=(EVIDENCE,)),)
    assert (summary.verification_result, summary.slsa_version) == ("PASSED", "1.2")
    assert summary.verified_levels == ("SLSA_BUILD_LEVEL_3", "ACME_REVIEWED")
    assert (summary.dependency_levels, summary.extension) == ({"SLSA_BUILD_LEVEL_2": 4}, None)


def test_the_optional_fields_may_be_absent_or_null():
    optional = ("timeVerified", "inputAttestations", "dependencyLevels", "slsaVersion")
    for base in (
        {key: value for key, value in PREDICATE.items() if key not in optional},
        PREDICATE | dict.fromkeys(optional),
    ):
        summary = parse(base)
        assert (summary.time_verified, summary.input_attestations) == (None, ())
        assert (summary.dependency_levels, summary.slsa_version) == (None, None)


def test_no_dependencies_is_not_the_same_as_no_claim_about_them():
    assert parse(PREDICATE | {"dependencyLevels": {}}).dependency_levels == {}


def test_a_count_may_be_written_as_protocol_buffers_write_it():
    assert parse(PREDICATE | {"dependencyLevels": {"L": "12"}}).dependency_levels == {"L": 12}


@pytest.mark.parametrize(
    "path",
    [
        ("verifier",),
        ("verifier", "id"),
        ("resourceUri",),
        ("policy",),
        ("policy", "uri"),
        ("verificationResult",),
        ("verifiedLevels",),
    ],
)
def test_a_missing_required_field_is_refused(path):
    assert refusal(changed(path, ...)) == ["verdict.malformed"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verifier",), "https://example.org/verifier"),
        (("verifier", "id"), ""),
        (("verifier", "version"), "1.0"),
        (("verifier", "version"), {"a": 1}),
        (("timeVerified",), "yesterday"),
        (("timeVerified",), "2026-11-21T12:00:00"),
        (("resourceUri",), ["x"]),
        (("policy", "digest"), {"sha256": "xyz"}),
        (("policy", "digest"), "sha256:x"),
        (("inputAttestations",), {}),
        (("inputAttestations",), ["x"]),
        (("verificationResult",), "passed"),
        (("verificationResult",), True),
        (("verifiedLevels",), "SLSA_BUILD_LEVEL_3"),
        (("verifiedLevels",), [3]),
        (("dependencyLevels",), []),
        (("dependencyLevels",), {"L": -1}),
        (("dependencyLevels",), {"L": True}),
        (("dependencyLevels",), {"L": 1.5}),
        (("dependencyLevels",), {"L": None}),
        (("slsaVersion",), 1.2),
    ],
)
def test_a_field_of_the_wrong_type_is_refused(path, value):
    assert refusal(changed(path, value)) == ["verdict.malformed"]


def test_another_predicate_type_is_refused():
    assert refusal(PREDICATE, "https://slsa.dev/verification_summary/v0.2") == ["verdict.malformed"]


def test_unrecognised_fields_are_ignored_as_slsa_demands():
    assert parse(PREDICATE | {"https://example.org/extra": {"a": 1}, "note": "x"}) == parse(PREDICATE)


@pytest.mark.parametrize("key", ["VerificationResult", "resourceURI", "verifiedlevels"])
def test_a_case_variant_key_is_refused(key):
    assert refusal(PREDICATE | {key: "x"}) == ["json.case-variant-key"]


def test_several_levels_of_one_track_are_refused():
    levels = ["SLSA_BUILD_LEVEL_3", "SLSA_BUILD_LEVEL_1"]
    assert refusal(PREDICATE | {"verifiedLevels": levels}) == ["verdict.malformed"]
    unevaluated = ["SLSA_BUILD_LEVEL_3", "SLSA_BUILD_LEVEL_UNEVALUATED"]
    assert refusal(PREDICATE | {"verifiedLevels": unevaluated}) == ["verdict.malformed"]


@pytest.mark.parametrize(
    "level",
    [
        *(
            "SLSA_BUILD_LEVEL_99",
            "SLSA_BUILD_LEVEL_02",
            "SLSA_BUILD_LEVEL_4",
            "SLSA_SOURCE_LEVEL_5",
            "SLSA_BUILD_LEVEL_",
        ),
        *(
            "SLSA_BUILD_LEVEL_-1",
            "SLSA_BUILD_LEVEL_3 ",
            "slsa_build_level_3",
            "SLSA-BUILD-LEVEL-3",
            "SLSA_BUILD_LEVEL_\uff13",
        ),
    ],
)
def test_a_level_that_slsa_has_not_is_refused(level):
    assert refusal(PREDICATE | {"verifiedLevels": [level]}) == ["verdict.malformed"]
    assert refusal(PREDICATE | {"dependencyLevels": {level: 1}}) == ["verdict.malformed"]


def test_a_level_of_a_track_that_slsa_has_not_is_somebody_s_own():
    assert parse(PREDICATE | {"verifiedLevels": ["SLSA_ACME_LEVEL_7"]}).verified_levels == ("SLSA_ACME_LEVEL_7",)
    assert track_level("SLSA_ACME_LEVEL_7") is None


def test_unevaluated_levels_and_verified_properties_are_accepted():
    levels = ["SLSA_BUILD_LEVEL_UNEVALUATED", "SLSA_SOURCE_LEVEL_3", "SLSA_SOURCE_TWO_PARTY_REVIEWED"]
    assert parse(PREDICATE | {"verifiedLevels": levels}).verified_levels == tuple(levels)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SLSA_BUILD_LEVEL_3", ("BUILD", 3)),
        ("SLSA_SOURCE_LEVEL_0", ("SOURCE", 0)),
        ("SLSA_BUILD_LEVEL_UNEVALUATED", ("BUILD", None)),
        ("SLSA_BUILD_LEVEL_", None),
        ("SLSA_BUILD_LEVEL_٣", None),
        ("SLSA_BUILD_LEVEL_3 ", None),
        ("ACME_LEVEL_3", None),
        ("FAILED", None),
    ],
)
def test_a_track_and_its_level_are_told_from_a_name(text, expected):
    assert track_level(text) == expected


def test_our_extension_is_read():
    assert parse(PREDICATE | {VERDICT_EXTENSION: EXTENSION}).extension == VerdictExtension(
        kind="bundle",
        name="authz",
        version="1.2.3",
        epoch=1,
        expires=EXPIRES,
        reasons=("version.unchecked",),
        ledger=LedgerPosition(scope="bundle:authz", position="1:1.2.3"),
        correlation_id="c-1",
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("artifact",), ...),
        (("artifact", "kind"), ...),
        (("artifact", "epoch"), -1),
        (("artifact", "epoch"), "1"),
        (("artifact", "platform"), "linux"),
        (("expires",), "soon"),
        (("expires",), 1795262400),
        (("reasons",), "x"),
        (("ledger", "scope"), ...),
        (("ledger", "before"), "x"),
        (("correlationId",), 5),
        (("onlyFor",), "staging"),
    ],
)
def test_an_extension_that_is_wrong_or_says_more_is_refused(path, value):
    extension = changed(path, value, EXTENSION)
    assert refusal(PREDICATE | {VERDICT_EXTENSION: extension}) == ["verdict.malformed"]


def test_a_verdict_reads_back_as_what_was_built():
    summary = rebuilt(build_vsa(verdict(), expires=EXPIRES))
    assert (summary.verifier_id, summary.verifier_version) == (VERIFIER_ID, {"verifier": "0.1.0"})
    assert (summary.time_verified, summary.resource_uri) == (NOW, "https://e.org/b")
    assert (summary.policy_uri, summary.policy_digest) == ("https://e.org/policy", POLICY)
    assert summary.input_attestations == (ResourceDescriptor(digests=(EVIDENCE,)),)
    assert (summary.verification_result, summary.verified_levels) == ("PASSED", ("ACME_REVIEWED",))
    assert summary.extension == VerdictExtension(
        kind="bundle",
        name="authz",
        version="1.2.3",
        epoch=0,
        expires=EXPIRES,
        ledger=LedgerPosition(scope="bundle:authz", position="0:1.2.3"),
        correlation_id="c-1",
        rule_digest=RULE,
    )


def test_a_denial_says_failed_and_why():
    denial = verdict(Reason(code="digest.mismatch", subject="x", message="y"))
    assert denial.decision is Decision.FAILED
    summary = rebuilt(build_vsa(denial, expires=None))
    assert (summary.verification_result, summary.verified_levels) == ("FAILED", ("FAILED",))
    assert (summary.extension.reasons, summary.extension.expires) == (("digest.mismatch",), None)


def test_the_input_attestations_can_be_given():
    inputs = (ResourceDescriptor(name="https://e.org/a", digests=(EVIDENCE,)),)
    assert rebuilt(build_vsa(verdict(), input_attestations=inputs)).input_attestations == inputs


def test_a_verdict_about_nothing_that_was_read_cannot_be_attested():
    nothing = Subject(kind="bundle", name="authz", resource_uri="https://e.org/b", digest=None)
    with pytest.raises(ConfigurationError, match="could not be read"):
        build_vsa(verdict(subject=nothing))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([*PREDICATE, VERDICT_EXTENSION]), JSON)
def test_any_value_of_any_field_parses_or_is_refused(field, value):
    with suppress(Refused):
        parse(PREDICATE | {field: value})
