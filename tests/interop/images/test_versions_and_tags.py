"""Versions that a real cosign has signed, and tags that move, on three registries: cosign verifies all of it."""

from itertools import count

import pytest

from tests.support.images.pushed import judge, push_image
from tests.support.images.signed import trusting
from tests.support.ledgers.memory import MemoryLedger
from tests.support.peers.peers import executable, run
from tests.support.rules import artifact_rule
from verifier.core.signers.signer import Signer
from verifier.core.value import replace
from verifier.ledger.history import check
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.tags import TagsRule
from verifier.trust.sections.version import VersionFrom

pytestmark = pytest.mark.interop

CLAIMED = VersionFrom(source="claim:version", scheme="semver")
SCHEMES = {"bundle": (), "legacy": ("--new-bundle-format=false",)}
NUMBERS = count()


@pytest.fixture(scope="module")
def cosign(tmp_path_factory):
    """Runs cosign where there is a key pair."""
    folder, program = tmp_path_factory.mktemp("cosign"), executable("cosign", "COSIGN")
    environment = {"COSIGN_PASSWORD": "correct horse", "HOME": str(folder), "DOCKER_CONFIG": str(folder)}

    def cosign(*arguments):
        return run(program, *arguments, cwd=folder, environment=environment)

    cosign("generate-key-pair")
    cosign.key = (folder / "cosign.pub").read_bytes()
    return cosign


class Repository:
    """One repository of a registry, a signer, and a ledger."""

    def __init__(self, host, cosign, scheme, moving):
        self.host, self.name, self.cosign, self.scheme = host, f"acme/app{next(NUMBERS)}", cosign, scheme
        signer = Signer(name="k", kid="k", public_key=cosign.key, answers_any_kid=True)
        rule = artifact_rule(
            "image:app", SignatureRule(threshold=1, from_=("k",)), CLAIMED, tags=TagsRule(moving=moving)
        )
        self.policy, self.ledger = replace(trusting(signer), artifacts=(rule,)), MemoryLedger()

    def pushed(self, content, version=None, tag="stable"):
        """The tag stands for an image with this content from now on, and is signed, if it comes with a version."""
        digest = push_image(self.host, self.name, content, tag=tag)
        if version is not None:
            options = ("--use-signing-config=false", "--tlog-upload=false", "--allow-http-registry", "--yes")
            claims = ("-a", f"version={version}", *SCHEMES[self.scheme])
            reference = f"{self.host}/{self.name}@{digest}"
            self.cosign("sign", "--key", "cosign.key", *options, *claims, reference)
        return digest

    def judged(self, tag="stable"):
        """What we deny of the tag; whatever it is, cosign verifies it."""
        reference = f"{self.host}/{self.name}:{tag}"
        self.cosign("verify", "--key", "cosign.pub", "--insecure-ignore-tlog", "--allow-http-registry", reference)
        verdict = judge(reference, self.policy, ledger=self.ledger, record=True).verdict
        check(self.ledger)
        return [each.code for each in verdict.reasons if each.is_error], verdict


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_tag_that_is_moved_back_is_a_rollback_and_cosign_verifies_it(any_registry, cosign, scheme):
    repository = Repository(any_registry.host, cosign, scheme, "mutable")
    repository.pushed(b"old", "1.0.0")
    assert repository.judged()[0] == []
    repository.pushed(b"new", "1.1.0")
    codes, verdict = repository.judged()
    assert (codes, verdict.subject.version) == ([], "1.1.0")
    assert "image.tag-moved" in [each.code for each in verdict.reasons]
    repository.pushed(b"old")
    assert repository.judged()[0] == ["version.rollback"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_version_for_two_contents_and_a_content_of_two_versions(any_registry, cosign, scheme):
    repository = Repository(any_registry.host, cosign, scheme, "mutable")
    repository.pushed(b"old", "1.0.0")
    assert repository.judged()[0] == []
    repository.pushed(b"other", "1.0.0")
    assert repository.judged()[0] == ["version.equivocation"]
    repository.pushed(b"old", "2.0.0")
    assert repository.judged()[0] == ["version.disputed"]


def test_a_tag_that_does_not_move_stays_and_cosign_verifies_what_it_stands_for(any_registry, cosign):
    repository = Repository(any_registry.host, cosign, "bundle", "immutable")
    repository.pushed(b"old", "1.0.0")
    assert repository.judged()[0] == []
    repository.pushed(b"new", "1.1.0")
    assert repository.judged()[0] == ["image.tag-moved"]
    repository.pushed(b"new", tag="1.1.0")
    assert repository.judged("1.1.0")[0] == []
    assert repository.judged()[0] == ["image.tag-moved"]
