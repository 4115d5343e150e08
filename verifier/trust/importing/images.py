"""Patterns of images, as those of rules: a name with its registry, which may end in `*`.

* a pattern here ends in `*` or has none, and `*` crosses `/`: what is narrower there is wider here, and said
* names are in the one spelling of repositories (`formats.oci.repository`)
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from verifier.core.errors import ConfigurationError
from verifier.formats.oci.repository import spelled
from verifier.trust.vocabulary import check_pattern

_WILD: Final = re.compile(r"[*?\[\]{}]")
_ANY_TAG: Final = (":**", ":*", "@**", "@*", "@sha256:*", "@sha256:**")


class Pattern(NamedTuple):
    """The pattern of a rule; `wider` says what it matches besides, "" for nothing."""

    pattern: str
    wider: str = ""


def of_policy_controller(glob: str) -> Pattern:
    """policy-controller: `**` is anything, `*` anything but `/`, both also of the tag and the digest.

    Source: policy-controller `pkg/apis/glob/glob.go`.
    """
    glob = {"*": "index.docker.io/library/*", "*/*": "index.docker.io/*/*"}.get(glob, glob)
    name, pinned = _without_tag(glob)
    if name.endswith("**") and not _WILD.search(name[:-2]):
        return Pattern(_named(name[:-2], star=True), pinned)
    if not _WILD.search(name):
        return Pattern(_named(name, star=False), pinned)
    stem = name[: _first_wild(name)]
    return Pattern(_named(stem, star=True), pinned or f"every name that begins with {stem or 'anything'}, across '/'")


def of_kyverno(pattern: str) -> Pattern:
    """Kyverno: `*` is anything, `?` one character, both also of the tag and the digest; docker.io is filled in."""
    name, pinned = _without_tag(pattern)
    if name.endswith("*") and not _WILD.search(name.rstrip("*")):
        return Pattern(_named(name.rstrip("*"), star=True), pinned)
    if not _WILD.search(name):
        return Pattern(_named(name, star=False), pinned)
    stem = name[: _first_wild(name)]
    return Pattern(_named(stem, star=True), pinned or f"every name that begins with {stem or 'anything'}")


def _without_tag(text: str) -> tuple[str, str]:
    """The name, and what it matches besides where only some tags or one digest are meant."""
    for ending in _ANY_TAG:
        if text.endswith(ending):
            return text.removesuffix(ending), ""
    name, at, _ = text.partition("@")
    if at:
        return name.rpartition(":")[0] if ":" in name.rpartition("/")[
            2
        ] else name, "everything else of the name than that digest"
    head, slash, last = text.rpartition("/")
    repository, colon, tag = last.partition(":")
    if colon and not (not slash and tag.isdigit()):
        return f"{head}{slash}{repository}", f"every other tag of the name than {tag}"
    return text, ""


def _first_wild(name: str) -> int:
    found = _WILD.search(name)
    return len(name) if found is None else found.start()


def _named(stem: str, *, star: bool) -> str:
    pattern = _pattern(stem, star=star)
    try:
        return check_pattern(pattern)
    except ValueError as error:
        raise ConfigurationError(f"{pattern!r:.200} {error}"[:500], where="images") from None


def _pattern(stem: str, *, star: bool) -> str:
    if star and "/" not in stem:
        return f"image:{stem}*"
    host, _, _ = stem.partition("/")
    if "." not in host and ":" not in host and host != "localhost":
        stem = f"docker.io/{stem}"
    return f"image:{_spelled_stem(stem)}*" if star else f"image:{spelled(stem)}"


def _spelled_stem(stem: str) -> str:
    host, _, path = stem.partition("/")
    host = host.lower()
    return f"{'docker.io' if host in {'index.docker.io', 'registry-1.docker.io'} else host}/{path}"
