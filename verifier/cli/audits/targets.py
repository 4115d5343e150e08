"""Options that say how what is audited is to be taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from verifier.cli.options.option import Group, option
from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.text.shown import shown

if TYPE_CHECKING:
    from verifier.audit.sources.collected import Collected
    from verifier.engine.audits.opening import Opening


class Read(NamedTuple):
    """What the targets list that could be read, and what is said of the others."""

    names: tuple[str, ...]
    collected: Collected
    unread: tuple[Reason, ...]
    without_project: bool = False


class AuditTargets(Group):
    """What is audited, where its form does not say it."""

    panel = "What is audited"
    environments: tuple[str, ...] = option(
        "--environment", "What is installed there: a Python, or a folder; repeatable.", default=(), metavar="PYTHON|DIR"
    )
    root: Path | None = option(
        "--root", "What files may include lies below it (default: git's top level, or the file's folder).", default=None
    )
    source: str | None = option(
        "--source", "The format of the targets, where their names do not say it, as in requirements.", default=None
    )
    without_project: bool = option(
        "--without-project",
        "Accept that nobody knows of the project itself and the members of its workspace, which a lock lists too.",
        default=False,
    )

    def read(self, targets: Sequence[str]) -> Read:
        """Everything that is named, `.` where nothing is; raises `ConfigurationError`."""
        from verifier.audit.sources.merged import merged  # noqa: PLC0415 - once it is clear what is asked

        named = tuple(targets) if targets or self.environments else (".",)
        read = list(self._each(named))
        unread = tuple(
            reason for each in read for reason in (each.reasons if isinstance(each, Refused) else each.unread)
        )
        collected = merged([each for each in read if not isinstance(each, Refused)])
        return Read(
            tuple(dict.fromkeys(map(shown, (*named, *self.environments)))), collected, unread, self.without_project
        )

    def _each(self, targets: Sequence[str]) -> Iterator[Collected | Refused]:
        from verifier.engine.audits.opening import Opening  # noqa: PLC0415 - as above

        for reference in dict.fromkeys(targets):
            yield _collected(reference, Opening(form=self.source or "", root=self.root))
        for reference in dict.fromkeys(self.environments):
            yield _collected(reference, Opening(kind="environment"))


def _collected(reference: str, opening: Opening) -> Collected | Refused:
    from verifier.core.value import replace  # noqa: PLC0415 - as above
    from verifier.engine.audits.opening import collect  # noqa: PLC0415 - as above

    if "://" in reference or _is_elsewhere(reference):
        from verifier.cli.sboms.against import access_to  # noqa: PLC0415 - only for what lies elsewhere

        opening = replace(opening, access=access_to(reference))
    try:
        return collect(reference, opening=opening)
    except Refused as refusal:
        return refusal.kept()


def _is_elsewhere(reference: str) -> bool:
    """Whether it may be an image of a registry."""
    return not Path(reference).exists() and "/" in reference and ":" in reference.rpartition("/")[2]
