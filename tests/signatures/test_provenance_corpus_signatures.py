"""Every attestation of the corpus of provenance, by its signature; a file that is not listed fails."""

import functools
import json

import pytest

from tests.support.corpora.provenances import (
    ACTIONS,
    DELEGATOR,
    GENERATED,
    NPM,
    NPM_KEY,
    NPM_KEY_ID,
    PACKAGE,
    PUBLISHER,
)
from tests.support.material import NOW, codes, corpus
from verifier.core.digest import Digests
from verifier.core.errors import Refused
from verifier.core.signers.keyless import KeylessIdentity
from verifier.core.signers.signer import Signer
from verifier.formats.intoto.statement import matching_subject, parse_statement
from verifier.signatures.sigstore.keyless import SigstoreVerifier
from verifier.signatures.sigstore.root import embedded_root

pytestmark = pytest.mark.corpus


@functools.cache
def production():
    return SigstoreVerifier(embedded_root("production"))


def keyless(identity):
    return Signer(name="wanted", kid="wanted", keyless=KeylessIdentity(issuer=ACTIONS, identity=identity))


def registry(**changes):
    return Signer(**({"name": "npm", "kid": NPM_KEY_ID, "public_key": NPM_KEY} | changes))


def verify(document, signer):
    return production().verify(document, signers=[signer], digest=None, content=None, now=NOW, subject="corpus")


def test_every_file_of_the_corpus_is_listed():
    folder = corpus("provenance")
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    bcr = {f"bcr/MODULE{signer}.bazel{kind}" for signer in ("", "-wrong-signer") for kind in ("", ".intoto.jsonl")}
    generated = {f"gha_delegator/v2.0.0/{name}{kind}" for name in GENERATED for kind in ("", ".build.slsa")}
    npm = {f"npm/{NPM}{bad}.tgz{kind}" for bad in ("", "-invalidsigpub", "-invalidsigprov") for kind in ("", ".json")}
    assert present == bcr | generated | npm


def test_provenance_by_the_publisher_is_accepted():
    folder = corpus("provenance") / "bcr"
    proven = verify((folder / "MODULE.bazel.intoto.jsonl").read_bytes(), keyless(PUBLISHER))
    assert proven.signers[0].certificate.identity == PUBLISHER
    statement = parse_statement(proven.payload, subject="corpus")
    assert matching_subject(statement, Digests(content=(folder / "MODULE.bazel").read_bytes()))


def test_forged_provenance_of_the_same_module_is_refused_for_the_publisher_and_contradicts_itself():
    document = (corpus("provenance") / "bcr/MODULE-wrong-signer.bazel.intoto.jsonl").read_bytes()
    with pytest.raises(Refused) as refused:
        verify(document, keyless(PUBLISHER))
    assert codes(refused) == ["signer.untrusted"]
    assert "loosebazooka/aa-test" in refused.value.reasons[0].message
    # Whoever trusts every identity is left with what the certificate says, against what the predicate claims.
    proven = verify(document, keyless("https://github.com/*"))
    claimed = parse_statement(proven.payload, subject="corpus").predicate["buildDefinition"]
    seen = proven.signers[0].certificate.source_repository
    assert seen == "https://github.com/loosebazooka/aa-test"
    assert claimed["externalParameters"]["workflow"]["repository"] != seen


@pytest.mark.parametrize("name", GENERATED)
def test_provenance_of_githubs_generator_is_accepted(name):
    folder = corpus("provenance") / "gha_delegator/v2.0.0"
    proven = verify((folder / f"{name}.build.slsa").read_bytes(), keyless(DELEGATOR))
    assert proven.signers[0].certificate.runner_environment == "github-hosted"
    statement = parse_statement(proven.payload, subject="corpus")
    assert matching_subject(statement, Digests(content=(folder / name).read_bytes()))


def npm(bad=""):
    collection = json.loads((corpus("provenance") / f"npm/{NPM}{bad}.tgz.json").read_bytes())
    return [json.dumps(each["bundle"]).encode() for each in collection["attestations"]]


def test_the_registrys_publication_and_the_packages_provenance_are_accepted():
    publication, provenance = npm()
    by_registry = verify(publication, registry()).signers[0]
    assert (by_registry.kind, by_registry.signed_time.isoformat()) == ("key", "2023-05-16T17:33:01+00:00")
    by_package = verify(provenance, keyless(PACKAGE)).signers[0]
    assert (by_package.kind, by_package.signed_time.isoformat()) == ("keyless", "2023-05-16T17:32:54+00:00")


@pytest.mark.parametrize(("bad", "index"), [("-invalidsigpub", 0), ("-invalidsigprov", 1)])
def test_of_the_two_attestations_the_one_with_the_bad_signature_is_refused(bad, index):
    signers, documents = (registry(), keyless(PACKAGE)), npm(bad)
    with pytest.raises(Refused) as refused:
        verify(documents[index], signers[index])
    assert codes(refused) == ["signature.invalid"]
    assert verify(documents[1 - index], signers[1 - index]).signers


def test_the_registrys_key_counts_whatever_its_key_id_unless_that_is_pinned():
    with pytest.raises(Refused) as refused:
        verify(npm()[0], registry(kid="npm", pin_kid=True))
    assert codes(refused) == ["signer.untrusted"]
    assert verify(npm()[0], registry(kid="npm")).signers
