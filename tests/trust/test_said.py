"""`verify trust check` says everything: every key that a policy may hold changes what is said of it."""

from datetime import UTC, datetime

import pytest

from tests.support.places import ROOT
from verifier.trust.effective import rule_digest
from verifier.trust.model import ArtifactRule
from verifier.trust.parse import TOP_KEYS
from verifier.trust.sections.provenance import ProvenanceRule
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.table import SECTIONS
from verifier.trust.sections.version import VersionRule, VersionUnchecked
from verifier.trust.tables import builders, limits, signers, sigstore, verifiers
from verifier.trust.weaknesses import weaknesses
from verifier.trust.words import explain_policy

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MARKER = "#| "

TABLES = {
    # `kms` is refused; what is under `keyless` are keys of their own.
    "signers": signers.KEYS - {"keyless", "kms"} | {f"keyless.{key}" for key in signers.KEYLESS_KEYS},
    "builders": builders.KEYS,
    "verifiers": verifiers.KEYS,
    "sigstore": sigstore.KEYS,
    # What it allows is said of each limit that is raised.
    "limits": limits.KEYS - {"allow-raised-limits"},
}
ONLY_ANOTHER_ORDER = {"signatures.from"}
"""Keys whose other value says the same of whom it lists."""
DECIDES_NOTHING = {"freshness_warning"}
"""Keys that only say when something is said."""
KEYS = {row.name: set(row.load().keys) for row in SECTIONS} | TABLES


def policy_of(name):
    return (ROOT / "fixtures" / "trust" / "said" / f"{name}.toml").read_text()


def marked(name):
    """Each key of the policy for `name`, with its line and the one to put there."""
    lines = [line for line in policy_of(name).splitlines() if MARKER in line]
    parts = [(line, *line.partition(MARKER)[2].partition("|")) for line in lines]
    return {key.strip(): (line, other.strip()) for line, key, _, other in parts}


CASES = [(name, key) for name in KEYS for key in sorted(KEYS[name])]


@pytest.fixture
def said(parse, files):
    files["keys/line.bin"] = files["keys/hmac.bin"] + b"\n"

    def said(source):
        policy = parse(source)
        # The digest is another one whatever was changed.
        return explain_policy(policy)[1:], [str(each) for each in weaknesses(policy, NOW)]

    return said


@pytest.mark.parametrize(("name", "key"), CASES)
def test_every_key_changes_what_is_said(said, name, key):
    line, other = marked(name)[key]
    source = policy_of(name)
    assert source.count(line) == 1
    assert said(source) != said(source.replace(line, other))


@pytest.mark.parametrize(("name", "key"), CASES)
def test_every_key_changes_the_effective_rule(parse, files, name, key):
    files["keys/line.bin"] = files["keys/hmac.bin"] + b"\n"
    line, other = marked(name)[key]
    before, after = (parse(source) for source in (policy_of(name), policy_of(name).replace(line, other)))
    assert (digests(before) == digests(after)) is (key in ONLY_ANOTHER_ORDER | DECIDES_NOTHING)


def digests(policy):
    """Those of all rules; where there is none, of one that listens to everybody."""
    signatures = SignatureRule(threshold=1, from_=tuple(policy.signers))
    provenance = ProvenanceRule(level=1, builders=tuple(each.name for each in policy.builders))
    sections = (signatures, VersionRule(order=VersionUnchecked()), provenance)
    everybody = ArtifactRule(pattern="bundle:*", sections=sections)
    return [rule_digest(policy, rule) for rule in policy.artifacts or (everybody,)]


@pytest.mark.parametrize("name", KEYS)
def test_no_key_is_shown_that_there_is_not(name):
    assert marked(name).keys() == KEYS[name]


def test_no_table_of_a_policy_is_left_out():
    assert TABLES.keys() | {"version", "id", "artifacts"} == TOP_KEYS


@pytest.mark.parametrize("row", SECTIONS, ids=lambda row: row.name)
def test_a_row_and_its_file_say_the_same(row):
    section = row.load()
    assert section.name == row.name
    assert {key.partition(".")[0] for key in section.keys} == set(row.keys)
