"""Which rules `verify trust check` says may be taken for each other, and what a rule may say of names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from verifier.core.errors import ConfigurationError
from verifier.trust.template import starter_policy
from verifier.trust.weaknesses import weaknesses

NOW = datetime(2026, 6, 1, tzinfo=UTC)
RULE = """
[artifacts."{pattern}"]
signatures = {{ from = ["{signer}"]{scope} }}
version = {{ from = "{version}", scheme = "semver" }}
{more}
"""
SIGNERS = {
    "a": 'key = "keys/a.pub"',
    "a2": 'key = "keys/a-again.pub"',
    "b": 'key = "keys/b.pub"',
    "tags": 'keyless = { issuer = "https://ci.example", identity = "https://forge.example/acme/x/*" }',
    "one": 'keyless = { issuer = "https://ci.example", identity = "https://forge.example/acme/x/release" }',
    "other": 'keyless = { issuer = "https://ci.example", identity = "https://forge.example/acme/y/release" }',
    "elsewhere": 'keyless = { issuer = "https://other.example", identity = "https://forge.example/acme/x/release" }',
}
IN_SCOPE = 'name = { from = "signature.scope" }'


def rule(pattern, signer="a", more="", scope="", version="manifest.revision"):
    return RULE.format(
        pattern=pattern, signer=signer, scope=scope and f', scope = "{scope}"', more=more, version=version
    )


def pairs(parse, *rules):
    """The pairs that are named, and how many rules are said to bind nothing."""
    tables = "".join(f"[signers.{name}]\n{how}\n" for name, how in SIGNERS.items())
    found = weaknesses(parse(f'version = 1\nid = "urn:example:policy"\n{tables}{"".join(rules)}'), NOW)
    named = [(each.subject, each.message) for each in found if "tells their artifacts apart" in each.message]
    return [subject for subject, _ in named], sum("nothing binds the name" in each.message for each in found)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (rule("bundle:authz"), rule("bundle:billing")),
        (rule("bundle:authz"), rule("bundle:billing", "a2")),
        (rule("bundle:authz", more=IN_SCOPE), rule("bundle:billing")),
        (rule("bundle:authz", scope="prod"), rule("bundle:billing", scope="prod")),
        (rule("bundle:authz", more='name_binding = "none"'), rule("bundle:billing", more=IN_SCOPE)),
        (rule("bundle:authz", "tags"), rule("bundle:billing", "one")),
        (rule("bundle:team-*", scope="team"), rule("bundle:authz", scope="authz")),
        (
            rule("bundle:authz", more='name = { from = "manifest.roots" }'),
            rule("bundle:authz-more", more='name = { from = "manifest.roots", equals = "authz/more" }'),
        ),
        (
            rule("bundle:authz", more='name = { from = "signature.scope", equals = "x" }'),
            rule("bundle:billing", scope="x"),
        ),
    ],
)
def test_a_pair_that_shares_a_signer_and_is_not_told_apart_is_named(parse, first, second):
    assert len(pairs(parse, first, second)[0]) == 1
    assert len(pairs(parse, second, first)[0]) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (rule("bundle:authz"), rule("bundle:billing", "b")),
        (rule("bundle:authz", scope="authz"), rule("bundle:billing", scope="billing")),
        (rule("bundle:authz", more=IN_SCOPE), rule("bundle:team-*", more=IN_SCOPE)),
        (rule("bundle:authz", "one"), rule("bundle:billing", "other")),
        (rule("bundle:authz", "one"), rule("bundle:billing", "elsewhere")),
        (rule("bundle:authz", "tags"), rule("bundle:billing", "other")),
        (
            rule("bundle:authz", more='name = { from = "manifest.roots" }'),
            rule("bundle:authz2", more='name = { from = "manifest.roots" }'),
        ),
    ],
)
def test_a_pair_that_is_told_apart_is_not(parse, first, second):
    assert pairs(parse, first, second)[0] == []


def test_each_rule_that_binds_nothing_is_named_also_alone(parse):
    assert pairs(parse, rule("bundle:authz")) == ([], 1)
    assert pairs(parse, rule("bundle:authz", more='name_binding = "none"')) == ([], 1)
    assert pairs(parse, rule("bundle:team-*", scope="team")) == ([], 1)
    assert pairs(parse, rule("bundle:authz", scope="x"), rule("bundle:*", more=IN_SCOPE)) == ([], 0)


def test_of_many_pairs_the_rest_are_counted(parse):
    rules = [rule(f"bundle:b{number}") for number in range(30)]
    named, _ = pairs(parse, *rules)
    assert named.count('artifacts."bundle:b0"') == 20


@pytest.mark.parametrize(
    ("pattern", "said", "wrong"),
    [
        ("bundle:authz", 'name = { from = "signature" }', "must be signature.scope"),
        ("bundle:authz", 'name = { from = "manifest.metadata." }', "must be signature.scope"),
        ("bundle:authz", 'name = { from = "manifest.metadata.a..b" }', "must be signature.scope"),
        ("bundle:authz", "name = {}", "lacks the required key 'from'"),
        ("bundle:authz", 'name = "authz"', "must be a table"),
        ("bundle:authz", 'name = { from = "attestation", equal = "x" }', "unknown key 'equal'"),
        ("bundle:authz", 'name_binding = "scope"', "must be one of none"),
        ("bundle:authz", f'{IN_SCOPE}\nname_binding = "none"', "contradicts `name`"),
        ("bundle:team-*", 'name = { from = "signature.scope", equals = "x" }', "the same for every name"),
        ("artifact:tool", IN_SCOPE, "only policy bundles have"),
    ],
)
def test_what_could_not_bind_a_name_is_an_error_at_its_line(parse, pattern, said, wrong):
    version = "manifest.revision" if pattern.startswith("bundle") else "attestation.version"
    with pytest.raises(ConfigurationError, match=r"trust\.toml:") as refused:
        pairs(parse, rule(pattern, more=said, version=version))
    assert wrong in refused.value.message


@pytest.mark.parametrize("artifact", ["bundle:authz", "bundle:team-*", "artifact:sdk"])
def test_the_starter_binds_the_name(parse, artifact):
    found = weaknesses(parse(starter_policy(artifact=artifact, key="keys/release.pub")), NOW)
    assert not [each for each in found if "name" in each.message and "matches every" not in each.message]
