"""Names that people may take for others."""

from datetime import UTC, datetime

import pytest

from verifier.trust.lookalikes import disguised, folded, lookalikes
from verifier.trust.weaknesses import weaknesses


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
