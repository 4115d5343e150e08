"""`manifest.json` of an archive that `docker save` or one of its relatives wrote: configs, layers and names.

* it is a list of paths, and proves nothing: no digest stands in it
* a path is one of the archive, without `.` or `..`
* an image is named by one of its `RepoTags`; of several images nothing is chosen

Source: Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format"; moby
`image/tarexport/tarexport.go`.
"""

from __future__ import annotations

from typing import Final

from verifier.archives.tar_index import is_plain
from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.core.value import Value
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.oci.manifest import MAX_DESCRIPTORS, MAX_MANIFEST_BYTES, Descriptor, read_descriptor
from verifier.sources.layouts.listing import IMAGES_SHOWN
from verifier.sources.layouts.store import Store, read_file

MANIFEST: Final = "manifest.json"
MAX_IMAGES: Final = 1_024


class SavedImage(Value):
    """One image: paths of its config and its layers, its names, and descriptors of layers where some are given."""

    config: str
    layers: tuple[str, ...]
    tags: tuple[str, ...]
    sources: tuple[Descriptor, ...] = ()


def read_saved(store: Store, *, subject: str) -> tuple[SavedImage, ...]:
    """The images that are listed; `Refused` (`image.malformed`, `archive.unsafe-name`, `json.*`, `input.*`)."""
    told = f"{subject} ({MANIFEST})"
    content = read_file(store, MANIFEST, max_bytes=MAX_MANIFEST_BYTES, subject=subject)
    if content is None:
        hint = "Name it oci-archive:FILE, which it may be, or save it with `docker save`."
        raise refuse("image.malformed", subject, f"no {MANIFEST}: not what `docker save` writes", hint)
    value = strict_json.parse(content, subject=told, max_depth=MAX_ENVELOPE_DEPTH, max_values=100_000).value
    if not isinstance(value, list):
        raise refuse("image.malformed", told, "the document is no array of images")
    if not 1 <= len(value) <= MAX_IMAGES:
        raise refuse("image.malformed", told, f"{len(value)} images, expected 1 to {MAX_IMAGES}")
    return tuple(
        _image(Fields.of(item, code="image.malformed", subject=told, path=f"[{at}]")) for at, item in enumerate(value)
    )


def chosen_image(images: tuple[SavedImage, ...], *, name: str | None, subject: str) -> SavedImage:
    """The one that is meant; `Refused` (`image.ambiguous-reference`, `input.unreadable`)."""
    found = [each for each in images if name is None or is_called(each, name)]
    distinct = {(each.config, each.layers): each for each in found}
    if len(distinct) == 1:
        return next(iter(distinct.values()))
    if distinct:
        raise _several(found, name, subject)
    tags = [tag for each in images for tag in each.tags]
    there = ", ".join(repr(tag)[:100] for tag in tags[:IMAGES_SHOWN]) or "none with a name"
    raise refuse("input.unreadable", subject, f"no image of this name; there are {there}", "Name one that is there.")


def is_called(image: SavedImage, name: str) -> bool:
    """Whether one of its names is this one, in short or in full."""
    return familiar(name) in map(familiar, image.tags)


def familiar(name: str) -> str:
    """A name as Docker shows it: `docker.io/library/alpine:3` is `alpine:3`."""
    return name.removeprefix("docker.io/").removeprefix("library/")


def _image(fields: Fields) -> SavedImage:
    fields.known("Config", "RepoTags", "Layers", "LayerSources", "Parent")
    sources = fields.optional_object("LayerSources")
    return SavedImage(
        config=_path(fields, "Config", fields.text("Config")),
        layers=tuple(_path(fields, "Layers", each) for each in _texts(fields, "Layers")),
        tags=_texts(fields, "RepoTags"),
        sources=() if sources is None else _sources(sources),
    )


def _texts(fields: Fields, name: str) -> tuple[str, ...]:
    return fields.texts(name, most=MAX_DESCRIPTORS, required=False)


def _sources(fields: Fields) -> tuple[Descriptor, ...]:
    if len(fields.value) > MAX_DESCRIPTORS:
        raise fields.refusal("", f"has {len(fields.value)} members, expected at most {MAX_DESCRIPTORS}")
    return tuple(read_descriptor(fields.object(name)) for name in fields.value)


def _path(fields: Fields, name: str, path: str) -> str:
    plain = path.removeprefix("./")
    if not is_plain(plain):
        message = f"{fields.at(name)} names {path!r:.150}, expected a path within the archive"
        raise refuse("archive.unsafe-name", fields.subject, message)
    return plain


def _several(found: list[SavedImage], name: str | None, subject: str) -> Refused:
    under = "" if name is None else f" called {name!r:.100}"
    told = ", ".join(repr((each.tags or (each.config,))[0])[:100] for each in found[:IMAGES_SHOWN])
    more = f" and {len(found) - IMAGES_SHOWN} more" if len(found) > IMAGES_SHOWN else ""
    hint = "Name the one that is meant: docker-archive:FILE:REPOTAG."
    return refuse("image.ambiguous-reference", subject, f"{len(found)} images{under}, expected one: {told}{more}", hint)
