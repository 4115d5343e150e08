"""Documents of others as they come: known by what they are, bounded, and refused for what is wrong with them."""

import base64
import json
from pathlib import Path

import pytest

from tests.support.material import corpus
from tests.support.sboms.documents import bom, faults, listed, refusal, spdx, spdx_package, xml_bom
from verifier.core.costs.budget import Budget
from verifier.core.digest import Digest
from verifier.core.limits import Limits
from verifier.formats.bom.component import Component, Distribution, Hash, License
from verifier.formats.bom.document import Tool
from verifier.formats.cyclonedx.json_reading import MAX_DEPTH
from verifier.sbom.reading import read_bom

ONE = listed()
WIDE = Limits(json_values=10**8, memory_bytes=8 * 1024**3, steps=10**9, document_bytes=1024**3)
"""Limits that somebody raised for large documents."""


class TestWhatADocumentComesTo:
    def test_every_part_of_a_component_is_read(self):
        written = listed(
            "core",
            "7.24.0",
            group="@babel",
            purl="pkg:npm/%40babel/core@7.24.0?vcs_url=a",
            cpe="cpe:2.3:a:b:c:1:*:*:*:*:*:*:*",
            description="compiler",
            supplier={"name": "Acme"},
            hashes=[{"alg": "SHA-256", "content": "AB" * 32}],
            licenses=[{"license": {"id": "MIT", "acknowledgement": "declared"}}, {"license": {"name": "Other"}}],
            externalReferences=[
                {"type": "distribution", "url": "https://a.example", "hashes": [{"alg": "MD5", "content": "0" * 32}]},
                {"type": "vcs", "url": "https://b.example"},
            ],
            properties=[{"name": "verifier:owned-by", "value": "owner"}, {"name": "n"}],
            **{"mime-type": "text/plain", "bom-ref": "ref"},
        )
        [component] = read_bom(bom(written), subject="bom").components
        assert component == Component(
            "library",
            "npm",
            "core",
            "7.24.0",
            namespace="@babel",
            qualifiers=(("vcs_url", "a"),),
            hashes=(Hash("SHA-256", "ab" * 32),),
            distributions=(Distribution("https://a.example", (Hash("MD5", "0" * 32),)),),
            licenses=(License("MIT", "id", "declared"), License("Other", "name")),
            supplier="Acme",
            description="compiler",
            mime_type="text/plain",
            ref="ref",
            owner="owner",
            purl="pkg:npm/%40babel/core@7.24.0?vcs_url=a",
            cpe="cpe:2.3:a:b:c:1:*:*:*:*:*:*:*",
            properties=(("verifier:owned-by", "owner"), ("n", "")),
        )

    def test_a_file_is_known_by_its_path(self):
        file = {"type": "file", "name": "/usr/bin/app"}
        [component] = read_bom(bom(file), subject="bom").components
        assert (component.ecosystem, component.path, component.version) == ("file", "/usr/bin/app", None)

    def test_nested_components_come_each_once_behind_what_they_are_in(self):
        inner = listed("c", components=[listed("d")])
        document = read_bom(bom(listed("a", components=[listed("b"), inner]), listed("e")), subject="bom")
        assert [(each.name, each.parent) for each in document.components] == [
            ("a", ""),
            ("b", "components[0]"),
            ("c", "components[0]"),
            ("d", "components[0].components[1]"),
            ("e", ""),
        ]

    def test_the_subject_is_no_component_and_what_is_in_it_is(self):
        app = listed("app", components=[listed("part")], **{"bom-ref": "app"})
        document = read_bom(bom(ONE, metadata={"component": app}), subject="bom")
        assert document.subject.name == "app"
        assert [(each.name, each.parent) for each in document.components] == [("part", "app"), ("requests", "")]

    @pytest.mark.parametrize(
        ("version", "tools"),
        [
            ("1.4", [{"vendor": "Acme", "name": "maker", "version": "1.2"}]),
            ("1.6", {"components": [{"type": "application", "name": "maker", "version": "1.2"}]}),
        ],
    )
    def test_the_tools_are_read_in_the_old_form_and_the_new(self, version, tools):
        document = read_bom(bom(ONE, version=version, metadata={"tools": tools}), subject="bom")
        assert document.tools == (Tool(name="maker", version="1.2"),)

    def test_the_digest_is_that_of_the_bytes(self):
        content = bom(ONE)
        assert read_bom(content, subject="bom").digest == Digest.of(content)

    @pytest.mark.parametrize("version", ["1.4", "1.5", "1.6", "1.7"])
    def test_four_versions_are_read_in_both_formats(self, version):
        assert read_bom(bom(ONE, version=version), subject="bom").spec_version == version
        assert read_bom(xml_bom(version=version), subject="bom").spec_version == version

    def test_blanks_before_and_behind_are_no_difference(self):
        assert faults(b"\r\n\t " + bom(ONE) + b"\n") == []


