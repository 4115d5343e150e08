"""An image, audited, attested and accepted under a rule that asks: by records, and by the signed scan alone."""

import base64
import json
from pathlib import Path

import pytest

from tests.support.audit.scene import NOW, database, osv
from tests.support.command import run
from tests.support.material import private_pem, public_pem
from tests.support.sboms.layers import layout_of

JINJA = osv("PYSEC-2019-217", "jinja2", fixed="2.10.1")
POLICY = """version = 1
id = "urn:example:policy"
signers.release.key = "release.pub"
signers.scanner.key = "scanner.pub"

[artifacts."image:*"]
signatures = { from = ["release"] }
version = "none"
vulnerabilities = { max_severity = "high", from = ["scanner"] }
"""


@pytest.fixture(autouse=True)
def keys(place):
    for name, key in (("release", "p256"), ("scanner", "ed25519")):
        Path(f"{name}.pem").write_bytes(private_pem(key))
        Path(f"{name}.pem").chmod(0o600)
        Path(f"{name}.pub").write_bytes(public_pem(key))
    Path("trust.toml").write_text(POLICY)
    database(JINJA)


def image(version, *, folder="image"):
    """A layout with one image that has jinja2 of this version; what it is called."""
    metadata = f"Metadata-Version: 2.1\nName: jinja2\nVersion: {version}\n".encode()
    layout_of(Path(folder), {f"usr/lib/python3/site-packages/jinja2-{version}.dist-info/METADATA": metadata})
    return f"oci-layout:{folder}"


def released(reference):
    signed = run("sign", "image", reference, "--key", "release.pem", "--out", "release.json", "--now", NOW)
    assert signed.status == 0, signed.err


def gated(reference, *options):
    evidence = ("--attestation", "release.json", "--policy", "trust.toml", "--now", NOW)
    return run("image", reference, *evidence, *options, "--format", "json")


def attested(reference):
    signing = ("--attest", "scan.json", "--signing-key", "scanner.pem")
    return run("audit", reference, "--db", "records.db", "--now", NOW, *signing)


def codes(answer):
    return [each["code"] for each in json.loads(answer.out)["reasons"] if each["severity"] == "error"]


def test_a_scan_of_an_image_is_about_its_manifest_and_answers_for_it():
    reference = image("2.11")
    released(reference)
    assert attested(reference).status == 0
    (subject,) = json.loads(base64.b64decode(json.loads(Path("scan.json").read_text())["payload"]))["subject"]
    index = json.loads(Path("image/index.json").read_text())
    assert f"sha256:{subject['digest']['sha256']}" == index["manifests"][0]["digest"]
    answer = gated(reference, "--attestation", "scan.json")
    assert (answer.status, codes(answer)) == (0, []), answer.out


def test_the_scan_of_another_build_is_none():
    assert attested(image("2.11", folder="before")).status == 0
    reference = image("2.10")
    released(reference)
    answer = gated(reference, "--attestation", "scan.json")
    assert (answer.status, codes(answer)) == (3, ["vulnerability.not-audited"])


@pytest.mark.parametrize(("version", "status", "expected"), [("2.11", 0, []), ("2.10", 1, ["vulnerability.known"])])
def test_records_are_held_against_what_lies_in_it(version, status, expected):
    reference = image(version)
    released(reference)
    answer = gated(reference, "--advisories", "records.db")
    assert (answer.status, codes(answer)) == (status, expected), answer.out
    kinds = {each["kind"] for each in json.loads(answer.out)["inputs"]}
    assert "advisories" in kinds


def test_records_that_are_too_old_deny():
    reference = image("2.11")
    signed = run("sign", "image", reference, "--key", "release.pem", "--out", "release.json", "--now", NOW)
    assert signed.status == 0, signed.err
    evidence = ("--attestation", "release.json", "--policy", "trust.toml", "--now", "2024-11-12T00:00:00Z")
    answer = run("image", reference, *evidence, "--advisories", "records.db", "--format", "json")
    assert (answer.status, codes(answer)) == (3, ["vulnerability.database-stale"])
