"""What a hook asks an agent, read strictly: every field known, in its place, once, and nothing else.

* a hook names files by what the system knows of them (`agent.identity`), not by paths: an agent opens no path of
  a stranger's
* what a hook asks for is held against what the agent has: it never makes the agent judge by less
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from verifier.agent import wire
from verifier.core.limits import MAX_CORRELATION_ID
from verifier.core.value import Value
from verifier.reports.table import Detail
from verifier.trust.vocabulary import check_resource, check_stated_uri

_FIELDS: Final = (
    "artifact",
    "folder",
    "name",
    "verdict",
    "policy",
    "ledger",
    "resource-uri",
    "correlation-id",
    "record",
    "format",
    "detail",
)
"""In this order; then any number of levels."""
_LEVEL: Final = "level"
_MOST_LEVELS: Final = 64
_SWITCH: Final = {"0": False, "1": True}
_DETAILS: Final[dict[str, Detail]] = {"quiet": "quiet", "usual": "usual", "verbose": "verbose"}


class Inquiry(Value):
    """One question of a hook.

    `artifact` and `verdict` are how the hook calls its files, `folder` is the one that it runs in. `policy` and
    `ledger` are the identity of each (`agent.identity`), or a database's URL. `style` is the format of the
    report, `detail` how much of it is asked for.
    """

    artifact: str
    folder: str
    name: str
    verdict: str
    policy: str
    ledger: str
    resource_uri: str
    correlation_id: str
    record: bool
    style: str
    detail: Detail
    levels: tuple[str, ...]

    @property
    def location(self) -> str:
        """Where the artifact is, as the hook by itself would state it."""
        return (Path(self.folder) / self.artifact).as_uri()


def inquiry_of(message: bytes) -> Inquiry:
    """What a message asks; raises `wire.WireError`."""
    fields = wire.read(message)
    keys, texts = tuple(key for key, _ in fields), [text for _, text in fields]
    fixed, levels = len(_FIELDS), texts[len(_FIELDS) :]
    if keys[:fixed] != _FIELDS or any(key != _LEVEL for key in keys[fixed:]) or len(levels) > _MOST_LEVELS:
        raise wire.WireError(f"its fields are {', '.join(keys)[:200]!r}")
    said = dict(fields[:fixed])
    if said["record"] not in _SWITCH or said["detail"] not in _DETAILS:
        raise wire.WireError("`record` or `detail` is none of its words")
    _check(said, texts)
    return Inquiry(
        artifact=said["artifact"],
        folder=said["folder"],
        name=said["name"],
        verdict=said["verdict"],
        policy=said["policy"],
        ledger=said["ledger"],
        resource_uri=said["resource-uri"],
        correlation_id=said["correlation-id"],
        record=_SWITCH[said["record"]],
        style=said["format"],
        detail=_DETAILS[said["detail"]],
        levels=tuple(levels),
    )


def _check(said: dict[str, str], texts: Iterable[str]) -> None:
    """Refuse what the command itself would refuse to be told; raises `wire.WireError`."""
    if any("\0" in text for text in texts):
        raise wire.WireError("a text holds a NUL character")
    if not said["folder"].startswith("/"):
        raise wire.WireError("`folder` must be an absolute path")
    if not all(said[key] for key in ("artifact", "name", "verdict", "policy", "ledger")):
        raise wire.WireError("a text that must say something is empty")
    identifier = said["correlation-id"]
    if not identifier.isprintable() or len(identifier) > MAX_CORRELATION_ID:
        raise wire.WireError("`correlation-id` must be printable, and at most 128 characters")
    if said["resource-uri"]:
        try:
            check_stated_uri(check_resource(said["resource-uri"]))
        except ValueError as error:
            raise wire.WireError(f"`resource-uri` {error}") from None
