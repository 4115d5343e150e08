"""The files that a signed list of checksums names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from verifier.cli.options.option import Group, option, refuse_without
from verifier.core.errors import ConfigurationError
from verifier.core.outcome import Reason


class Checksums(Group):
    """Whether the artifact is such a list, and which of its files are looked at."""

    panel = "Files that it lists"
    checksums: bool = option(
        "--checksums", "It is a list of checksums (SHA256SUMS): verify the files that it lists, too.", default=False
    )
    listed: tuple[Path, ...] = option(
        "--listed", "Only this of its files, wherever it lies; repeatable.", default=(), metavar="FILE"
    )
    ignore_missing: bool = option("--ignore-missing", "Listed files that are not there are noted.", default=False)
    refuse_unlisted: bool = option(
        "--refuse-unlisted", "Files beside the list that it does not name are a denial.", default=False
    )

    def __post_init__(self) -> None:
        """Without a list there is nothing to say of its files."""
        if not self.checksums:
            given = {
                "--listed": self.listed,
                "--ignore-missing": self.ignore_missing,
                "--refuse-unlisted": self.refuse_unlisted,
            }
            refuse_without("--checksums", given)
        elif self.listed and (self.ignore_missing or self.refuse_unlisted):
            message = "files that are named have to be there, and are all that is asked about"
            raise ConfigurationError(message, where="--listed")

    def beside(self, reference: str, *known: Path) -> Callable[[bytes], tuple[Reason, ...]] | None:
        """What judges the files beside the list at `reference`, if that is asked for; `known` lies there, too."""
        if not self.checksums:
            return None
        from verifier.core.digest import looks_like_digest  # noqa: PLC0415 - only for lists

        if looks_like_digest(reference):
            raise ConfigurationError("needs the list itself, not its digest", where="--checksums")
        from verifier.sources.listed import ListedFiles  # noqa: PLC0415 - as above

        return ListedFiles(
            place=Path(reference),
            only=self.listed,
            missing_ok=self.ignore_missing,
            nothing_else=self.refuse_unlisted,
            known=known,
        ).judge
