"""A profile: a table of rules, each of which says what a standard demands, where, and what decides.

* a rule has the standard's own wording and section; its level is MUST, SHOULD or MAY as there
* what a format has no place for is said with its reason, and is never passed
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from verifier.core.value import Value
from verifier.formats.bom.document import Format
from verifier.sbom.quality.sheet import Node, Sheet

Level = Literal["MUST", "SHOULD", "MAY"]
Check: TypeAlias = "Callable[[Sheet, Node], str]"
"""What is wrong with a document or a component: "" for nothing, `MISSING` where there is none."""

MISSING: Final = "missing"


class Place(Value):
    """Where one format says it: `path` for people; `component` is asked of every component, `document` once.

    Neither is given where the format, or any document, cannot say it: `why` says so.
    """

    path: str = ""
    component: Check | None = None
    document: Check | None = None
    why: str = ""


class Rule(Value):
    """One element that a standard names.

    `demand` says in one sentence what is held against it. `if_any`: it is demanded only where it exists, which no
    document shows: that it is missing is no failure.
    """

    element: str
    section: str
    level: Level
    demand: str
    cyclonedx: Place
    spdx: Place
    if_any: bool = False

    def place(self, format_: Format) -> Place:
        """Where documents of this format say it."""
        return self.cyclonedx if format_ == "cyclonedx" else self.spdx


class Profile(Value):
    """One standard: `name` as on the command line, `title` with its version, the formats that it is about.

    `without` are types of CycloneDX components that it is not about. `notes` are what people should know about how it
    is judged.
    """

    name: str
    title: str
    rules: tuple[Rule, ...]
    formats: tuple[Format, ...] = ("cyclonedx", "spdx")
    without: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def nowhere(why: str) -> Place:
    """What cannot be said in a format, or in any document, and why."""
    return Place(why=why)


def practice(element: str, section: str, demand: str, why: str) -> Rule:
    """What a standard demands of people rather than of documents."""
    return Rule(
        element=element, section=section, level="MUST", demand=demand, cyclonedx=nowhere(why), spdx=nowhere(why)
    )
