"""The file that says which licences may be used, read strictly."""

from datetime import UTC, datetime

import pytest

from verifier.core.errors import ConfigurationError
from verifier.sbom.licenses.rules import read_license_rules

EXCEPTION = '[exceptions."pkg:pypi/readline@*"]\nuntil = {}\nreason = "until it is replaced"\n'


def rules(text):
    return read_license_rules(f"version = 1\n{text}".encode(), where="licenses.toml")


def test_a_file_is_read_as_it_is_written():
    found = rules('allow = ["MIT", "LicenseRef-acme-*"]\ndeny = ["AGPL-3.0-only"]\n' + EXCEPTION.format("2027-01-31"))
    assert found.allow.written == ("MIT", "LicenseRef-acme-*")
    assert found.deny.written == ("AGPL-3.0-only",)
    (exemption,) = found.exceptions
    assert (exemption.pattern, exemption.reason) == ("pkg:pypi/readline@*", "until it is replaced")


@pytest.mark.parametrize(
    ("until", "ends"),
    [
        ("2027-01-31", datetime(2027, 2, 1, tzinfo=UTC)),
        ("2027-01-31T12:00:00Z", datetime(2027, 1, 31, 12, tzinfo=UTC)),
        ("2027-01-31T12:00:00+02:00", datetime(2027, 1, 31, 10, tzinfo=UTC)),
        ("9999-12-31", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_an_exception_ends_with_its_day_or_at_its_moment(until, ends):
    assert rules('allow = ["MIT"]\n' + EXCEPTION.format(until)).exceptions[0].until == ends


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("", 1, "allows and denies nothing"),
        ("allow = []", 2, "must not be empty"),
        ('allow = ["MIT", "Apache2.0"]', 2, "did you mean 'Apache-2.0'?"),
        ('allow = ["GPL-*"]', 2, "only references are matched"),
        ('allow = ["MIT OR"]', 2, "OR requires"),
        ('allow = ["' + "(" * 900 + "MIT" + ")" * 900 + '"]', 2, "900 brackets"),
        ('allow = ["NOASSERTION"]', 2, "not in the SPDX list"),
        ('allow = ["MIT"]\ndeny = ["MIT"]', 3, "which is allowed too"),
        ('allow = ["GPL-2.0", "GPL-2.0-only"]', 2, "the same as 'GPL-2.0'"),
        ('alow = ["MIT"]', 2, "did you mean 'allow'?"),
        ('allow = ["MIT"]\n' + EXCEPTION.format('"2027-01-31"'), 4, "must be a date and time"),
        ('allow = ["MIT"]\n' + EXCEPTION.format("2027-01-31T12:00:00"), 4, "must have an offset"),
        ('allow = ["MIT"]\n' + EXCEPTION.format("2027-02-31"), 4, "not TOML"),
        ('allow = ["MIT"]\n' + EXCEPTION.format("10000-01-01"), 4, "not TOML"),
        ('allow = ["MIT"]\n' + EXCEPTION.format("0001-01-01T00:00:00+10:00"), 4, "outside the years"),
        ('allow = ["MIT"]\n[exceptions.readline]\nreason = "r"', 3, "lacks the required key 'until'"),
        ('allow = ["MIT"]\n[exceptions.readline]\nuntil = 2027-01-01', 3, "lacks the required key 'reason'"),
        ('allow = ["MIT"]\n[exceptions."*"]\nuntil = 2027-01-01\nreason = "r"', 3, "means every component"),
        ('allow = ["MIT"]\n[exceptions."pkg:*"]\nuntil = 2027-01-01\nreason = "r"', 3, "means every component"),
        ('allow = ["MIT"]\n[exceptions."a\\u001b[2J"]\nuntil = 2027-01-01\nreason = "r"', 3, "cannot be a name"),
    ],
)
def test_what_is_not_right_is_an_error_at_its_line(text, line, part):
    with pytest.raises(ConfigurationError) as refused:
        rules(text)
    assert refused.value.where == f"licenses.toml:{line}"
    assert part in f"{refused.value.message} {refused.value.hint}"


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"version = 2", b"{}", b"version = 1\nallow = 1" + b"#" * 300_000]
)
def test_a_file_of_something_else_is_an_error_and_nothing_worse(content):
    with pytest.raises(ConfigurationError):
        read_license_rules(content, where="licenses.toml")


def test_too_many_exceptions_are_an_error():
    tables = "".join(f'[exceptions.p{number}]\nuntil = 2027-01-01\nreason = "r"\n' for number in range(1_001))
    with pytest.raises(ConfigurationError, match="at most 1000"):
        rules(f'allow = ["MIT"]\n{tables}')
