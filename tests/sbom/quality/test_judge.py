"""Judging documents by profiles: a good one passes, and each thing that is taken away fails its own rule."""

from datetime import UTC, datetime

import pytest

from tests.support.sboms.listed import catalog, package
from tests.support.sboms.trees import SHA256, changed, cyclonedx_tree, document, spdx_tree
from verifier.core.severity import Severity
from verifier.formats.bom.component import License
from verifier.sbom.generate import generate
from verifier.sbom.quality import judge
from verifier.sbom.quality.judge import PROFILES, judge_quality
from verifier.sbom.quality.rule import Place, Profile, Rule
from verifier.sbom.quality.text import rows_text
from verifier.sbom.reading import read_bom

BSI, NTIA, CISA, TELCO = "bsi-tr-03183-2", "ntia", "cisa-2025-draft", "openchain-telco"
INNER = ("components", 0, "components", 0)
LEFT = ("components", 0)


def failed(tree, profile):
    """The elements of the rules that are broken."""
    return [row.rule.element for row in judge_quality(document(tree), profile).rows if row.outcome == "failed"]


def row(tree, profile, element):
    return next(row for row in judge_quality(document(tree), profile).rows if row.rule.element == element)


@pytest.mark.parametrize("profile", [NTIA, CISA, BSI])
def test_a_document_that_has_everything_conforms(profile):
    report = judge_quality(document(cyclonedx_tree()), profile)
    assert report.conforms
    assert report.reasons() == ()
    assert report.components == 4


@pytest.mark.parametrize("profile", [NTIA, CISA, TELCO])
def test_an_spdx_document_that_has_everything_conforms(profile):
    report = judge_quality(document(spdx_tree()), profile)
    assert report.conforms
    assert report.reasons() == ()


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize("tree", [cyclonedx_tree(), spdx_tree()], ids=["cyclonedx", "spdx"])
def test_every_rule_is_a_row_and_what_is_not_applicable_says_why(profile, tree):
    report = judge_quality(document(tree), profile)
    assert [row.rule for row in report.rows] == list(PROFILES[profile].rules)
    assert [row for row in report.rows if row.outcome == "not applicable" and not row.why] == []


@pytest.mark.parametrize("word", ["NOASSERTION", "NONE", "UNKNOWN", "unknown", "", "  \t"])
def test_a_word_that_says_nothing_is_absent(word):
    assert failed(changed(cyclonedx_tree(), (*INNER, "version"), word), NTIA) == ["Version of the Component"]
    assert failed(changed(cyclonedx_tree(), (*LEFT, "supplier", "name"), word), NTIA) == ["Supplier Name"]


