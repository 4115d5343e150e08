"""docs/trust-policy.md tells the truth: its example parses, and it names every key, default and word."""

import re
from dataclasses import fields

import pytest

from tests.support.places import ROOT
from verifier.core.limits import DEFAULT_LIMITS
from verifier.formats.audit.result import SEVERITIES
from verifier.trust.kinds import KINDS
from verifier.trust.sections import mode, sbom, version
from verifier.trust.sections.provenance import ProvenanceRule
from verifier.trust.sections.table import KEYS, SECTIONS
from verifier.trust.tables import signers

REFERENCE = (ROOT / "docs" / "trust-policy.md").read_text()


def section(title):
    return REFERENCE.partition(f"\n## {title}")[2].partition("\n## ")[0]


def test_example_is_accepted(parse, files):
    files["keys/release-ci.pub"], files["keys/security.pub"] = files["keys/a.pub"], files["keys/b.pub"]
    example = re.search(r"```toml\n(.*?)```", REFERENCE, re.DOTALL)[1]
    policy = parse(example)
    assert [rule.pattern for rule in policy.artifacts] == ["bundle:authz", "bundle:sandbox-*"]
    assert policy.limits.members == 5_000


@pytest.mark.parametrize("key", sorted(signers.KEYS))
def test_every_key_of_a_signer_is_documented(key):
    assert f"`{key}`" in section("`[signers.NAME]`")


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_of_a_rule_is_documented(key):
    assert f"| `{key}` |" in section('`[artifacts."KIND:NAME"]`')


@pytest.mark.parametrize("key", [key for row in SECTIONS for key in row.load().keys])
def test_every_key_of_a_section_is_documented(key):
    named = key.rpartition(".")[2]
    assert re.search(rf"`(?:\w+\.)?{named}`", section('`[artifacts."KIND:NAME"]`'))


@pytest.mark.parametrize("key", ProvenanceRule.keys)
def test_every_key_of_provenance_is_documented(key):
    row = f"| `{key.removeprefix('provenance.')}` |"
    assert row in section('`[artifacts."KIND:NAME"]`').partition("### `provenance`")[2]


@pytest.mark.parametrize("field", fields(DEFAULT_LIMITS), ids=lambda field: field.name)
def test_every_limit_is_documented_with_its_default(field):
    row = f"| `{field.name.replace('_', '-')}` | {getattr(DEFAULT_LIMITS, field.name):,} "
    assert row in section("`[limits]`")


@pytest.mark.parametrize(
    "word",
    [
        *KINDS,
        *version.SCHEMES,
        *mode.MODES,
        *version.FIRST_USES,
        *SEVERITIES,
        *sbom.QUALITIES,
        *signers.CLAIMS,
        version.SIGNED_TIME,
    ],
)
def test_every_word_of_the_vocabulary_is_documented(word):
    assert f"`{word}`" in REFERENCE
