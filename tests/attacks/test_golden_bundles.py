"""The golden bundles: what is genuine is accepted, without a warning, and is the same bytes for ever."""

import hashlib
from pathlib import Path

import pytest

import fixtures.bundles.golden
import verifier
from fixtures.attacks import provenance
from fixtures.attacks.catalogue import NOW
from fixtures.attacks.registry import BUNDLE, POLICIES
from fixtures.bundles.golden import GOLDEN, golden
from verifier.trust.adhoc import AdHocFlags, policy_from_flags

SUMS = Path(fixtures.bundles.golden.__file__).with_name("SHA256SUMS")


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_bundle_is_accepted_and_handed_on_as_it_is(name):
    key = "p256" if name.endswith("p256") else "release"
    pem = (POLICIES.parents[1] / "keys" / f"{key}.pub").read_bytes()
    flags = AdHocFlags(keys=((key, pem),), version_from="manifest.revision", version_scheme="semver")
    result = verifier.verify(golden(name), name="authz", policy=policy_from_flags(flags), now=NOW)
    assert result.verdict.passed
    assert result.content == golden(name)
    # No ledger was consulted, and they are signed for no name; nothing else is to be said of them.
    assert {reason.code for reason in result.verdict.reasons} == {"name.unbound", "version.unchecked"}


def test_golden_bundles_are_the_same_bytes_for_ever():
    lines = [f"{hashlib.sha256(golden(name)).hexdigest()}  {name}.tar.gz\n" for name in sorted(GOLDEN)]
    assert "".join(lines) == SUMS.read_text()


def test_the_golden_bundle_with_honest_provenance_is_accepted_at_its_level(tmp_path):
    # What every attack on provenance differs from in one thing.
    for name, content in provenance.beside(provenance.built()).items():
        (tmp_path / name).write_bytes(content)
    policy = verifier.load_policy(POLICIES / "provenance.toml")
    beside = verifier.Document(name="provenance.json", content=(tmp_path / provenance.ATTESTATION).read_bytes())
    judged = verifier.verify(tmp_path / BUNDLE, name="authz", policy=policy, attestations=[beside], now=NOW).verdict
    assert (judged.passed, judged.levels[0]) == (True, "SLSA_BUILD_LEVEL_3")
