"""What the schema never sees: each of these is valid for the library, and refused here, with its place."""

import json
from pathlib import Path

import jsonschema
import pytest
from cyclonedx.schema import _res
from referencing import Registry
from referencing.jsonschema import DRAFT7

from tests.support.sboms.documents import bom, faults, listed, refusal
from verifier.formats.bom.component import Hash
from verifier.sbom.reading import read_bom

SHA256 = "a" * 64


def hashed(algorithm, content):
    return listed(hashes=[{"alg": algorithm, "content": content}])


def licensed(expression):
    return listed(licenses=[{"expression": expression}])


NESTED = listed("outer", components=[listed("inner", **{"bom-ref": "x"})], **{"bom-ref": "x"})
A, B = listed("a", **{"bom-ref": "a"}), listed("b", **{"bom-ref": "b"})
UNSEEN = {
    "components[1].bom-ref is 'x', which components[0].bom-ref is already": bom(
        listed("a", **{"bom-ref": "x"}), listed("b", **{"bom-ref": "x"})
    ),
    "components[0].components[0].bom-ref is 'x', which components[0].bom-ref is already": bom(NESTED),
    "services[0].bom-ref is 'a', which components[0].bom-ref is already": bom(
        A, services=[{"bom-ref": "a", "name": "api"}]
    ),
    "components[0].bom-ref is 'a', which metadata.component.bom-ref is already": bom(
        A, metadata={"component": listed("app", **{"bom-ref": "a"})}
    ),
    "components[0].licenses[0].license.bom-ref is 'a', which components[0].bom-ref is already": bom(
        listed("a", licenses=[{"license": {"id": "MIT", "bom-ref": "a"}}], **{"bom-ref": "a"})
    ),
    "vulnerabilities[0].bom-ref is 'a', which components[0].bom-ref is already": bom(
        A, vulnerabilities=[{"bom-ref": "a", "id": "CVE-2026-1"}]
    ),
    "dependencies[0].ref refers to 'gone', which nothing in the document is": bom(A, dependencies=[{"ref": "gone"}]),
    "dependencies[0].dependsOn[1] refers to 'gone', which nothing in the document is": bom(
        A, B, dependencies=[{"ref": "a", "dependsOn": ["b", "gone"]}]
    ),
    "dependencies[0].provides[0] refers to 'gone', which nothing in the document is": bom(
        A, dependencies=[{"ref": "a", "provides": ["gone"]}]
    ),
    "dependencies[1].ref is 'a', of which another entry says what it depends on": bom(
        A, B, dependencies=[{"ref": "a", "dependsOn": ["b"]}, {"ref": "a"}]
    ),
    "compositions[0].assemblies[0] refers to 'gone', which nothing in the document is": bom(
        A, compositions=[{"aggregate": "complete", "assemblies": ["gone"]}]
    ),
    "compositions[0].dependencies[0] refers to 'gone', which nothing in the document is": bom(
        A, compositions=[{"aggregate": "complete", "dependencies": ["gone"]}]
    ),
    "annotations[0].subjects[0] refers to 'gone', which nothing in the document is": bom(
        A,
        annotations=[
            {
                "subjects": ["gone"],
                "annotator": {"individual": {"name": "A"}},
                "timestamp": "2026-11-21T12:00:00Z",
                "text": "t",
            }
        ],
    ),
    "vulnerabilities[0].affects[0].ref refers to 'gone', which nothing in the document is": bom(
        A, vulnerabilities=[{"id": "CVE-2026-1", "affects": [{"ref": "gone"}]}]
    ),
    "components[0].hashes[0] is no 'SHA-256' digest: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', expected 64 hex digits": bom(
        hashed("SHA-256", "a" * 32)
    ),
    "components[0].hashes[0] is no 'MD5' digest": bom(hashed("MD5", SHA256)),
    "components[0].hashes[0] is no 'SHA-512' digest": bom(hashed("SHA-512", SHA256)),
    "components[0].externalReferences[0].hashes[0] is no 'SHA-256' digest": bom(
        listed(
            externalReferences=[
                {"type": "vcs", "url": "https://a.example", "hashes": [{"alg": "SHA-256", "content": "a" * 40}]}
            ]
        )
    ),
    "components[0].purl is 'requests', which is no package URL": bom(listed(purl="requests")),
    "components[0].purl is 'pkg:pypi/a%2F..%2Fb@1', which is no package URL": bom(listed(purl="pkg:pypi/a%2F..%2Fb@1")),
    "components[0].purl is 'pkg:pypi/urllib3@2.32.0', which is not 'requests', the component's name": bom(
        listed(purl="pkg:pypi/urllib3@2.32.0")
    ),
    "components[0].purl is 'pkg:pypi/requests@2.31.0', which is not '2.32.0', the component's version": bom(
        listed(purl="pkg:pypi/requests@2.31.0")
    ),
    "components[0].licenses[0].expression is 'MIT AND (Apache-2.0 OR', which": bom(licensed("MIT AND (Apache-2.0 OR")),
    "components[0].licenses[0].expression is 'MIT/Apache-2.0', which": bom(licensed("MIT/Apache-2.0")),
}
"""What each must be refused for."""