@pytest.mark.parametrize(
    ("path", "value", "profile", "element"),
    [
        ((*INNER, "supplier"), None, NTIA, "Supplier Name"),
        (("metadata", "component", "version"), None, NTIA, "Version of the Component"),
        ((*LEFT, "name"), "NOASSERTION", NTIA, "Component Name"),
        (("metadata", "timestamp"), "2026-01-01 00:00:00", NTIA, "Timestamp"),
        (("dependencies", 0, "dependsOn"), [], NTIA, "Dependency Relationship"),
        (("metadata", "component", "bom-ref"), "other", NTIA, "Dependency Relationship"),
        (("metadata", "authors"), None, BSI, None),
        (("metadata", "tools"), None, CISA, "Tool Name"),
        (("metadata", "lifecycles"), None, CISA, "Generation Context"),
        ((*LEFT, "purl"), None, CISA, "Software Identifiers"),
        ((*LEFT, "hashes"), None, CISA, "Component Hash"),
        ((*LEFT, "hashes"), [{"alg": "SHA-1", "content": "a" * 40}], CISA, "Component Hash"),
        ((*LEFT, "licenses"), [{"license": {"name": "NOASSERTION"}}], CISA, "License"),
        (("dependencies", 0, "dependsOn"), ["left"], CISA, None),
        (("dependencies", 3), None, CISA, None),
        (("specVersion",), "1.5", BSI, "SBOM formats"),
        (("metadata", "manufacturer"), {"name": "Acme"}, BSI, "Creator of the SBOM"),
        (("metadata", "manufacturer", "contact", 0, "email"), "acme", BSI, "Creator of the SBOM"),
        ((*LEFT, "manufacturer"), {"name": "Acme", "url": ["acme"]}, BSI, "Component creator"),
        ((*LEFT, "properties", 0, "value"), "dist/left.tgz", BSI, "Filename of the component"),
        ((*LEFT, "properties", 1, "value"), "true", BSI, "Executable property"),
        ((*LEFT, "properties", 2, "value"), "no-archive", BSI, "Archive property"),
        ((*LEFT, "properties", 3, "value"), "structured ", BSI, "Structured property"),
        (
            (*INNER, "externalReferences", 1, "hashes", 0, "alg"),
            "SHA-256",
            BSI,
            "Hash value of the deployable component",
        ),
        (
            (*INNER, "externalReferences", 1, "hashes", 0, "content"),
            SHA256,
            BSI,
            "Hash value of the deployable component",
        ),
        ((*INNER, "externalReferences", 0, "url"), "src", BSI, "Source code URI"),
        ((*LEFT, "licenses", 0, "license", "acknowledgement"), "declared", BSI, "Distribution licences"),
        ((*LEFT, "licenses", 0, "license", "id"), "LicenseRef-ours", BSI, "Distribution licences"),
        (("dependencies", 3), {"ref": "nothing"}, BSI, "Dependencies on other components"),
        (("dependencies", 1, "dependsOn"), ["nothing"], BSI, "Dependencies on other components"),
        (("compositions", 0, "aggregate"), "not_specified", BSI, "Dependencies on other components: completeness"),
        (("compositions", 0, "dependencies"), ["app"], BSI, "Dependencies on other components: completeness"),
        (("serialNumber",), "urn:uuid:1", BSI, "SBOM-URI"),
        (("vulnerabilities",), [{"id": "CVE-2026-1"}], BSI, "No vulnerability information"),
    ],
)
def test_what_is_taken_away_or_wrong_fails_its_own_rule_and_no_other(path, value, profile, element):
    assert failed(changed(cyclonedx_tree(), path, value), profile) == ([element] if element else [])


def test_who_made_the_tool_is_an_author_for_ntia_and_not_for_cisa():
    tree = changed(changed(cyclonedx_tree(), ("metadata", "authors"), None), ("metadata", "manufacturer"), None)
    assert failed(tree, NTIA) == []
    assert failed(tree, CISA) == ["SBOM Author"]


def test_a_timestamp_is_no_generation_context():
    tree = changed(cyclonedx_tree(), ("metadata", "lifecycles"), [])
    assert row(tree, CISA, "Timestamp").outcome == "passed"
    assert row(tree, CISA, "Generation Context").outcome == "failed"


def test_what_spdx_has_no_place_for_is_not_applicable_and_says_so():
    found = row(spdx_tree(), CISA, "Generation Context")
    assert (found.outcome, "no field" in found.why) == ("not applicable", True)


def test_an_spdxid_is_no_identifier():
    assert failed(changed(spdx_tree(), ("packages", 1, "externalRefs"), None), CISA) == ["Software Identifiers"]


def test_an_spdx_document_never_passes_bsi():
    report = judge_quality(document(spdx_tree()), BSI)
    assert not report.conforms
    assert (report.count("failed"), report.count("passed")) == (1, 0)


def test_a_cyclonedx_document_is_not_applicable_to_the_telco_guide_and_that_denies():
    report = judge_quality(document(cyclonedx_tree()), TELCO)
    assert not report.conforms
    assert {row.outcome for row in report.rows} == {"not applicable"}
    assert [(reason.code, reason.is_error) for reason in report.reasons()] == [("sbom.quality", True)]


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize(
    "tree",
    [{"bomFormat": "CycloneDX", "specVersion": "1.6"}, {"spdxVersion": "SPDX-2.3"}],
    ids=["cyclonedx", "spdx"],
)
def test_an_empty_document_passes_nothing_that_it_does_not_show(profile, tree):
    report = judge_quality(document(tree), profile)
    assert not report.conforms
    assert any(reason.is_error for reason in report.reasons())


