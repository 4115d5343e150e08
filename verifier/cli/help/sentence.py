"""What a list says of a command: the first sentence of its help, whole."""

from __future__ import annotations

import re


def first_sentence(text: str) -> str:
    """The first sentence of a text, in one line."""
    paragraph = " ".join(text.strip().split("\n\n", 1)[0].split())
    return re.split(r"(?<=[.?!])\s", paragraph, maxsplit=1)[0]
