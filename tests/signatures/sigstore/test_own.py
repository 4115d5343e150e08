"""What this program verifies by itself, held against the `sigstore` library: what is accepted, and by which code not.

The library is asked twice: part by part, as `VERIFY_SIGSTORE=library` has it, and as its own public `Verifier`.
"""

import functools
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sigstore.errors import Error as SigstoreError
from sigstore.hashes import Hashed
from sigstore.models import Bundle, ClientTrustConfig, TrustedRoot
from sigstore.verify import Verifier
from sigstore_models.common.v1 import HashAlgorithm
from sigstore_models.trustroot import v1 as trustroot_v1

from tests.support.corpora.provenances import ACTIONS
from tests.support.corpora.sigstore_bundles import BAD, GOOD, keyless
from tests.support.corpora.sigstore_mutations import flipped, mutations
from tests.support.material import NOW, corpus
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.signatures.sigstore import root
from verifier.signatures.sigstore.keyless import SigstoreVerifier

pytestmark = pytest.mark.corpus

NOT_JUDGED = (
    ("entry must contain inclusion proof, with checkpoint", "bundles of version 0.1 may have a promise alone"),
    (
        r"inclusionProof(\.logIndex|\.hashes)?\n",
        "protobuf's JSON has no zeros, and a proof without checkpoint proves nothing",
    ),
    (r"rfc3161Timestamps\n", "protobuf's JSON has null for what is not there"),
    ("Integrated time only supported for dsse/hashedrekord 0.0.1", "early bundles have `intoto` entries"),
    ("Unsupported DSSE log entry type: intoto", "the same"),
)
"""What the library's `Verifier` says of bundles that it does not judge, and may be accepted here; and why."""

STRICTER = (
    ("json.duplicate-key", "stands twice in one object", "one text has one reading"),
    ("attestation.invalid", "is not base64: ", "one value has one spelling"),
    ("attestation.invalid", r"expected a decimal number below 2\^63", "one number has one spelling"),
    ("log.entry-invalid", r"has the index \d+, the proof's \d+", "Rekor v2 has one index, which is in its proof"),
    ("log.entry-invalid", r"the log [0-9a-f]+ is not one of the trusted root", "the library tries every key instead"),
    (
        "log.entry-invalid",
        "checkpoint that the entry's log did not sign in its own name",
        "an origin is not for others",
    ),
)
"""What is refused here and accepted by the library: by which code, in which words, and why."""
_MERKLE = re.compile(r"invalid root hash: expected .*", re.DOTALL)
"""The library shows the proof there as Python has it, this program the hashes in hex."""


class Anybody:
    def verify(self, cert):
        pass


class Judges:
    """One root and artifact, and everyone who judges bundles of it."""

    def __init__(self, name, artifact):
        public = name in ("production", "staging")
        roots = [root.embedded_root(name) if public else root.load_root(corpus("sigstore") / name)]
        self._own, self._parts = SigstoreVerifier(*roots), SigstoreVerifier(*roots, by_library=True)
        self._library = Verifier(trusted_root=library_root(name))
        self._digest = artifact if isinstance(artifact, Digest) else None
        self._content = (corpus("sigstore") / artifact).read_bytes() if isinstance(artifact, str) else None

    def own(self, document, signer):
        return self._outcome(self._own, document, signer)

    def by_library(self, document, signer):
        return self._outcome(self._parts, document, signer)

    def library(self, document):
        """What the library's own verifier has against it, "" for nothing."""
        try:
            bundle = Bundle.from_json(document)
            if self._content is None and self._digest is None:
                self._library.verify_dsse(bundle, Anybody())
            else:
                self._library.verify_artifact(self._input(), bundle, Anybody())
        # The library leaves what it did not foresee to its caller: that is a refusal too.
        except (SigstoreError, ValueError, TypeError, AttributeError, KeyError) as error:
            return f"{type(error).__name__}: {error}"
        return ""

    def _input(self):
        if self._digest is None:
            return self._content
        return Hashed(algorithm=HashAlgorithm.SHA2_256, digest=bytes.fromhex(self._digest.value))

    def _outcome(self, verifier, document, signer):
        asked = {"signers": [signer], "digest": self._digest, "content": self._content, "now": NOW, "subject": "s"}
        try:
            proven = verifier.verify(document, **asked)
        except Refused as refusal:
            return [(type(refusal), each.code, _MERKLE.sub("...", each.message)) for each in refusal.reasons]
        return proven


def library_root(name):
    if name in ("production", "staging"):
        return TrustedRoot(trustroot_v1.TrustedRoot.from_json(root._embedded(name)))
    return ClientTrustConfig.from_json((corpus("sigstore") / name).read_text()).trusted_root


@functools.cache
def judges(name, artifact):
    return Judges(name, artifact)


def require_agreement(judged, document, signer):
    """All three agree, but for what the tables list."""
    own, parts = judged.own(document, signer), judged.by_library(document, signer)
    assert own == parts
    refused, objection = isinstance(own, list), judged.library(document)
    if not refused and objection:
        assert any(re.search(known, objection) for known, _ in NOT_JUDGED), objection
    if refused and not objection:
        _, code, message = own[0]
        assert any(code == listed and re.search(words, message) for listed, words, _ in STRICTER), own


SEEDS = [row for row in GOOD if not row[1].startswith("integration/bundle") and "_alt" not in row[1]]
"""One of each shape: versions, entries of Rekor v1 and v2, promises alone, timestamps, messages and envelopes."""


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row[1])
def test_what_is_genuine_is_accepted_alike(row):
    name, path, artifact, issuer, identity, _ = row
    judged, document = judges(name, artifact), (corpus("sigstore") / path).read_bytes()
    assert not isinstance(judged.own(document, keyless(issuer, identity)), list)
    require_agreement(judged, document, keyless(issuer, identity))


@pytest.mark.parametrize("row", BAD, ids=lambda row: row[1])
def test_what_is_bad_is_refused_alike(row):
    name, path, artifact, _ = row
    require_agreement(judges(name, artifact), (corpus("sigstore") / path).read_bytes(), keyless("https://a.b", "*"))


def provenances():
    folder = corpus("provenance")
    return sorted(path for path in folder.rglob("*") if path.suffix in (".jsonl", ".slsa"))


def test_the_corpus_of_provenance_is_judged_alike():
    anybody = keyless(ACTIONS, "https://github.com/*")
    found = provenances()
    assert found
    for path in found:
        require_agreement(judges("production", None), path.read_bytes(), anybody)


@pytest.mark.parametrize("row", SEEDS, ids=lambda row: row[1])
def test_whatever_is_changed_is_judged_alike(row):
    name, path, artifact, issuer, identity, _ = row
    judged, signer = judges(name, artifact), keyless(issuer, identity)
    for mutation in mutations((corpus("sigstore") / path).read_bytes()):
        try:
            require_agreement(judged, mutation.document, signer)
        except AssertionError as error:
            error.add_note(f"{path}: {mutation.place} {mutation.how}")
            raise


@settings(max_examples=150)
@given(row=st.sampled_from(SEEDS), data=st.data())
def test_any_byte_of_what_is_signed_or_proven_that_is_changed_is_judged_alike(row, data):
    name, path, artifact, issuer, identity, _ = row
    whole = json.loads((corpus("sigstore") / path).read_bytes())
    document = flipped(whole, data.draw)
    require_agreement(judges(name, artifact), document, keyless(issuer, identity))
