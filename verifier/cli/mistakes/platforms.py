"""What people type that is no platform of an image, and how it is written; read after a mistake only."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z0-9_.-]{1,32}\Z")


def meant(text: str) -> str:
    """What to write in the place of `text`, which is no platform; "" where nobody knows."""
    if text.lower() in {"all", "any", "*"} or "," in text:
        return "Name one of them; without --platform every platform of the index is judged."
    if not _WORD.match(text):
        return ""
    if text.lower() not in {"linux", "windows", "darwin"}:
        system, dash, rest = text.lower().partition("-")
        return f"Write {system}/{rest}." if dash and system in {"linux", "windows"} else f"Write linux/{text.lower()}."
    return ""