@pytest.fixture(scope="module")
def library():
    """The validator that the library makes: the same schema, by `jsonschema`."""

    def resource(path):
        return json.loads(Path(path).read_text(encoding="utf-8"))

    place = "http://cyclonedx.org/schema/"
    registry = Registry().with_resources(
        [
            (f"{place}spdx.SNAPSHOT.schema.json", DRAFT7.create_resource(resource(_res.SPDX_JSON))),
            (f"{place}jsf-0.82.SNAPSHOT.schema.json", DRAFT7.create_resource(resource(_res.JSF))),
            (
                f"{place}cryptography-defs.SNAPSHOT.schema.json",
                DRAFT7.create_resource(resource(_res.CRYPTOGRAPHY_DEFS)),
            ),
        ]
    )
    folder = _res.__path__[0]
    return jsonschema.Draft7Validator(resource(f"{folder}/bom-1.6.SNAPSHOT.schema.json"), registry=registry)


@pytest.mark.parametrize("message", UNSEEN)
def test_what_is_valid_for_the_library_is_refused_with_its_place(message, library):
    assert list(library.iter_errors(json.loads(UNSEEN[message]))) == []
    assert [each[: len(message)] for each in faults(UNSEEN[message])] == [message]


def test_all_faults_are_told_and_not_the_first_alone():
    found = faults(bom(listed(purl="requests"), hashed("MD5", SHA256), licensed("AND"), dependencies=[{"ref": "gone"}]))
    assert [each.partition(" ")[0] for each in found] == [
        "components[0].purl",
        "components[1].hashes[0]",
        "components[2].licenses[0].expression",
        "dependencies[0].ref",
    ]


def test_a_key_that_stands_twice_is_refused():
    content = bom(A).replace(b'"version": "2.32.0"', b'"version": "2.32.0", "version": "2.31.0"')
    assert [reason.code for reason in refusal(content)] == ["json.duplicate-key"]


@pytest.mark.parametrize("constant", [b"NaN", b"Infinity", b"-Infinity"])
def test_a_number_that_is_none_is_refused(constant):
    content = bom(A).replace(b'"version": 1', b'"version": ' + constant)
    assert [reason.code for reason in refusal(content)] == ["json.invalid"]


def test_the_schema_is_that_of_the_document_s_own_version():
    """1.6 has `manufacturer`; for the schema of 1.6 a document may state any version."""
    manufactured = listed(manufacturer={"name": "Acme"})
    assert faults(bom(manufactured, version="1.6")) == []
    [message] = faults(bom(manufactured, version="1.5"))
    assert (
        message
        == "components[0] breaks the schema: Additional properties are not allowed ('manufacturer' was unexpected)"
    )


@pytest.mark.parametrize("version", ["1.3", "1.2", "1.0", "1.8", "2.0", "", "1.6 ", "latest", 1.6, None, ["1.6"]])
def test_a_version_that_is_not_read_is_refused(version):
    [reason] = refusal(bom(A, version=version))
    assert reason.code == "sbom.unsupported"
    assert "expected one of 1.4, 1.5, 1.6, 1.7" in reason.message


def test_a_schema_that_is_named_for_another_version_is_refused():
    named = {"$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json"}
    assert faults(bom(A, **named)) == ["$schema is that of '1.5', expected that of the specVersion, 1.6"]
    assert faults(bom(A, version="1.5", **named)) == []


def test_upper_case_digests_are_the_same_digests():
    document = read_bom(bom(hashed("SHA-256", "AB" * 32)), subject="bom")
    assert document.components[0].hashes == (Hash("SHA-256", "ab" * 32),)
    assert document.findings == ()


def test_weak_digests_alone_are_doubted_once_for_all():
    document = read_bom(bom(*[hashed("MD5", f"{number:032x}") for number in range(40)]), subject="bom")
    [doubt] = document.findings
    assert (doubt.code, doubt.is_error) == ("sbom.doubtful", False)
    assert doubt.message == ("components[0] (and 39 others) have no digest but MD5 or SHA-1, which anybody can forge")


def test_a_weak_digest_beside_a_strong_one_is_no_doubt():
    both = [{"alg": "SHA-1", "content": "a" * 40}, {"alg": "SHA-256", "content": SHA256}]
    assert read_bom(bom(listed(hashes=both)), subject="bom").findings == ()


def test_a_circle_of_dependencies_is_doubted_and_read():
    entries = [{"ref": "a", "dependsOn": ["b"]}, {"ref": "b", "dependsOn": ["a"]}]
    document = read_bom(bom(A, B, dependencies=entries), subject="bom")
    assert document.dependencies == (("a", ("b",)), ("b", ("a",)))
    assert [doubt.message for doubt in document.findings] == [
        "dependencies lead back to where they begin: 'a' -> 'b' -> 'a'"
    ]


def test_what_depends_on_itself_is_a_circle_of_one():
    document = read_bom(bom(A, dependencies=[{"ref": "a", "dependsOn": ["a"]}]), subject="bom")
    assert [doubt.message for doubt in document.findings] == ["dependencies lead back to where they begin: 'a' -> 'a'"]


def test_a_link_into_another_document_is_no_dangling_reference():
    link = "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#a"
    assert faults(bom(A, vulnerabilities=[{"id": "CVE-2026-1", "affects": [{"ref": link}]}])) == []


def test_a_circle_of_50_000_is_found_without_recursion():
    components = [listed(f"c{number}", **{"bom-ref": f"{number}"}) for number in range(50_000)]
    entries = [{"ref": f"{number}", "dependsOn": [f"{(number + 1) % 50_000}"]} for number in range(50_000)]
    [doubt] = read_bom(bom(*components, dependencies=entries), subject="bom").findings
    assert "(50000 in all)" in doubt.message
