"""The specification's own cases of CycloneDX 1.6: what is valid is read, what is not is refused, in both formats."""

import json
from pathlib import Path

import pytest
from cyclonedx.exception.serialization import SerializationOfUnsupportedComponentTypeException
from cyclonedx.model.bom import Bom
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion

from tests.support.material import corpus
from tests.support.sboms.documents import refusal
from verifier.core.errors import Refused
from verifier.sbom.reading import read_bom

pytestmark = pytest.mark.corpus

DIFFERENT = {
    "valid-attestation-1.6": {"signature"},  # XML has signatures of its own (XML-DSig)
    "valid-standard-1.6": {"signature"},
    "valid-cryptography-full-1.6": {"protocolProperties", "ikev2TransformTypes", "cryptoRefArray"},  # not the same case
    "valid-dependency-1.6": {"dependsOn"},  # an empty list, which XML cannot tell from none
    "valid-saasbom-1.6": {"dependsOn"},
    "valid-service-empty-objects-1.6": {"contact", "licenses", "externalReferences"},
    "valid-evidence-1.6": {"identity"},  # one identity, which JSON may write without its list
    "valid-formulation-1.6": {"contentType", "environmentVars"},  # not the same case; a value without a name
    "valid-metadata-timestamp-1.6": {"timestamp"},  # two spellings of one time
}
"""Members in which the two files of a case differ, and why."""


def cases(kind):
    return sorted(Path(corpus("cyclonedx-1.6")).glob(f"{kind}-*"))


def differing(one, other, name=""):
    """The names of the innermost members in which two values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = (one.keys() | other.keys()) - {"$schema"}
        return {found for key in keys for found in differing(one.get(key), other.get(key), key)}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return {found for left, right in zip(one, other, strict=True) for found in differing(left, right, name)}
    return set() if one == other else {name}


def test_every_valid_case_is_read():
    found = cases("valid")
    assert len(found) > 90
    refused = {path.name: refusal(path.read_bytes())[:1] for path in found if refusal(path.read_bytes())}
    assert refused == {}


def test_every_invalid_case_is_refused():
    found = cases("invalid")
    assert len(found) > 45
    codes = {path.name: {reason.code for reason in refusal(path.read_bytes())} for path in found}
    assert codes.pop("invalid-namespace-1.6.xml") == {"sbom.unsupported"}  # there is no version 12
    assert {name: code for name, code in codes.items() if code != {"sbom.invalid"}} == {}


def test_every_refusal_names_a_place():
    for path in cases("invalid"):
        for reason in refusal(path.read_bytes()):
            assert reason.code == "sbom.unsupported" or reason.message.partition(" ")[0] != "the", path.name


def test_xml_says_what_json_says():
    compared = 0
    for path in cases("valid"):
        beside = path.with_suffix(".json")
        if path.suffix == ".xml" and beside.exists():
            compared += 1
            tree = read_bom(path.read_bytes(), subject=path.name).tree
            assert differing(tree, json.loads(beside.read_bytes())) == DIFFERENT.get(path.stem, set()), path.name
    assert compared > 40


def test_components_and_dependencies_are_the_same_in_both():
    for path in cases("valid"):
        beside = path.with_suffix(".json")
        if path.suffix == ".xml" and beside.exists() and path.stem != "valid-cryptography-full-1.6":
            one, other = (read_bom(each.read_bytes(), subject="bom") for each in (path, beside))
            assert one.components == other.components, path.name
            assert one.dependencies == other.dependencies, path.name
            assert one.subject == other.subject, path.name


def test_no_case_loses_a_member():
    """The library's own reader loses some in sixteen of these."""
    for path in cases("valid"):
        if path.suffix == ".json":
            assert read_bom(path.read_bytes(), subject=path.name).tree == json.loads(path.read_bytes())


@pytest.mark.parametrize("cut", [1, 100, 0.5, 0.9, 0.99])
def test_a_case_that_is_cut_short_is_refused(cut):
    for path in cases("valid"):
        content = path.read_bytes().rstrip()
        short = content[: int(len(content) * cut) if cut < 1 else cut]
        with pytest.raises(Refused):
            read_bom(short, subject=path.name)


UNLOADED = {"valid-saasbom-1.6.json"}
"""What the library's reader raises on."""


@pytest.mark.parametrize("version", ["1.4", "1.5", "1.6", "1.7"])
@pytest.mark.filterwarnings("ignore")
def test_what_the_library_writes_is_the_same_in_both_formats(version):
    """Names of components that have none are drawn anew for each."""
    compared = 0
    for path in [each for each in cases("valid") if each.suffix == ".json" and each.name not in UNLOADED]:
        model = Bom.from_json(json.loads(path.read_bytes()))
        try:
            written = [
                make_outputter(model, form, SchemaVersion.from_version(version)).output_as_string().encode()
                for form in (OutputFormat.XML, OutputFormat.JSON)
            ]
        except (SerializationOfUnsupportedComponentTypeException, AttributeError):
            continue
        if path.name == "valid-bom-1.6.json":  # the library writes a commit that its own XML schema refuses
            assert refusal(written[0])
            continue
        one, other = (read_bom(each, subject=path.name).tree for each in written)
        assert differing(one, other) <= {"ref", "bom-ref", "dependsOn"}, path.name
        compared += 1
    assert compared > 35
