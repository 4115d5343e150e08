"""What goes with an artifact that is published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from verifier.core.document import Document

_MOST_DOCUMENTS = 50


class Attaching(Group):
    """Evidence, and what is written down beside it."""

    panel = "What goes with it"
    attach: tuple[Path, ...] = option(
        "--attach",
        "Attach it: an attestation (DSSE envelope, Sigstore bundle, JSON Lines), or an SBOM that nobody signed; "
        "repeatable.",
        default=(),
        metavar="FILE",
    )
    scheme: str = option(
        "--attach-as",
        "How signature and attestations are attached: as bundles that refer to it, under cosign's old .sig and .att "
        "tags, or both.",
        default="bundle",
        words=("bundle", "legacy", "both"),
    )
    annotation: tuple[str, ...] = option(
        "--annotation", "Annotation of a bundle's manifest; repeatable.", default=(), metavar="NAME=VALUE"
    )
    created: bool = option("--created", "Write down the time, too: then each run makes other digests.", default=False)
    claim: tuple[str, ...] = option(
        "--claim", "With --key or --keyless: what the signature claims, as in version=1.4.0; repeatable.", default=(),
        metavar="NAME=VALUE",
    )  # fmt: skip
    repository: str | None = option(
        "--repository",
        "Repository that the signature names (default: the one that is published to).",
        default=None,
        metavar="REGISTRY/NAME",
    )

    def documents(self) -> tuple[Document, ...]:
        """The files that are attached, read; raises `ConfigurationError` or `Refused`."""
        from verifier.core.document import Document  # noqa: PLC0415 - its options are read without it
        from verifier.files.read import read_regular_file  # noqa: PLC0415 - as above
        from verifier.formats.sigstore.bundle import MAX_BUNDLE_BYTES  # noqa: PLC0415 - as above

        if len(self.attach) > _MOST_DOCUMENTS:
            message = f"{len(self.attach)} files, and no more than {_MOST_DOCUMENTS} are read beside one artifact"
            raise ConfigurationError(message, where="--attach")
        return tuple(
            Document(name=str(path), content=read_regular_file(path, max_bytes=MAX_BUNDLE_BYTES))
            for path in self.attach
        )

    def annotations(self, moment: datetime) -> tuple[tuple[str, str], ...]:
        """Those of a bundle's manifest."""
        from verifier.publish.push.bundle import CREATED  # noqa: PLC0415 - as above

        said = _pairs("--annotation", self.annotation)
        if self.created:
            said.setdefault(CREATED, self.time(moment) or "")
        return tuple(sorted(said.items()))

    def claims(self) -> tuple[tuple[str, str], ...]:
        """What the signature claims."""
        return tuple(sorted(_pairs("--claim", self.claim).items()))

    def time(self, moment: datetime) -> str | None:
        """The time that is written down; None for none."""
        from verifier.core.clock import format_rfc3339  # noqa: PLC0415 - as above

        return format_rfc3339(moment.replace(microsecond=0)) if self.created else None


def _pairs(flag: str, texts: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name or not text.isprintable():
            raise ConfigurationError(f"expected NAME=VALUE, not {text!r:.100}", where=flag)
        if name in found:
            raise ConfigurationError(f"{name} is given twice", where=flag)
        found[name] = value
    return found