STATEMENT = {"_type": "https://in-toto.io/Statement/v1", "subject": [], "predicateType": "t", "predicate": {}}
ENVELOPE = {
    "payloadType": "application/vnd.in-toto+json",
    "payload": base64.b64encode(json.dumps(STATEMENT).encode()).decode(),
    "signatures": [{"sig": "AA=="}],
}
OTHERS = {
    b"": "an empty file",
    b" \n": "an empty file",
    b"null": "no bill of materials that is known",
    b"[]": "no bill of materials that is known",
    b"{}": "no bill of materials that is known",
    b"hello \x1b[31m": r"it begins 'hello \x1b[31m'",
    b"\x00\x01\x02": "no bill of materials that is known",
    json.dumps(STATEMENT).encode(): "an in-toto statement that nobody signed",
    json.dumps(ENVELOPE).encode(): "a DSSE envelope",
    b'{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial": {}}': "a Sigstore bundle",
    b"<!DOCTYPE html><html><body>Sign in</body></html>": "page",
    b'{"lockfileVersion": 3}': "package-lock.json",
    b"SPDXVersion: SPDX-2.3": "SPDX as tag-value text",
    b'{"@context": "https://openvex.dev/ns/v0.2.0", "statements": []}': "no bill of materials that is known",
}


class TestWhatIsNone:
    @pytest.mark.parametrize("content", OTHERS)
    def test_it_is_called_what_it_is(self, content):
        [reason] = refusal(content)
        assert reason.code == "sbom.unsupported"
        assert OTHERS[content] in reason.message
        assert "expected CycloneDX 1.4 to 1.7 (JSON, XML) or SPDX 2.2 or 2.3 (JSON)" in reason.message

    def test_an_attestation_around_a_document_is_told_how_to_open_it(self):
        [reason] = refusal(json.dumps(ENVELOPE).encode())
        assert "jq -r .payload FILE | base64 -d | jq .predicate" in reason.hint

    @pytest.mark.parametrize("content", [bom(ONE), spdx(spdx_package())])
    def test_a_byte_order_mark_before_json_is_refused(self, content):
        assert [reason.code for reason in refusal(b"\xef\xbb\xbf" + content)] == ["json.invalid"]

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
    def test_another_encoding_of_json_is_refused(self, encoding):
        content = bom(listed("café")).decode().replace("\\u00e9", "é").encode(encoding)
        assert {reason.code for reason in refusal(content)} <= {"json.invalid", "sbom.unsupported"}
        assert refusal(content)

    def test_what_is_both_cyclonedx_and_spdx_is_refused(self):
        assert faults(bom(ONE, spdxVersion="SPDX-2.3")) == [
            "the document breaks the schema: Additional properties are not allowed ('spdxVersion' was unexpected)"
        ]

    def test_two_documents_one_behind_the_other_are_refused(self):
        assert [reason.code for reason in refusal(bom(ONE) + bom(ONE))] == ["json.trailing-data"]


