"""What a reference of a place stands for: an image, an index, a bundle in a registry, or an artifact of another kind.

* asks the place for what the reference stands for and what lies beside it, and for nothing else: no layer of an image
  is fetched, no URL inside is followed
* what hangs on it is a tree, as `cosign tree` and `oras discover` show it: platforms, referrers, tags of signatures
* that something could not be asked for or read is a fault, never that nothing is there
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from verifier.core.errors import Refused
from verifier.core.value import replace
from verifier.formats.oci.choice import UNKNOWN
from verifier.formats.oci.config import CONFIG_TYPES, MAX_CONFIG_BYTES, ImageConfig, parse_config
from verifier.formats.oci.manifest import (
    BUNDLE_LAYER,
    ImageIndex,
    ImageManifest,
    parse_manifest,
)
from verifier.inspecting import checks
from verifier.inspecting.claims.documents import claims_beside
from verifier.inspecting.inspected import Check, Claim, Described, Fact, Given, Listing, facts, listing
from verifier.inspecting.kinds import bundle
from verifier.inspecting.trees import tree_of

if TYPE_CHECKING:
    from verifier.formats.json.strict_json import JsonValue
    from verifier.sources.place import Place, Resolved

_IMAGE, _INDEX, _OTHER = "a container image", "an index of container images", "an artifact in a registry"
_MAX_ENV: Final = 100


def describe(given: Given) -> Described:
    """What the reference stands for; never raises for what it reads."""
    place = given.place
    if place is None:
        raise TypeError("an image is asked for where it lies")
    try:
        found = place.resolve()
        read = parse_manifest(found.content, content_type=found.media_type, subject=place.uri)
    except Refused as refusal:
        return _without_manifest(place, given, refusal)
    return _described(given, place, found, read)


def _described(given: Given, place: Place, found: Resolved, read: ImageManifest | ImageIndex) -> Described:
    beside = tree_of(place, found, read, limits=given.limits)
    claims = claims_beside(beside.documents, limits=given.limits)
    if isinstance(read, ImageIndex):
        what, kind = _INDEX, "index"
        of_it = Described(what=what, check=_check(given, place, found, claims), facts=_named(place, read))
        of_it = replace(of_it, listings=(_platforms(read),))
    else:
        of_it, kind = _of_manifest(given, place, found, read, claims)
    return replace(
        of_it,
        kind=kind,
        claims=(*of_it.claims, *claims),
        tree=beside.tree,
        faults=(*of_it.faults, *beside.faults),
        notes=(*of_it.notes, *beside.notes),
        digest=found.digest,
        size=len(found.content),
    )


def _of_manifest(
    given: Given, place: Place, found: Resolved, read: ImageManifest, claims: tuple[Claim, ...]
) -> tuple[Described, str]:
    config, fault = _config(place, read)
    layers = _layers(read)
    if _holds_bundle(read) and _runs_nothing(config):
        return _bundle_there(given, place, read, layers, claims), "bundle"
    image = read.config.media_type in CONFIG_TYPES
    said = (*_named(place, read), *(facts(type=read.kind) if not image else ()), *_of_config(config))
    return Described(
        what=_IMAGE if image else f"{_OTHER}, of type {read.kind}",
        check=_check(given, place, found, claims) if image else _other_check(place, claims),
        facts=said,
        listings=(layers, *_labels(config)),
        faults=() if fault is None or not image else fault.reasons,
    ), "image" if image else "artifact"


def _config(place: Place, read: ImageManifest) -> tuple[ImageConfig | None, Refused | None]:
    """The image's config; None where it is none, with why it could not be read."""
    if read.config.media_type not in CONFIG_TYPES:
        return None, None
    try:
        content = place.blob(read.config, max_bytes=MAX_CONFIG_BYTES)
        return parse_config(content, subject=f"{place.uri} ({read.config.digest})"), None
    except Refused as refusal:
        return None, refusal


def _holds_bundle(read: ImageManifest) -> bool:
    """Whether the one layer is what OPA takes for a bundle: policies are pushed with an image's types, and a config
    that is none."""
    return len([each for each in read.layers if each.media_type == BUNDLE_LAYER]) == 1 and read.subject is None


def _runs_nothing(config: ImageConfig | None) -> bool:
    """Whether a config is none, or says neither what to run nor where, as that of a bundle that was pushed."""
    if config is None:
        return True
    runs = config.entrypoint or config.command or config.env or config.working_dir
    return not runs and (config.platform is None or str(config.platform) in {"", "/", UNKNOWN})


