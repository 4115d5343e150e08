"""What a rule says about provenance, from text to value."""

from tests.support.places import ROOT
from verifier.trust.evaluate import provenance_of
from verifier.trust.sections.provenance import ProvenanceRule

GOOD = ROOT / "fixtures" / "trust" / "good"
MINIMAL = """
version = 1
id = "urn:example:policy"
signers.a.key = "keys/a.pub"
builders.gha = { signer = "a", id = "https://builder.example/*", level = 3 }

[artifacts."bundle:authz"]
signatures = { from = ["a"] }
version = "none"
provenance = { level = 2, builders = ["gha"] }
"""


def test_a_full_rule_is_read(parse):
    assert provenance_of(parse((GOOD / "full.toml").read_bytes()).artifacts[0]) == ProvenanceRule(
        level=3,
        builders=("gha-generator",),
        source="git+https://github.com/acme/policies",
        ref="refs/tags/v*",
        build_type="https://actions.github.io/buildtypes/workflow/v1",
        external_parameters=(("inputs.mode", "release"), ('inputs."dry run"', "false")),
        ignore_parameters=("vars",),
        require_certificate_match=False,
    )


def test_certificates_must_match_unless_the_rule_says_otherwise(parse):
    assert provenance_of(parse(MINIMAL).artifacts[0]) == ProvenanceRule(
        level=2, builders=("gha",), require_certificate_match=True
    )
