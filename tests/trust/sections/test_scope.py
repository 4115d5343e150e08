"""`scope`: what a policy may say of it, what is said of it in words, and what is weak."""

import pytest

from tests.support.material import NOW, public_pem
from verifier.core.errors import ConfigurationError
from verifier.trust.evaluate import ledger_scope, rule_for
from verifier.trust.parse import parse_policy
from verifier.trust.template import starter_policy
from verifier.trust.weaknesses import weaknesses
from verifier.trust.words import explain_policy

HEAD = 'version = 1\nid = "urn:example:p"\n[signers.a]\nkey = "a.pub"\n'
PEM = public_pem("p256")


def policy(**rules):
    text = HEAD
    for pattern, more in rules.items():
        text += f'[artifacts."{pattern}"]\nsignatures = {{ from = ["a"], scope = "{pattern[7:].rstrip("*")}x" }}\n'
        text += 'version = { from = "manifest.revision", scheme = "semver" }\nfirst_use = "deny"\n' + more + "\n"
    return parse_policy(text.encode(), where="p.toml", read_file=lambda _: PEM)


def words(pattern, more=""):
    return next(each for each in explain_policy(policy(**{pattern: more})) if "its version is" in each)


def weak(**rules):
    return [
        each.message
        for each in weaknesses(policy(**rules), NOW)
        if "scope" in each.message and "sequence" in each.message
    ]


def shared(**rules):
    return [str(each) for each in weaknesses(policy(**rules), NOW) if "moves the mark" in each.message]


def scope(rules, name):
    made = policy(**rules)
    return ledger_scope(rule_for(made, "bundle", name), "bundle", name)


def test_it_stands_for_the_names_of_all_artifacts_of_the_rule():
    assert scope({"bundle:app-*": 'scope = "app"'}, "app-1.4.0") == "bundle:app"
    assert scope({"bundle:app-*": 'scope = "app"\nchannel = "c"'}, "app-1.4.0") == "bundle:app@c"
    assert scope({"bundle:app-*": 'scope = "each-name"'}, "app-1.4.0") == "bundle:app-1.4.0"
    assert scope({"bundle:app-*": ""}, "app-1.4.0") == "bundle:app-1.4.0"


@pytest.mark.parametrize(
    "text", ['"app*"', '"a@b"', '""', '" app"', '"bundle:app"', '"a\\u200bb"', "1", '["app"]', '"app\\n"']
)
def test_what_is_no_name_is_an_error_at_its_line(text):
    with pytest.raises(ConfigurationError, match="scope"):
        policy(**{"bundle:app-*": f"scope = {text}"})


def test_each_name_has_no_effect_where_there_is_one_name():
    with pytest.raises(ConfigurationError, match="no effect"):
        policy(**{"bundle:app": 'scope = "each-name"'})


def test_words_never_claim_more_than_holds():
    assert "never goes back within the scope bundle:app of a ledger" in words("bundle:app")
    assert "never goes back" not in words("bundle:app-*")
    assert "an older version under another name is accepted" in words("bundle:app-*")
    assert "never goes back" not in words("bundle:app-*", 'scope = "each-name"')
    assert "which never goes back within the scope bundle:app of a ledger" in words("bundle:app-*", 'scope = "app"')


def test_a_pattern_that_does_not_say_is_weak_and_one_that_does_is_not():
    assert len(weak(**{"bundle:app-*": ""})) == 1
    for said in ('scope = "app"', 'scope = "each-name"'):
        assert weak(**{"bundle:app-*": said}) == []
    assert weak(**{"bundle:app": ""}) == []


@pytest.mark.parametrize(
    ("other", "more"),
    [
        ("bundle:app", ""),
        ("bundle:*", ""),
        ("bundle:b-*", 'scope = "app"'),
        ("bundle:b", 'scope = "app"'),
    ],
)
def test_rules_that_share_a_scope_are_named_once(other, more):
    assert len(shared(**{"bundle:app-*": 'scope = "app"', other: more})) == 1
    assert shared(**{"bundle:app-*": 'scope = "app"\nchannel = "c"', other: more}) == []


def test_another_kind_shares_nothing():
    made = {"bundle:app-*": 'scope = "app"', "bundle:zzz-*": 'scope = "each-name"'}
    assert shared(**made) == []


def test_the_starter_for_many_names_says_it():
    assert 'scope = "each-name"' in starter_policy(artifact="bundle:team-*")
    assert "each-name" not in starter_policy(artifact="bundle:authz")
    assert parse_policy(starter_policy(artifact="bundle:team-*").encode(), where="p", read_file=lambda _: PEM).artifacts
