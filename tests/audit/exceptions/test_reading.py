"""The file of exceptions: strict, and every error at its line."""

from datetime import UTC, datetime

import pytest

from tests.support.audit.made import NOW
from verifier.audit.exceptions.reading import MAX_EXCEPTIONS, read_exceptions
from verifier.core.errors import ConfigurationError

EXCEPTION = {
    "id": '"CVE-2024-34064"',
    "package": '"pkg:pypi/jinja2@2.10"',
    "status": '"not_affected"',
    "justification": '"vulnerable_code_not_in_execute_path"',
    "reason": '"xmlattr is never given names from outside"',
    "owner": '"platform@acme.example"',
    "expires": "2025-03-31",
}
UNKNOWN = {key: EXCEPTION[key] for key in ("reason", "owner", "expires")} | {"package": '"acme-core"'}


def table(kind, values, **changed):
    lines = [f"{key} = {value}" for key, value in {**values, **changed}.items() if value is not None]
    return "\n".join([f"[[{kind}]]", *lines, ""])


def read(text, **more):
    content = text.encode() if isinstance(text, str) else text
    return read_exceptions(content, where="exceptions.toml", now=NOW, **more)


def error(text, **more):
    with pytest.raises(ConfigurationError) as caught:
        read(text, **more)
    return str(caught.value)


def exception(**changed):
    return table("exception", EXCEPTION, **changed)


def unknown(**changed):
    return table("unknown", UNKNOWN, **changed)


class TestWhatIsRead:
    def test_an_exception_has_what_is_written_and_its_line(self):
        (found,) = read("# first line\n" + exception()).exemptions
        assert (found.id, found.status) == ("CVE-2024-34064", "not_affected")
        assert (found.package.name.name, found.package.version) == ("jinja2", "2.10")
        assert found.expires == datetime(2025, 3, 31, tzinfo=UTC)
        assert found.where == "exceptions.toml:2"

    @pytest.mark.parametrize(
        "written", ["2025-03-31", '"2025-03-31"', "2025-03-31T00:00:00Z", '"2025-03-31T02:00:00+02:00"']
    )
    def test_an_end_is_a_date_or_a_date_and_time(self, written):
        (found,) = read(exception(expires=written)).exemptions
        assert found.expires == datetime(2025, 3, 31, tzinfo=UTC)

    def test_an_end_that_has_passed_is_read(self):
        assert read(exception(expires="2020-01-01")).exemptions[0].expires.year == 2020

    def test_a_risk_that_is_taken_needs_no_justification(self):
        (found,) = read(exception(status='"affected"', justification=None)).exemptions
        assert found.justification == ""

    def test_a_package_may_be_named_without_its_version(self):
        assert read(exception(package='"pkg:pypi/Jinja2"')).exemptions[0].package.version is None

    @pytest.mark.parametrize("name", ['"acme-core"', '"pkg:pypi/acme-core"', '"@acme/core"'])
    def test_an_unknown_package_is_a_name_or_a_purl(self, name):
        assert read(unknown(package=name)).unknowns[0].named == name.strip('"')

    def test_a_file_of_comments_has_none(self):
        assert read("# nothing yet\n").exemptions == ()

    def test_the_format_may_be_named(self):
        assert len(read("version = 1\n" + exception()).exemptions) == 1


