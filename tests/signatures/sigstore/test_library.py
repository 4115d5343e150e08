"""What reaches behind the library's public API, held against the library's own `Verifier`."""

import copy
import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sigstore.errors import Error as SigstoreError
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier

from tests.support.corpora.sigstore_bundles import keyless
from tests.support.material import NOW, corpus
from verifier.core.errors import Refused
from verifier.signatures.sigstore.keyless import SigstoreVerifier
from verifier.signatures.sigstore.parts import library
from verifier.signatures.sigstore.root import load_root

GITHUB = "https://github.com/login/oauth"
ANYBODY = [keyless(GITHUB, name) for name in ("william@yossarian.net", "jku@goto.fi", "a@tny.town")]


class NoPolicy:
    def verify(self, cert):
        pass


def test_the_library_is_the_version_that_this_was_written_against():
    assert library.sigstore.__version__.startswith(library.PINNED)


def test_what_is_reached_for_is_still_there():
    for owner, names in library._REACHED_FOR:
        assert all(callable(getattr(owner, name)) for name in names)


class Both:
    """One bundle, judged by us and by the library's `Verifier`, against the same root."""

    def __init__(self, name, artifact):
        folder = corpus("sigstore")
        path = next((folder / "staging-tuf/targets").glob("*.trusted_root.json"))
        self.document = json.loads((folder / name).read_bytes())
        self.artifact = (folder / artifact).read_bytes()
        self._library = Verifier(trusted_root=TrustedRoot.from_file(str(path)))
        self._ours = SigstoreVerifier(load_root(path))

    def library(self, document):
        try:
            self._library.verify_artifact(self.artifact, Bundle.from_json(json.dumps(document)), NoPolicy())
        # The library leaves what it did not foresee to its caller: that is a refusal too.
        except (SigstoreError, ValueError, TypeError, AttributeError, KeyError):
            return False
        return True

    def ours(self, document):
        given = {"signers": ANYBODY, "digest": None, "content": self.artifact, "now": NOW, "subject": "s"}
        try:
            self._ours.verify(json.dumps(document).encode(), **given)
        except Refused:
            return False
        return True


def leaves(value, path=()):
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))
    else:
        yield path, value


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "artifact"),
    [
        ("bundle_v3.txt.sigstore", "bundle_v3.txt"),
        ("bundle.txt.sigstore", "bundle.txt"),
        ("staging-rekor-v2.txt.sigstore.json", "staging-rekor-v2.txt"),
    ],
)
def test_what_the_librarys_verifier_refuses_is_refused_here(name, artifact):
    both = Both(name, artifact)
    assert both.ours(both.document)
    assert both.library(both.document)

    @settings(max_examples=80)
    @given(leaf=st.sampled_from(list(leaves(both.document))), data=st.data())
    def changed(leaf, data):
        path, value = leaf
        position = data.draw(st.integers(0, len(value) - 1))
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n -"
        document = copy.deepcopy(both.document)
        target = document
        for key in path[:-1]:
            target = target[key]
        other = data.draw(st.sampled_from(alphabet))
        assume((value[position], other) != ("+", "-"))  # protobuf's JSON has both alphabets of base64, the library one
        target[path[-1]] = value[:position] + other + value[position + 1 :]
        assert not both.ours(document) or both.library(document)

    changed()