def _bundle_there(
    given: Given, place: Place, read: ImageManifest, layers: Listing, claims: tuple[Claim, ...]
) -> Described:
    layer = next(each for each in read.layers if each.media_type == BUNDLE_LAYER)
    name = (place.repository or given.name).rpartition("/")[2]
    try:
        content = place.blob(layer, max_bytes=given.limits.archive_bytes)
    except Refused as refusal:
        check = checks.check("bundle", _uri(given, place), *checks.believing(claims)[0], unknown=(checks.KEY,))
        return Described(what=bundle.WHAT, check=check, faults=refusal.reasons, listings=(layers,))
    said = bundle.describe(replace(given, content=content, name=name, reference=_uri(given, place)))
    if not said.claims and claims:
        words, unknown = checks.believing(claims)
        said = replace(said, check=checks.check("bundle", _uri(given, place), *words, unknown=unknown))
    return replace(said, facts=(*said.facts, *facts(archive=str(layer.digest)), *_named(place, read)))


def _uri(given: Given, place: Place) -> str:
    reference = given.reference or place.uri
    return reference if "://" in reference or place.repository is None else f"oci://{reference}"


def _named(place: Place, read: ImageManifest | ImageIndex) -> tuple[Fact, ...]:
    return facts(
        tag=place.tag,
        media_type=read.media_type,
        refers_to=None if read.subject is None else str(read.subject.digest),
        annotations=[f"{name} = {value}" for name, value in read.annotations],
    )


def _of_config(config: ImageConfig | None) -> tuple[Fact, ...]:
    if config is None:
        return ()
    return facts(
        platform=None if config.platform is None else str(config.platform),
        user=config.user or "(root)",
        entrypoint=list(config.entrypoint),
        command=list(config.command),
        folder=config.working_dir,
        # Values may be secrets, and a terminal is recorded: names say enough of what is there.
        environment=[each.partition("=")[0] for each in config.env[:_MAX_ENV]],
        steps=len(config.history),
    )


def _labels(config: ImageConfig | None) -> tuple[Listing, ...]:
    if config is None or not config.labels:
        return ()
    rows: list[tuple[JsonValue, ...]] = [(name, value) for name, value in config.labels]
    return (listing("labels", ("name", "value"), rows),)


def _layers(read: ImageManifest) -> Listing:
    rows: list[tuple[JsonValue, ...]] = [(each.media_type, each.size, str(each.digest)) for each in read.layers]
    return listing("layers", ("type", "size", "digest"), rows)


def _platforms(read: ImageIndex) -> Listing:
    rows: list[tuple[JsonValue, ...]] = [
        (str(each.platform) if each.platform is not None else each.media_type, each.size, str(each.digest))
        for each in read.manifests
    ]
    return listing("platforms", ("platform", "size", "digest"), rows)


def _check(given: Given, place: Place, found: Resolved, claims: tuple[Claim, ...]) -> Check:
    """By its digest where it lies in a registry: a tag may stand for another meanwhile."""
    words, unknown = checks.believing(claims)
    pinned = f"{place.repository}@{found.digest}" if place.repository is not None else given.reference
    return checks.check("image", checks.reference_word(pinned), *words, unknown=unknown)


def _other_check(place: Place, claims: tuple[Claim, ...]) -> Check:
    """An artifact that is no image is verified by its digest, or once it was pulled."""
    words, unknown = checks.believing(claims)
    digest = checks.ARTIFACT[0]
    with suppress(Refused):
        digest = str(place.resolve().digest)
    return checks.check("artifact", digest, *words, unknown=unknown)


def _without_manifest(place: Place, given: Given, refusal: Refused) -> Described:
    """An archive that has lost its manifests says what its config says; else there is nothing but the refusal."""
    from verifier.sources.docker_archive import SavedPlace  # noqa: PLC0415 - few images are saved so

    if refusal.reasons[0].code == "image.ambiguous-reference":
        from verifier.inspecting.kinds import layout  # noqa: PLC0415 - few layouts hold several images

        if (several := layout.describe(place, given)) is not None:
            return several
    check = checks.check("image", checks.reference_word(given.reference), "--key", checks.KEY[0], unknown=(checks.KEY,))
    bare = Described(what=_IMAGE, check=check, faults=refusal.reasons, kind="image")
    if not isinstance(place, SavedPlace) or refusal.reasons[0].code != "image.no-manifest":
        return bare
    try:
        unsigned = place.unsigned_image()
    except Refused as other:
        return replace(bare, faults=other.reasons)
    rows: list[tuple[JsonValue, ...]] = [(each.media_type, each.size, str(each.digest)) for each in unsigned.layers]
    return replace(
        bare,
        what=f"{_IMAGE}, saved without the manifest that would be signed",
        facts=(*facts(image_id=str(unsigned.descriptor.digest)), *_of_config(unsigned.config)),
        listings=(listing("layers", ("type", "size", "digest"), rows), *_labels(unsigned.config)),
        faults=(),
        notes=tuple(each.as_warning() for each in refusal.reasons),
    )
