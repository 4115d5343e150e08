"""OpenVEX documents, read strictly: whatever could silence something is what it says it is."""

from datetime import UTC, datetime

import pytest

from tests.support.material import codes
from tests.support.sboms.vexes import openvex, statement
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.bom.component import Hash
from verifier.formats.openvex.reading import read_openvex

DIGEST = Digest.of(b"")


def read(tree):
    return read_openvex(tree, digest=DIGEST, subject="vex.json")


def test_a_statement_is_read_as_it_is_written():
    product = {
        "@id": "https://acme.example/app",
        "identifiers": {"purl": "pkg:pypi/app@1.0"},
        "hashes": {"sha-256": "AB" * 32},
        "subcomponents": [{"@id": "pkg:pypi/left@2.0"}],
    }
    vulnerability = {"name": "CVE-2026-1", "aliases": ["GHSA-1"]}
    said = statement(products=[product], vulnerability=vulnerability, timestamp="2026-02-01T00:00:00+01:00")
    (found,) = read(openvex(said)).statements
    assert found.names == {"CVE-2026-1", "GHSA-1"}
    assert (found.status, found.justification) == ("not_affected", "vulnerable_code_not_present")
    assert found.timestamp == datetime(2026, 1, 31, 23, tzinfo=UTC)
    (read_product,) = found.products
    assert read_product.purls == ("pkg:pypi/app@1.0",)
    assert read_product.hashes == (Hash("SHA-256", "ab" * 32),)
    assert [each.purls for each in read_product.subcomponents] == [("pkg:pypi/left@2.0",)]


def test_a_statement_without_a_time_has_the_documents():
    assert read(openvex()).statements[0].timestamp == datetime(2026, 1, 1, tzinfo=UTC)


def test_affected_without_an_action_and_a_document_without_a_name_are_warnings():
    found = read(openvex(statement("affected", action_statement=None), **{"@id": None}))
    assert [(reason.code, reason.is_error) for reason in found.findings] == [("vex.invalid", False)] * 2


@pytest.mark.parametrize(
    ("tree", "part"),
    [
        (openvex(statement(justification=None)), "expected why it is not affected"),
        (openvex(statement(justification=None, impact_statement="  ")), "expected why it is not affected"),
        (openvex(statement(justification="it_is_fine")), "expected one of component_not_present"),
        (openvex(statement("fixed", justification="component_not_present")), "the status is fixed"),
        (openvex(statement("harmless")), "expected one of not_affected"),
        (openvex(statement("Not_Affected")), "expected one of not_affected"),
        (openvex(statement(status=None)), "status is missing"),
        (openvex(statement(products=[])), "expected at least one"),
        (openvex(statement(products=None)), "products is missing"),
        (openvex(statement(products=[{}])), "names nothing"),
        (openvex(statement(products=["pkg:pypi/app@1.0"])), "expected an object"),
        (openvex(statement(products=[{"@id": "pkg:pypi"}])), "no package URL"),
        (openvex(statement(products=[{"@id": "x", "identifiers": {"purl": "PKG:pypi/a"}}])), "no package URL"),
        (openvex(statement(products=[{"@id": "x", "identifiers": {"url": "x"}}])), "is unknown"),
        (openvex(statement(products=[{"@id": "x", "hashes": {"sha-256": "ab"}}])), "expected 64 hex digits"),
        (openvex(statement(products=[{"@id": "x", "hashes": {"sha256": "ab" * 32}}])), "is unknown"),
        (openvex(statement(vulnerability="CVE-2026-1")), "expected an object"),
        (openvex(statement(vulnerability={"aliases": []})), "name is missing"),
        (openvex(statement(timestamp="yesterday")), "RFC 3339"),
        (openvex(statement(timestamp="9999-12-31T23:59:59-10:00")), "out of range"),
        (openvex(statement(justificaton="x")), "is unknown"),
        (openvex(timestamp=None), "timestamp is missing"),
        (openvex(author=None), "author is missing"),
        (openvex(version="1"), "whole number"),
        (openvex(version=True), "whole number"),
        (openvex(version=0), "whole number"),
        (openvex(statements=[]), "expected at least one"),
        (openvex(statements={}), "expected an array"),
        (openvex(silences=["everything"]), "is unknown"),
        (openvex(**{"@context": "https://openvex.dev/ns/v0.0.1"}), "expected https://openvex.dev/ns"),
        (openvex(**{"@context": ["https://openvex.dev/ns/v0.2.0"]}), "@context is an array"),
        ([openvex()], "expected an object"),
    ],
)
def test_what_is_not_sound_is_refused_and_named(tree, part):
    with pytest.raises(Refused) as refused:
        read(tree)
    assert codes(refused) == ["vex.invalid"]
    assert part in refused.value.reasons[0].message


def test_a_key_that_go_would_take_for_another_is_refused():
    with pytest.raises(Refused) as refused:
        read(openvex(statement(Status="fixed")))
    assert codes(refused) == ["json.case-variant-key"]


def test_subcomponents_have_none_of_their_own():
    inner = {"@id": "pkg:pypi/a@1", "subcomponents": [{"@id": "pkg:pypi/b@1"}]}
    with pytest.raises(Refused, match="is unknown"):
        read(openvex(statement(products=[{"@id": "pkg:pypi/app@1.0", "subcomponents": [inner]}])))
