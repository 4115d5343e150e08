"""OPA's file digests: raw bytes, or the flat stream of a structured document.

* what is structured is decided by the base name alone
* members are ordered by the UTF-8 bytes of their keys, and a number is its source text
* the stream made by the C encoder equals the one made member by member
* every digest that some OPA release would compute for the same value is offered, and none that binds another value

Source: OPA `v1/bundle/hash.go`, `IsStructuredDoc`; formats/opa-bundle.md section 5.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from verifier.core.costs.budget import Budget
from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_JSON_DEPTH, MAX_JSON_VALUES, MAX_YAML_BYTES
from verifier.formats.json import strict_json, write
from verifier.formats.json.strict_json import JsonValue, LiteralFloat, LiteralInt, ParsedJson

ALGORITHMS: Mapping[str, Callable[..., Any]] = {
    # MD5 and SHA-1 are computed only where opa-compat asks for them, and are reported then.
    "MD5": partial(hashlib.md5, usedforsecurity=False),
    "SHA-1": partial(hashlib.sha1, usedforsecurity=False),
    "SHA-224": hashlib.sha224,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
    "SHA-512-224": partial(hashlib.new, "sha512_224"),
    "SHA-512-256": partial(hashlib.new, "sha512_256"),
}
"""OPA's names, case-sensitive, and the hash function of each."""
WEAK_ALGORITHMS = frozenset({"MD5", "SHA-1"})

_STRUCTURED = frozenset({"data.json", "data.yaml", "data.yml", "signatures.json", ".manifest"})
_ONCE_RAW = frozenset({"data.yml", "signatures.json"})
"""Structured in some OPA releases, raw in others: `data.yml` became structured, `signatures.json` stopped to be."""
_BOM = b"\xef\xbb\xbf"
_LINE_SEPARATORS = ("\u2028", "\\u2028"), ("\u2029", "\\u2029")
_SHORT_ESCAPE = r"(?s)\\(.)"
_OLD_ESCAPES = {"b": "\\u0008", "f": "\\u000c"}


def is_structured(path: str) -> bool:
    """Whether the file at `path` is hashed by its value rather than by its bytes."""
    return path.rpartition("/")[2] in _STRUCTURED


def canonical(value: JsonValue, *, plain: bool = False) -> bytes:
    """The byte stream that OPA hashes for `value`.

    `plain` says that no number in it keeps a source text (`strict_json.Document.plain`): the C encoder may be used.
    """
    text = write.canonical(value, ascii_only=False) if plain else "".join(_pieces(value))
    return _escape_separators(text).encode("utf-8")


def digest(content: bytes | memoryview, algorithm: str) -> str:
    """The hex digest of a stream, by OPA's name of the algorithm; `KeyError` for a name that OPA does not know."""
    hashed: str = ALGORITHMS[algorithm](content).hexdigest()
    return hashed


def streams(content: bytes | memoryview, *, path: str, parsed: ParsedJson | None) -> Iterator[bytes | memoryview]:
    """The streams that OPA releases hash for one file, today's first. `parsed` is what `content` was parsed to."""
    if parsed is None:
        yield content
        return
    today = canonical(parsed.value, plain=parsed.plain)
    yield today
    if b"\\" in today and (b"\\b" in today or b"\\f" in today):
        # Built with Go before 1.22, OPA wrote \b and \f as \u0008 and \u000c.
        before = re.sub(_SHORT_ESCAPE, lambda match: _OLD_ESCAPES.get(match[1], match[0]), today.decode("utf-8"))
        if (old := before.encode("utf-8")) != today:
            yield old
    if path.rpartition("/")[2] in _ONCE_RAW:
        yield content


def file_digest(
    content: bytes | memoryview, *, path: str, algorithm: str = "SHA-256", parsed: ParsedJson | None = None
) -> str:
    """The hex digest that today's OPA computes for the file `path`; `Refused` when it is structured and malformed."""
    if parsed is None and is_structured(path):
        parsed = parse_structured(content, subject=path)
    return digest(next(streams(content, path=path, parsed=parsed)), algorithm)


def parse_structured(content: bytes | memoryview, *, subject: str) -> ParsedJson:
    """A structured file as OPA parses it for its digest: without one byte order mark, as JSON, else as YAML."""
    body = without_mark(content)
    if not subject.endswith((".yaml", ".yml")):
        return strict_json.parse(body, subject=subject)
    return parse_yaml_or_json(body, subject=subject)


def without_mark(content: bytes | memoryview) -> bytes | memoryview:
    """The content without the one byte order mark that OPA skips."""
    return content[3:] if bytes(content[:3]) == _BOM else content


def parse_yaml_or_json(
    body: bytes | memoryview,
    *,
    subject: str,
    max_depth: int = MAX_JSON_DEPTH,
    max_values: int = MAX_JSON_VALUES,
    max_yaml_bytes: int = MAX_YAML_BYTES,
    budget: Budget | None = None,
) -> ParsedJson:
    """JSON where it is JSON, the safe subset of YAML otherwise; `budget` pays for both attempts."""
    try:
        return strict_json.parse(body, subject=subject, max_depth=max_depth, max_values=max_values, budget=budget)
    except Refused as refused:
        if refused.reasons[0].code not in ("json.invalid", "json.trailing-data"):
            raise
    if len(body) > max_yaml_bytes:
        raise refuse("input.too-large", subject, f"{len(body)} bytes of YAML; at most {max_yaml_bytes} are allowed")
    # PyYAML is imported only for what is YAML.
    from verifier.formats.opa import yaml as opa_yaml  # noqa: PLC0415

    return opa_yaml.parse(body, subject=subject, max_depth=max_depth, budget=budget)


def _escape_separators(text: str) -> str:
    for character, escape in _LINE_SEPARATORS:
        if character in text:
            text = text.replace(character, escape)
    return text


def _pieces(value: JsonValue) -> Iterator[str]:
    """The stream of `value`, piece by piece, with an explicit stack: depth is not Python's."""
    pending: list[JsonValue | _Raw] = [value]
    while pending:
        match pending.pop():
            case _Raw() as raw:
                yield raw.text
            case dict() as mapping:
                pending.extend(reversed(_mapping_parts(mapping)))
            case list() as items:
                pending.extend(reversed(_list_parts(items)))
            case (LiteralFloat() | LiteralInt()) as number:
                yield number.literal
            case scalar:
                yield write.canonical(scalar, ascii_only=False)


class _Raw:
    """Text that is already encoded, among values that are not."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _mapping_parts(mapping: dict[str, JsonValue]) -> list[JsonValue | _Raw]:
    parts: list[JsonValue | _Raw] = [_Raw("{")]
    for index, key in enumerate(sorted(mapping)):
        parts += (_Raw(("," if index else "") + write.canonical(key, ascii_only=False) + ":"), mapping[key])
    parts.append(_Raw("}"))
    return parts


def _list_parts(items: list[JsonValue]) -> list[JsonValue | _Raw]:
    parts: list[JsonValue | _Raw] = [_Raw("[")]
    for index, item in enumerate(items):
        parts += (_Raw(","), item) if index else (item,)
    parts.append(_Raw("]"))
    return parts
