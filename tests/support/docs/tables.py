"""The tables of a page."""

from __future__ import annotations


def rows(text: str) -> list[list[str]]:
    """The rows of every table in `text`, cell by cell, without the rules below heads."""
    lines = [line.strip() for line in text.splitlines()]
    kept = [line for line in lines if line.startswith("| ") and not set(line) <= set("|-: ")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in kept]
