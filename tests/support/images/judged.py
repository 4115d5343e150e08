"""One image judged: a policy that trusts keys for `image:app`, and what comes of a place."""

from tests.support import material, stories
from tests.support.images.made import MemoryPlace
from tests.support.material import NOW
from tests.support.rules import artifact_rule
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.uris import COSIGN_SIGN
from verifier.core.value import replace
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.engine.verification import Verification
from verifier.kinds.image.wish import ImageWish
from verifier.sources.content import Remote
from verifier.trust.model import TrustPolicy
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionUnchecked


def image_policy(*names: str, threshold: int = 1, **rule) -> TrustPolicy:
    """A policy with one rule, for `image:app`; `names` are those of keys, "p256" by default."""
    trusted = names or ("p256",)
    order = rule.pop("version", VersionUnchecked())
    signatures = rule.pop("signatures", SignatureRule(threshold=threshold, from_=trusted))
    return replace(stories.policy(*trusted), artifacts=(artifact_rule("image:app", signatures, order, **rule),))


def signed_statement(
    described: dict | Digest, key: str = "p256", predicate_type: str = COSIGN_SIGN, **predicate
) -> Document:
    """A statement about what `described` describes, by default one that signs it as cosign does."""
    digest = described if isinstance(described, Digest) else Digest.parse(described["digest"])
    payload = material.statement(digest.value, predicate_type, **predicate)
    return Document(name="statement.json", content=material.envelope(payload, key))


def judge(
    place: MemoryPlace, *documents: Document, policy: TrustPolicy | None = None, wish: ImageWish | None = None, **asked
) -> Verification:
    """What comes of verifying the image that `place` points at, with `documents` beside it."""
    return verify_artifact(
        Request(
            kind="image",
            source=Remote(uri=place.uri, fetch=lambda: place.resolve().content, place=place),
            name="app",
            policy=policy or image_policy(),
            now=NOW,
            correlation_id="test",
            attestations=documents,
            image=wish,
            **asked,
        )
    )


def errors(verification: Verification) -> list[str]:
    """The codes that deny."""
    return [reason.code for reason in verification.verdict.reasons if reason.is_error]