def test_what_is_demanded_where_it_exists_is_no_failure_where_it_is_not():
    tree = changed(cyclonedx_tree(), (*LEFT, "purl"), None)
    found = row(tree, NTIA, "Other Unique Identifiers")
    assert (found.outcome, found.missing, found.why) == (
        "passed",
        1,
        "1 of 4 have none, which is no fault where none exists",
    )


def test_a_may_that_is_wrong_is_a_note_and_a_should_a_warning():
    security = {"type": "rfc-9116", "url": "security.txt"}
    tree = cyclonedx_tree()
    tree["components"][0]["externalReferences"].append(security)
    del tree["compositions"]
    may = judge_quality(document(tree), BSI)
    assert [reason.severity for reason in may.reasons() if "security.txt" in reason.message] == [Severity.NOTE]
    should = judge_quality(document(tree), NTIA)
    assert [(reason.code, reason.severity) for reason in should.reasons()] == [("sbom.quality", Severity.WARNING)]
    assert should.conforms


def test_a_reason_names_the_element_its_section_and_what_lacks_it():
    (reason,) = judge_quality(document(changed(cyclonedx_tree(), (*INNER, "version"), None)), BSI).reasons()
    assert (reason.code, reason.subject) == ("sbom.quality", BSI)
    for part in (
        "Component version",
        "TR-03183-2 2.1.0",
        "5.2.2",
        "1 of 4",
        "components[].version",
        "pkg:generic/inner",
    ):
        assert part in reason.message


def test_what_is_said_twice_and_differently_is_not_said():
    tree = cyclonedx_tree()
    tree["components"][0]["properties"].append({"name": "bsi:component:executable", "value": "executable"})
    assert failed(tree, BSI) == ["Executable property"]


@pytest.mark.parametrize("name", ["none", "unknown", "Unknown"])
def test_a_package_may_be_called_by_a_word_that_elsewhere_says_nothing(name):
    assert failed(changed(cyclonedx_tree(), (*LEFT, "name"), name), NTIA) == []


@pytest.mark.parametrize("tools", [[{"vendor": "Acme", "name": "maker"}], {"services": [{"name": "maker"}]}])
def test_a_tool_is_found_wherever_a_version_of_cyclonedx_has_it(tools):
    assert failed(changed(cyclonedx_tree(), ("metadata", "tools"), tools), CISA) == []


def test_before_1_6_the_manufacturer_is_not_who_wrote_the_document():
    tree = changed(changed(cyclonedx_tree(), ("metadata", "authors"), None), ("specVersion",), "1.5")
    assert "SBOM Author" in failed(tree, CISA)


@pytest.mark.parametrize(
    ("path", "value", "element"),
    [
        (("creationInfo", "creators"), ["Tool: maker-1.0"], "Creator: Organization"),
        (("creationInfo", "creators", 0), "Organization: NOASSERTION", "Creator: Organization"),
        (("creationInfo", "creators", 1), "Tool: scancode-toolkit 32.3.0", None),
        (("creationInfo", "creators", 1), "Tool: SCANOSS-PY: 1.18.1", None),
        (("creationInfo", "comment"), "made by us", "CreatorComment"),
        (("creationInfo", "comment"), "This SBOM was created during build phase.", None),
        (("packages", 1, "supplier"), "NOASSERTION", "PackageSupplier"),
        (("packages", 1, "copyrightText"), "NOASSERTION", "PackageCopyrightText"),
        (("packages", 1, "downloadLocation"), "NONE", "PackageDownloadLocation"),
        (("packages", 1, "licenseDeclared"), None, "PackageLicenseDeclared"),
        (("relationships", 1, "relationshipType"), "DEPENDS_ON", "Relationship"),
        (("packages", 1, "checksums"), None, "PackageChecksum or PackageVerificationCode"),
        (("packages", 1, "externalRefs"), None, "ExternalRef: Package URL"),
        (("dataLicense",), "MIT", "DataLicense"),
        (("spdxVersion",), "SPDX-2.1", "Data Format"),
    ],
)
def test_the_telco_guide_is_kept_to_the_letter(path, value, element):
    assert failed(changed(spdx_tree(), path, value), TELCO) == ([element] if element else [])


def test_a_tool_without_a_version_is_none_for_the_telco_guide():
    tree = changed(spdx_tree(), ("creationInfo", "creators"), ["Organization: Acme", "Tool: maker"])
    assert failed(tree, TELCO) == ["Creator: Tool", "Creator: Tool, hyphen"]


