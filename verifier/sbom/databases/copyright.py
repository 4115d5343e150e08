"""The licences that a Debian package's `copyright` file names, where it is written for machines (DEP-5).

* only `License:` in paragraphs of files, or of the whole, is a statement; texts of licences are passed by
* a file that is not written so says nothing that can be told here

Source: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
"""

from __future__ import annotations

import re
from typing import Final

_FORMAT = re.compile(rb"\s*Format(?:-Specification)?:[^\n]*(?:copyright-format|dep5|DEP-5|/dep/5)", re.IGNORECASE)
_FIELD = re.compile(rb"^(License):[ \t]*([^\n]*)$", re.MULTILINE | re.IGNORECASE)
_FILES = re.compile(rb"^(?:Files|Format|Format-Specification)[ \t]*:", re.MULTILINE | re.IGNORECASE)
_BLANK = re.compile(rb"\n[ \t\r]*\n")
MAX_NAME: Final = 120
"""Bytes of a short name: what is longer is the text of a licence that stands where its name belongs."""


def stated(content: bytes) -> list[str]:
    """The short names of licences in `content`, in their order; none where it is no such file."""
    if not _FORMAT.match(content[:1024]):
        return []
    names: dict[str, None] = {}
    for paragraph in _BLANK.split(content):
        if not _FILES.search(paragraph):
            continue
        for matched in _FIELD.finditer(paragraph):
            name = b" ".join(matched[2].split())
            if name and len(name) <= MAX_NAME:
                names[name.decode("utf-8", "replace")] = None
    return list(names)
