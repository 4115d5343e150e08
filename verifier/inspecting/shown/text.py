"""What was inspected, for a person at a terminal.

* the first line says that nothing below is verified, the last one is the command that would verify it
* every text of others is escaped and stands on lines of its own kind: none can pass for one of these two
* a digest is never broken; long lists are cut, and say so
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.inspecting import checks
from verifier.inspecting.inspected import Claim, Fact, Inspected, Listing, Node, Signature, Stated
from verifier.reports.escape import printable

if TYPE_CHECKING:
    from verifier.formats.json.strict_json import JsonValue

FIRST: Final = "Nothing below is verified."
_SHOWN: Final = 40
"""Rows of one list, values of one fact, branches of one node, claims."""
_LONGEST: Final = 300
"""Characters of one text of others."""
_WIDEST: Final = 18
_NAMED: Final = re.compile(rf"  (?=\S|\s{{{_WIDEST}}} ).{{{_WIDEST}}} (?=\S)")


def render(seen: Inspected, *, every: bool = False, columns: int = 100) -> str:
    """The whole answer, ending in a newline; with `every` no list is cut.

    Sentences are broken at `columns`; digests, references and the command are never.
    """
    lines = (wrapped for each in _lines(seen, None if every else _SHOWN) for wrapped in _broken(each, columns))
    return "".join(f"{each}\n" for each in lines)


def _broken(line: str, columns: int) -> list[str]:
    """A line at most `columns` wide, as far as its words let it; the first and the last stay one line each."""
    if len(line) <= columns or line == FIRST or line.startswith("  verify "):
        return [line]
    margin = len(line) - len(line.lstrip())
    named = _NAMED.match(line)
    if named is not None and " " not in line[named.end() :]:
        # One word is never broken: a digest has room below its name, and a longer one is the terminal's.
        below = f"    {line[named.end() :]}"
        return [line[: named.end()].rstrip(), below] if named[0].strip() and len(below) <= columns else [line]
    hang = " " * (named.end() if named is not None else margin + 2)
    broken = wrap(
        line.lstrip(),
        width=max(columns, len(hang) + 20),
        initial_indent=" " * margin,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
        expand_tabs=False,
    )
    return broken or [line]


def _lines(seen: Inspected, most: int | None) -> Iterator[str]:
    described = seen.described
    yield FIRST
    yield ""
    yield f"{_text(seen.reference)}: {_text(seen.what)}"
    yield from _named("  ", _size(seen))
    yield from _facts(described.facts, "  ", most)
    yield from _claims(described.claims, most)
    if described.tree is not None and described.tree.children:
        yield ""
        yield "Beside it, as its place lists it:"
        yield from _tree(described.tree, most)
    for each in described.listings:
        yield from _listing(each, most)
    yield from _reasons("Could not be read:", seen.faults, most)
    yield from _reasons("To be seen:", described.notes, most)
    yield from _check(seen)


def _size(seen: Inspected) -> list[tuple[str, str]]:
    found = [("size", f"{seen.size:,} bytes")] if seen.size is not None else []
    return found + ([("digest", str(seen.digest))] if seen.digest is not None else [])


def _check(seen: Inspected) -> Iterator[str]:
    made = seen.described.check
    yield ""
    yield "To check it:" if not made.unknown else "To check it, once you know from elsewhere:"
    yield from _named("  ", [(name, why) for name, why in made.unknown])
    yield f"  {_text(checks.line(made), longest=4_000)}"


def _facts(facts: Iterable[Fact], margin: str, most: int | None) -> Iterator[str]:
    for each in facts:
        value = each.value
        if isinstance(value, list):
            cut = value if most is None else value[:most]
            said = ", ".join(map(_value, cut)) if len(cut) < 6 and all(len(str(one)) < 24 for one in cut) else None
            if said is not None:
                yield from _named(margin, [(each.name, said)])
                continue
            yield from _named(margin, [(each.name if not at else "", _value(one)) for at, one in enumerate(cut)])
            if len(cut) < len(value):
                yield from _named(margin, [("", f"and {len(value) - len(cut):,} more: --format json has all of them")])
            continue
        yield from _named(margin, [(each.name, _value(value))])


def _named(margin: str, said: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in said:
        yield f"{margin}{_text(name).ljust(_WIDEST)} {_text(value)}".rstrip()


def _claims(claims: tuple[Claim, ...], most: int | None) -> Iterator[str]:
    shown = claims if most is None else claims[:most]
    for each in shown:
        yield ""
        yield f"Claims: {_text(each.form)}, {_text(each.where)}"
        for signature in each.signatures if most is None else each.signatures[:most]:
            yield from _signature(signature)
        if each.digest is not None:
            yield from _named("  ", [("about", str(each.digest))])
        if each.stated is not None:
            yield from _stated(each.stated, most)
        yield from _named("  ", [("could not be read", f"{fault.code}: {fault.message}") for fault in each.faults[:5]])
    if len(shown) < len(claims):
        yield ""
        yield f"And {len(claims) - len(shown):,} more claims: --format json has all of them"


def _signature(each: Signature) -> Iterator[str]:
    said: list[tuple[str, str]] = [
        ("signed by", each.identity),
        ("vouched for by", each.issuer),
        ("kid", each.kid),
        ("algorithm", each.algorithm),
        ("key", f"sha256:{each.fingerprint}" if each.fingerprint else ""),
    ]
    if each.valid_from is not None and each.valid_until is not None:
        said.append(("certificate", f"{format_rfc3339(each.valid_from)} to {format_rfc3339(each.valid_until)}"))
    said += each.certificate
    for log in each.logs:
        time = "" if log.time is None else f", at {format_rfc3339(log.time)}"
        said.append(("log entry", f"{log.index} ({log.kind}){time}"))
    said += [("timestamp", format_rfc3339(moment)) for moment in each.timestamps]
    said += [
        ("signed at", "" if each.signed_time is None else format_rfc3339(each.signed_time)),
        ("expires", "" if each.expires is None else format_rfc3339(each.expires)),
        ("scope", each.scope),
        ("lists", "" if each.covers is None else f"{each.covers:,} files"),
    ]
    given = [(name, value) for name, value in said if value]
    yield from _named("  ", given or [("signed by", "(it names nobody)")])


def _stated(stated: Stated, most: int | None) -> Iterator[str]:
    yield from _named("  ", [("states", stated.predicate_type)])
    subjects = stated.subjects if most is None else stated.subjects[:most]
    for name, digests in subjects:
        yield from _named("  ", [("about", name or "(no name)")])
        yield from _named("  ", [("", str(each)) for each in digests])
    if len(subjects) < len(stated.subjects):
        yield from _named("  ", [("", f"and {len(stated.subjects) - len(subjects):,} more subjects")])
    yield from _facts(stated.facts, "  ", most)


def _tree(node: Node, most: int | None, margin: str = "  ") -> Iterator[str]:
    shown = node.children if most is None else node.children[:most]
    for at, each in enumerate(shown):
        last = at == len(node.children) - 1
        size = "" if each.size is None else f", {each.size:,} bytes"
        yield f"{margin}{'`-- ' if last else '|-- '}{_text(each.name)}: {_text(each.what)}{size}"
        below = margin + ("    " if last else "|   ")
        if each.digest is not None:
            yield f"{below}{each.digest}"
        yield from _tree(each, most, below)
    if len(shown) < len(node.children):
        yield f"{margin}and {len(node.children) - len(shown):,} more: --format json has all of them"


def _listing(each: Listing, most: int | None) -> Iterator[str]:
    yield ""
    yield f"{each.name.capitalize()} ({each.count:,}):"
    rows = each.rows if most is None else each.rows[:most]
    for row in rows:
        said = [(name, value) for name, value in zip(each.columns, row, strict=True) if value is not None]
        plain = [_cell(name, value) for name, value in said if name != "digest"]
        yield f"  {'  '.join(plain)}"
        yield from (f"      {_text(str(value))}" for name, value in said if name == "digest")
    if len(rows) < each.count:
        yield f"  and {each.count - len(rows):,} more: --format json has more of them"


def _cell(name: str, value: JsonValue) -> str:
    if name == "size" and isinstance(value, int):
        return f"{value:,} bytes"
    if name in {"floor", "accepted", "quarantined"}:
        return f"{name} {_value(value)}"
    return _value(value)


def _reasons(title: str, reasons: tuple[Reason, ...], most: int | None) -> Iterator[str]:
    if not reasons:
        return
    yield ""
    yield title
    for each in reasons if most is None else reasons[:most]:
        yield f"  {each.code}: {_text(each.subject)}: {_text(each.message)}"
        if each.hint:
            yield f"    {_text(each.hint)}"
    if most is not None and len(reasons) > most:
        yield f"  and {len(reasons) - most:,} more: --format json has all of them"


def _value(value: JsonValue) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else _text(str(value))


def _text(text: str, *, longest: int = _LONGEST) -> str:
    return printable(text, longest=longest)
