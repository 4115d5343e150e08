"""Images as the checks of what is inside see them: values, made in a line."""

from __future__ import annotations

from tests.support.material import NOW
from tests.support.rules import artifact_rule
from verifier.archives.layers.tree import merge
from verifier.core.digest import Digest
from verifier.core.outcome import CouldNotCheck, Failed, NotApplicable, Outcome, Reason, reasons_of
from verifier.evidence.inspection import Check, Evidence, Inspection
from verifier.formats.oci.config import HistoryEntry, ImageConfig
from verifier.formats.oci.manifest import OCI_MANIFEST, Descriptor, ImageManifest
from verifier.formats.oci.platform import parse_platform
from verifier.kinds.image.accounts import AccountFile
from verifier.kinds.image.artifact import Image, PlatformImage
from verifier.kinds.image.bases import KnownBase
from verifier.secrets.finding import SecretScan
from verifier.trust.sections.image import ImageRule
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionUnchecked


def config(platform="linux/amd64", *, user="65532", labels=None, steps=0, **more) -> ImageConfig:
    """A config; `steps` are those of its history that made a layer."""
    return ImageConfig(
        platform=parse_platform(platform) if platform else None,
        diff_ids=(),
        user=user,
        labels=tuple((labels or {}).items()),
        history=tuple(HistoryEntry(created_by=f"step {each}") for each in range(steps)),
        **more,
    )


def platform_image(*layers, config=None, passwd=None, scan: SecretScan | None = None, annotations=None, **more):
    """One platform; `layers` are tables, and None for layers that were not read. `passwd` is what the /etc/passwd of
    layer 0 says."""
    descriptor = Descriptor(media_type="application/vnd.oci.image.config.v1+json", digest=Digest.of(b"c"), size=1)
    manifest = ImageManifest(
        media_type=OCI_MANIFEST, config=descriptor, layers=(), annotations=tuple((annotations or {}).items())
    )
    tables = None if layers == (None,) else layers
    accounts = () if passwd is None else (AccountFile(layer=0, path="etc/passwd", content=passwd),)
    return PlatformImage(
        digest=Digest.of(b"platform"),
        size=1,
        media_type=OCI_MANIFEST,
        manifest=manifest,
        config=config,
        layers=tables,
        tree=None if tables is None else merge(tables, subject="image:app"),
        accounts=more.pop("accounts", accounts),
        secrets=scan,
        **more,
    )


def inspection(rule: ImageRule | None, *platforms: PlatformImage, bases: tuple[KnownBase, ...] = ()) -> Inspection:
    """What a check looks at: `image:app` with these platforms, under a rule with this section."""
    image = Image(
        name="app",
        resource_uri="",
        digest=Digest.of(b"image"),
        content=b"image",
        read=platforms[0].manifest if platforms else platform_image().manifest,
        platforms=platforms,
        bases=bases,
    )
    signatures = SignatureRule(threshold=1, from_=("release",))
    sections = {} if rule is None else {"image": rule}
    return Inspection(
        artifact=image,
        rule=artifact_rule("image:app", signatures, VersionUnchecked(), **sections),
        evidence=Evidence(),
        now=NOW,
    )


def judged(check: Check, rule: ImageRule | None, *platforms: PlatformImage, bases=()) -> Outcome:
    """What `check` says of an image with these platforms."""
    return check(inspection(rule, *platforms, bases=bases))


def said(outcome: Outcome) -> list[str]:
    """The codes of an outcome, in its order; those that do not deny behind a `?`."""
    assert not isinstance(outcome, NotApplicable), outcome
    return [each.code if each.is_error else f"?{each.code}" for each in reasons_of(outcome)]


def only(outcome: Outcome) -> Reason:
    """The one reason of an outcome that denies."""
    assert isinstance(outcome, Failed | CouldNotCheck), outcome
    (reason,) = outcome.reasons
    return reason


def undecided(outcome: Outcome) -> list[str]:
    """The codes of an outcome that could not be decided."""
    assert isinstance(outcome, CouldNotCheck), outcome
    return [each.code for each in outcome.reasons]
