"""Judging the licences of components: over expressions, lists and exceptions."""

from datetime import UTC, datetime

import pytest

from tests.support.material import codes
from verifier.core.errors import Refused
from verifier.core.severity import Severity
from verifier.formats.bom.component import FILE, Component, License
from verifier.sbom.licenses.judge import judge_licenses
from verifier.sbom.licenses.rules import read_license_rules

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ALLOW = 'allow = ["MIT", "Apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", "LicenseRef-acme-*"]'
DENY = 'deny = ["AGPL-3.0-only", "GPL-2.0-only"]'


def rules(text):
    return read_license_rules(f"version = 1\n{text}".encode(), where="licenses.toml")


def component(*licenses, name="left", form="expression", **said):
    stated = tuple(each if isinstance(each, License) else License(each, form) for each in licenses)
    return Component("library", "pypi", name, "1.0", licenses=stated, **said)


def errors(text, *components):
    found = judge_licenses(components, rules(text), NOW)
    return [reason.code for reason in found if reason.is_error]


@pytest.mark.parametrize(
    ("stated", "codes"),
    [
        ("MIT", []),
        ("mit", []),
        ("MIT AND Apache-2.0", []),
        ("MIT AND BSD-3-Clause", ["license.denied"]),
        ("MIT OR BSD-3-Clause", []),
        ("MIT OR Acme-1.0", []),
        ("MIT AND Acme-1.0", ["license.unknown"]),
        ("(BSD-3-Clause OR ISC) AND MIT", ["license.denied"]),
        ("(BSD-3-Clause OR MIT) AND (Acme-1.0 OR Apache-2.0)", []),
        ("GPL-2.0-only WITH Classpath-exception-2.0", []),
        ("GPL-2.0-only", ["license.denied"]),
        ("GPL-2.0-or-later", ["license.denied"]),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", ["license.denied"]),
        ("MIT WITH Classpath-exception-2.0", ["license.denied"]),
        ("MIT WITH Acme-exception", ["license.unknown"]),
        ("Apache-2.0+", []),
        ("BSD-3-Clause+", ["license.denied"]),
        ("LicenseRef-acme-1", []),
        ("LicenseRef-acme", ["license.denied"]),
        ("LicenseRef-ACME-1", ["license.denied"]),
        ("LicenseRef-other-LicenseRef-acme-1", ["license.denied"]),
        ("Acme Licence", ["license.unknown"]),
        ("NOASSERTION", ["license.unknown"]),
        ("NONE", ["license.unknown"]),
        ("MIT OR", ["license.unknown"]),
        ("(" * 2_000 + "MIT" + ")" * 2_000, ["license.unknown"]),
        (" OR ".join(["MIT"] * 100_000), ["license.unknown"]),
        ("MIT\x1b[2J", ["license.unknown"]),
    ],
)
def test_an_expression_is_allowed_where_all_that_holds_is(stated, codes):
    assert errors(ALLOW, component(stated)) == codes


@pytest.mark.parametrize(
    ("stated", "codes"),
    [
        ("MIT", []),
        ("AGPL-3.0", ["license.denied"]),
        ("MIT OR AGPL-3.0-only", []),
        ("MIT AND AGPL-3.0-only", ["license.denied"]),
        ("AGPL-3.0-only+", ["license.denied"]),
        ("GPL-2.0-only WITH Classpath-exception-2.0", ["license.denied"]),
    ],
)
def test_without_a_list_of_what_is_allowed_everything_is_that_is_not_denied(stated, codes):
    assert errors(DENY, component(stated)) == codes


def test_without_a_list_of_what_is_allowed_an_unknown_licence_is_a_warning():
    (reason,) = judge_licenses([component("Acme Licence", form="name")], rules(DENY), NOW)
    assert (reason.code, reason.severity) == ("license.unknown", Severity.WARNING)


def test_what_is_denied_is_denied_although_a_wider_entry_allows_it():
    text = 'allow = ["LicenseRef-acme-*"]\ndeny = ["LicenseRef-acme-old"]'
    assert errors(text, component("LicenseRef-acme-old")) == ["license.denied"]
    assert errors(text, component("LicenseRef-acme-new")) == []


def test_a_whole_expression_can_be_on_a_list_however_it_is_written():
    text = 'allow = ["MIT"]\ndeny = ["MIT AND (ISC OR 0BSD)"]'
    assert errors(text, component("(0BSD OR ISC) AND MIT")) == ["license.denied"]
    assert errors('allow = ["ISC AND 0BSD"]', component("0BSD AND ISC")) == []


def test_a_component_that_states_nothing_is_unknown():
    assert errors(ALLOW, component()) == ["license.unknown"]


def test_several_licences_hold_at_once():
    assert errors(ALLOW, component("MIT", "BSD-3-Clause")) == ["license.denied"]
    assert errors(ALLOW, component("MIT", "Apache-2.0")) == []
    assert errors(ALLOW, component("MIT", "Acme Licence")) == ["license.unknown"]


def test_what_is_concluded_counts_before_what_is_declared():
    concluded, declared = License("MIT", "id", "concluded"), License("AGPL-3.0-only", "id", "declared")
    assert errors(ALLOW, component(declared, concluded)) == []
    assert errors(ALLOW, component(declared)) == ["license.denied"]


@pytest.mark.parametrize(
    ("text", "codes"), [("MIT", []), ("The MIT License", ["license.unknown"]), ("BSD", ["license.unknown"])]
)
def test_a_free_text_counts_only_where_it_is_an_identifier_letter_for_letter(text, codes):
    assert errors(ALLOW, component(text, form="name")) == codes


