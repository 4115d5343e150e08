"""JUnit XML: suites of cases, as what reads test results takes them.

* it is XML whatever a text holds, and the same cases make the same bytes
* a case that has an error counts as an error, one that has only failures as a failure

Source: the schema of Jenkins' xunit plugin (junit-10.xsd), which most readers follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from verifier.core.outcome import Reason
from verifier.reports.media.escaping import markup

Element = Literal["failure", "error", "skipped"]


class Piece(NamedTuple):
    """What came of a case besides that it passed; `kind` is a code, `text` says more."""

    element: Element
    kind: str
    message: str
    text: str = ""


class Case(NamedTuple):
    """One testcase; `output` are lines that stand beside what came of it."""

    suite: str
    name: str
    pieces: tuple[Piece, ...] = ()
    output: tuple[str, ...] = ()
    seconds: str = "0"

    def has(self, element: Element) -> bool:
        """Whether it failed, erred, was skipped."""
        return any(each.element == element for each in self.pieces)


def piece_of(element: Element, reason: Reason) -> Piece:
    """A reason as what came of a case."""
    return Piece(element, reason.code, reason.message, reason.hint)


def document(name: str, cases: Sequence[Case], when: datetime, properties: Sequence[tuple[str, str]]) -> str:
    """The document, ending in a newline; every suite has the same `properties`."""
    suites: dict[str, list[Case]] = {}
    for case in cases:
        suites.setdefault(case.suite, []).append(case)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="{markup(name)}"{_counts(cases)}>']
    for suite, group in (suites or {name: []}).items():
        lines += _suite(suite, group, when, properties)
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def numbered(name: str, lines: Sequence[str]) -> Mapping[str, str]:
    """Lines as properties of their own."""
    return {name if not number else f"{name}.{number}": line for number, line in enumerate(lines)}


def _counts(cases: Sequence[Case], *, skipped: bool = False) -> str:
    failures = sum(case.has("failure") and not case.has("error") for case in cases)
    errors = sum(case.has("error") for case in cases)
    counts = f' tests="{len(cases)}" failures="{failures}" errors="{errors}"'
    return counts + (f' skipped="{sum(case.has("skipped") for case in cases)}"' if skipped else "")


def _suite(name: str, cases: Sequence[Case], when: datetime, properties: Sequence[tuple[str, str]]) -> Iterator[str]:
    stamp = when.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()
    yield f'<testsuite name="{markup(name)}"{_counts(cases, skipped=True)} time="0" timestamp="{stamp}">'
    yield "<properties>"
    for key, value in properties:
        yield f'<property name="{markup(key)}" value="{markup(value)}"/>'
    yield "</properties>"
    for case in cases:
        yield from _case(case)
    yield "</testsuite>"


def _case(case: Case) -> Iterator[str]:
    opening = f'<testcase classname="{markup(case.suite)}" name="{markup(case.name)}" time="{case.seconds}"'
    if not case.pieces and not case.output:
        yield f"{opening}/>"
        return
    yield f"{opening}>"
    for element, kind, message, text in case.pieces:
        typed = f' type="{markup(kind)}"' if element != "skipped" else ""
        yield f'<{element}{typed} message="{markup(message)}">{markup(text)}</{element}>'
    if case.output:
        yield f"<system-out>{'&#10;'.join(map(markup, case.output))}</system-out>"
    yield "</testcase>"
