"""The dear inputs that were found before, as what they grow from: fixtures/worst_case/kept.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, NamedTuple

KEPT: Final = Path(__file__).parents[2] / "fixtures" / "worst_case" / "kept.json"


class Kept(NamedTuple):
    """One input: what it shows, who reads it, what it grows from, what it is answered with."""

    title: str
    kind: str
    family: str
    numbers: dict[str, int]
    codes: tuple[str, ...]


def kept() -> tuple[Kept, ...]:
    """All of them."""
    return tuple(
        Kept(each["title"], each["class"], each["family"], each["numbers"], tuple(each["codes"]))
        for each in json.loads(KEPT.read_text(encoding="utf-8"))
    )
