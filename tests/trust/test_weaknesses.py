"""One weakness, one warning; and a policy without weaknesses has none."""

from datetime import UTC, datetime

import pytest

from tests.support.material import public_pem
from verifier.trust.lookalikes import disguised, folded, lookalikes
from verifier.trust.weaknesses import weaknesses

NOW = datetime(2026, 6, 1, tzinfo=UTC)

STRONG = """version = 1
id = "urn:example:policy"
[signers.a]
key = "keys/a.pub"
[signers.b]
key = "keys/b.pub"
[artifacts."bundle:authz"]
signatures = { threshold = 2, from = ["a", "b"] }
name = { from = "signature.scope" }
version = { from = "manifest.revision", scheme = "semver" }
floor = "1.0.0"
freshness = "30d"
capabilities.deny = ["http.send"]
organisation = ["rules/release.rego"]
[limits]
allow-raised-limits = true
"""


def test_strong_policy_has_no_weakness(parse):
    assert weaknesses(parse(STRONG), NOW) == []


def test_a_signer_that_is_revoked_is_none_that_suffices(parse):
    rotated = STRONG.replace("threshold = 2", "threshold = 1").replace('"keys/b.pub"', '"keys/b.pub"\nrevoked = true')
    said = [found.message for found in weaknesses(parse(rotated), NOW)]
    assert "signer 'b' is revoked: its signatures do not count" in said
    assert not [message for message in said if "suffices" in message]


def keyless(identity):
    return f'keyless = {{ issuer = "https://ci.example", identity = "{identity}" }}'


@pytest.mark.parametrize(
    ("strong", "weak", "subject", "message"),
    [
        ("threshold = 2", "threshold = 1", "artifacts", "any one of 2 signers suffices"),
        ('{ from = "manifest.revision", scheme = "semver" }\nfloor = "1.0.0"', '"none"', "artifacts", "replayed"),
        ('floor = "1.0.0"\n', "", "artifacts", "without a floor"),
        ('freshness = "30d"\n', "", "artifacts", "no freshness"),
        ('deny = ["http.send"]', "deny = []", "artifacts", "no builtin is denied"),
        ('capabilities.deny = ["http.send"]\n', "", "artifacts", "no builtin is denied"),
        ('["http.send"]', '["opa.runtime"]\ncapabilities.deny_custom = ["http.send"]', "artifacts", "which OPA has"),
        ('["http.send"]', '["opa.runtime"]\ncapabilities.deny_custom = ["http.sent"]', "artifacts", "mean 'http.send'"),
        *(
            (
                'from = ["a", "b"]',
                f'from = ["a", "b"], attestations = ["{each}"]',
                "artifacts",
                "did you mean https://slsa",
            )
            for each in (
                "http://slsa.dev/provenance/v1",
                "https://slsa.dev/Provenance/v1",
                "https://slsa.dev/provenance/v1.0",
                "https://slsa.dev/provenance/v1/",
            )
        ),
        ("organisation =", 'mode = "opa-compat"\norganisation =', "artifacts", "opa-compat"),
        (
            "organisation =",
            "vulnerabilities = { max_severity = 'critical' }\norganisation =",
            "artifacts",
            "whatever has a severity is accepted",
        ),
        (
            "organisation =",
            "vulnerabilities = { max_severity = 'low', max_age = '31d' }\norganisation =",
            "artifacts",
            "what became known since is not noticed",
        ),
        (
            "organisation =",
            "vulnerabilities = { max_severity = 'low', exceptions = 'audit-exceptions.toml' }\norganisation =",
            "artifacts",
            "an exception may last a year",
        ),
        ("organisation =", 'offline_grace = "15m"\norganisation =', "artifacts", "no new floor binds it"),
        ("bundle:authz", "bundle:*", "artifacts", "matches every name"),
        ('name = { from = "signature.scope" }\n', "", "artifacts", "nothing binds the name"),
        ('name = { from = "signature.scope" }', 'name_binding = "none"', "artifacts", "nothing binds the name"),
        ("rules/release.rego", "../rules/release.rego", "artifacts", "outside the policy's directory"),
        ("rules/release.rego", "/rules/release.rego", "artifacts", "outside the policy's directory"),
        ("allow-raised-limits = true", "allow-raised-limits = true\nratio = 2000", "limits.ratio", "above its default"),
        ("[limits]", '[sigstore]\ntrusted_root = "staging"\n[limits]', "sigstore", "an instance for tests"),
        ('"keys/b.pub"', '"keys/b.pub"\nnot_after = 2026-06-20T00:00:00Z', "signers.b", "within 30 days"),
        ('"keys/b.pub"', '"keys/b.pub"\nnot_after = 2026-05-20T00:00:00Z', "signers.b", "do not count"),
        ('"keys/b.pub"', '"keys/b.pub"\nnot_before = 2026-07-20T00:00:00Z', "signers.b", "do not count"),
        ('"keys/b.pub"', '"keys/b.pub"\nrevoked = true', "artifacts", "only 1 can count now"),
        ('key = "keys/b.pub"', 'secret = "keys/hmac.bin"\nalgorithms = ["HS256"]', "signers.b", "an HMAC secret"),
        ('key = "keys/b.pub"', 'secret = "keys/line"\nalgorithms = ["HS256"]', "signers.b", "ends in a line break"),
        ("[signers.b]", '[signers.c]\nkey = "keys/release.pub"\n[signers.b]', "signers.c", "no rule listens"),
        ("[signers.b]", '[signers.c]\nkey = "keys/a-again.pub"\n[signers.b]', "signers.a", "the same key as c"),
        ('key = "keys/b.pub"', keyless("https://ci.example/acme/*@refs/tags/v1"), "signers.b", "can add one can sign"),
        ('key = "keys/b.pub"', keyless("https://ci.example/acme/r.yml@refs/heads/*"), "signers.b", "push one can sign"),
        ('key = "keys/b.pub"', keyless("https://ci.example/acme/r.yml@refs/*"), "signers.b", "push one can sign"),
        ('key = "keys/b.pub"', keyless("https://ci.example/acme/r.yml@*"), "signers.b", "push a branch can sign"),
    ],
)
def test_weak_setting_is_named_with_its_place(parse, files, strong, weak, subject, message):
    files["keys/line"] = b"0123456789abcdef0123456789abcdef\n"
    files["../rules/release.rego"] = files["/rules/release.rego"] = files["rules/release.rego"]
    assert strong in STRONG
    found = weaknesses(parse(STRONG.replace(strong, weak, 1)), NOW)
    assert any(item.subject.startswith(subject) and message in item.message for item in found), found


