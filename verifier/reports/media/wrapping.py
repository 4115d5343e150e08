"""Lines of a terminal: words that stay whole.

* nothing is broken or cut: a digest, a path or a code is there to be copied
* what does not fit behind the margin stands without it, where a digest fits into 80 columns
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.reports.media.columns import width_of


def filled(words: Sequence[str], columns: int, *, begin: int, hang: int, gap: str = " ") -> list[str]:
    """The words in lines: the first begins in column `begin`, each other one in column `hang`; `gap` is between two."""
    lines: list[str] = []
    for word in words:
        if lines and width_of(lines[-1]) + len(gap) + width_of(word) <= columns:
            lines[-1] += f"{gap}{word}"
        else:
            margin = hang if lines else begin
            lines.append(word if margin + width_of(word) > columns else " " * margin + word)
    return lines
