"""Hostile text made safe for a terminal: what is printed is what a person sees, and nothing else.

Control characters (C0, C1, DEL), line and paragraph separators, bidirectional and zero-width characters,
unassigned and private-use code points and lone surrogates are written as `\\xNN`, `\\uNNNN` or `\\UNNNNNNNN`.
Source: Unicode Technical Report 36; CVE-2021-42574 ("Trojan Source").
"""

from __future__ import annotations

_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_LONGEST = 2_000


def printable(text: str, *, longest: int = _LONGEST) -> str:
    """`text` in one line of visible characters, cut after `longest` of them."""
    if text.isascii() and text.isprintable() and len(text) <= longest:
        return text
    from unicodedata import category  # noqa: PLC0415 - most text is ASCII, and its table is a megabyte to load

    shown = "".join(_escaped(each) if category(each) in _HIDDEN else each for each in text[:longest])
    return shown if len(text) <= longest else f"{shown}… ({len(text)} characters)"


def _escaped(character: str) -> str:
    point = ord(character)
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
