"""Whose an expression of identities may be: nobody's that could be anybody's, and never wider than it reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.globs import glob_matches
from verifier.core.regexps.pinned import (
    identity_matches,
    issuers_meant,
    kind_meant,
    open_ended,
    patterns_of,
    remarks,
    require_pinned_expression,
)
from verifier.core.signers.keyless import CertificateClaims, KeylessIdentity

ACTIONS = "https://token.actions.githubusercontent.com"
RELEASE = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.2.3"
EVERYBODY_S = [
    ".*",
    "^.*$",
    ".+",
    "[^@]+@.*",
    "^https://.*$",
    "https://github.com/.*",
    "^https://github\\.com/.*$",
    "^https://github\\.com/acme.*$",
    "^https://github\\.com/acme$|^.*$",
    "^https://github\\.com/[a-z]+/app$",
    "^https://github\\.com/(acme|.*)/app$",
    "^https://github\\.com/acme?.*/app$",
    "^https://github\\.com/a*/app/.*$",
    "^https://.*/acme/app$",
    "^https://[a-z.]+/acme/.*$",
    "^https://github.*/acme/.*$",
    "^(https://github\\.com/acme/)?.*$",
    "^.*github\\.com/acme/.*$",
    "^.*@gmail\\.com$",
    "^.*@(gmail|acme)\\.com$",
    "^.*@.*\\.example$",
    "^.*@users\\.noreply\\.github\\.com$",
    "^.*@com$",
    "^(|.*@acme\\.com)$",
    "acme",
    "^https://github\\.com/\\*/.*$",
    "^https://github\\.com/\\.\\./.*$",
    "^https?://.*$",
    "^(https://github\\.com/acme/.*|.*@acme\\.com)$",
    "^(https://github\\.com/acme/app|alice@acme\\.com)$",
]


@pytest.mark.parametrize("expression", EVERYBODY_S)
def test_an_expression_that_could_be_anybody_s_or_of_several_kinds_is_refused(expression):
    with pytest.raises(ValueError, match=r"must|has|empty"):
        require_pinned_expression(expression)


@pytest.mark.parametrize(
    ("expression", "identity"),
    [
        ("^https://github\\.com/acme/.*$", RELEASE),
        ("https://github.com/acme/.*", RELEASE),
        ("^https://github\\.com/(acme|beta)/[^/]+/\\.github/workflows/.+@refs/tags/v\\d+(\\.\\d+)*$", RELEASE),
        ("^https://gitlab\\.acme\\.example/.*$", "https://gitlab.acme.example/a/b"),
        ("^[^@]+@acme\\.example$", "alice@acme.example"),
        (".*@acme.example", "alice@acme.example"),
        ("^(alice|bob)@gmail\\.com$", "bob@gmail.com"),
        ("^ci-\\d+!acme\\.example$", "ci-1!acme.example"),
    ],
)
def test_one_that_names_its_owner_or_its_domain_matches_whom_it_means(expression, identity):
    assert identity_matches(require_pinned_expression(expression), identity)


@pytest.mark.parametrize(
    ("expression", "identity"),
    [
        ("https://github.com/acme/app", f"{RELEASE}"),
        ("^https://github.com/acme/", RELEASE),
        ("https://github.com/acme/app.*", f"https://evil.example/?{RELEASE}"),
        ("https://github.com/acme/.*", RELEASE.replace("github.com", "githubXcom")),
        (".*@acme.example", "alice@acmeXexample"),
        (".*@acme.example", "https://evil.example/x@acme.example"),
        ("^.*@acme\\.example$", "a@b@acme.example"),
        ("^.*@acme\\.example$", "alice@acme.example\n"),
        ("^.*@acme\\.example$", "al ice@acme.example"),
        ("^.*@acme\\.example$", "al\u0131ce@acme.example"),
        ("^https://github\\.com/acme/.*$", "https://github.com/acme/../evil/app"),
        ("^https://github\\.com/acme/.*$", f"{RELEASE}{'a' * 2048}"),
        ("^https://github\\.com/acme/.*$", RELEASE.replace("acme", "ACME")),
    ],
)
def test_what_only_reads_like_one_is_none_of_them(expression, identity):
    assert not identity_matches(require_pinned_expression(expression), identity)


@pytest.mark.parametrize(
    "expression", ["https://github.com/acme/.*", "^https://github\\.com/acme/.*", "a@acme.example"]
)
def test_that_it_is_read_otherwise_than_cosign_reads_it_is_said(expression):
    assert any("cosign" in said for said in remarks(expression))


def test_of_one_that_is_anchored_and_escaped_there_is_nothing_to_say():
    assert not list(remarks("^https://github\\.com/acme/.*$"))


@given(
    st.text(st.sampled_from("acme/.*+[^]()|\\:-d@$^"), max_size=24),
    st.text(st.sampled_from("acme/.:-1@"), max_size=12),
)
def test_nothing_is_matched_outside_of_the_patterns_that_it_was_judged_by(middle, rest):
    expression, identity = f"https://github.com/{middle}", f"https://github.com/{rest}"
    try:
        patterns = patterns_of(expression)
    except ValueError:
        return
    if identity_matches(expression, identity):
        assert any(glob_matches(each, identity) or identity.startswith(each[:-1]) for each in patterns)
        assert identity in patterns or "/" in rest.lstrip("/")


def test_issuers_are_a_few_that_could_each_be_named():
    assert issuers_meant(f"{ACTIONS}") == (ACTIONS,)
    assert issuers_meant("^https://(ci|cd)\\.example$") == ("https://cd.example", "https://ci.example")
    for wide in (
        ".*",
        "https://.*",
        "^https://[a-z]+\\.example$",
        "^https://ci\\.example/.*$",
        "^https://ci\\.example/\\d*$",
    ):
        with pytest.raises(ValueError, match="a few issuers"):
            issuers_meant(wide)


def test_a_certificate_of_another_kind_issuer_or_name_is_not_of_the_identity():
    signer = KeylessIdentity(
        issuer="^https://(ci|cd)\\.example$", identity="^.*@acme\\.example$", regexps=("issuer", "identity")
    )
    good = CertificateClaims(issuer="https://ci.example", identity="a@acme.example", kind="e-mail address")
    assert signer.differences(good) == ()
    for issuer, identity, kind in (
        ("https://ciXexample", "a@acme.example", "e-mail address"),
        ("https://ci.example/", "a@acme.example", "e-mail address"),
        ("https://ci.example", "a@acme.example", "URI"),
        ("https://ci.example", "a@acme.example.evil", "e-mail address"),
    ):
        assert signer.differences(CertificateClaims(issuer=issuer, identity=identity, kind=kind))


def test_how_wide_it_is_can_be_said():
    named = {"issuer": ACTIONS, "regexps": ("identity",)}
    assert (
        KeylessIdentity(identity="^https://github\\.com/acme/.*$", **named).width()
        == "everything below github.com/acme/"
    )
    assert KeylessIdentity(identity="^https://github\\.com/acme/app/.*$", **named).width() == ""
    assert KeylessIdentity(identity="^.*@acme\\.example$", **named).width() == "everybody at acme.example"
    assert (
        open_ended("^https://github\\.com/acme/.*$"),
        open_ended("^https://github\\.com/acme/.*@refs/tags/v1$"),
    ) == (
        True,
        False,
    )
    assert kind_meant("^ci-\\d+!acme\\.example$") == "user name"
