"""Several artifacts in one call: what may be said of all of them, and what only of one.

* what is said holds for each of them, as if each were called for by itself; what says which one an artifact is, or
  what one comes to, goes with one and is refused beside several
* each is judged once: what is named again under the same name is said, and judged no second time
* there are at most `MOST_ARTIFACTS`
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from verifier.core.errors import ConfigurationError
from verifier.core.text.shown import shown

if TYPE_CHECKING:
    from verifier.cli.judging.asked import Judging
    from verifier.engine.request import Request


class Asked(Protocol):
    """A question: what was typed, and what it comes to."""

    @property
    def typed(self) -> str:
        """As it stands on the command line."""

    @property
    def request(self) -> Request:
        """The question to the engine."""


Q = TypeVar("Q", bound=Asked)

MOST_ARTIFACTS: Final = 256
"""In one call: a layout or an archive that is named is open until it is judged, and a process has 1024 descriptors."""


def require_for_all(references: Sequence[str], asked: Judging, said: dict[str, object]) -> None:
    """Refuse, beside several artifacts, what goes with one; `said` is what the command itself has of that, by flag."""
    if len(references) < 2:
        return
    if len(references) > MOST_ARTIFACTS:
        hint = f"Call it several times, as in `xargs -n {MOST_ARTIFACTS}`."
        message = f"{len(references)} artifacts are named, at most {MOST_ARTIFACTS} are judged in one call"
        raise ConfigurationError(message, where="REF", hint=hint)
    given = {
        "--name": asked.artifact.name,
        "--resource-uri": asked.artifact.resource_uri,
        "--sbom": asked.sboms.sbom,
        "--previous": asked.published.previous,
        "--verdict-out": asked.verdict_out.verdict_out,
        **said,
    }
    for flag, value in given.items():
        if value not in (None, False, ()):
            message = f"goes with one artifact, and {len(references)} are named"
            raise ConfigurationError(message, where=flag, hint=_INSTEAD.get(flag, _ONE_BY_ONE))


_ONE_BY_ONE: Final = "Call it once for each artifact."
_INSTEAD: Final = {
    "--name": "Leave it away: each has the name of its file or repository. Or call it once for each artifact.",
    "--resource-uri": "Say it in the policy, as `resource_uri`, or call it once for each artifact.",
}


def once_each(questions: Sequence[Q]) -> Iterator[tuple[Q, str | None]]:
    """Each question, and what was typed for the same before, None where nothing was: then it is asked."""
    seen: dict[str, str] = {}
    for each in questions:
        place = f"{each.request.reference} {_place(each.request)}" if len(questions) > 1 else ""
        yield each, seen.get(place)
        seen.setdefault(place, each.typed)


def told_again(typed: str, before: str) -> str:
    """What to say of an artifact that is named twice."""
    also = "" if typed == before else f" (it is {shown(before)})"
    return f"verify: {shown(typed)} is named twice{also}, and judged once"


def _place(request: Request) -> str:
    from pathlib import Path  # noqa: PLC0415 - only where several are named

    from verifier.sources.content import location  # noqa: PLC0415 - as above

    source = request.source
    if not isinstance(source, Path):
        return location(source) or repr(source)
    try:
        status = source.stat()
    except (OSError, ValueError):
        return location(source)
    return f"{status.st_dev}:{status.st_ino}"
