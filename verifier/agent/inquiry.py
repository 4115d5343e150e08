"""What an agent is asked, read strictly: every field known, in its place, once, and nothing else.

* a question is by a verdict, as a hook's is, or for a judgement in full, as `verify bundle` and `verify artifact` ask
* whoever asks names files by what the system knows of them (`agent.identity`), not by paths: an agent opens no path of
  a stranger's
* what is asked for is held against what the agent has: it never makes the agent judge by less
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from verifier.agent import wire
from verifier.core.limits import MAX_CORRELATION_ID
from verifier.core.value import Value
from verifier.reports.table import Detail, Screen
from verifier.trust.vocabulary import check_resource, check_stated_uri

_FIELDS: Final = (
    "by",
    "kind",
    "artifact",
    "folder",
    "name",
    "policy",
    "ledger",
    "resource-uri",
    "correlation-id",
    "record",
    "format",
    "detail",
    "columns",
    "colours",
)
"""In this order; then levels, which a verdict has; then the documents, each with its size."""
_NEEDED: Final = ("artifact", "name", "policy", "ledger")
_LEVEL: Final = "level"
_MOST_LEVELS: Final = 64
_DOCUMENT: Final = ("document", "bytes")
_MOST_DIGITS: Final = 10
_SWITCH: Final = {"0": False, "1": True}
_BY: Final = {wire.BY_VERDICT: True, wire.IN_FULL: False}
_COLUMNS: Final = tuple(map(str, range(20, 121)))
_DETAILS: Final[dict[str, Detail]] = {"quiet": "quiet", "usual": "usual", "verbose": "verbose"}
_WORDS: Final[Mapping[str, Container[str]]] = MappingProxyType(
    {"by": _BY, "kind": wire.KINDS, "record": _SWITCH, "detail": _DETAILS, "columns": _COLUMNS, "colours": _SWITCH}
)


class Inquiry(Value):
    """One question.

    `by_verdict` says that the one document is a verdict to go by; without it they are evidence for a judgement in full.
    `artifact` is how whoever asks calls the file, `documents` are the names of those beside it with the bytes of each,
    and `folder` is the one that the asking process runs in. `policy` and `ledger` are the identity of each
    (`agent.identity`), or a database's URL. `style` is the format of the report, `screen` what it is shown on.
    """

    by_verdict: bool
    kind: str
    artifact: str
    folder: str
    name: str
    policy: str
    ledger: str
    resource_uri: str
    correlation_id: str
    record: bool
    style: str
    screen: Screen
    levels: tuple[str, ...]
    documents: tuple[tuple[str, int], ...]

    @property
    def location(self) -> str:
        """Where the artifact is, as whoever asks would state it."""
        return (Path(self.folder) / self.artifact).as_uri()


def inquiry_of(message: bytes) -> Inquiry:
    """What a message asks; raises `wire.WireError`."""
    fields = wire.read(message)
    keys, texts = tuple(key for key, _ in fields), [text for _, text in fields]
    fixed = len(_FIELDS)
    beside = fixed + keys.count(_LEVEL)
    in_order = (*_FIELDS, *[_LEVEL] * (beside - fixed), *_DOCUMENT * ((len(keys) - beside) // len(_DOCUMENT)))
    if keys != in_order or beside - fixed > _MOST_LEVELS:
        raise wire.WireError(f"its fields are {', '.join(keys)[:200]!r}")
    said, levels = dict(fields[:fixed]), tuple(texts[fixed:beside])
    for key, words in _WORDS.items():
        if said[key] not in words:
            raise wire.WireError(f"`{key}` is none of its words")
    _check(said, texts)
    documents = tuple(zip(texts[beside::2], map(_size, texts[beside + 1 :: 2]), strict=True))
    _check_documents(documents, levels, by_verdict=_BY[said["by"]])
    return Inquiry(
        by_verdict=_BY[said["by"]],
        kind=said["kind"],
        artifact=said["artifact"],
        folder=said["folder"],
        name=said["name"],
        policy=said["policy"],
        ledger=said["ledger"],
        resource_uri=said["resource-uri"],
        correlation_id=said["correlation-id"],
        record=_SWITCH[said["record"]],
        style=said["format"],
        screen=Screen(columns=int(said["columns"]), colours=_SWITCH[said["colours"]], detail=_DETAILS[said["detail"]]),
        levels=levels,
        documents=documents,
    )


def _check(said: dict[str, str], texts: Iterable[str]) -> None:
    """Refuse what the command itself would refuse to be told; raises `wire.WireError`."""
    if any("\0" in text for text in texts):
        raise wire.WireError("a text holds a NUL character")
    if _BY[said["by"]] and said["kind"] != "bundle":
        raise wire.WireError("a verdict is about a bundle")
    if not said["folder"].startswith("/"):
        raise wire.WireError("`folder` must be an absolute path")
    if not all(said[key] for key in _NEEDED):
        raise wire.WireError("a text that must say something is empty")
    identifier = said["correlation-id"]
    if not identifier.isprintable() or len(identifier) > MAX_CORRELATION_ID:
        raise wire.WireError("`correlation-id` must be printable, and at most 128 characters")
    if said["resource-uri"]:
        try:
            check_stated_uri(check_resource(said["resource-uri"]))
        except ValueError as error:
            raise wire.WireError(f"`resource-uri` {error}") from None


def _check_documents(documents: tuple[tuple[str, int], ...], levels: tuple[str, ...], *, by_verdict: bool) -> None:
    """A verdict is one document, and alone has levels that may be asked for; raises `wire.WireError`."""
    if not all(name for name, _ in documents):
        raise wire.WireError("a document has no name")
    if len(documents) > wire.MOST_DOCUMENTS or (by_verdict and len(documents) != 1):
        raise wire.WireError(f"{len(documents)} documents are named")
    if levels and not by_verdict:
        raise wire.WireError("levels are asked for without a verdict")


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS) or text != str(int(text)):
        raise wire.WireError("`bytes` is no number")
    return int(text)