def nested(depth):
    """A component within a component, so that arrays and objects are nested `depth` deep."""
    item = listed("innermost")
    for _ in range((depth - 3) // 2):
        item = listed("outer", components=[item])
    return bom(item)


class TestBounds:
    def test_nesting_is_read_up_to_a_bound(self):
        assert faults(nested(MAX_DEPTH)) == []

    @pytest.mark.parametrize("depth", [MAX_DEPTH + 2, 400, 500])
    def test_what_is_nested_deeper_is_refused(self, depth):
        assert [reason.code for reason in refusal(nested(depth))] == ["json.too-deep"]

    @pytest.mark.parametrize("depth", [5_000, 200_000])
    def test_no_depth_reaches_the_stack(self, depth):
        content = bom(ONE).replace(b'"version": 1', b'"version": ' + b"[" * depth + b"]" * depth)
        assert [reason.code for reason in refusal(content)] == ["json.too-deep"]

    def test_a_million_components_are_refused_by_a_limit_with_its_name(self):
        content = bom().replace(
            b'"components": []', b'"components": [' + b'{"type":"file"},' * 999_999 + b'{"type":"file"}]'
        )
        [reason] = refusal(content)
        assert reason.code == "json.too-many-values"
        assert "json-values" in reason.hint

    def test_a_million_components_are_refused_however_far_limits_are_raised(self):
        item = b'{"type":"file","name":"%d"}'
        items = b",".join(item % number for number in range(200_001))
        content = bom().replace(b'"components": []', b'"components": [' + items + b"]")
        [reason] = refusal(content, limits=WIDE)
        assert (reason.code, reason.message) == (
            "input.too-large",
            "more than 200,000 components; at most so many are read",
        )

    def test_two_hundred_thousand_are_read_where_limits_say_so(self):
        item = b'{"type":"file","name":"%d"}'
        items = b",".join(item % number for number in range(200_000))
        content = bom().replace(b'"components": []', b'"components": [' + items + b"]")
        assert len(read_bom(content, subject="bom", limits=WIDE).components) == 200_000

    def test_a_document_beyond_its_size_is_refused_before_it_is_looked_at(self):
        [reason] = refusal(b"{" * 2_000, limits=Limits(document_bytes=1_000))
        assert (reason.code, reason.message) == ("input.too-large", "2,000 bytes; at most 1,000 are allowed")

    def test_a_budget_that_is_nearly_spent_pays_for_no_document(self):
        [reason] = refusal(
            bom(*[listed(f"c{number}") for number in range(2_000)]), budget=Budget(Limits(memory_bytes=1))
        )
        assert reason.code == "input.too-costly"

    def test_many_faults_are_told_up_to_a_bound(self):
        assert (
            len(
                faults(
                    bom(*[listed(purl="no purl") for _ in range(1)], *[listed(f"c{n}", purl="x") for n in range(5_000)])
                )
            )
            == 100
        )

    def test_many_breaches_of_the_schema_are_told_up_to_a_bound(self):
        wrong = [{"type": "libary", "name": f"c{number}"} for number in range(5_000)]
        found = faults(bom(ONE, *wrong))
        assert len(found) == 100
        assert found[0].startswith("components[1].type is 'libary': it is not one of")
        assert found[99].startswith("components[100].type is 'libary'")

    def test_a_large_list_within_a_component_that_is_all_wrong_costs_one_message(self):
        assert len(faults(bom(listed(properties=[7] * 300_000)))) == 1

    def test_the_same_component_twice_far_from_each_other_is_a_breach(self):
        items = [listed(f"c{number}") for number in range(1_500)]
        assert faults(bom(*items, items[0])) == ["components it has non-unique elements"]

    def test_an_expression_of_2_000_brackets_is_refused_before_it_is_parsed(self):
        expression = "(" * 2_000 + "MIT" + ")" * 2_000
        [message] = faults(bom(listed(licenses=[{"expression": expression}])))
        assert "2000 brackets within each other" in message

    def test_costly_expressions_are_paid_for(self):
        many = [listed(f"c{n}", licenses=[{"expression": f"(A{n} OR B{n}) AND " * 40 + "MIT"}]) for n in range(2_000)]
        [reason] = refusal(bom(*many))
        assert (reason.code, "licence expressions" in reason.message) == ("input.too-costly", True)


HOSTILE = "a\x1b[2J\x1b]0;owned\x07\u202e\x00\n\r" + "b" * 100_000


class TestHostileTexts:
    @pytest.mark.parametrize(
        "said",
        [
            {"purl": HOSTILE},
            {"licenses": [{"expression": HOSTILE}]},
            {"hashes": [{"alg": HOSTILE, "content": HOSTILE}]},
            {"scope": HOSTILE},
            {HOSTILE: 1},
            {"bom-ref": HOSTILE, "components": [listed("x", **{"bom-ref": HOSTILE})]},
        ],
    )
    def test_what_a_message_repeats_is_escaped_and_short(self, said):
        found = faults(bom(listed("a", **said)))
        assert found
        assert all(message.isprintable() and len(message) < 900 for message in found)

    def test_names_are_kept_as_they_are_for_whoever_compares_them(self):
        name = "requ\u0435sts"  # a Cyrillic letter
        assert read_bom(bom(listed(name)), subject="bom").components[0].name == name


OUTCOMES = {
    "bom-examples/CBOM-Algorithm.json": 2,
    "bom-examples/CBOM-Certificate.json": 4,
    "bom-examples/CBOM-Example-With-Dependencies.json": 3,
    "bom-examples/CBOM-Key.json": 3,
    "bom-examples/CBOM-Protocol.json": 8,
    "bom-examples/HBOM-PCIe-SATA-adapter-board.json": 6,
    "bom-examples/SaaSBOM-apigateway-microservices-datastores.json": 0,  # its services are nested: nothing dangles
    "bom-examples/cern-lhc-vdm-editor.json": "sbom.unsupported",  # 1.2
    "bom-examples/cern-lhc-vdm-editor.xml": "sbom.unsupported",
    "bom-examples/juice-shop-v11.1.2.json": "sbom.unsupported",
    "bom-examples/laravel-1.1.xml": "sbom.unsupported",
    "bom-examples/laravel-1.4.json": 62,
    "bom-examples/proton-bridge-v1.6.3.json": "sbom.unsupported",
    "bom-examples/proton-bridge-v1.8.0.json": "sbom.unsupported",
    "protobom/bom-1.4.json": "a purl with another name",
    "protobom/bom-1.5.json": "a purl with another name",
    "protobom/minimal-1.7.json": 0,
    "sbomqs/sbom_cdx.json": 116,
    "sbomqs/signed.cdx.json": "a dangling reference",
    "trivy/bom-missing-refs.json": 3,  # refs are optional
    "trivy/centos-7-cyclonedx.json": 3,
    "trivy/fluentd-multiple-lockfiles-cyclonedx.json": 4,
    "trivy/infinite-loop-bom.json": 3,  # a circle, which is a doubt
    "trivy/minikube-kbom.json": 18,
}
SAID = {
    "a purl with another name": "components[0].purl is 'pkg:npm/acme/component@1.0.0', which is not",
    "a dangling reference": "dependencies[0].ref refers to 'pkg:maven/org.example/example-library@2.0.0', which",
}


@pytest.mark.corpus
class TestDocumentsOfOtherProjects:
    @pytest.mark.parametrize("name", OUTCOMES)
    def test_each_comes_to_what_is_expected(self, name):
        content, expected = (Path(corpus("sbom")) / "documents" / name).read_bytes(), OUTCOMES[name]
        if isinstance(expected, int):
            assert len(read_bom(content, subject=name).components) == expected
        elif expected in SAID:
            assert faults(content)[0].startswith(SAID[expected])
        else:
            assert {reason.code for reason in refusal(content)} == {expected}

    def test_the_circle_of_trivy_s_is_told(self):
        content = (Path(corpus("sbom")) / "documents/trivy/infinite-loop-bom.json").read_bytes()
        [doubt] = read_bom(content, subject="bom").findings
        assert doubt.message.startswith("dependencies lead back to where they begin")

    def test_vex_documents_in_cyclonedx_are_read(self):
        found = sorted(Path(corpus("sbom")).glob("vex/cyclonedx/*.json"))
        assert len(found) == 9
        assert [path.name for path in found if refusal(path.read_bytes())] == []

    def test_of_the_cases_of_bsi_as_many_are_unsound_as_were_measured(self):
        """22 are not valid CycloneDX 1.6; two dangle, as their names say."""
        found = sorted(Path(corpus("sbom")).glob("quality/bsi/*.json"))
        refused = {path.name.partition(".")[0] for path in found if refusal(path.read_bytes())}
        dangling = {"brokenSourceComponentDependencies", "brokenTargetComponentDependencies"}
        assert (len(found), len(refused), dangling <= refused) == (103, 24, True)
