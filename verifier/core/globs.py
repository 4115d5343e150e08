"""Patterns of names: whole strings, one wildcard, no regular expressions.

* a glob matches whole strings; `*` does not cross `/` except as the last character; there is no other wildcard
* matching is linear in pattern and text, so hostile text costs nothing
"""

from __future__ import annotations


def glob_matches(pattern: str, text: str) -> bool:
    """Whether `pattern` matches the whole of `text`."""
    segments, candidates = pattern.split("/"), text.split("/")
    # A trailing `*` matches the rest of its segment and every further one, so only there may the text be longer.
    if len(candidates) < len(segments) or (len(candidates) > len(segments) and not pattern.endswith("*")):
        return False
    return all(_segment_matches(*pair) for pair in zip(segments, candidates, strict=False))


def _segment_matches(pattern: str, text: str) -> bool:
    """Match within one segment: literals must follow each other, the first and last anchored to the ends."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == first
    *middle, last = rest
    if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    position, end = len(first), len(text) - len(last)
    for literal in middle:
        found = text.find(literal, position, end)
        if found < 0:
            return False
        position = found + len(literal)
    return True
