"""The config of an image: what it runs on, as whom, with what, and the digests of its layers once unpacked.

* the ones that are read are what the specification says they are; unknown members are allowed, as it demands
* a list that Go wrote as null is empty; a member twice, or in another case, is refused
* every layer has one `diff_id`, in the order of the layers: whoever reads layers holds them against these

Source: OCI image specification 1.1, `config.md`; Docker image specification 1.2, whose configs say more.
"""

from __future__ import annotations

from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_ENVELOPE_DEPTH
from verifier.core.value import Value
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.oci.manifest import MAX_DESCRIPTORS, MAX_DOCUMENT_VALUES, parse_digest
from verifier.formats.oci.platform import Platform, read_platform

OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
DOCKER_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
CONFIG_TYPES: Final = frozenset({OCI_CONFIG, DOCKER_CONFIG})
MAX_CONFIG_BYTES: Final = 4 * 1024 * 1024
MAX_ITEMS: Final = 4_096
"""Variables, labels and history entries; images have some hundred at most."""


class HistoryEntry(Value):
    """What a builder says of one step; a step may have made no layer."""

    created_by: str = ""
    comment: str = ""
    empty_layer: bool = False


class ImageConfig(Value):
    """One image's config. `user` is "" where there is none, which means root."""

    platform: Platform | None
    diff_ids: tuple[Digest, ...]
    user: str = ""
    env: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    working_dir: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    history: tuple[HistoryEntry, ...] = ()


def parse_config(content: bytes, *, subject: str) -> ImageConfig:
    """Read an image's config; `Refused` (`image.malformed`, `json.*`)."""
    value = strict_json.parse(
        content, subject=subject, max_depth=MAX_ENVELOPE_DEPTH, max_values=MAX_DOCUMENT_VALUES
    ).value
    document = Fields.of(value, code="image.malformed", subject=subject)
    document.known("architecture", "os", "os.version", "os.features", "variant", "config", "rootfs", "history")
    rootfs = document.object("rootfs").known("type", "diff_ids")
    if rootfs.optional_text("type") not in {None, "layers"}:
        raise rootfs.refusal("type", "is not 'layers'")
    run = document.optional_object("config") or Fields(value={}, code="image.malformed", subject=subject, path="config")
    run.known("User", "Env", "Entrypoint", "Cmd", "WorkingDir", "Labels")
    labels = run.optional_object("Labels")
    return ImageConfig(
        platform=read_platform(document),
        diff_ids=tuple(_diff_id(rootfs, each) for each in _listed(rootfs, "diff_ids", MAX_DESCRIPTORS)),
        user=run.optional_string("User") or "",
        env=_listed(run, "Env", MAX_ITEMS),
        entrypoint=_listed(run, "Entrypoint", MAX_ITEMS),
        command=_listed(run, "Cmd", MAX_ITEMS),
        working_dir=run.optional_string("WorkingDir") or "",
        labels=() if labels is None else _labels(labels),
        history=_history(document),
    )


def _listed(fields: Fields, name: str, most: int) -> tuple[str, ...]:
    return () if fields.value.get(name) is None else fields.strings(name, most=most)


def _labels(labels: Fields) -> tuple[tuple[str, str], ...]:
    if len(labels.value) > MAX_ITEMS:
        raise labels.refusal("", f"has {len(labels.value)} members, expected at most {MAX_ITEMS}")
    return tuple((name, labels.string(name)) for name in labels.value)


def _diff_id(rootfs: Fields, text: str) -> Digest:
    try:
        return parse_digest(text)
    except ValueError as error:
        raise rootfs.refusal("diff_ids", str(error)) from None


def _history(document: Fields) -> tuple[HistoryEntry, ...]:
    return tuple(map(_history_entry, document.objects("history", most=MAX_ITEMS, required=False)))


def _history_entry(fields: Fields) -> HistoryEntry:
    fields.known("created", "created_by", "author", "comment", "empty_layer")
    return HistoryEntry(
        created_by=fields.optional_string("created_by") or "",
        comment=fields.optional_string("comment") or "",
        empty_layer=fields.value.get("empty_layer") is not None and fields.flag("empty_layer"),
    )


def require_layers(config: ImageConfig, layers: int, *, subject: str) -> None:
    """Refuse a config that speaks of another number of layers than the manifest."""
    if len(config.diff_ids) != layers:
        raise _mismatch(subject, f"the config has {len(config.diff_ids)} diff_ids, the manifest {layers} layers")


def _mismatch(subject: str, message: str) -> Refused:
    return refuse("image.malformed", subject, message)
