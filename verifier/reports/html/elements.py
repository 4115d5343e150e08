"""HTML made of elements: every text and every attribute is escaped here, and nowhere else.

* a text of a stranger comes into a page by `text`, or as an attribute's value: what does not show is made visible, and
  nothing in it begins or ends an element, an attribute or a reference
* `Html` is what is markup already; nothing but this module, and the program's own literals, makes it
* a long word breaks where people break it, behind its punctuation; a digest stays in one piece, so that it is found

Source: the HTML standard, sections 13.1.2 (elements, attributes) and 13.1.4 (references).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Final, NewType

from verifier.core.outcome import MAX_REASON_TEXT
from verifier.reports.escape import printable

Html = NewType("Html", str)
"""Markup: what may stand in a page as it is."""

_ALONE: Final = frozenset({"br", "input", "meta", "wbr"})
"""Elements of HTML that have no end; those of SVG all have one."""
_LONG: Final = re.compile(r"[^\s<>]{33,}")
_JOINT: Final = re.compile(
    r"(&[#0-9a-zA-Z]+;|(?:sha\d+:)?[0-9a-f]{32,128}(?!\w))|([/:@?=,+_.-](?=[^/:@?=,+_.\- ])|[^\W_]{24}(?=[^\W_]))"
)
_MOMENT: Final = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\dT[\d:.]{5,15}Z")
_WHOLE: Final = r'<span class="one">\g<0></span>'
_QUOTED: Final = re.compile(r"`([^`]+)`")
_BREAK: Final = "<wbr>"


def text(value: object) -> Html:
    """A text of anybody's, in one piece."""
    shown = escape(printable(str(value), longest=MAX_REASON_TEXT))
    # A page that is shown in a log is no command to the log's runner.
    return Html(shown.replace("##[", "#&#35;[") if "##[" in shown else shown)


def words(value: object) -> Html:
    """A text of anybody's: what is long without a blank breaks where it reads well."""
    shown = text(value)
    return shown if len(shown) <= 32 else Html(_MOMENT.sub(_WHOLE, _LONG.sub(_breakable, shown)))


def flowing(value: object) -> Html:
    """A text of anybody's in a wide column, where a style breaks it: of very many rows each element counts."""
    return text(value)


def prose(value: object) -> Html:
    """Sentences: what stands between backticks is a name that machines use too."""
    return Html(_QUOTED.sub(r"<code>\1</code>", words(value)))


def _breakable(found: re.Match[str]) -> str:
    return _JOINT.sub(_parted, found[0])


def _parted(found: re.Match[str]) -> str:
    return found[1] or f"{found[2]}{_BREAK}"


def joined(parts: Iterable[Html], between: str = "") -> Html:
    """Several in a row; `between` is a literal of the program."""
    return Html(between.join(parts))


def element(name: str, /, *inside: Html, **attributes: str | int | None) -> Html:
    """An element. In attributes `_` is a hyphen (`class_` is `class`); None leaves one out, "" is a name only."""
    said = "".join(_attribute(each, value) for each, value in attributes.items() if value is not None)
    if name in _ALONE and not inside:
        return Html(f"<{name}{said}>")
    return Html(f"<{name}{said}>{''.join(inside)}</{name}>")


def _attribute(name: str, value: str | int) -> str:
    named = name.rstrip("_").replace("_", "-")
    if value == "":
        return f" {named}"
    return f' {named}="{text(value)}"'


def link(place: str, *inside: Html, **attributes: str | int | None) -> Html:
    """A link within the page; `place` is an id of the program's own."""
    return element("a", *inside, href=f"#{place}", **attributes)


def code(value: object, **attributes: str | int | None) -> Html:
    """A name that machines use too."""
    return element("code", words(value), **attributes)


def digest(value: object) -> Html:
    """A digest, whole."""
    return element("code", text(value), class_="digest")


def copyable(value: object) -> Html:
    """A digest that is there to be copied: one click selects it, and where scripts run a button copies it."""
    return element("span", digest(value), class_="copy")
