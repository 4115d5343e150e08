"""Which rule applies, to whom it listens, and what a glob matches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rules import Unheard
from verifier.core.signers.signer import distinct_keys
from verifier.trust.evaluate import (
    glob_matches,
    ledger_scope,
    organisation_for,
    rule_for,
    signers_for,
    unevaluated,
    verdict_signers,
)

POLICY = """
version = 1
id = "urn:example:policy"
signers.a.key = "keys/a.pub"
signers.also-a.key = "keys/a-again.pub"
signers.b.key = "keys/b.pub"
verifiers.one = { signer = "b", id = "https://example.org/one" }
verifiers.two = { signer = "b", id = "https://example.org/two" }

[artifacts."bundle:*"]
signatures.from = ["a"]
version = "none"
[artifacts."bundle:team-*"]
signatures.from = ["b", "a"]
version = "none"
organisation = ["rules/owners.rego", "rules/release.rego"]
[artifacts."bundle:team-authz"]
signatures.from = ["b"]
version = "none"
channel = "stable"
organisation = ["rules/release.rego"]
[artifacts."image:registry.example/team/*"]
signatures.from = ["a"]
version = "none"
sbom = {}
"""


@pytest.fixture
def policy(parse):
    return parse(POLICY)


@pytest.mark.parametrize(
    ("kind", "name", "pattern"),
    [
        ("bundle", "team-authz", "bundle:team-authz"),
        ("bundle", "team-authz2", "bundle:team-*"),
        ("bundle", "team-", "bundle:team-*"),
        ("bundle", "team", "bundle:*"),
        ("bundle", "a/b", "bundle:*"),
        ("image", "registry.example/team/app/sub", "image:registry.example/team/*"),
        ("image", "registry.example/teams/app", None),
        ("image", "authz", None),
        ("artifact", "team-authz", None),
        ("bundl", "e:team-authz", None),
    ],
)
def test_most_specific_rule_wins(policy, kind, name, pattern):
    rule = rule_for(policy, kind, name)
    assert (rule and rule.pattern) == pattern


@pytest.mark.parametrize("name", ["", " ", "authz ", "authz@stable", "*", "team-*", "au\u202ethz", "a\x1bb", "a\nb"])
def test_name_that_could_be_mistaken_matches_no_rule(policy, name):
    assert rule_for(policy, "bundle", name) is None


def test_rules_signers_and_modules_come_in_its_own_order(policy):
    rule = rule_for(policy, "bundle", "team-x")
    assert [signer.name for signer in signers_for(policy, rule)] == ["b", "a"]
    assert [module.path for module in organisation_for(policy, rule)] == ["rules/owners.rego", "rules/release.rego"]


def test_signer_of_two_verifiers_is_listed_once(policy):
    assert [signer.name for signer in verdict_signers(policy)] == ["b"]


def test_one_key_under_two_names_is_one_key(policy):
    assert distinct_keys(policy.signers.values()) == 2


def test_channel_is_a_part_of_the_scope(policy):
    assert ledger_scope(rule_for(policy, "bundle", "team-authz"), "bundle", "team-authz") == "bundle:team-authz@stable"
    assert ledger_scope(rule_for(policy, "bundle", "other"), "bundle", "other") == "bundle:other"


def test_parts_that_cannot_be_judged_are_named(policy):
    rule = rule_for(policy, "image", "registry.example/team/app")
    assert unevaluated(rule) == ()
    assert unevaluated(rule.having(Unheard())) == ("unheard",)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a", "a", True),
        ("a", "ab", False),
        ("a", "A", False),
        ("", "", True),
        ("*", "", True),
        ("*", "a/b/c", True),
        ("a*", "a/b", True),
        ("a/*", "a", False),
        ("a/*", "a/", True),
        ("*/b", "a/b", True),
        ("*/b", "a/a/b", False),
        ("a*c", "abc", True),
        ("a*c", "a/c", False),
        ("a*bc*c", "abcc", True),
        ("a*b*b", "ab", False),
        ("refs/tags/v*", "refs/tags/v1.2/evil", True),
        ("v*.yml@refs/tags/*", "v1.yml@refs/tags/x/y", True),
        ("v*.yml@refs/tags/*", "v1/evil.yml@refs/tags/x", False),
        ("https://x.example/*/w.yml@*", "https://x.example/a/w.yml@refs/tags/1", True),
        ("a.c", "abc", False),
        ("[ab]", "a", False),
        ("a?c", "abc", False),
    ],
)
def test_glob_matches_whole_strings(pattern, text, matches):
    assert glob_matches(pattern, text) is matches


def by_definition(pattern, text):
    """The definition, one character at a time."""
    if not pattern:
        return not text
    if pattern == "*":
        return True
    if pattern[0] == "*":
        skips = [end for end in range(len(text) + 1) if "/" not in text[:end]]
        return any(by_definition(pattern[1:], text[end:]) for end in skips)
    return bool(text) and pattern[0] == text[0] and by_definition(pattern[1:], text[1:])


@given(st.text("ab/*", max_size=7), st.text("ab/", max_size=8))
def test_glob_is_what_its_definition_says(pattern, text):
    assert glob_matches(pattern, text) is by_definition(pattern, text)


def test_hostile_text_costs_a_glob_nothing():
    assert not glob_matches("*a" * 500 + "b", "a" * 100_000)
