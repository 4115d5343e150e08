"""Real bundles that others signed: read here, with the digests that they were signed with."""

import base64
import json
import os
from pathlib import Path

import pytest

from tests.support.places import ROOT
from verifier.kinds.bundle.artifact import read_bundle

pytestmark = pytest.mark.corpus
NAMES = ["eopa-bundle.tar.gz", "eopa-discovery.tar.gz"]


@pytest.fixture(scope="module")
def corpus():
    beside = ROOT.parent / "shared" / "corpus"
    folder = Path(os.environ.get("VERIFIER_CORPUS", beside))
    if folder.is_dir():
        return folder
    if os.environ.get("CI") == "true":
        pytest.fail("the corpus is required in CI: set VERIFIER_CORPUS")
    pytest.skip("no corpus: set VERIFIER_CORPUS")


@pytest.mark.parametrize("name", NAMES)
def test_every_file_has_the_digest_that_was_signed(corpus, name):
    bundle = read_bundle((corpus / "opa-bundles" / name).read_bytes(), name="eopa", resource_uri="")
    payload = json.loads(bundle.signatures)["signatures"][0].split(".")[1]
    signed = json.loads(base64.urlsafe_b64decode(payload + "=="))["files"]
    assert {file.name: file.digest() for file in bundle.files} == {file["name"]: file["hash"] for file in signed}