@pytest.mark.parametrize(
    "known", ["https://slsa.dev/provenance/v1", "https://spdx.dev/Document", "https://example.org/t/v1"]
)
def test_a_predicate_type_that_may_be_meant_is_not_weak(parse, known):
    assert weaknesses(parse(STRONG.replace('["a", "b"]', f'["a", "b"], attestations = ["{known}"]')), NOW) == []


def test_policy_without_rules_denies_everything_and_says_so(parse):
    found = weaknesses(parse('version = 1\nid = "urn:example:policy"\n'), NOW)
    assert [str(item) for item in found] == ["artifacts: no rule at all: every artifact is denied"]


@pytest.mark.parametrize(
    "asked", ['sbom = { from = ["c"] }', 'vulnerabilities = { max_severity = "low", from = ["c"] }']
)
def test_a_signer_of_documents_alone_is_listened_to(parse, files, asked):
    files["keys/c.pub"] = public_pem("p384")
    text = STRONG.replace("[signers.b]", '[signers.c]\nkey = "keys/c.pub"\n[signers.b]').replace(
        'freshness = "30d"', f'freshness = "30d"\n{asked}'
    )
    assert not [each for each in weaknesses(parse(text), NOW) if "no rule listens" in each.message]


def test_a_keyless_signer_for_the_tags_of_one_workflow_is_not_weak(parse):
    strong = keyless("https://ci.example/acme/policies/release.yml@refs/tags/v*")
    assert weaknesses(parse(STRONG.replace('key = "keys/b.pub"', strong, 1)), NOW) == []


@pytest.mark.parametrize(
    ("names", "named"),
    [
        (["release", "security"], []),
        (["release", "re\u0430lease"], ["re\u0430lease"]),
        (["release", "re1ease"], ["re1ease"]),
        (["re\u04cfease"], ["re\u04cfease"]),
        (["modern", "modem"], ["modem"]),
        (["ci", "CI"], ["CI"]),
    ],
)
def test_a_name_that_looks_like_another_is_named(names, named):
    assert list(dict.fromkeys(name for name, _ in lookalikes(names))) == named


@pytest.mark.parametrize("host", ["g1thub.com", "githvb.com", "github.com", "git1ab.com", "acme.example"])
def test_a_host_that_looks_like_a_well_known_one_is_said(host):
    expected = {"g1thub.com": "github.com", "git1ab.com": "gitlab.com"}.get(host)
    assert disguised(host) == expected


def test_a_host_in_another_script_is_said():
    assert disguised("xn--gthub-cta.com")
    assert disguised("www.xn--gthub-cta.com")
    assert folded("\u0430") == folded("a")


def test_trust_check_says_both(parse):
    policy = parse(
        'version = 1\nid = "urn:example:policy"\nsigners.release.key = "keys/a.pub"\n'
        'signers."re1ease".keyless = { issuer = "https://g1thub.com", identity = "https://g1thub.com/acme/app/r" }\n'
    )
    said = [str(each) for each in weaknesses(policy, datetime(2026, 6, 1, tzinfo=UTC))]
    assert any("looks like 'release'" in each for each in said)
    assert any("looks like github.com" in each for each in said)
