"""`verify artifact WHEEL --attestation PROVENANCE`: what PyPI's integrity API answers (PEP 740), of a genuine release.

The attestation is genuine, as PyPI has it beside pypi-attestations 0.0.19; around it stands what the API writes.
"""

import json
import shutil
from pathlib import Path

import pytest

from tests.support.command import ask
from tests.support.material import corpus

pytestmark = pytest.mark.corpus
NAME = "pypi_attestations-0.0.19.tar.gz"
IDENTITY = "https://github.com/trailofbits/pypi-attestations/.github/workflows/release.yml@refs/tags/v0.0.19"
PUBLISHER = {
    "environment": None,
    "kind": "GitHub",
    "repository": "trailofbits/pypi-attestations",
    "workflow": "release.yml",
}


@pytest.fixture
def release(tmp_path):
    """The release's file, in a folder of its own."""
    return Path(shutil.copy(corpus("field/pypi-publish-attestation") / NAME, tmp_path))


def attestation():
    return json.loads((corpus("field/pypi-publish-attestation") / "a.publish.attestation").read_bytes())


def provenance(folder, *attestations, publisher=PUBLISHER):
    path = folder / "provenance.json"
    bundles = [{"attestations": list(attestations), "publisher": publisher}]
    path.write_text(json.dumps({"attestation_bundles": bundles, "version": 1}))
    return path


def verified(release, document, identity=IDENTITY):
    return ask(
        *("artifact", release, "--attestation", document, "--cert-identity", identity),
        *("--cert-oidc-issuer", "https://token.actions.githubusercontent.com"),
        *("--attestation-type", "https://docs.pypi.org/attestations/publish/v1"),
    )


def test_the_provenance_of_a_release_is_read_offline(release, tmp_path):
    answer = verified(release, provenance(tmp_path, attestation()))
    assert answer.status == 0, answer.out
    assert IDENTITY in answer.out


def test_the_publisher_that_pypi_names_is_not_believed(release, tmp_path):
    publisher = {**PUBLISHER, "repository": "mallory/evil", "workflow": "evil.yml"}
    mallory = "https://github.com/mallory/evil/.github/workflows/evil.yml@refs/tags/v0.0.19"
    document = provenance(tmp_path, attestation(), publisher=publisher)
    assert verified(release, document).status == 0
    assert verified(release, document, identity=mallory).status == 1


def test_the_provenance_of_another_file_proves_nothing(release, tmp_path):
    release.write_bytes(release.read_bytes() + b"\0")
    answer = verified(release, provenance(tmp_path, attestation()))
    assert answer.status == 1, answer.out


def test_a_changed_attestation_in_it_proves_nothing(release, tmp_path):
    changed = attestation()
    changed["envelope"]["signature"] = changed["envelope"]["signature"].replace("Yjc", "Yjd")
    answer = verified(release, provenance(tmp_path, changed))
    assert answer.status == 1, answer.out
    assert "signature.invalid" in answer.codes


def test_an_attestation_of_another_version_in_it_is_undecided(release, tmp_path):
    answer = verified(release, provenance(tmp_path, {**attestation(), "version": 2}, attestation()))
    assert (answer.status, answer.codes) == (3, ["attestation.undecided"])


def test_a_provenance_without_attestations_is_told(release, tmp_path):
    assert verified(release, provenance(tmp_path)).status == 1
