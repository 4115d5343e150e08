"""Which rule writes into a scope of the ledger, tags as a section, and what is weak about a version from a tag."""

from datetime import UTC, datetime

import pytest

from verifier.trust.evaluate import ledger_scope, rule_for, rule_of_scope
from verifier.trust.sections.tags import TagsRule
from verifier.trust.weaknesses import weaknesses

POLICY = """version = 1
id = "urn:example:policy"
signers.a.key = "keys/a.pub"
[artifacts."image:app"]
signatures.from = ["a"]
version = { from = "tag", scheme = "semver" }
tags = "immutable"
[artifacts."image:acme-*"]
scope = "each-name"
signatures.from = ["a"]
version = "none"
[artifacts."image:acme-special"]
channel = "stable"
signatures.from = ["a"]
version = "none"
[artifacts."image:team-*"]
scope = "team"
signatures.from = ["a"]
version = "none"
[artifacts."bundle:team-*"]
scope = "team"
signatures.from = ["a"]
version = "none"
"""


@pytest.fixture
def policy(parse):
    return parse(POLICY)


@pytest.mark.parametrize(
    ("scope", "pattern", "called"),
    [
        ("image:app", "image:app", "image:app"),
        ("image:acme-base", "image:acme-*", "image:acme-base"),
        ("image:acme-special@stable", "image:acme-special", "image:acme-special"),
        ("image:team", "image:team-*", "image:team-*"),
        ("bundle:team", "bundle:team-*", "bundle:team-*"),
    ],
)
def test_a_scope_is_its_rules(policy, scope, pattern, called):
    rule, reference = rule_of_scope(policy, scope)
    assert (rule.pattern, reference) == (pattern, called)


@pytest.mark.parametrize(
    "scope",
    [
        *("image:app@stable", "image:acme-special", "image:acme-special@edge", "image:acme-base@stable"),
        *(
            "image:team-a",
            "image:team@stable",
            "image:other",
            "artifact:team",
            "image:",
            "image",
            "",
            "@",
            "image:team-*",
        ),
    ],
)
def test_a_scope_that_no_rule_writes_to_is_nobodys(policy, scope):
    assert rule_of_scope(policy, scope)[0] is None


@pytest.mark.parametrize("name", ["app", "acme-base", "acme-special", "acme-", "team-a"])
def test_the_rule_of_an_artifacts_scope_is_the_artifacts_rule(policy, name):
    rule = rule_for(policy, "image", name)
    assert rule_of_scope(policy, ledger_scope(rule, "image", name))[0] is rule


def test_tags_may_move_unless_the_rule_says_otherwise(policy):
    moving = {rule.pattern: TagsRule.of(rule).moving for rule in policy.artifacts}
    assert moving == dict.fromkeys(moving, "mutable") | {"image:app": "immutable"}


def test_a_version_from_a_tag_is_weak(policy):
    found = [each.message for each in weaknesses(policy, datetime(2026, 6, 1, tzinfo=UTC)) if "push" in each.message]
    assert found == ['version.from = "tag": nothing signed states it, and whoever may push moves it to another image']
