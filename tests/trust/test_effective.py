"""The effective rule's digest: another one for whatever is asked otherwise, the same for whatever has no say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from fixtures.attacks.registry import POLICIES
from fixtures.attacks.verdicts import RULE
from tests.support.material import public_pem
from verifier.core.value import Value, field_names
from verifier.trust.adhoc import AdHocFlags, policy_from_flags
from verifier.trust.effective import effective_rule, rule_digest
from verifier.trust.load import load_policy
from verifier.trust.model import TrustPolicy
from verifier.trust.sections.version import VersionFrom, VersionRule, VersionUnchecked

BASE = """\
version = 1
id = "urn:example:policy"

[signers.a]
key = "keys/a.pub"

[signers.b]
key = "keys/b.pub"

[artifacts."bundle:authz"]
signatures = { threshold = 1, from = ["a", "b"] }
version = { from = "manifest.revision", scheme = "semver" }
capabilities = { deny = ["http.send", "opa.runtime"] }
organisation = ["rules/release.rego", "rules/owners.rego"]

[verifiers.ci]
signer = "a"
id = "https://acme.example/verifier/ci"
"""


@pytest.fixture
def digest(parse):
    """The digest of the effective rule of the first rule of a policy."""

    def digest(source, pattern=None):
        policy = parse(source)
        rule = next(each for each in policy.artifacts if pattern in {None, each.pattern})
        return rule_digest(policy, rule)

    return digest


class TestWhatHasASay:
    @pytest.mark.parametrize("path", ["keys/a.pub", "keys/b.pub", "rules/release.rego", "rules/owners.rego"])
    def test_every_file_that_the_rule_names_changes_the_digest(self, digest, files, path):
        before = digest(BASE)
        files[path] = files["keys/release.pub"] if path.endswith(".pub") else files[path] + b"# changed\n"
        assert digest(BASE) != before

    def test_two_files_that_are_swapped_change_it(self, digest, files):
        before = digest(BASE)
        one, other = "rules/release.rego", "rules/owners.rego"
        files[one], files[other] = files[other], files[one]
        assert digest(BASE) != before

    def test_two_keys_that_are_swapped_between_roles_change_it(self, digest):
        other = BASE.replace('signer = "a"', 'signer = "b"')
        assert digest(other) != digest(BASE)
        swapped = other.replace("keys/a.pub", "keys/x.pub").replace("keys/b.pub", "keys/a.pub")
        assert digest(swapped.replace("keys/x.pub", "keys/b.pub")) != digest(BASE)

    def test_the_files_of_exceptions_and_roots_change_it(self, digest, files):
        files["root.json"] = b"{}"
        source = BASE + '[sigstore]\ntrusted_root = "root.json"\n'
        excused = "vulnerabilities = { max_severity = 'low', exceptions = 'audit-exceptions.toml' }\norganisation"
        source = source.replace("organisation", excused)
        seen = {digest(source)}
        for path in ("root.json", "audit-exceptions.toml"):
            files[path] += b" "
            seen.add(digest(source))
        assert len(seen) == 3

    @pytest.mark.parametrize(
        "added",
        [
            '[signers.c]\nkey = "keys/release.pub"\nrevoked = true\n',
            '[signers.c]\nrevoked = true\nkeyless = { issuer = "https://a.example", identity = "x@example.org" }\n',
            '[verifiers.other]\nsigner = "b"\nid = "https://acme.example/verifier/ci"\n',
            "[limits]\nmembers = 10\n",
            '[sigstore]\ntrusted_root = "staging"\n',
        ],
    )
    def test_what_the_policy_says_for_every_rule_changes_it(self, digest, added):
        assert digest(BASE + added) != digest(BASE)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("freshness = '1d'", "offline_grace = '1d'"),
            ("freshness = '1d'", "freshness = '24s'"),
            ("floor = '1.0.0'", "max_jump = '1.0.0'"),
            ("channel = 'null'", ""),
            ("channel = 'a'", "channel = 'b'"),
            ("resource_uri = 'urn:a'", "resource_uri = 'urn:A'"),
            ("mode = 'opa-compat'", "mode = 'strict'"),
        ],
    )
    def test_two_rules_that_differ_never_have_one_digest(self, digest, one, other):
        place = "organisation ="
        with_one, with_other = (BASE.replace(place, f"{each}\n{place}") for each in (one, other))
        assert digest(with_one) != digest(with_other)

    def test_a_list_is_not_the_text_that_it_looks_like(self, digest):
        joined = BASE.replace('["http.send", "opa.runtime"]', '["http.send"]')
        named = BASE.replace('from = ["a", "b"]', 'from = ["a"]')
        assert len({digest(each) for each in (BASE, joined, named)}) == 3

    def test_an_unordered_version_is_not_one_from_a_place_of_that_name(self, parse):
        policy = parse(BASE)
        rule = policy.artifacts[0]
        orders = (VersionUnchecked(), VersionFrom(source="none", scheme="none"))
        first, second = (rule_digest(policy, rule.having(VersionRule(order=order))) for order in orders)
        assert first != second

    def test_a_pattern_is_not_the_name_that_it_matches(self, digest):
        assert digest(BASE.replace("bundle:authz", "bundle:*")) != digest(BASE)


class TestWhatHasNone:
    @pytest.mark.parametrize(
        ("part", "other"),
        [
            ("version = 1\n", "# a comment\nversion = 1\n"),
            ("urn:example:policy", "urn:example:moved"),
            ("keys/a.pub", "keys/a-again.pub"),
            ('from = ["a", "b"]', 'from = ["b", "a"]'),
            ('"http.send", "opa.runtime"', '"opa.runtime", "http.send"'),
            ('"rules/release.rego", "rules/owners.rego"', '"rules/owners.rego", "rules/release.rego"'),
            ("threshold = 1, ", ""),
            ('[verifiers.ci]\nsigner = "a"\nid', '[verifiers]\nci.signer = "a"\nci.id'),
            ("[verifiers.ci]", "[verifiers.pipeline]"),
            ("[verifiers.ci]", '[signers.c]\nkey = "keys/release.pub"\n\n[verifiers.ci]'),
            (
                "[verifiers.ci]",
                "[artifacts.\"bundle:billing\"]\nsignatures = { from = ['b'] }\nversion = 'none'\n\n[verifiers.ci]",
            ),
            ("[verifiers.ci]", '[builders.x]\nsigner = "b"\nid = "https://e.org/x"\nlevel = 1\n\n[verifiers.ci]'),
        ],
    )
    def test_the_digest_stays(self, digest, part, other):
        assert BASE.count(part) == 1
        assert digest(BASE.replace(part, other), "bundle:authz") == digest(BASE)

    def test_defaults_are_what_is_not_said(self, digest):
        said = 'first_use = "allow"\nmode = "strict"\norganisation ='
        # What is said to be strict is a section that the other rule has not: said is never taken for unsaid.
        assert digest(BASE.replace("organisation =", 'first_use = "allow"\norganisation =')) == digest(BASE)
        assert digest(BASE.replace("organisation =", said)) != digest(BASE)


class TestFlags:
    KEYS = (("a.pub", public_pem("p256")),)

    def test_what_the_files_are_called_has_no_say(self):
        flags = AdHocFlags(keys=self.KEYS, verifier_ids=("https://e.org/v",), builder_id="https://e.org/b")
        moved = replace(flags, keys=(("/etc/keys/a.pem", b"a comment\n" + self.KEYS[0][1]),))
        assert self.digest(flags) == self.digest(moved)

    @pytest.mark.parametrize(
        "change",
        [
            {"keys": (("a.pub", public_pem("p256-2")),)},
            {"scope": "authz"},
            {"freshness": timedelta(days=1)},
            {"verifier_ids": ("https://e.org/v",)},
            {"builder_id": "https://e.org/b"},
            {"attestations": ("https://e.org/type",)},
            {"version_from": "manifest.revision", "version_scheme": "semver"},
        ],
    )
    def test_each_flag_has(self, change):
        flags = AdHocFlags(keys=self.KEYS)
        assert self.digest(replace(flags, **change)) != self.digest(flags)

    def digest(self, flags):
        policy = policy_from_flags(flags)
        return rule_digest(policy, policy.artifacts[0])


def test_whatever_a_policy_comes_to_say_is_in_the_form(parse):
    class More(TrustPolicy):
        engine: Value | str = "embedded"

    policy = parse(BASE)
    fields = {name: getattr(policy, name) for name in field_names(TrustPolicy)}
    rule = policy.artifacts[0]
    known = {"format", "pattern", "sections", "signers", "verifiers", "organisation", "sigstore", "limits", "policy"}
    assert json.loads(effective_rule(policy, rule)).keys() == known
    assert set(json.loads(effective_rule(More(**fields), rule))["policy"]) == {"engine"}


def test_the_form_stays_from_release_to_release():
    policy = load_policy(POLICIES / "verdicts.toml")
    assert rule_digest(policy, policy.artifacts[0]).value == RULE
