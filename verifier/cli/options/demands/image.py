"""Which image of an index is judged, and how much of its layers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from verifier.cli import output, settings
from verifier.cli.options.option import Group, option
from verifier.cli.progress.line import told
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from contextlib import ExitStack

    from verifier.core.digest import Digest
    from verifier.kinds.image.wish import ImageWish, Search
    from verifier.sources.content import Remote

_MOST_THREADS = 8

LayersRead = Literal["manifest", "hash", "inspect"]


class ImageDemands(Group):
    """Without these every platform of an index is judged."""

    panel = "Which image"
    platform: str | None = option(
        "--platform", "Of an index the one image for OS/ARCH[/VARIANT].", default=None, metavar="OS/ARCH"
    )
    index: str | None = option(
        "--index", "The signed index (REF@DIGEST) that lists this manifest.", default=None, metavar="REF@DIGEST"
    )
    layers: LayersRead | None = option(
        "--layers",
        "What of the layers is read: only the manifest, their bytes, or what is in them (default: manifest in a "
        "registry, hash for local files, more where the policy has to know).",
        default=None,
    )

    base: tuple[str, ...] = option(
        "--base",
        "What it may be built on, judged in the same run under the rule of its name (default: its repository's last "
        "part); repeatable.",
        default=(),
        metavar="[NAME=]REF",
    )

    def wish(self, reference: str, closing: ExitStack) -> ImageWish:
        """What is asked for of the image at `reference`; `closing` closes what is open of its bases."""
        from verifier.core.value import replace  # noqa: PLC0415 - once it is clear what is asked
        from verifier.formats.oci.platform import parse_platform  # noqa: PLC0415 - as above

        if self.platform is not None and self.index is not None:
            hint = "Name the index and --platform, or the platform's manifest and --index."
            raise ConfigurationError(
                "stands beside --platform: the one chooses, the other proves", where="--index", hint=hint
            )
        try:
            platform = parse_platform(self.platform) if self.platform is not None else None
        except ValueError as error:
            from verifier.cli.mistakes.platforms import meant  # noqa: PLC0415 - only for a mistake

            raise ConfigurationError(str(error), where="--platform", hint=meant(self.platform or "")) from None
        return replace(
            wished(),
            platform=platform,
            index=self._index(reference),
            layers=self.layers,
            bases=tuple(_named(each, closing) for each in self.base),
        )

    def _index(self, reference: str) -> Digest | None:
        if self.index is None:
            return None
        from verifier.formats.oci.manifest import parse_digest  # noqa: PLC0415 - as above

        repository, _, encoded = self.index.rpartition("@")
        here = reference.removeprefix("oci://").partition("@")[0]
        if repository and repository.removeprefix("oci://") not in {here, here.rpartition(":")[0]}:
            hint = "The index and its manifests lie in one repository: name the index there."
            raise ConfigurationError(f"is in another repository than {reference}", where="--index", hint=hint)
        try:
            return parse_digest(encoded)
        except ValueError as error:
            raise ConfigurationError(f"expected REF@sha256:...: {error}", where="--index") from None


def _named(base: str, closing: ExitStack) -> tuple[str, Remote]:
    """A base that is named, and where it is."""
    from verifier.cli.registries import images  # noqa: PLC0415 - as above
    from verifier.trust.vocabulary import is_plain_name  # noqa: PLC0415 - as above

    name, equals, reference = base.partition("=")
    if not equals or "://" in name or not is_plain_name(name):
        name, reference = "", base
    found = images.image(reference)
    if found.place is not None:
        closing.callback(found.place.close)
    return name or images.image_name(reference), found


def wished() -> ImageWish:
    """What there is for every image: threads of this machine, and a search for secrets where a rule asks for it."""
    from verifier.kinds.image.wish import ImageWish  # noqa: PLC0415 - only where there is an image

    return ImageWish(threads=min(_MOST_THREADS, os.cpu_count() or 1), search=search_for_secrets, told=told())


def search_for_secrets() -> Search:
    """Who looks for secrets in an image; where its rules cannot be kept they are compiled each time."""
    from verifier.secrets.scanner import Scanner  # noqa: PLC0415 - only where a rule asks for it

    try:
        return Scanner(cache=settings.default_rules_folder())
    except ConfigurationError as error:
        output.hint(f"the scanner's rules are compiled anew, which takes seconds: {error}")
        return Scanner()
