"""Annotations: read as GitHub's runner reads commands, ten of each level, no command out of a text."""

import re

from hypothesis import given, settings

from tests.support.audit.results import audited, every_kind, finding, result, results
from verifier.reports.audit.github import render


def commands(text):
    """As the runner reads them (`ActionCommand.TryParseV2`): level, properties, data, each without its escapes."""
    found = []
    for line in text.splitlines():
        level, _, rest = line[2:].partition(" ")
        properties, _, data = rest.partition("::")
        pairs = dict(each.split("=", 1) for each in properties.split(","))
        found.append((level, {name: freed(value) for name, value in pairs.items()}, freed(data)))
    return found


def freed(text):
    return re.sub("%(25|0A|0D|3A|2C)", lambda found: chr(int(found[1], 16)), text)


@settings(max_examples=40)
@given(results())
def test_a_text_ends_no_command_and_gives_it_no_property(what):
    found = commands(render(what))
    assert {level for level, _, _ in found} <= {"error", "warning", "notice"}
    assert all(set(properties) <= {"file", "line", "title"} for _, properties, _ in found)
    assert all(properties.get("line", "1").isdigit() for _, properties, _ in found)
    assert sum(level == "error" for level, _, _ in found) <= 10
    assert sum(level == "warning" for level, _, _ in found) <= 10


def test_an_error_stands_at_the_line_of_its_package():
    (level, properties, data), _ = commands(render(result(finding())))
    assert level == "error"
    assert properties == {"file": "requirements.txt", "line": "1", "title": "CVE-2019-10906 in jinja2 2.10 (high)"}
    assert data.splitlines()[0] == "Sandbox escape"
    assert "Upgrade jinja2 to 2.10.1" in data


def test_of_many_the_nine_most_severe_are_shown_and_the_rest_is_counted():
    low = [finding(f"CVE-2000-{number:02}", severity="low", score="1.0") for number in range(20)]
    found = commands(render(result(*low, finding("CVE-2024-1", severity="critical", score="9.9"))))
    errors = [properties["title"] for level, properties, _ in found if level == "error"]
    assert errors[0].startswith("CVE-2024-1 ")
    assert len(errors) == 10
    assert errors[-1] == "and 12 more"


def test_ten_are_ten():
    found = commands(render(result(*(finding(f"CVE-2000-{number:02}") for number in range(10)))))
    assert [properties["title"][:8] for level, properties, _ in found if level == "error"] == ["CVE-2000"] * 10


def test_what_nobody_knows_is_an_error_before_all_others():
    unknown = tuple(audited(each.package, "unknown", why="git") for each in every_kind().packages)
    level, properties, data = commands(render(result(packages=unknown)))[0]
    assert (level, properties["title"]) == ("error", "Dependency audit: nobody can say")
    assert "6 packages unknown" in data


def test_what_is_accepted_is_a_warning():
    warnings = [properties["title"] for level, properties, _ in commands(render(every_kind())) if level == "warning"]
    assert "CVE-2019-10906 in jinja2 2.10 (high, accepted)" in warnings


def test_a_notice_has_the_numbers_and_the_database():
    level, _, data = commands(render(result()))[-1]
    assert level == "notice"
    assert data.splitlines()[0] == "PASSED: no known vulnerability in 1 package"
    assert data.splitlines()[2].startswith("sha256:")
