"""The JSON report, against its published schema."""

import json

import jsonschema
import pytest
from hypothesis import given, settings

from tests.support.places import ROOT
from tests.support.stories import URI, archive, policy, signed, verify
from tests.support.verdicts import dossier, verdicts
from verifier.core.errors import refuse
from verifier.formats.verdict.document import SCHEMA
from verifier.reports.json import render

PUBLISHED = json.loads((ROOT / "docs/schemas/report-v1.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(PUBLISHED)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(PUBLISHED)
    assert PUBLISHED["properties"]["schema"]["const"] == SCHEMA


@settings(max_examples=60)
@given(verdicts())
def test_every_verdict_makes_a_report_that_the_schema_describes(verdict):
    VALIDATOR.validate(json.loads(render(dossier(verdict))))


@settings(max_examples=60)
@given(verdicts())
def test_the_text_is_printable_ascii_whatever_it_holds(verdict):
    text = render(dossier(verdict))
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert text.endswith("}\n")


@settings(max_examples=60)
@given(verdicts())
def test_hostile_text_comes_out_of_the_report_as_it_went_in(verdict):
    report = json.loads(render(dossier(verdict)))
    assert report["artifact"]["name"] == verdict.subject.name
    assert [reason["message"] for reason in report["reasons"]] == [reason.message for reason in verdict.reasons]


@pytest.mark.parametrize(
    "verification",
    [
        verify(signed(), resource_uri=URI),
        verify(archive()),
        verify(b""),
        verify(name="other"),
        verify(trust=policy("p384")),
        verify(ledger=refuse("ledger.corrupt", "l", "m"), record=True),
    ],
)
def test_real_verdicts_are_described_by_the_schema(verification):
    VALIDATOR.validate(json.loads(render(dossier(verification.verdict))))


def test_the_schema_refuses_what_contradicts_itself():
    report = json.loads(render(dossier(verify(archive()).verdict)))
    for lie in ({"verdict": "PASSED"}, {"reasons": []}, {"levels": ["SLSA_BUILD_LEVEL_3"]}, {"extra": 1}):
        assert not VALIDATOR.is_valid(report | lie)


def test_what_is_wrong_and_what_to_do_stand_beside_each_other():
    report = json.loads(render(dossier(verify(archive()).verdict)))
    assert report["verdict"] == "FAILED"
    assert report["reasons"][0] == {
        "code": "signature.missing",
        "severity": "error",
        "subject": "bundle:authz",
        "message": "bundle:authz carries no signature and none was given; it needs one by p256",
        "hint": "Sign it (`verify sign`), or pass the attestation with --attestation.",
        "threat": "T-201",
    }