def test_files_and_systems_belong_to_what_is_judged_beside_them():
    bare = (
        Component("file", FILE, "a.py", path="a.py"),
        Component("operating-system", "", "debian", "12"),
        Component("platform", "", "opa"),
    )
    assert errors(ALLOW, *bare) == []
    assert errors(ALLOW, bare[0]._replace(licenses=(License("ISC", "id"),))) == ["license.denied"]
    assert errors(ALLOW, Component("file", "pypi", "left", "1", purl="pkg:pypi/left@1")) == ["license.unknown"]


def exception(pattern, until="2026-12-31"):
    return f'{ALLOW}\n[exceptions."{pattern}"]\nuntil = {until}\nreason = "until it is replaced"\n'


@pytest.mark.parametrize(
    "pattern", ["pkg:pypi/left@1.0", "pkg:pypi/left", "pkg:pypi/left@*", "left", "left@1.0", "le*", "LEFT"]
)
def test_an_exception_is_by_purl_or_name_with_or_without_the_version(pattern):
    found = judge_licenses(
        [component("ISC", name="left" if pattern != "LEFT" else pattern)], rules(exception(pattern)), NOW
    )
    codes = [reason.code for reason in found if reason.severity is not Severity.NOTE]
    assert codes == ["license.excepted"]
    assert "until it is replaced" in found[0].message


@pytest.mark.parametrize("pattern", ["ruamel.yaml", "ruamel-yaml", "pkg:pypi/ruamel-yaml", "pkg:pypi/ruamel-yaml@*"])
def test_an_exception_may_call_a_package_as_its_index_does(pattern):
    assert errors(exception(pattern), component("ISC", name="ruamel.yaml")) == []


@pytest.mark.parametrize("pattern", ["pkg:pypi/left@2.0", "pkg:npm/left", "right", "pkg:pypi/lef", "eft"])
def test_an_exception_for_something_else_excepts_nothing_and_is_told(pattern):
    found = judge_licenses([component("ISC")], rules(exception(pattern)), NOW)
    assert [reason.code for reason in found if reason.severity is not Severity.NOTE] == [
        "license.denied",
        "license.unused-rule",
    ]


@pytest.mark.parametrize("until", ["2026-05-31", "2026-06-01T00:00:00Z", "0001-01-01"])
def test_an_exception_that_has_ended_denies_and_says_so(until):
    found = judge_licenses([component("ISC")], rules(exception("left", until)), NOW)
    assert [reason.code for reason in found if reason.is_error] == ["license.exception-expired"]
    assert until.replace("T", " ").replace("Z", "+00:00") in found[0].message


def test_of_two_exceptions_the_longer_one_counts():
    text = exception("left", "2026-01-01") + '[exceptions."le*"]\nuntil = 2027-01-01\nreason = "r"\n'
    assert errors(text, component("ISC")) == []


def test_an_exception_that_nobody_needs_is_told():
    found = judge_licenses([component("MIT")], rules(exception("left")), NOW)
    assert [reason.code for reason in found if reason.severity is Severity.WARNING] == ["license.unused-rule"]


def test_what_is_allowed_and_nowhere_used_is_a_note():
    found = judge_licenses([component("MIT")], rules(ALLOW), NOW)
    assert [(reason.code, reason.severity) for reason in found] == [("license.unused-rule", Severity.NOTE)]
    assert "Apache-2.0" in found[0].message
    assert " MIT" not in found[0].message


def test_a_reason_names_the_component_and_the_part_that_decides():
    (reason, _) = judge_licenses([component("MIT AND ISC", purl="pkg:pypi/left@1.0")], rules(ALLOW), NOW)
    assert reason.subject == "pkg:pypi/left@1.0"
    assert reason.message == "states 'MIT AND ISC', of which 'ISC' is not allowed"


def test_of_very_many_the_first_are_named_and_the_rest_counted():
    found = judge_licenses([component("ISC", name=f"n{number}") for number in range(1_000)], rules(ALLOW), NOW)
    denied = [reason for reason in found if reason.code == "license.denied"]
    assert len(denied) == 101
    assert denied[-1].message.startswith("900 more components")


def test_far_too_many_different_licences_are_refused_and_as_many_equal_ones_are_not():
    equal = [component("ISC" + " " * 9_000, name=f"n{number}") for number in range(1_000)]
    assert errors(ALLOW, *equal)
    other = [component("ISC" + " " * (9_000 + number), name=f"n{number}") for number in range(1_000)]
    with pytest.raises(Refused) as refused:
        errors(ALLOW, *other)
    assert codes(refused) == ["input.too-costly"]


def test_very_many_exceptions_and_components_are_held_together_by_their_names():
    many = "".join(f'[exceptions."pkg:pypi/n{number}@*"]\nuntil = 2027-01-01\nreason = "r"\n' for number in range(900))
    found = judge_licenses(
        [component("ISC", name=f"n{number}") for number in range(5_000)], rules(f"{ALLOW}\n{many}"), NOW
    )
    named = [reason.subject for reason in found if reason.code == "license.excepted"]
    assert named[:2] == ["pkg:pypi/n0@1.0", "pkg:pypi/n1@1.0"]
    assert found[-1].code == "license.unused-rule"
    assert sum(reason.code == "license.denied" for reason in found) == 101


@pytest.mark.parametrize("stated", ["GPL-3.0-only", "GPL-3.0-or-later", "GPL-3.0+", "GPL-3.0"])
def test_what_lets_a_denied_license_be_chosen_is_denied(stated):
    rules = read_license_rules(b'version = 1\ndeny = ["GPL-3.0-only"]\n', where="licenses.toml")
    component = Component("library", "pypi", "a", "1", licenses=(License(stated, "expression"),))
    assert [reason.code for reason in judge_licenses([component], rules, NOW)] == ["license.denied"]
