"""Keyless identities: which kind one is of, and whose a pattern may be."""

import pytest

from verifier.core.signers.identities import kind_of, require_pinned, require_plain, width
from verifier.core.signers.keyless import CertificateClaims, KeylessIdentity

EVERYBODY_S = [
    "*",
    "h*",
    "https*",
    "https://*",
    "https:*",
    "https://*/acme/app",
    "https://*.example/acme/*",
    "https://git*",
    "https://github.com*",
    "https://github.com:*/acme/*",
    "https://github.com/*",
    "https://GitHub.com/*",
    "https://github.com:443/*",
    "https://github.com/*/*",
    "https://github.com/*/release/.github/workflows/build.yml@refs/tags/*",
    "https://github.com/a*",
    "https://github.com/acme*",
    "https://github.com/?q=*",
    "https://github.com/#*",
    "https://github.com//*",
    "https://github.com/./*",
    "https://github.com/../*",
    "https://github.com@evil.example/*",
    "https://gitlab.com/*",
    "https://gitlab.com/acme*//.gitlab-ci.yml@refs/heads/main",
    "https://buildkite.com/*",
    "https://dev.azure.com/*",
    "https://github.com./*",
    "https://[::1]/*",
    "*@*",
    "*@gmail.com",
    "*@GMAIL.com",
    "j*@gmail.com",
    "*.doe@googlemail.com",
    "*@yahoo.co.uk",
    "*@hotmail.fr",
    "*@proton.me",
    "*@users.noreply.github.com",
    "*@github.com",
    "*@*.acme.example",
    "jane@acme*",
    "jane@acme.*",
    "jane@localhost",
    "*!*",
    "*!forge*",
    "jane",
    "repo:acme/app:ref:refs/heads/*",
    "//github.com/acme/*",
    "javascript:*",
]
PINNED = [
    "https://github.com/acme/*",
    "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/*",
    "https://github.com/acme/*/.github/workflows/release.yml@refs/tags/v1",
    "https://gitlab.com/acme//.gitlab-ci.yml@refs/heads/main",
    "https://ci.acme.example/*",
    "https://ci.acme.example:8443/jobs/*",
    "spiffe://acme.example/ns/*",
    "https://github.com/acme",
    "jane@gmail.com",
    "*@acme.example",
    "jane@mail.acme.example",
    "ci-*@project.iam.gserviceaccount.com",
    "jane!forge.example",
    "*!forge.example",
]
ODD = [
    "\0",
    "\n",
    "\x1b[2K",
    "\u202e",
    "\u200b",
    "\u00ad",
    "\u0430",
    " ",
    "\t",
    "\u00e9",
    "e\u0301",
    "\x7f",
    "\ud800",
    "\uff0f",
]


@pytest.mark.parametrize("pattern", [each for each in EVERYBODY_S if "//.gitlab-ci" not in each or "*//" in each])
def test_a_pattern_that_is_everybody_s_is_refused(pattern):
    with pytest.raises(ValueError, match=r"must|has"):
        require_pinned(pattern)


@pytest.mark.parametrize("pattern", PINNED)
def test_a_pattern_with_an_owner_is_none_of_everybody_s(pattern):
    assert require_pinned(pattern) == pattern


@pytest.mark.parametrize("character", ODD)
def test_what_does_not_show_or_may_look_like_something_else_is_no_part_of_an_identity(character):
    for place in ("https://github.com/acme/{}app/*", "https://g{}thub.com/acme/*", "jane{}@acme.example"):
        with pytest.raises(ValueError, match=r"has the character U\+"):
            require_plain(place.format(character))


def test_an_empty_identity_is_none():
    with pytest.raises(ValueError, match="is empty"):
        require_plain("")


@pytest.mark.parametrize(
    ("identity", "kind"),
    [
        ("https://github.com/acme/app@refs/tags/v1", "URI"),
        ("jane@acme.example", "e-mail address"),
        ("jane!acme.example", "user name"),
        ("https://x/y@acme.example", "URI"),
        ("a/b@acme.example", None),
        ("mailto:jane@acme.example", None),
        ("jane@acme.example@evil.example", None),
        ("jane!a!b", None),
        ("@acme.example", None),
        ("jane@", None),
        ("jane", None),
    ],
)
def test_an_identity_is_of_one_kind(identity, kind):
    assert kind_of(identity) == kind


@pytest.mark.parametrize("kind", ["e-mail address", "user name"])
def test_a_name_of_another_kind_that_reads_like_a_uri_is_none(kind):
    name = "https://github.com/acme/app"
    wanted = KeylessIdentity(issuer="https://i.example", identity="https://github.com/acme/*")
    claims = CertificateClaims(issuer="https://i.example", identity=name, kind="URI")
    assert wanted.differences(claims) == ()
    (said,) = wanted.differences(CertificateClaims(issuer="https://i.example", identity=name, kind=kind))
    assert "wanted a URI" in said


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("https://github.com/acme/*", "github.com/acme/"),
        ("https://github.com/acme/app*", "github.com/acme/"),
        ("https://ci.acme.example/*", "ci.acme.example/"),
        ("*@acme.example", "acme.example"),
        ("*!forge.example", "forge.example"),
        ("https://github.com/acme/app/.github/workflows/release.yml@refs/tags/*", ""),
        ("jane@acme.example", ""),
    ],
)
def test_what_is_wide_is_said(pattern, said):
    assert said in width(pattern)
    assert bool(said) is bool(width(pattern))
