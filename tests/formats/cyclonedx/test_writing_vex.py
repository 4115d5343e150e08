"""CycloneDX VEX documents: sound, the same for the same statements, and read again as they were."""

import json
from datetime import UTC, datetime

import pytest

from tests.support.material import corpus
from tests.support.sboms.listed import catalog, package
from tests.support.sboms.vexes import content, cyclonedx, openvex, statement, vulnerability
from verifier.formats.bom.vex import BomLink, Product, VexStatement
from verifier.formats.cyclonedx.versions import WRITTEN
from verifier.formats.cyclonedx.writing.vex import JUSTIFICATIONS, cyclonedx_vex
from verifier.sbom.vex.inventory import Inventory
from verifier.sbom.vex.matching import about
from verifier.sbom.vex.reading import read_vex

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEFT = package("pkg:pypi/left@2.0", ref="left")
SAID = VexStatement(
    vulnerability="CVE-2026-1",
    aliases=("GHSA-1", "CVE-2026-1"),
    products=(Product("left", component=LEFT),),
    status="affected",
    action="update",
    notes="It reads too far.",
    timestamp=NOW,
)


def again(*statements, **said):
    """What is read of what was written of the statements; reading holds it against the schema."""
    _, written = cyclonedx_vex(statements, **said)
    return read_vex(written, subject="vex.json")


def facts(found):
    return (
        found.vulnerability,
        found.names,
        found.status,
        found.action,
        found.timestamp,
        frozenset((each.component.purl or each.component.name, each.versions) for each in found.products),
    )


@pytest.mark.parametrize("version", WRITTEN)
def test_what_is_written_keeps_the_schema_and_is_read_as_it_was(version):
    (found,) = again(SAID, subject=package("pkg:pypi/app@1.0"), timestamp=NOW, version=version).statements
    assert facts(found) == facts(SAID)


def test_the_same_statements_make_the_same_bytes_in_whatever_order_they_come():
    other = VexStatement(vulnerability="CVE-2026-2", products=SAID.products, status="fixed")
    assert cyclonedx_vex([SAID, other])[1] == cyclonedx_vex([other, SAID])[1]


def test_other_statements_make_another_number():
    changed = VexStatement(vulnerability="CVE-2026-1", products=SAID.products, status="fixed")
    numbers = {json.loads(cyclonedx_vex([each])[1])["serialNumber"] for each in (SAID, changed)}
    assert len(numbers) == 2


@pytest.mark.parametrize("word", sorted(JUSTIFICATIONS))
def test_a_word_of_openvex_becomes_the_nearest_of_cyclonedx_and_stands_beside_it(word):
    (said,) = read_vex(content(openvex(statement(justification=word))), subject="v").statements
    (found,) = again(said).statements
    assert (found.status, found.justification) == ("not_affected", JUSTIFICATIONS[word])
    assert word in found.impact


def test_a_word_of_cyclonedx_is_kept():
    (said,) = read_vex(content(cyclonedx(vulnerability(justification="protected_at_runtime"))), subject="v").statements
    assert again(said).statements[0].justification == "protected_at_runtime"


def test_advice_in_words_is_a_recommendation():
    tree, _ = cyclonedx_vex([VexStatement(vulnerability="C", products=(), status="affected", action="Ask us first.")])
    assert tree["vulnerabilities"][0]["recommendation"] == "Ask us first."


def test_versions_are_said_to_be_what_the_statement_says_of_them():
    versions = ({"version": "1.0", "status": "unaffected"}, {"range": "vers:npm/<1.0", "status": "unaffected"})
    (said,) = read_vex(content(cyclonedx(vulnerability("not_affected", *versions))), subject="v").statements
    (found,) = again(said).statements
    assert found.products[0].versions == said.products[0].versions


def test_a_link_stays_a_link():
    link = BomLink("3e671687-395b-41f5-a30f-a58921a69b79", 1, "left")
    said = VexStatement(vulnerability="C", products=(Product("left", link=link),), status="fixed")
    assert again(said).statements[0].products[0].link == link


def test_two_components_of_one_purl_stay_two():
    twins = tuple(Product(value, component=package("pkg:pypi/left@2.0", value * 64)) for value in "12")
    said = VexStatement(vulnerability="C", products=twins, status="fixed")
    assert len(again(said).statements[0].products) == 2


def test_what_is_written_about_this_artifact_is_about_nothing_in_another():
    (found,) = again(SAID).statements
    here = Inventory.of_catalog(catalog(LEFT))
    other = Inventory.of_catalog(catalog(package("pkg:pypi/left@2.1", ref="left")))
    assert (about(found, here).here, about(found, other).here) == (True, False)


def test_names_with_escapes_and_half_characters_are_written_harmlessly():
    hostile = LEFT._replace(name="x\x1b[2J\ud800\u202e", purl="", ecosystem="")
    said = VexStatement(
        vulnerability="C\x1b", products=(Product("x", component=hostile),), status="fixed", notes="\x7f"
    )
    _, written = cyclonedx_vex([said])
    assert written.isascii()
    assert not set(written) & {0x1B, 0x7F}
    assert read_vex(written, subject="vex.json").statements


@pytest.mark.corpus
@pytest.mark.parametrize("folder", ["cyclonedx", "openvex"])
def test_every_document_of_the_corpus_can_be_written_and_read_again(folder):
    for path in sorted((corpus("sbom/vex") / folder).glob("*.json")):
        said = read_vex(path.read_bytes(), subject=path.name).statements
        found = again(*said).statements
        assert sorted((each.vulnerability, each.status, sorted(each.names)) for each in found) == sorted(
            (each.vulnerability, each.status, sorted(each.names)) for each in said
        )
