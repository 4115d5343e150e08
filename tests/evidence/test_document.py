import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.places import ROOT
from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.verdict import PolicyReference, Subject
from verifier.evidence.document import SCHEMA, Facts, evidence_document

DOCS = ROOT / "docs"
VALIDATOR = jsonschema.Draft202012Validator(json.loads((DOCS / "schemas/evidence-v1.json").read_text()))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Signer:
    name: str = "release"
    kind: str = "key"
    fingerprint: str = "ab" * 32
    algorithm: str = "ES256"
    signed_time: datetime | None = NOW


BUNDLE = {
    "revision": "1.4.0",
    "roots": ["authz"],
    "regoVersion": 1,
    "metadata": {"channel": "stable"},
    "files": [{"path": "authz/policy.rego", "size": 9, "sha256": "cd" * 32}],
    "modules": [{"path": "a.rego", "package": ["a", "b.c"], "builtins": ["count", "upper"], "analysed": True}],
}
FACTS = Facts(
    subject=Subject(
        kind="bundle", name="authz", resource_uri="https://x/authz", digest=Digest.of(b"x"), version="1.4.0", epoch=0
    ),
    size=1,
    of_kind={"bundle": BUNDLE},
    signers=(Signer(), Signer(signed_time=None)),
    reasons=(Reason(code="version.unchecked", subject="bundle:authz", message="m"),),
    policy=PolicyReference(uri="https://x/policy", digest=Digest.of(b"p")),
    now=NOW,
    ledger_scope="bundle:authz",
    ledger_before="0:1.3.0",
    sboms=(
        {
            "digest": {"sha256": "ef" * 32},
            "format": "cyclonedx",
            "specVersion": "1.6",
            "components": 6,
            "compared": {"same": 6, "missing": 0, "surplus": 0, "altered": 0, "unverified": 0},
        },
    ),
)
EMPTY = replace(
    FACTS,
    subject=Subject(kind="bundle", name="", resource_uri="", digest=None),
    of_kind={},
    signers=(),
    reasons=(),
    ledger_scope=None,
    ledger_before=None,
)


@pytest.mark.parametrize("facts", [FACTS, EMPTY, replace(FACTS, ledger_before=None)])
def test_the_document_is_as_its_schema_says(facts):
    VALIDATOR.validate(evidence_document(facts))


def test_every_field_of_the_schema_is_there():
    document, properties = evidence_document(FACTS), VALIDATOR.schema["properties"]
    assert set(document) == set(properties)
    assert set(document["artifact"]) == set(properties["artifact"]["properties"])
    assert set(document["bundle"]) == set(properties["bundle"]["oneOf"][1]["properties"])
    assert set(document["signers"][0]) == set(properties["signers"]["items"]["properties"])


def test_the_documented_example_is_as_the_schema_says():
    (example,) = re.findall(r"```json\n(.*?)```", (DOCS / "evidence-document.md").read_text(), re.DOTALL)
    VALIDATOR.validate(json.loads(example))
    assert json.loads(example)["schema"] == SCHEMA


def test_what_another_kind_says_stands_under_its_name():
    document = evidence_document(replace(FACTS, of_kind={"image": {"user": "0"}}))
    assert (document["bundle"], document["image"]) == (None, {"user": "0"})


@pytest.mark.parametrize("name", ["artifact", "signers", "reasons", "policy", "ledger", "time", "schema"])
def test_a_kind_cannot_take_the_place_of_what_was_established(name):
    assert evidence_document(replace(FACTS, of_kind={name: "mine"}))[name] == evidence_document(FACTS)[name]


def test_the_same_facts_make_the_same_bytes():
    assert json.dumps(evidence_document(FACTS)) == json.dumps(evidence_document(replace(FACTS)))


@given(st.text(), st.dictionaries(st.text(), st.integers() | st.text() | st.none()), st.lists(st.text()))
def test_hostile_names_and_metadata_make_a_document(revision, metadata, roots):
    bundle = BUNDLE | {"revision": revision, "metadata": metadata, "roots": roots}
    document = evidence_document(replace(FACTS, of_kind={"bundle": bundle}))
    VALIDATOR.validate(document)
    assert json.loads(json.dumps(document)) == document
