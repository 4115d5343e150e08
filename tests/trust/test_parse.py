"""What a parsed policy holds; what is refused, and where, is in test_fixtures."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.places import ROOT
from verifier.core.errors import ConfigurationError
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.reading import ReadingMode
from verifier.formats.toml.document import MAX_LINE
from verifier.trust.evaluate import (
    capabilities_of,
    freshness_of,
    mode_of,
    offline_grace_of,
    provenance_of,
    resource_uri_of,
)
from verifier.trust.model import TrustPolicy
from verifier.trust.parse import MAX_POLICY_BYTES, parse_policy
from verifier.trust.sections.capabilities import CapabilityRule
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import (
    FIRST_USES,
    SCHEMES,
    SIGNED_TIME,
    VersionFrom,
    VersionRule,
    VersionUnchecked,
)
from verifier.versions.candidate import FirstUse
from verifier.versions.schemes import Scheme

FULL = (ROOT / "fixtures" / "trust" / "good" / "full.toml").read_bytes()
HEADER = 'version = 1\nid = "urn:example:policy"\n'
SIGNER = HEADER + 'signers.a.key = "keys/a.pub"\n'
RULE = SIGNER + '[artifacts."bundle:authz"]\nsignatures.from = ["a"]\n'


def test_what_a_rule_says_of_versions_is_what_is_known_of_them():
    assert get_args(FirstUse) == FIRST_USES
    assert (*SCHEMES, SIGNED_TIME) == tuple(Scheme)


def rules_of(policy):
    return {rule.pattern: rule for rule in policy.artifacts}


def test_full_policy_is_read_to_the_last_key(parse, files):
    policy = parse(FULL)
    rule = rules_of(policy)["bundle:authz"]
    signatures, version = SignatureRule.of(rule), VersionRule.of(rule)
    assert signatures.threshold == 2
    assert signatures.from_ == ("release-ci", "security")
    assert signatures.scope == "authz"
    assert version.order == VersionFrom(source="manifest.revision", scheme="semver")
    assert freshness_of(rule) == timedelta(days=30)
    assert (version.first_use, version.floor, version.max_jump) == ("require-floor", "1.4.0", "1.20.50")
    assert mode_of(rule) is ReadingMode.OPA_COMPAT
    assert capabilities_of(rule) == CapabilityRule(deny=("http.send", "opa.runtime", "net.*"))
    assert resource_uri_of(rule) == "https://bundles.acme.example/authz.tar.gz"
    assert version.channel == "stable"
    assert offline_grace_of(rule) == timedelta(minutes=15)
    assert [module.path for module in policy.organisation] == ["rules/release.rego", "rules/owners.rego"]
    assert policy.organisation[0].source == "package release\n"
    assert policy.signers["release-ci"].public_key == files["keys/a.pub"]
    assert policy.signers["release-ci"].kid == "release-2026"
    assert policy.signers["security"].kid == "security"
    assert policy.signers["security"].not_after == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert policy.signers["legacy"].secret == files["keys/hmac.bin"]
    assert policy.signers["legacy"].revoked
    assert policy.signers["github"].keyless.claims == (("repository", "https://github.com/acme/policies"),)
    assert policy.builders[0].level == 3
    assert policy.verifiers[0].id == "https://acme.example/verifier/ci"
    assert (policy.limits.members, policy.limits.ratio, policy.limits.json_depth) == (200_000, 100, 64)
    assert policy.limits.raised() == ("members",)


def test_defaults_are_those_of_the_reference(parse):
    rule = parse(RULE + 'version = "none"').artifacts[0]
    assert SignatureRule.of(rule).threshold == 1
    version = VersionRule.of(rule)
    assert version.order == VersionUnchecked()
    assert (version.first_use, version.floor, version.max_jump, version.channel) == ("allow", None, None, None)
    assert freshness_of(rule) is None
    assert offline_grace_of(rule) is None
    assert mode_of(rule) is ReadingMode.STRICT
    assert (capabilities_of(rule), provenance_of(rule)) == (None, None)
    assert [section.name for section in rule.sections] == ["signatures", "version"]
    assert parse(RULE + 'version = "none"').limits == DEFAULT_LIMITS


def test_jump_of_whole_numbers_may_be_a_number(parse):
    rule = parse(RULE + 'version = { from = "attestation.version", scheme = "integer" }\nmax_jump = 1000').artifacts[0]
    assert VersionRule.of(rule).max_jump == "1000"


def test_an_offline_grace_lasts_seven_days_at_most(parse):
    rule = RULE + 'version = "none"\n'
    assert offline_grace_of(parse(rule + 'offline_grace = "7d"').artifacts[0]) == timedelta(days=7)
    for text in ("8d", "604801s", "0m", "soon"):
        with pytest.raises(ConfigurationError, match="offline_grace is"):
            parse(rule + f'offline_grace = "{text}"')


def test_signed_time_orders_itself(parse):
    rule = parse(RULE + 'version = { from = "signed-time" }').artifacts[0]
    assert VersionRule.of(rule).order == VersionFrom(source="signed-time", scheme="signed-time")


def test_digest_is_that_of_the_files_bytes(parse):
    assert parse(FULL).digest.value == sha256(FULL).hexdigest()


@pytest.mark.parametrize("path", ["keys/a.pub", "keys/hmac.bin", "rules/owners.rego"])
def test_exchanged_file_changes_the_trust_digest_and_not_the_digest(parse, files, path):
    before = parse(FULL)
    files[path] += b"\n"
    after = parse(FULL)
    assert before.digest == after.digest
    assert before.trust_digest != after.trust_digest


def test_exchanged_keys_change_the_trust_digest(parse, files):
    before = parse(FULL)
    files["keys/a.pub"], files["keys/b.pub"] = files["keys/b.pub"], files["keys/a.pub"]
    assert parse(FULL).trust_digest != before.trust_digest


def test_signers_of_a_parsed_policy_cannot_be_exchanged(parse):
    policy = parse(SIGNER)
    with pytest.raises(TypeError):
        policy.signers["a"] = None


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        (b'version = 1\nid = "\xff"', 2, "not UTF-8"),
        (b"\xef\xbb\xbfversion = 1", 1, "not TOML"),
        (b"version = 1\x00", 1, "not TOML"),
        (b"version = " + b"9" * 1900, 1, "version must be 1"),
        (b"version = 1\nid = " + b"[" * 1000 + b"]" * 1000, 1, "nested too deeply"),
        (b"version = 1\n#" + b"x" * MAX_LINE, 2, "a line has at most"),
        (b'version = 1\nid = """\n\x1b"""', 3, "not TOML"),
    ],
)
def test_hostile_text_is_refused_at_its_line(parse, source, line, message):
    with pytest.raises(ConfigurationError, match=message) as refused:
        parse(source)
    assert refused.value.where == f"trust.toml:{line}"


def test_oversized_policy_is_refused_unread(parse):
    with pytest.raises(ConfigurationError, match="at most"):
        parse(b"#" * (MAX_POLICY_BYTES + 1))


def test_without_a_ledger_at_hand_a_floor_needs_only_the_shape_of_a_version(files):
    source = RULE + 'version = { from = "attestation.version", scheme = "semver" }\nfloor = "1"'
    rule = parse_policy(source.encode(), where="", read_file=files.__getitem__).artifacts[0]
    assert VersionRule.of(rule).floor == "1"


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=200)
@given(data=st.data())
def test_mutated_policy_is_refused_or_read_and_never_breaks(parse, data):
    at = data.draw(st.integers(0, len(FULL) - 1))
    length = data.draw(st.integers(0, 40))
    mutated = FULL[:at] + data.draw(st.binary(max_size=4)) + FULL[at + length :]
    with suppress(ConfigurationError):
        assert isinstance(parse(mutated), TrustPolicy)


SCALARS = st.sampled_from(['"x"', "1", "true", "1.5", "[]", "{}", "2026-01-01", "[1]", '""', "{ a = 1 }", "07:32:00"])
KEYS = st.sampled_from(
    [
        *("version", "id", "signers", "artifacts", "builders", "verifiers", "limits", "limits.members", "signers.a"),
        *("signers.a.key", "signers.a.secret", "signers.a.keyless", "signers.a.algorithms", "signers.a.not_before"),
        *(f'artifacts."bundle:x".{key}' for key in ("signatures", "version", "sbom", "provenance", "floor")),
        *(f'artifacts."bundle:x".{key}' for key in ("organisation", "capabilities", "signatures.from", "max_jump")),
    ]
)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=200)
@given(pairs=st.lists(st.tuples(KEYS, SCALARS), max_size=6))
def test_values_of_any_type_under_any_key_never_break(parse, pairs):
    source = "\n".join(f"{key} = {value}" for key, value in pairs)
    with suppress(ConfigurationError):
        assert isinstance(parse(source), TrustPolicy)
