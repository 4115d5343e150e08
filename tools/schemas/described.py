"""What docs/trust-policy.md says of each key, as the descriptions that editors show: one text for both."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "trust-policy.md"
_ROW = re.compile(r"^\| (?P<keys>`[^|]+`) \|(?:[^|]*\|){0,2} (?P<meaning>[^|]+) \|$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


def said_of(heading: str) -> dict[str, str]:
    """The meaning of each key in the tables below a heading, by the key."""
    page = PAGE.read_text(encoding="utf-8")
    level = heading.split(" ", 1)[0]
    _, found, after = page.partition(f"\n{heading}\n")
    if not found:
        raise SystemExit(f"{PAGE} has no heading {heading!r}")
    below = re.split(rf"^#{{1,{len(level)}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]
    rows: dict[str, str] = {}
    for row in _ROW.finditer(below):
        for key in re.findall(r"`([\w.-]+)`", row["keys"]):
            rows.setdefault(key, _plain(row["meaning"]))
    return rows


def _plain(text: str) -> str:
    return _LINK.sub(r"\1", text).replace("**", "").strip()