def test_names_with_escapes_are_shown_and_do_nothing():
    tree = changed(cyclonedx_tree(), (*LEFT, "purl"), "pkg:generic/\x1b[2Jx\u202e@1")
    text = rows_text(judge_quality(document(changed(tree, (*LEFT, "version"), None)), NTIA))
    assert "\\x1b[2Jx\\u202e" in text
    assert "\x1b" not in text


def test_a_long_purl_is_not_broken():
    purl = "pkg:deb/debian/left@2.0?" + "arch=all&distro=debian-12&upstream=" + "n" * 60
    tree = changed(changed(cyclonedx_tree(), (*LEFT, "purl"), purl), (*LEFT, "version"), None)
    assert purl in rows_text(judge_quality(document(tree), NTIA))


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_a_report_fits_into_eighty_columns(profile):
    trees = ({"bomFormat": "CycloneDX", "specVersion": "1.4", "components": [{"name": "n" * 50}] * 9}, spdx_tree())
    for tree in trees:
        lines = rows_text(judge_quality(document(tree), profile)).splitlines()
        assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("junk", [None, [], "x", {"components": {"a": 1}}, {"components": [1, None, []]}])
@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_a_tree_of_anything_is_judged_and_fails(profile, junk):
    tree = {"bomFormat": "CycloneDX", "specVersion": "1.6"} | (junk if isinstance(junk, dict) else {"components": junk})
    assert not judge_quality(document(tree), profile).conforms


def test_a_document_in_xml_is_judged_as_the_same_in_json():
    left = package(
        "pkg:pypi/left@2.0", SHA256, ref="left", licenses=(License("MIT", "id", "concluded"),), supplier="Acme"
    )
    listed = catalog(left, subject=package("pkg:pypi/app@1.0", ref="app"), dependencies=(("app", ("left",)),))
    when = datetime(2026, 1, 1, tzinfo=UTC)
    for profile in PROFILES:
        rows = []
        for form in ("cyclonedx", "cyclonedx-xml"):
            read = read_bom(generate(listed, form=form, timestamp=when), subject="sbom")
            rows.append([(row.rule.element, row.outcome, row.offenders) for row in judge_quality(read, profile).rows])
        assert rows[0] == rows[1]


def test_many_components_are_judged_in_one_walk_over_them(monkeypatch):
    seen = []
    watched = Rule(
        element="x",
        section="1",
        level="MUST",
        demand="It is there.",
        cyclonedx=Place(path="x", component=lambda _, node: seen.append(node["name"]) or "missing"),
        spdx=Place(path="x"),
    )
    monkeypatch.setattr(judge, "PROFILES", {"x": Profile(name="x", title="X", rules=(watched,))})
    tree = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": str(n)} for n in range(1_000)]}
    (found,) = judge_quality(document(tree), "x").rows
    assert (seen, found.failed, len(found.offenders)) == ([str(n) for n in range(1_000)], 1_000, 5)


@pytest.mark.parametrize("profile", [NTIA, CISA])
def test_a_file_is_no_component_for_some_and_that_is_told(profile):
    tree = cyclonedx_tree()
    tree["components"].append({"type": "file", "bom-ref": "f", "name": "a.py"})
    report = judge_quality(document(tree), profile)
    assert (report.conforms, report.components, report.left_out) == (True, 4, 1)
    assert "4 components judged, 1 of type file and platform left out" in rows_text(report)


@pytest.mark.parametrize("profile", [NTIA, CISA])
def test_what_has_a_purl_is_a_component_whatever_type_it_is_said_to_be(profile):
    tree = cyclonedx_tree()
    tree["components"].append({"type": "file", "bom-ref": "f", "name": "f", "purl": "pkg:pypi/f"})
    assert not judge_quality(document(tree), profile).conforms


def test_what_the_document_is_about_is_a_component_whatever_its_type():
    tree = changed(changed(cyclonedx_tree(), ("metadata", "component", "type"), "platform"), ("components",), [])
    nameless = changed(
        changed(tree, ("metadata", "component", "purl"), None), ("metadata", "component", "version"), None
    )
    assert failed(nameless, NTIA) == ["Version of the Component"]
