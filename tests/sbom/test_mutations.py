"""Whatever becomes of a document, it is read or refused: no mutation raises anything else."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.support.material import corpus
from tests.support.sboms.documents import listed, spdx, spdx_package
from verifier.core.errors import Refused
from verifier.formats.bom.document import BomDocument
from verifier.formats.cyclonedx.schema import xml_schema
from verifier.sbom.reading import read_bom

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["pkg:pypi/a@1", "pkg:npm/%40a/b", "urn:cdx:a", "MIT AND (", "SHA-256", "a" * 64, "file", "1.6"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=6,
)
HASHES = [{"alg": "SHA-256", "content": "a" * 64}]
CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "version": 1,
    "metadata": {"component": listed("app", **{"bom-ref": "app"}), "tools": [{"name": "maker", "hashes": HASHES}]},
    "components": [
        listed(
            purl="pkg:pypi/requests@2.32.0",
            hashes=HASHES,
            licenses=[{"expression": "MIT OR Apache-2.0"}],
            externalReferences=[{"type": "distribution", "url": "https://a.example", "hashes": HASHES}],
            properties=[{"name": "a", "value": "b"}],
            supplier={"name": "Acme"},
            components=[listed("inner")],
            evidence={"identity": [{"field": "purl"}]},
            **{"bom-ref": "requests"},
        )
    ],
    "dependencies": [{"ref": "app", "dependsOn": ["requests"], "provides": ["requests"]}],
    "compositions": [{"aggregate": "complete", "assemblies": ["app"], "dependencies": ["app"]}],
    "vulnerabilities": [{"id": "CVE-2026-1", "affects": [{"ref": "requests", "versions": [{"version": "1"}]}]}],
    "annotations": [],
    "services": [{"name": "api", "services": [{"name": "inner", "bom-ref": "inner"}]}],
}
SPDX = json.loads(
    spdx(
        spdx_package(
            externalRefs=[
                {
                    "referenceCategory": "PACKAGE-MANAGER",
                    "referenceType": "purl",
                    "referenceLocator": "pkg:pypi/requests",
                }
            ],
            checksums=[{"algorithm": "SHA256", "checksumValue": "a" * 64}],
            hasFiles=["SPDXRef-file"],
            packageVerificationCode={"packageVerificationCodeValue": "a" * 40},
            licenseConcluded="MIT OR Apache-2.0",
            supplier="Organization: Acme",
        ),
        files=[{"SPDXID": "SPDXRef-file", "fileName": "a", "checksums": []}],
        relationships=[
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-file"}
        ],
        externalDocumentRefs=[{"externalDocumentId": "DocumentRef-a"}],
        snippets=[{"SPDXID": "SPDXRef-snippet"}],
        documentDescribes=["SPDXRef-requests"],
    )
)


def paths(value, path=()):
    """Where there is anything in a document."""
    yield path
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in below:
        yield from paths(each, (*path, key))


def changed(value, path, new):
    """A copy of a document with something else at one place; nothing there where that is a removal."""
    copy = json.loads(json.dumps(value))
    if not path:
        return new
    above = copy
    for key in path[:-1]:
        above = above[key]
    if new is ...:
        del above[path[-1]]
    else:
        above[path[-1]] = new
    return copy


def read_or_refused(content):
    try:
        return read_bom(content, subject="bom")
    except Refused as refused:
        return refused


def valid(content):
    """Whether XML is whole and keeps to the schema, all of it at once: what the reader does piece by piece."""
    return xml_schema("1.6").validate(etree.fromstring(content))


@pytest.mark.parametrize("tree", [CYCLONEDX, SPDX], ids=["cyclonedx", "spdx"])
def test_each_part_may_be_missing_or_anything(tree):
    assert isinstance(read_or_refused(json.dumps(tree).encode()), BomDocument)
    for path in paths(tree):
        for new in (..., None, True, 7, -1.5, "", "x", [], [[]], [None], {}, {"": {}}, {"bom-ref": 7}):
            if path or new is not ...:
                assert read_or_refused(json.dumps(changed(tree, path, new)).encode())


@pytest.mark.parametrize("tree", [CYCLONEDX, SPDX], ids=["cyclonedx", "spdx"])
@given(st.data())
def test_no_values_in_two_places_raise_anything_else(tree, data):
    once = changed(tree, data.draw(st.sampled_from(list(paths(tree))[1:])), data.draw(VALUES))
    twice = changed(once, data.draw(st.sampled_from(list(paths(once))[1:])), data.draw(VALUES))
    read_or_refused(json.dumps(twice).encode())


@pytest.mark.corpus
@given(st.data())
def test_no_bytes_of_an_official_case_raise_anything_else(data):
    path = data.draw(st.sampled_from(sorted(Path(corpus("cyclonedx-1.6")).glob("valid-*"))))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content) - 1))
        end = min(len(content), start + data.draw(st.integers(0, 40)))
        content[start:end] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"<", b"</", b"{", b'"', b"&x;", b"]]>"])
        )
    read = read_or_refused(bytes(content))
    assert isinstance(read, Refused) or path.suffix == ".json" or valid(bytes(content))


@pytest.mark.corpus
@given(st.data())
def test_no_pieces_of_two_official_cases_raise_anything_else(data):
    found = sorted(Path(corpus("cyclonedx-1.6")).glob("valid-*"))
    one, other = (data.draw(st.sampled_from(found)).read_bytes() for _ in range(2))
    cut, joint = data.draw(st.integers(0, len(one))), data.draw(st.integers(0, len(other)))
    content = one[:cut] + other[joint:]
    read = read_or_refused(content)
    assert isinstance(read, Refused) or not content.lstrip().startswith(b"<") or valid(content)


@pytest.mark.corpus
@given(st.data())
def test_no_element_of_xml_that_is_twice_or_gone_or_elsewhere_raises_anything_else(data):
    found = sorted(Path(corpus("cyclonedx-1.6")).glob("valid-*.xml"))
    one, other = (etree.fromstring(data.draw(st.sampled_from(found)).read_bytes()) for _ in range(2))
    elements = [each for each in one.iter() if isinstance(each.tag, str)][1:] or [one]
    at = data.draw(st.sampled_from(elements))
    match data.draw(st.sampled_from(["gone", "twice", "elsewhere", "emptied"])):
        case "gone" if at.getparent() is not None:
            at.getparent().remove(at)
        case "twice":
            at.addnext(copy.deepcopy(at)) if at.getparent() is not None else None
        case "elsewhere":
            at.append(copy.deepcopy(data.draw(st.sampled_from([each for each in other.iter() if each is not other]))))
        case _:
            at.clear()
    content = etree.tostring(one)
    assert isinstance(read_or_refused(content), Refused) or valid(content)
