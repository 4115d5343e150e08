"""`verify trust check` reads the file of exceptions that a rule about known vulnerabilities names."""

from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.material import public_pem

NOW = "2026-11-21T12:00:00Z"
POLICY = """version = 1
id = "urn:example:policy"
signers.release.key = "release.pub"

[artifacts."image:acme/*"]
signatures = { from = ["release"] }
version = "none"
vulnerabilities = { max_severity = "high", exceptions = "exceptions.toml", max_exception_days = 30 }
"""
EXCEPTION = """[[exception]]
id = "CVE-2019-10906"
package = "pkg:pypi/jinja2"
status = "affected"
reason = "no sandbox"
owner = "team@acme.example"
expires = {}
"""


@pytest.fixture(autouse=True)
def policy(place):
    Path("trust.toml").write_text(POLICY)
    Path("release.pub").write_bytes(public_pem("p256"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (EXCEPTION.format("2027-01-31"), "exceptions.toml:7: "),
        (EXCEPTION.format("2026-12-01").replace("owner", "owned"), "exceptions.toml:6: "),
        ("[[exception]]\n", "exceptions.toml:1: "),
        ("<<<<<<< ours\n", "exceptions.toml:1: "),
        ("\ufeff[[exception]]\n", "exceptions.toml"),
    ],
)
def test_what_is_wrong_with_exceptions_is_said_before_they_are_needed(content, said):
    Path("exceptions.toml").write_text(content)
    answer = run("trust", "check", "trust.toml", "--now", NOW)
    assert answer.status == 2
    assert said in answer.err


def test_sound_ones_are_said_in_words():
    Path("exceptions.toml").write_text(EXCEPTION.format("2026-12-01"))
    answer = run("trust", "check", "trust.toml", "--now", NOW)
    assert answer.status == 0, answer.err
    assert "no known vulnerability worse than high, or of unknown severity, is accepted, but for" in answer.out