class TestWhatIsRefused:
    @pytest.mark.parametrize("key", ["id", "package", "status", "justification", "reason", "owner", "expires"])
    def test_an_exception_without_a_key_that_it_needs(self, key):
        assert f"lacks the required key '{key}'" in error(exception(**{key: None}))

    @pytest.mark.parametrize("key", ["package", "reason", "owner", "expires"])
    def test_an_unknown_package_without_a_key_that_it_needs(self, key):
        assert f"lacks the required key '{key}'" in error(unknown(**{key: None}))

    @pytest.mark.parametrize(
        ("text", "line", "says"),
        [
            (exception(expire="2025-01-01"), 9, "unknown key 'expire'"),
            (exception(status='"fixed"'), 4, "must be one of not_affected, affected"),
            (exception(justification='"because"'), 5, "must be one of component_not_present"),
            (exception(status='"affected"'), 5, "goes with not_affected"),
            (exception(id='"CVE-2024-*"'), 2, "no wildcards"),
            (exception(id='"CVE 2024"'), 2, "expected an id"),
            (exception(package='"pkg:pypi/*"'), 3, "wildcard"),
            (exception(package='"pkg:pypi/acme-[a-z]"'), 3, "wildcard"),
            (exception(package='"jinja2"'), 3, "expected a purl"),
            (exception(package='"pkg:pypi/jinja2#sub"'), 3, "names a part of a package"),
            (exception(package='"pkg:pypi/jinja2@2.10@3"'), 3, "more than one version"),
            (exception(owner='""'), 7, "must have from 1 to"),
            (exception(owner='" "'), 7, "says nothing"),
            (exception(reason=r'"a\u202Eb"'), 6, "do not show"),
            (exception(expires="2026-03-31"), 8, "an exception ends within 365 days"),
            (exception(expires="2025-03-31T00:00:00"), 8, "must have an offset"),
            (exception(expires="12:00:00"), 8, "must be a date"),
            (exception(expires="20250331"), 8, "must be a date"),
            (exception(expires='"tomorrow"'), 8, "expected a date"),
            (exception(expires='"2025-02-30"'), 8, "expected a date"),
            (exception() + exception(), 11, "is excepted twice: it stands at exceptions.toml:1 too"),
            (exception() + exception(package='"pkg:pypi/Jinja2@2.10"'), 11, "is excepted twice"),
            (unknown() + unknown(), 10, "is excepted twice"),
            (unknown(package='"acme-*"'), 5, "no wildcards"),
            (unknown(package='"pkg:pypi/acme-core@1.0"'), 5, "names a version"),
            (unknown(package='"acme core"'), 5, "expected a name"),
            (unknown(status='"affected"'), 6, "unknown key 'status'"),
            ("[exception]\n", 1, "must be an array of tables"),
            ("exception = 3\n", 1, "must be an array of tables"),
            ("exception = [3]\n", 1, "must be a table"),
            ("[[exemption]]\n", 1, "unknown key 'exemption'"),
            ("version = 2\n", 1, "must be 1"),
            ("[[exception]\n", 1, "not TOML"),
            ("", 0, "is an empty file"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_line(self, text, line, says):
        said = error(text)
        assert said.startswith(f"exceptions.toml:{line}:" if line else "exceptions.toml:")
        assert says in said

    @pytest.mark.parametrize("content", [b"\xff\xfe[\x00[\x00", b"\x80", exception().encode("utf-16"), b"\x00"])
    def test_what_is_not_utf_8(self, content):
        assert "exceptions.toml:1: not" in error(content)

    def test_a_file_cut_anywhere_is_never_more_lenient(self):
        whole = exception()
        for end in range(1, len(whole) - 1):
            error(whole[:end])

    def test_an_end_may_be_as_far_ahead_as_is_allowed(self):
        assert read(exception(expires="2026-03-31"), max_days=600).exemptions
        assert "within 30 days" in error(exception(), max_days=30)

    def test_the_end_of_time(self):
        assert "ends within" in error(exception(expires="9999-12-31T23:59:59-01:00"))

    def test_the_beginning_of_time_has_passed(self):
        assert read(exception(expires="0001-01-01T00:00:00+23:59")).exemptions[0].expires.year == 1

    def test_more_than_anyone_keeps_up_with(self):
        assert "has at most 5,000 elements" in error("[[exception]]\n" * (MAX_EXCEPTIONS + 1))

    def test_a_file_of_many_megabytes(self):
        assert "has at most" in error(b"#" * (2 * 1024 * 1024))

    def test_arrays_in_arrays_without_an_end(self):
        assert "exceptions.toml:1:" in error("exception = " + "[" * 2_000 + "]" * 2_000)


def test_thousands_of_exceptions_are_read():
    text = "".join(exception(id=f'"CVE-2024-{number}"') for number in range(2_000))
    assert len(read(text).exemptions) == 2_000
