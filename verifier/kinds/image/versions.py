"""Where an image's version may stand: a label of its config, an annotation of its manifest, or the tag that led to it.

* labels and annotations are covered by the digest that was signed; annotations are those of the artifact's own
  document, never of an index beside it, nor of the descriptor by which an index lists it
* images of several platforms have one version: where they do not all state the same one, there is none
* a tag is where whoever may push has put it: nothing signed says it (`trust check` calls that weak); where the image
  was named by its digest, no tag led to it
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from verifier.core.artifact import Artifact
from verifier.kinds.image.artifact import Image, PlatformImage
from verifier.kinds.kind import Version
from verifier.versions.candidate import Unstated

LABEL = "label:"
_TEXT_SHOWN, _MOST = 80, 5
"""Characters of a version, and platforms, that a message repeats."""


def reads_config(source: str) -> bool:
    """Whether the version that stands where `source` says is not known before the config is."""
    return source.startswith(LABEL)


def _label(artifact: Artifact, name: str) -> str | Unstated | None:
    if not isinstance(artifact, Image):
        return None
    if not artifact.platforms:
        return Unstated(why=f"no platform of {artifact.reference} has a config that could state the label {name!r}")
    unread = next((each for each in artifact.platforms if each.config is None), None)
    if unread is not None:
        return Unstated(why=f"the config of {_called(unread)} was not read, which alone states the label {name!r}")
    stated = {each.digest: dict(each.config.labels).get(name) or "" for each in artifact.platforms if each.config}
    if len(set(stated.values())) == 1:
        return next(iter(stated.values())) or None
    listed = [f"{stated[each.digest][:_TEXT_SHOWN]!r} by {_called(each)}" for each in artifact.platforms[:_MOST]]
    more = ", ..." if len(artifact.platforms) > _MOST else ""
    return Unstated(
        why=f"the label {name!r} is not the same in all platforms of {artifact.reference}: {', '.join(listed)}{more}"
    )


def _called(image: PlatformImage) -> str:
    return str(image.digest) if image.platform is None else str(image.platform)


def _annotation(artifact: Artifact, name: str) -> str | None:
    return artifact.annotations.get(name) if isinstance(artifact, Image) else None


def _tag(artifact: Artifact, _: str) -> str | Unstated | None:
    if not isinstance(artifact, Image) or artifact.tag is not None:
        return artifact.tag if isinstance(artifact, Image) else None
    return Unstated(why=f"{artifact.reference} was not asked for by a tag, which alone would state its version")


PLACES: Mapping[str, Version] = MappingProxyType({LABEL: _label, "annotation:": _annotation, "tag": _tag})
