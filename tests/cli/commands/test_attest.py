"""`verify attest`: any predicate about an artifact."""

import base64
import json
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.material import NOW, signer
from verifier.core.digest import Digest
from verifier.signatures.envelope import verify_envelope

pytestmark = pytest.mark.usefixtures("place")
ATTEST = ("attest", "release.pub", "--type", "https://example.org/review/v1", "--key", "release", "--out", "a.json")


def statement(path="a.json"):
    payload = verify_envelope(Path(path).read_bytes(), signers=[signer("p256")], now=NOW, subject="a")
    return json.loads(payload.payload)


@pytest.fixture
def predicate(place):
    (place / "review.json").write_text('{"score": 10, "text": "é"}')
    return ("--predicate", "review.json")


def test_what_is_said_is_signed_about_the_files_digest(predicate):
    assert run(*ATTEST, *predicate, "--keyid", "p256").status == 0
    said = statement()
    assert said["predicate"] == {"score": 10, "text": "é"}
    assert said["predicateType"] == "https://example.org/review/v1"
    digest = Digest.of(Path("release.pub").read_bytes()).value
    assert said["subject"] == [{"name": "release.pub", "digest": {"sha256": digest}}]


def test_the_subject_can_have_another_name(predicate):
    assert run(*ATTEST, *predicate, "--name", "authz", "--keyid", "p256").status == 0
    assert statement()["subject"][0]["name"] == "authz"


@pytest.mark.parametrize(
    ("content", "status"), [("[]", 2), ("1", 2), ('{"a": 1, "a": 2}', 2), ("{", 2), (None, 3), ('{"score": 1e999}', 2)]
)
def test_a_predicate_that_is_no_plain_json_object_is_not_signed(place, content, status):
    if content is not None:
        (place / "review.json").write_text(content)
    answer = run(*ATTEST, "--predicate", "review.json")
    assert (answer.status, answer.out) == (status, "")
    assert not (place / "a.json").exists()


def test_a_type_that_makes_the_statement_unreadable_is_not_signed(predicate):
    broken = [part if part != ATTEST[3] else "" for part in ATTEST]
    answer = run(*broken, *predicate)
    assert (answer.status, answer.out) == (2, "")


def test_an_artifact_that_cannot_be_read_is_3(predicate):
    answer = run("attest", "missing", *ATTEST[2:], *predicate)
    assert (answer.status, "input.unreadable" in answer.err) == (3, True)


def test_the_envelope_is_dsse(predicate):
    run(*ATTEST, *predicate)
    envelope = json.loads(Path("a.json").read_text())
    assert set(envelope) == {"payloadType", "payload", "signatures"}
    assert base64.b64decode(envelope["payload"])
