"""Names of Python distributions: which are any, and which are the same.

Source: https://peps.python.org/pep-0503/#normalized-names; the core metadata specification.
"""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z")
_SEPARATORS: Final = re.compile(r"[-_.]+")


def normalised(name: str) -> str:
    """The name as PEP 503 compares it."""
    return _SEPARATORS.sub("-", name).lower()


def is_name(name: str) -> bool:
    """Whether it is a name that an index takes: ASCII, so that what looks like a known name is not one."""
    return _NAME.match(name) is not None
