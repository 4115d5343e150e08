"""Bundles that others signed verify, and only with their keys."""

import pytest

from tests.support.material import NOW, codes, corpus, public_pem
from verifier.core.errors import Refused
from verifier.core.reading import ReadingMode
from verifier.core.signers.signer import Signer
from verifier.kinds.bundle.artifact import read_bundle
from verifier.signatures.opa_jws import verify_opa_signatures

pytestmark = pytest.mark.corpus


def verify(bundle, public_key):
    given = Signer(name="key.pem", kid="key.pem", public_key=public_key, answers_any_kid=True)
    return verify_opa_signatures(bundle.signatures, signers=[given], now=NOW, mode=ReadingMode.STRICT, subject="s")


@pytest.mark.parametrize("name", ["eopa-bundle", "eopa-discovery"])
def test_a_bundle_of_another_vendor_verifies_with_every_digest(name):
    folder = corpus("opa-bundles")
    bundle = read_bundle((folder / f"{name}.tar.gz").read_bytes(), name=name, resource_uri="")
    proven = verify(bundle, (folder / f"{name}.pub.pem").read_bytes())
    assert (proven.signer.algorithm, proven.keyid, proven.signed_time) == ("RS256", "default", None)
    assert {file.name: file.hash for file in proven.files} == {file.name: file.digest() for file in bundle.files}


@pytest.mark.parametrize("name", ["eopa-bundle", "eopa-discovery"])
def test_it_does_not_verify_with_another_key(name):
    bundle = read_bundle((corpus("opa-bundles") / f"{name}.tar.gz").read_bytes(), name=name, resource_uri="")
    with pytest.raises(Refused) as refused:
        verify(bundle, public_pem("rsa"))
    assert codes(refused) == ["signature.invalid"]
